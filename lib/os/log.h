/*
 * log: one JSON line an event, in one write.
 *
 * Owns:   the descriptor that lines go to.
 * Not:    secrets: a caller names fields one by one, never whole requests.
 * Limit:  4 KiB a line, the rest is cut; a line that cannot be written is
 *         dropped and counted, the caller goes on.
 */
#ifndef IO7_LIB_OS_LOG_H
#define IO7_LIB_OS_LOG_H

#include "lib/base/str.h"

#include <sys/types.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_ALERT };

/* The name of a level ("info"), and back; false for an unknown name. */
const char *log_level_name(enum log_level);
bool log_level_of(struct str name, enum log_level *) MUST_CHECK;

/* "-" is standard error. False, with errno, when it cannot be opened. */
bool log_open(const char *path, enum log_level) MUST_CHECK;
/* Opens the path again, after a rotation; keeps the old one on failure. */
void log_reopen(void);
/* The file becomes that user's, so that it can still be opened again. */
void log_hand_over(uid_t);
/* Lines that could not be written since the start. */
uint64_t log_dropped(void);

struct log_line {
	struct buf text;
	bool wanted;
	char room[4096];
};

void log_begin(struct log_line *, enum log_level, const char *event);
void log_str(struct log_line *, const char *name, struct str);
void log_text(struct log_line *, const char *name, const char *);
void log_int(struct log_line *, const char *name, int64_t);
void log_end(struct log_line *);

/* A line whose only field is a sentence. */
void log_event(enum log_level, const char *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
