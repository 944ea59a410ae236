/*
 * keepers: asks the keeper of a database, for a worker or a command.
 *
 * A keeper is a process that has one database open and nothing else. The
 * spawner, one process of the host, starts keepers and ends them.
 *
 * Owns:   connections to keepers, kept between requests.
 * Not:    permission: the caller decides which database to ask for.
 * Limit:  one call at a time; KEEPERS_KEPT connections.
 */
#ifndef IO7_LIB_LITE_KEEPERS_H
#define IO7_LIB_LITE_KEEPERS_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#include <poll.h>

enum { KEEPERS_KEPT = 16, KEEPER_NAME_MAX = 64 };

struct keepers;

/* The path of the spawner's socket. */
struct keepers *keepers_new(const char *socket);
void keepers_free(struct keepers *);

enum keeper_kind {
	KEEPER_PIPELINE, /* of Hrana; the body is its JSON */
	KEEPER_CURSOR,
	KEEPER_FACTS,  /* size and schema */
	KEEPER_EXPORT, /* a consistent copy: keeper_file() */
	KEEPER_IMPORT, /* replaces the content: keeper_feed() */
	KEEPER_CHECK,  /* integrity_check */
	KEEPER_DROP,   /* ends the keeper and removes the database */
};

struct keeper_order {
	enum keeper_kind kind;
	int version;      /* of Hrana: 2 or 3 */
	const char *name; /* of the database: a-z, 0-9 and "-" */
	bool make;        /* creates the database if it is missing */
	bool may_write;
	uint64_t size_max; /* bytes that the database may have */
	int64_t deadline_ns;
	struct str body;
};

enum keeper_state {
	KEEPER_WAIT,   /* poll keeper_poll() until the deadline */
	KEEPER_OUTPUT, /* a piece of the answer, valid until the next call */
	KEEPER_CREDIT, /* the next hundred statements: keeper_allow() */
	KEEPER_DONE,
	KEEPER_FAILED, /* keeper_fault() */
};

struct keeper_result {
	int status; /* of HTTP, of a pipeline or cursor */
	uint64_t statements, rows_read, rows_written;
	uint64_t size; /* of the database, in bytes */
	int schema;    /* its version */
};

/*
 * Begins a call; the order must stay valid until keeper_end(). E_UNAVAILABLE:
 * no spawner, or all keepers that may run are in use.
 */
enum err keeper_begin(struct keepers *, const struct keeper_order *) MUST_CHECK;
/* The next event; never blocks. */
enum keeper_state keeper_next(struct keepers *, struct str *piece);
/* Waits for the next event until the deadline: KEEPER_FAILED after that. */
enum keeper_state keeper_wait(struct keepers *, struct str *piece);
/* The descriptor and events to wait for. */
struct pollfd keeper_poll(const struct keepers *);
void keeper_allow(struct keepers *, bool);
/* Sends the next bytes of a file to import; an empty piece ends the file. */
enum err keeper_feed(struct keepers *, struct str piece) MUST_CHECK;
/* After KEEPER_EXPORT is done: the open file, which the caller closes. */
int keeper_file(struct keepers *);
const struct keeper_result *keeper_result(const struct keepers *);
/*
 * Why the call failed, with a sentence for the client or NULL. E_NOT_FOUND: no
 * such database. E_CONFLICT: a newer schema. E_INTERNAL: damaged. E_UNAVAILABLE:
 * the keeper has exited, and the outcome is unknown. E_TIMEOUT.
 */
enum err keeper_fault(const struct keepers *, const char **sentence);
/* Ends the call; one that is not complete is interrupted. */
void keeper_end(struct keepers *);

#endif
