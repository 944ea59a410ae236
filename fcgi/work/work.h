/*
 * work: the queue of work for later.
 *
 * Owns:   the table io7.work.
 * Not:    what items do: a room has a struct work_kind for each kind.
 *         Nor when: the runner claims and runs them.
 * Limit:  WORK_ARGS_MAX bytes of arguments.
 */
#ifndef IO7_FCGI_WORK_WORK_H
#define IO7_FCGI_WORK_WORK_H

#include "fcgi/db/door.h"
#include "fcgi/step.h"
#include "fcgi/work_kind.h"

enum { WORK_ARGS_MAX = 128 << 10, WORK_KEY_MAX = 128 };

struct work_order {
	const struct work_kind *kind;
	struct uuid user; /* all zero: of the program itself */
	enum mode mode;
	struct str args;   /* JSON; no p: {} */
	int64_t run_at_us; /* wall clock; 0: at once */
	int attempts;      /* in all; 0: as the kind says */
	/* While an item of the kind with this key waits or runs, no second is added. */
	struct str key;
};

/*
 * Adds an item to the caller's transaction, of the live database. *id is 0 if an
 * unfinished item with that key exists. E_TOO_LARGE: the arguments or the key.
 */
enum err work_add(struct db_tx *, const struct work_order *, int64_t *id)
    MUST_CHECK;

/* Deletes all items of a user whose account is being deleted. */
enum err work_delete_user(struct signup *);

/*
 * Adds an item that is due at once, unless one of the kind for that user and mode
 * waits or runs already: then *id is 0.
 */
enum err work_add_once(struct db_tx *, const struct work_kind *,
    struct uuid user, enum mode, int64_t *id) MUST_CHECK;

/* After the commit: lets a runner of this host look at once. */
void work_wake(const struct service *);

#endif
