/*
 * listener: the process that receives the changes of credentials on all hosts,
 * and bumps their epochs on this host.
 *
 * Limit:  without Redis it receives nothing; then no worker of this host uses
 *         leases.
 */
#ifndef IO7_FCGI_SERVE_LISTENER_H
#define IO7_FCGI_SERVE_LISTENER_H

#include "fcgi/serve/process.h"

void listener_run(const struct process *) NORETURN;

#endif
