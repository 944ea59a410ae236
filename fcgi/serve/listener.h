/*
 * listener: the process that hears of credentials that any host has changed, and
 * bumps their epochs on this host.
 *
 * Limit:  without Redis nothing is heard; then no worker of this host uses leases.
 */
#ifndef IO7_FCGI_SERVE_LISTENER_H
#define IO7_FCGI_SERVE_LISTENER_H

#include "fcgi/serve/process.h"

void listener_run(const struct process *) NORETURN;

#endif
