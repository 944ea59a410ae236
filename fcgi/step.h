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

struct step {
	const char *name;
	/* On failure, `why` is set to the reason, for the log. */
	enum err (*run)(struct db *, struct arena *, struct uuid user,
	    const char **why);
	/* Undoes it when an account is removed; NULL: nothing to undo. */
	enum err (*undo)(struct db *, struct arena *, struct uuid user,
	    const char **why);
};

#endif
