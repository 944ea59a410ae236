/*
 * signup: creates what a new user needs before the first request.
 *
 * Owns:   the order of the steps.
 * Not:    who may sign up: that is decided before the user's row is added.
 * Limit:  the steps touch two databases, so a signup may be interrupted between
 *         them. Steps are idempotent, and the janitor runs them again.
 */
#ifndef IO7_FCGI_IDENTITY_SIGNUP_H
#define IO7_FCGI_IDENTITY_SIGNUP_H

#include "fcgi/db/door.h"
#include "fcgi/step.h"

enum { SIGNUP_STEPS = 16 };

/* Adds a room's steps, which run after both schemas are created. */
void signup_add(const struct step *, size_t n);

/* Runs all steps for a user whose row exists. */
enum err signup_complete(const struct service *, struct arena *,
    struct uuid user) MUST_CHECK;

/*
 * Undoes all steps, the last one first, to delete an account. Only the
 * janitor's and the operator's roles may: a worker cannot drop a schema.
 */
enum err signup_undo(const struct service *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;

/* The chore: completes interrupted signups. */
void signup_resume(const struct service *, struct arena *);

#endif
