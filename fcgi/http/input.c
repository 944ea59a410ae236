/*
 * The lists of a row are strings of words, so that a table can hold them and
 * `io7 routes --inputs` can print them.
 */
#include "fcgi/http/input.h"

#include "fcgi/http/resp.h"

enum { NAME_SHOWN = 64 };

/*
 * `curl -d` and fetch() label JSON with one of the last two types by default.
 */
static const char json_types[] = "application/json application/*+json "
				 "application/x-www-form-urlencoded text/plain";

const char *
input_types(const struct route *route)
{
	return route->types ? route->types : json_types;
}

static bool
lists_name(const char *list, struct str name)
{
	struct str rest = str_of(list), known;

	while (str_split(&rest, ' ', &known))
		if (str_eq(known, name))
			return true;
	return false;
}

/* The name is repeated to the client only if it is short and printable. */
static enum err
refuse_name(struct req *r, struct str name)
{
	const char *field = NULL;

	if (name.n && name.n <= NAME_SHOWN &&
	    str_utf8_length(name) != SIZE_MAX && !str_has_control(name, false))
		field = arena_copy(r->mem, name.p, name.n);
	return fail_field(r, E_BAD_REQUEST, field ? field : "query",
	    "is not a query parameter of this route");
}

enum err
input_check_query(struct req *r)
{
	const char *list = r->route->query;
	struct str rest = r->query, name;
	enum err e = OK;

	if (!rest.n || (list && strcmp(list, ROUTE_ANY_QUERY) == 0))
		return OK;
	while (req_next_name(r, &rest, &name, &e))
		if (!list || !lists_name(list, name))
			return refuse_name(r, name);
	return e;
}

/* A star in a pattern stands for one character or more. */
static bool
matches(struct str pattern, struct str type)
{
	struct str rest = pattern, before, end;

	str_split(&rest, '*', &before);
	if (!rest.p)
		return str_eq_nocase(type, pattern);
	if (type.n <= before.n + rest.n)
		return false;
	end = (struct str){ type.p + type.n - rest.n, rest.n };
	type.n = before.n;
	return str_eq_nocase(type, before) && str_eq_nocase(end, rest);
}

enum err
input_refuse_type(struct req *r)
{
	struct str rest = str_of(input_types(r->route)), type;
	const char *comma = "";
	struct buf list, b;

	buf_init(&list, r->mem);
	while (str_split(&rest, ' ', &type)) {
		buf_printf(&list, "%s%.*s", comma, STR_ARGS(type));
		comma = ", ";
	}
	buf_putc(&list, '\0');
	buf_init(&b, r->mem);
	buf_printf(&b, "The Content-Type of the body must be one of: %s.",
	    list.failed ? "" : list.p);
	buf_putc(&b, '\0');
	if (list.failed || b.failed)
		return fail(r, E_UNSUPPORTED_MEDIA_TYPE, NULL);
	if (r->method == PATCH && r->route->types)
		resp_keep(r, "Accept-Patch", list.p);
	return fail_saying(r, E_UNSUPPORTED_MEDIA_TYPE, b.p);
}

enum err
input_check_type(struct req *r)
{
	struct str rest = str_of(input_types(r->route)), pattern;
	struct str type = req_media_type(r);

	/* A part must not be stored as the whole value (RFC 9110, 14.4). */
	if (r->method == PUT && req_param(r, "HTTP_CONTENT_RANGE").p)
		return fail_field(r, E_BAD_REQUEST, "Content-Range",
		    "is not supported: send the whole value");
	if (!type.n || r->content_length == 0)
		return OK;
	while (str_split(&rest, ' ', &pattern))
		if (matches(pattern, type))
			return OK;
	return input_refuse_type(r);
}
