/*
 * tenant: the command `io7 tenant`, which manages the schemas of tenants.
 *
 * Not:    the data of a tenant: no verb reads it.
 * Limit:  lists are read TENANT_PAGE rows at a time, for any number of tenants.
 */
#ifndef IO7_FCGI_OPS_TENANT_H
#define IO7_FCGI_OPS_TENANT_H

#include "fcgi/ops/command.h"
#include "fcgi/ops/ops_db.h"

enum { TENANT_PAGE = 1000 };

/* Parses a schema name, or a user id with or without hyphens. */
bool tenant_user(const char *who, struct uuid *) MUST_CHECK;

/* Verbs of `io7 tenant`; each returns the exit code. */
int tenant_list_all(struct args *);
int tenant_upgrade_all(struct args *);
int tenant_reset_test(struct args *);

#endif
