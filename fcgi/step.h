/*
 * step: something that a new user needs before the first request.
 *
 * It is undone when the account is removed. A signup can be cut off, so a step
 * may run more than once. The browser waits for it.
 */
#ifndef IO7_FCGI_STEP_H
#define IO7_FCGI_STEP_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"

struct signup {
	const struct service *service;
	struct db *db; /* of the service */
	struct arena *mem;
	struct uuid user;
	const char *step; /* that ran last */
	const char *why;
};

struct step {
	const char *name;
	/* On failure, signup->why is the reason, for the log. NULL: nothing. */
	enum err (*run)(struct signup *);
	/* Undoes it when an account is removed; NULL: nothing to undo. */
	enum err (*undo)(struct signup *);
};

#endif
