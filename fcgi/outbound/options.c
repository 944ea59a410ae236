/*
 * The options of outbound.
 */
#include "fcgi/outbound/options.h"

#include "lib/net/address.h"

static const struct conf_option rows[] = {
	{ "IO7_OUTBOUND_ALLOW", CONF_TEXT, "",
	    "Ranges of addresses that requests to URLs of users may connect to,"
	    " besides public addresses: such as 10.1.0.0/16 fd00:1::/32. Empty:"
	    " none.",
	    .offset = offsetof(struct outbound_options, allow),
	    .check = address_list_problem },
};

const struct conf_slice outbound_options =
    CONF_SLICE(rows, struct outbound_options);
