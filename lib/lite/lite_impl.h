/*
 * lite_impl: what the files of the wrapper share.
 *
 * Not:    for other files: lib/lite/lite.h is the interface.
 */
#ifndef IO7_LIB_LITE_LITE_IMPL_H
#define IO7_LIB_LITE_LITE_IMPL_H

#include "lib/lite/lite.h"

/* Texts that are longer are prepared each time. */
enum { LITE_KEPT_TEXT = 4096 };

/* A statement, with the text that it was prepared from if it is kept. */
struct lite_kept {
	struct lite_statement s; /* first: callers have a pointer to it */
	uint64_t hash;
	uint64_t used; /* when, by the connection's count */
	char *text;    /* NULL: it is not kept */
	size_t n;
	bool is_lent;
};

/* Actions that the authorizer saw while a statement was prepared. */
struct lite_seen {
	bool refused; /* an action that is never allowed */
	bool reads;
	bool inserts;
};

struct lite {
	struct sqlite3 *db;
	struct lite_watch watch;
	bool is_late;
	bool is_trusted;   /* a statement of ours is being prepared */
	bool is_described; /* and will not run */
	bool is_read_only;
	bool is_changed;  /* settings or temporary objects of a client */
	int64_t page;     /* bytes of a page */
	int64_t page_max; /* pages that the database may have */
	struct sqlite3_stmt *page_count, *schema; /* ours, kept */
	unsigned log_pages;
	struct lite_seen seen;
	uint64_t count;
	struct lite_kept *kept[LITE_STATEMENTS];
};

/* Registers the VFS that is the default one from then on. */
bool lite_vfs_start(void) MUST_CHECK;
/* Installs the authorizer and the limits. */
int lite_guard(struct lite *) MUST_CHECK;

#endif
