/*
 * stmt: a named SQL statement, with its parameters and columns.
 *
 * Owns:   the types; sql/gen generates the statements from sql/q.
 * Not:    SQL text: there is none outside sql/.
 * Limit:  16 parameters, 32 columns; the generator refuses more.
 */
#ifndef IO7_LIB_PG_STMT_H
#define IO7_LIB_PG_STMT_H

#include "lib/base/opt.h"

enum stmt_type {
	STMT_TEXT,
	STMT_JSON,
	STMT_JSONB,
	STMT_BYTEA,
	STMT_UUID,
	STMT_BOOL,
	STMT_INT4,
	STMT_INT8,
	STMT_FLOAT8,
	STMT_TIMESTAMPTZ,
	STMT_DATE,
	STMT_TEXT_ARRAY,
	STMT_JSONB_ARRAY,
	STMT_UUID_ARRAY,
	STMT_INT4_ARRAY,
	STMT_INT8_ARRAY,
	STMT_BOOL_ARRAY,
	STMT_TIMESTAMPTZ_ARRAY,
	STMT_DATE_ARRAY,
	STMT_TYPES
};

/*
 * In C: text, json, jsonb and bytea are a struct str; int4 and date (days since
 * 1970) an int32_t; int8 and timestamptz (microseconds since 1970) an int64_t.
 * A value that may be NULL has a type of opt.h, or is a struct str without p.
 * An array is a struct array, whose items are never NULL.
 */
struct stmt_value {
	bool is_null;
	union {
		struct str text;
		struct uuid uuid;
		bool boolean;
		int64_t integer;
		double real;
		struct array array;
	};
};

struct stmt_field {
	const char *name;
	enum stmt_type type;
	bool nullable;
	size_t offset; /* of a column in its row struct */
};

/* Where a statement runs; {tenant} in its text makes it STMT_TENANT. */
enum stmt_db { STMT_LIVE, STMT_BOTH, STMT_TENANT };

enum stmt_shape {
	STMT_NONE,
	STMT_ONE,
	STMT_MAYBE_ONE,
	STMT_MANY,
};

struct stmt {
	const char *name, *room, *about, *sql;
	enum stmt_db db;
	enum stmt_shape shape;
	int timeout_ms; /* 0: the role's own */
	const struct stmt_field *in, *out;
	size_t n_in, n_out, row_size;
};

/* n rows, each the row struct of the statement, in the arena. */
struct stmt_result {
	void *rows;
	size_t n;
	int64_t affected;
};

#endif
