/*
 * log: JSON lines, one per event, each written with one write(2).
 *
 * Owns:   the descriptor of the log.
 * Not:    secrets: a caller names each field, and never logs whole requests.
 * Limit:  4 KiB a line; fields that do not fit are left out. A line that cannot
 *         be written is dropped and counted.
 */
#ifndef IO7_LIB_OS_LOG_H
#define IO7_LIB_OS_LOG_H

#include "lib/base/str.h"

#include <sys/types.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_ALERT };

/* The name of a level ("info"), and back; false for an unknown name. */
const char *log_level_name(enum log_level);
bool log_level_of(struct str name, enum log_level *) MUST_CHECK;

/* "-" is standard error. False with errno. */
bool log_open(const char *path, enum log_level) MUST_CHECK;
/* Reopens the path after a rotation; keeps the old file on failure. */
void log_reopen(void);
/* From now on this process writes no lines. */
void log_close(void);
/* Gives the file to that user, who can then reopen it. */
void log_hand_over(uid_t);
/*
 * From now on this process keeps lines below LOG_WARN until log_flush(), or
 * until a buffer is full or a more severe line is written. If it is killed,
 * they are lost.
 */
void log_keep(void);
/* True if there are lines to flush. */
bool log_has_kept(void);
void log_flush(void);

/* The number of lines that could not be written. */
uint64_t log_dropped(void);

struct log_line {
	struct buf text;
	bool wanted, is_urgent;
	char line[4096];
};

void log_begin(struct log_line *, enum log_level, const char *event);
void log_str(struct log_line *, const char *name, struct str);
void log_text(struct log_line *, const char *name, const char *);
void log_int(struct log_line *, const char *name, int64_t);
void log_end(struct log_line *);

/* A line with one field, "detail". */
void log_event(enum log_level, const char *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
