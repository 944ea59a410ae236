/*
 * step: something that a new user needs before the first request, and that
 * goes with the user.
 *
 * Owns:   nothing; the rooms have the rows, signup does and undoes them.
 * Not:    a thing to be done once: a step may be cut off, and is done again.
 * Limit:  none may take long: a browser waits.
 */
#ifndef IO7_FCGI_STEP_H
#define IO7_FCGI_STEP_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"

struct step {
	const char *name;
	/* What was in the way is left in `why`, for the log. */
	enum err (*run)(struct db *, struct arena *, struct uuid user,
	    const char **why);
	/* The same where an account is removed; NULL: nothing is left of it. */
	enum err (*undo)(struct db *, struct arena *, struct uuid user,
	    const char **why);
};

#endif
