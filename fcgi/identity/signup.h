/*
 * signup: what a new user needs before the first request, all or nothing.
 *
 * Owns:   the steps, and the order in which they are done.
 * Not:    who may sign up: that is known before the users row is made.
 * Limit:  the steps touch two databases, so a signup can be cut off between
 *         them; each step may be done again, and the janitor does so.
 */
#ifndef IO7_FCGI_IDENTITY_SIGNUP_H
#define IO7_FCGI_IDENTITY_SIGNUP_H

#include "fcgi/db/door.h"
#include "fcgi/step.h"

enum { SIGNUP_STEPS = 16 };

/* Adds a room's steps: done after both schemas are there. */
void signup_add(const struct step *, size_t n);

/* All steps for a user whose row exists; what is done already costs little. */
enum err signup_complete(struct db *, struct arena *, struct uuid user)
    MUST_CHECK;

/*
 * Undoes all of them, the last one first, for a user who is leaving. Only the
 * janitor and operators may: a worker drops nothing.
 */
enum err signup_undo(struct db *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;

/* The chore: completes what was cut off. */
void signup_resume(const struct service *, struct arena *);

#endif
