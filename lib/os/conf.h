/*
 * conf: one table of options in, one constant struct of values out.
 *
 * Owns:   the values, and a sentence for everything that is wrong with them.
 * Not:    the options themselves: their table belongs to the program.
 * Limit:  64 KiB of file, 4 KiB of text, 16 KiB of secret, 100 faults told.
 */
#ifndef IO7_LIB_OS_CONF_H
#define IO7_LIB_OS_CONF_H

#include "lib/base/base.h"

enum conf_type {
	CONF_TEXT,        /* const char * */
	CONF_NUMBER,      /* uint64_t */
	CONF_BYTES,       /* uint64_t; "4096", "64K", "1M", "1G" */
	CONF_DURATION,    /* int64_t, nanoseconds; "500ms", "10s", "2m", "1h" */
	CONF_BOOL,        /* bool; "yes" or "no" */
	CONF_PATH,        /* const char *, absolute; "" where min is 0 */
	CONF_SECRET_FILE, /* const char *, what the named file holds; or "" */
};

struct conf_option {
	const char *name;
	enum conf_type type;
	/* The default, as it would stand in the file; "" with min 1: none. */
	const char *initial;
	/* One sentence; it becomes the documentation. */
	const char *about;
	/* Where the value lies in the result. */
	size_t offset;
	/* Of the value; of a text or path its length. max 0: no bound. */
	uint64_t min, max;
	/* A reload cannot change it. */
	bool fixed;
	/* What is wrong with a text, after "NAME: "; NULL: nothing. */
	const char *(*check)(const char *text);
};

struct conf;

/*
 * Defaults, over them the file (or NULL), over that the environment (or NULL):
 * each text goes through the same parser. Never fails: it gathers faults, and
 * the values of options at fault are zero. The table must outlive the result.
 */
struct conf *conf_load(const struct conf_option *, size_t n, size_t result_size,
    const char *file, char *const *environment);
void conf_free(struct conf *);

/* The caller's struct, filled; every text in it is terminated. */
const void *conf_values(const struct conf *);

/* "FILE:LINE: NAME: problem", or "environment" or "default" before ": NAME". */
size_t conf_faults(const struct conf *);
const char *conf_fault(const struct conf *, size_t i);

/*
 * The name of the next fixed option whose value differs, searched from *at,
 * which begins as 0; NULL after the last. Both are of the same table.
 */
const char *conf_diff(const struct conf *was, const struct conf *is,
    size_t *at);

/* Fixed options become what they were. */
void conf_keep_fixed(const struct conf *was, struct conf *is);

/* Name, default and sentence in columns. */
void conf_print_table(const struct conf_option *, size_t n, FILE *);
/* A file that changes nothing: every option as a comment. */
void conf_print_example(const struct conf_option *, size_t n, FILE *);
/* The rows of a Markdown table: | `NAME` | `default` | sentence | */
void conf_print_markdown(const struct conf_option *, size_t n, FILE *);

#endif
