/*
 * Values in PostgreSQL's binary formats: numbers are neither printed nor
 * parsed, and text needs no terminator.
 */
#include "lib/pg/pg_impl.h"

#include "lib/base/panic.h"

#include <endian.h>
#include <limits.h>

/* PostgreSQL counts time from 2000-01-01. */
#define EPOCH_US   (INT64_C(946684800) * US_PER_S)
#define EPOCH_DAYS 10957

static const struct {
	const char *name;
	Oid oid, element;
	size_t item; /* bytes of an element in C */
} types[] = {
	[STMT_TEXT] = { "text", 25, 0, 0 },
	[STMT_JSON] = { "json", 114, 0, 0 },
	[STMT_JSONB] = { "jsonb", 3802, 0, 0 },
	[STMT_BYTEA] = { "bytea", 17, 0, 0 },
	[STMT_UUID] = { "uuid", 2950, 0, 0 },
	[STMT_BOOL] = { "bool", 16, 0, 0 },
	[STMT_INT4] = { "int4", 23, 0, 0 },
	[STMT_INT8] = { "int8", 20, 0, 0 },
	[STMT_FLOAT8] = { "float8", 701, 0, 0 },
	[STMT_TIMESTAMPTZ] = { "timestamptz", 1184, 0, 0 },
	[STMT_DATE] = { "date", 1082, 0, 0 },
	[STMT_TEXT_ARRAY] = { "text[]", 1009, STMT_TEXT, sizeof(struct str) },
	[STMT_JSONB_ARRAY] = { "jsonb[]", 3807, STMT_JSONB,
	    sizeof(struct str) },
	[STMT_UUID_ARRAY] = { "uuid[]", 2951, STMT_UUID, sizeof(struct uuid) },
	[STMT_INT4_ARRAY] = { "int4[]", 1007, STMT_INT4, sizeof(int32_t) },
	[STMT_INT8_ARRAY] = { "int8[]", 1016, STMT_INT8, sizeof(int64_t) },
	[STMT_BOOL_ARRAY] = { "bool[]", 1000, STMT_BOOL, sizeof(bool) },
	[STMT_TIMESTAMPTZ_ARRAY] = { "timestamptz[]", 1185, STMT_TIMESTAMPTZ,
	    sizeof(int64_t) },
	[STMT_DATE_ARRAY] = { "date[]", 1182, STMT_DATE, sizeof(int32_t) },
};

_Static_assert(ARRAY_LEN(types) == STMT_TYPES, "every type has its row");

Oid
pg_oid(enum stmt_type type)
{
	return types[type].oid;
}

const char *
pg_type_name(Oid oid)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].oid == oid)
			return types[i].name;
	return "another type";
}

static bool
is_array(enum stmt_type type)
{
	return types[type].item != 0;
}

static void
put_be32(struct buf *b, int64_t v)
{
	uint32_t wire = htobe32((uint32_t)v);

	buf_add(b, &wire, sizeof(wire));
}

static void
put_be64(struct buf *b, int64_t v)
{
	uint64_t wire = htobe64((uint64_t)v);

	buf_add(b, &wire, sizeof(wire));
}

static int64_t
get_be32(const char *p)
{
	uint32_t wire;

	memcpy(&wire, p, sizeof(wire));
	return (int32_t)be32toh(wire);
}

static int64_t
get_be64(const char *p)
{
	uint64_t wire;

	memcpy(&wire, p, sizeof(wire));
	return (int64_t)be64toh(wire);
}

static void
put_scalar(struct buf *b, enum stmt_type type, const struct stmt_value *v)
{
	uint64_t bits;

	switch (type) {
	case STMT_JSONB:
		buf_putc(b, 1); /* the format's version */
		buf_str(b, v->text);
		break;
	case STMT_UUID:
		buf_add(b, v->uuid.b, sizeof(v->uuid.b));
		break;
	case STMT_BOOL:
		buf_putc(b, (char)v->boolean);
		break;
	case STMT_INT4:
		put_be32(b, v->integer);
		break;
	case STMT_DATE:
		put_be32(b, v->integer - EPOCH_DAYS);
		break;
	case STMT_INT8:
		put_be64(b, v->integer);
		break;
	case STMT_TIMESTAMPTZ:
		put_be64(b, v->integer - EPOCH_US);
		break;
	case STMT_FLOAT8:
		memcpy(&bits, &v->real, sizeof(bits));
		put_be64(b, (int64_t)bits);
		break;
	default: /* text, json, bytea */
		buf_str(b, v->text);
	}
}

/* The i-th element of an array of C values, as a value. */
static struct stmt_value
element(enum stmt_type type, const void *items, size_t i)
{
	struct stmt_value v = { 0 };

	switch (type) {
	case STMT_UUID:
		v.uuid = ((const struct uuid *)items)[i];
		break;
	case STMT_BOOL:
		v.boolean = ((const bool *)items)[i];
		break;
	case STMT_INT4:
	case STMT_DATE:
		v.integer = ((const int32_t *)items)[i];
		break;
	case STMT_INT8:
	case STMT_TIMESTAMPTZ:
		v.integer = ((const int64_t *)items)[i];
		break;
	default:
		v.text = ((const struct str *)items)[i];
	}
	return v;
}

