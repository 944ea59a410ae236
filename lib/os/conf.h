/*
 * conf: tables of options in, constant structs of values out.
 *
 * Owns:   the values, and a sentence for each fault.
 * Not:    the options: each part of the program has a table of its own, a
 *         slice, and reads the values of that slice only.
 * Limit:  a file of 64 KiB, a text of 4 KiB, a secret of 16 KiB, 100 faults.
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
	CONF_PATH,        /* const char *, absolute; "" if min is 0 */
	CONF_SECRET_FILE, /* const char *, the content of the file; or "" */
};

struct conf_option {
	const char *name;
	enum conf_type type;
	/* The default, as in the file; "" with min 1: none. */
	const char *initial;
	/* One sentence; it becomes the documentation. */
	const char *about;
	/* The offset of the value in the struct of the slice. */
	size_t offset;
	/* Bounds of the value, or of the length of a text. max 0: none. */
	uint64_t min, max;
	/* Of a number: "auto" is 0, and the program chooses the value. */
	bool automatic;
	/* A reload cannot change it. */
	bool fixed;
	/* Returns what is wrong with a text, or NULL. */
	const char *(*check)(const char *text);
};

/* The options of one part of the program, and the size of its struct. */
struct conf_slice {
	const struct conf_option *options;
	size_t n;
	size_t size;
};

#define CONF_SLICE(options, type)           \
	{                                   \
		ROWS(options), sizeof(type) \
	}

/* Slices are passed as a list that ends with NULL. */
typedef const struct conf_slice *const conf_slices[];

struct conf;

/*
 * Reads the defaults, then the file, then the environment; a later source
 * replaces the value of an earlier one. NULL: no such source. All texts go
 * through the same parser. It never fails: it gathers faults, and a value at
 * fault is zero. The slices must outlive the result.
 */
struct conf *conf_load(conf_slices, const char *file, char *const *environment);
void conf_free(struct conf *);

/* The struct of one of the slices; every text in it ends with a NUL. */
const void *conf_values(const struct conf *, const struct conf_slice *);

/* "FILE:LINE: NAME: problem", or "environment" or "default" before ": NAME". */
size_t conf_faults(const struct conf *);
const char *conf_fault(const struct conf *, size_t i);

/*
 * The name of the next fixed option whose value differs, searched from *at,
 * which begins as 0; NULL after the last. Both have the same slices.
 */
const char *conf_diff(const struct conf *was, const struct conf *is,
    size_t *at);

/* Gives the fixed options the values that they had before. */
void conf_keep_fixed(const struct conf *was, struct conf *is);

/* Name, default and sentence in columns. */
void conf_print_table(conf_slices, FILE *);
/* A file with every option as a comment, which sets nothing. */
void conf_print_example(conf_slices, FILE *);
/* The rows of a Markdown table: | `NAME` | `default` | sentence | */
void conf_print_markdown(conf_slices, FILE *);

#endif
