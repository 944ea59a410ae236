/*
 * tenant: what an operator does with the tenants' schemas.
 *
 * Owns:   the words of `io7 tenant`.
 * Not:    a tenant's data: nothing here reads it.
 * Limit:  lists are read in pages, so there may be any number of tenants.
 */
#ifndef IO7_FCGI_OPS_TENANT_H
#define IO7_FCGI_OPS_TENANT_H

#include "fcgi/ops/command.h"
#include "fcgi/ops/ops_db.h"

enum { TENANT_PAGE = 1000 };

struct tenant_request {
	const struct options *opts;
	const char *who; /* NULL: nobody was named */
	unsigned jobs;   /* 0: as many as there are processors */
	bool json, yes;
};

/* The user of a schema's name, or of an id with or without hyphens. */
bool tenant_user(const char *who, struct uuid *) MUST_CHECK;

/* Each is one verb of the command and returns the exit code. */
int tenant_list_all(const struct tenant_request *);
int tenant_show(const struct tenant_request *);
int tenant_provision_one(const struct tenant_request *);
int tenant_upgrade_all(const struct tenant_request *);
int tenant_reset_test(const struct tenant_request *);

#endif