static void
put_array(struct buf *b, enum stmt_type type, const struct array *array)
{
	enum stmt_type of = (enum stmt_type)types[type].element;

	put_be32(b, array->n ? 1 : 0); /* dimensions */
	put_be32(b, 0);                /* no NULLs */
	put_be32(b, types[of].oid);
	if (array->n == 0)
		return;
	put_be32(b, (int64_t)array->n);
	put_be32(b, 1); /* index of the first element */
	for (size_t i = 0; i < array->n; i++) {
		struct stmt_value v = element(of, array->items, i);
		size_t at = b->n;

		put_be32(b, 0);
		put_scalar(b, of, &v);
		if (!b->failed) {
			uint32_t n = htobe32((uint32_t)(b->n - at - 4));

			memcpy(b->p + at, &n, sizeof(n));
		}
	}
}

bool
pg_encode(struct arena *mem, const struct stmt *stmt,
    const struct stmt_value *in, struct pg_wire *wire)
{
	if (stmt->n_in > PG_PARAMS)
		BUG("%s has %zu parameters", stmt->name, stmt->n_in);
	for (size_t i = 0; i < stmt->n_in; i++) {
		enum stmt_type type = stmt->in[i].type;
		struct buf b;

		wire->types[i] = types[type].oid;
		wire->formats[i] = 1;
		wire->values[i] = NULL;
		wire->lengths[i] = 0;
		if (in[i].is_null)
			continue;
		buf_init(&b, mem);
		if (is_array(type))
			put_array(&b, type, &in[i].array);
		else
			put_scalar(&b, type, &in[i]);
		if (b.failed || b.n > INT_MAX)
			return false;
		wire->values[i] = buf_view(&b).p;
		wire->lengths[i] = (int)b.n;
	}
	return true;
}

static size_t
fixed_width(enum stmt_type type)
{
	switch (type) {
	case STMT_UUID:
		return 16;
	case STMT_BOOL:
		return 1;
	case STMT_INT4:
	case STMT_DATE:
		return 4;
	case STMT_INT8:
	case STMT_TIMESTAMPTZ:
	case STMT_FLOAT8:
		return 8;
	default:
		return 0;
	}
}

/* Writes a value into its field, as an option if it may be NULL. */
#define PUT(field_type, opt_type, value)                        \
	do {                                                    \
		if (f->nullable)                                \
			*(struct opt_type *)to =                \
			    (struct opt_type){ true, (value) }; \
		else                                            \
			*(field_type *)to = (value);            \
	} while (0)

static void
get_number(const struct stmt_field *f, const char *p, void *to)
{
	struct uuid u;
	uint64_t bits;
	double real;

	switch (f->type) {
	case STMT_UUID:
		memcpy(u.b, p, sizeof(u.b));
		PUT(struct uuid, opt_uuid, u);
		break;
	case STMT_BOOL:
		PUT(bool, opt_bool, *p != 0);
		break;
	case STMT_INT4:
		PUT(int32_t, opt_int32, (int32_t)get_be32(p));
		break;
	case STMT_DATE:
		PUT(int32_t, opt_int32, (int32_t)get_be32(p) + EPOCH_DAYS);
		break;
	case STMT_INT8:
		PUT(int64_t, opt_int64, get_be64(p));
		break;
	case STMT_TIMESTAMPTZ:
		PUT(int64_t, opt_int64, get_be64(p) + EPOCH_US);
		break;
	default:
		bits = (uint64_t)get_be64(p);
		memcpy(&real, &bits, sizeof(real));
		PUT(double, opt_double, real);
	}
}

/* False if the value is not of the declared type. */
static bool
get_field(const struct stmt_field *f, const PGresult *result, int row, int col,
    char *to)
{
	const char *p = PQgetvalue(result, row, col);
	size_t n = (size_t)PQgetlength(result, row, col);
	size_t width = fixed_width(f->type);

	if (PQgetisnull(result, row, col))
		return f->nullable;
	if (width) {
		if (n != width)
			return false;
		get_number(f, p, to);
		return true;
	}
	if (f->type == STMT_JSONB) {
		if (n == 0 || *p != 1)
			return false;
		p++;
		n--;
	}
	*(struct str *)(void *)to = (struct str){ p, n };
	return true;
}

static bool
are_columns_as_declared(const struct stmt *stmt, const PGresult *result)
{
	if ((size_t)PQnfields(result) != stmt->n_out)
		return false;
	for (size_t i = 0; i < stmt->n_out; i++)
		if (PQftype(result, (int)i) != types[stmt->out[i].type].oid)
			return false;
	return true;
}

/* Text columns point into the result, which the arena owns by now. */
enum err
pg_decode(struct arena *mem, const struct stmt *stmt, const PGresult *result,
    struct stmt_result *out)
{
	size_t n = (size_t)PQntuples(result);
	char *rows;

	if (!are_columns_as_declared(stmt, result))
		return E_INTERNAL;
	rows = arena_alloc(mem, n * stmt->row_size);
	if (!rows)
		return E_TOO_LARGE;
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < stmt->n_out; c++)
			if (!get_field(&stmt->out[c], result, (int)r, (int)c,
				rows + r * stmt->row_size +
				    stmt->out[c].offset))
				return E_INTERNAL;
	out->rows = rows;
	out->n = n;
	return OK;
}
