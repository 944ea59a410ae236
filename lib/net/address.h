/*
 * address: which addresses a request to a URL of a tenant may connect to.
 *
 * Public addresses are allowed on ports 80, 443 and from 1024. All others are
 * refused: loopback, private, link-local and every other range of the IANA
 * registries of special-purpose addresses. IPv6 addresses that carry an IPv4
 * address are judged by that address too.
 *
 * Not:    names: the address that a connection is made to decides.
 */
#ifndef IO7_LIB_NET_ADDRESS_H
#define IO7_LIB_NET_ADDRESS_H

#include "lib/base/base.h"

#include <sys/socket.h>

/*
 * Returns why an address is refused, such as "loopback", or NULL. `allow` is a list of
 * ranges that are allowed besides, on the same ports.
 */
const char *address_refusal(const struct sockaddr *, const char *allow);

/* Returns why a port is refused, or NULL. */
const char *address_port_refusal(unsigned port);

/*
 * For conf_option.check: what is wrong with a list of ranges, or NULL. Ranges
 * are in CIDR notation, separated by spaces or commas: "10.1.0.0/16 fd00::/8".
 */
const char *address_list_problem(const char *text);

#endif
