/*
 * What io7 reads of a request to a database at Turso, and its batons.
 */
#include "fcgi/userdb/turso.h"
#include "fcgi/options.h"
#include "t/unit/tap.h"

static struct arena *mem;

/* --- Requests ------------------------------------------------------------- */

static void
counts(const char *text, bool is_cursor, int statements, bool frees)
{
	struct turso_body body;
	const char *problem = "";
	enum err e = turso_parse(mem, str_of(text), is_cursor, &body, &problem);

	ok(e == OK && body.statements == (uint64_t)statements &&
		body.only_frees == frees,
	    "%s: %d statements%s", text, statements, frees ? ", frees" : "");
}

static void
is_refused(const char *text, bool is_cursor)
{
	struct turso_body body;
	const char *problem = NULL;
	enum err e = turso_parse(mem, str_of(text), is_cursor, &body, &problem);

	ok(e == E_BAD_REQUEST && problem, "%s is refused", text);
}

#define ONE(sql) "{\"requests\":[{\"type\":\"execute\",\"stmt\":{" sql "}}]}"

static void
requests(void)
{
	counts("{\"requests\":[]}", false, 0, true);
	counts(" {\"baton\":null,\"requests\":[{\"type\":\"close\"}]} ", false,
	    0, true);
	counts(ONE("\"sql\":\"SELECT 1\""), false, 1, true);
	counts(ONE("\"sql\":\"  delete from t\""), false, 1, true);
	counts(ONE("\"sql\":\"INSERT INTO t VALUES (1)\""), false, 1, false);
	counts(ONE("\"sql\":\"\\u0049NSERT INTO t VALUES (1)\""), false, 1,
	    false);
	counts(ONE("\"s\\u0071l\":\"INSERT INTO t VALUES (1)\""), false, 1,
	    false);
	counts(ONE("\"sql_id\":1"), false, 1, false);
	counts(ONE("\"sql\":\"\""), false, 1, false);
	counts("{\"requests\":[{\"type\":\"sequence\",\"sql\":\"SELECT 1\"}]}",
	    false, 1, false);
	counts("{\"requests\":[{\"type\":\"batch\",\"batch\":{\"steps\":["
	       "{\"stmt\":{\"sql\":\"BEGIN\"}},{\"stmt\":{\"sql\":\"DROP TABLE "
	       "t\"}}]}}]}",
	    false, 2, true);
	counts("{\"batch\":{\"steps\":[{\"stmt\":{\"sql\":\"VACUUM\"}}]}}",
	    true, 1, false);
	counts("{\"requests\":[1,null,\"a\",[],{\"stmt\":2}]}", false, 1, true);
	is_refused("", false);
	is_refused("[]", false);
	is_refused("{\"requests\":[]", false);
	is_refused("{\"requests\":{}}", false);
	is_refused("{\"baton\":1,\"requests\":[]}", false);
	is_refused("{\"batch\":[]}", true);
	is_refused("{\"requests\":[]}", true);
	is_refused("{\"requests\":[{\"\\ud800\":1}]}", false);
}

/* --- Base URLs ------------------------------------------------------------ */

static void
follows(const char *url, const char *base, bool expected)
{
	ok(turso_may_follow(url, str_of(base)) == expected, "%s %s from %s",
	    base, expected ? "is followed" : "is refused", url);
}

static void
base_urls(void)
{
	static const char own[] = "https://live-1-acme.turso.io";
	static const char *const refused[] = { "", "https", "https://",
		"http://live-1-acme.turso.io", "https://turso.io",
		"https://evilturso.io", "https://a.turso.io.example.com",
		"https://a.turso.io:8443", "https://a.turso.io@example.com",
		"https://example.com/.turso.io",
		"https://example.com?.turso.io",
		"https://example.com#.turso.io", "https://127.0.0.1",
		"https://[::1]", "file:///etc/passwd", "https://a.TURSO.io",
		"https://a.turso.io/path", "https:///a.turso.io",
		"https://a\\.turso.io", "https://a .turso.io", "//a.turso.io" };

	follows(own, own, true);
	follows(own, "https://live-1-acme.turso.io/", true);
	follows(own, "https://us-east.turso.io", true);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		follows(own, refused[i], false);
	follows("http://127.0.0.1:80", "http://10.0.0.1:80", false);
	follows("http://127.0.0.1:80", "http://127.0.0.1:80", true);
	follows("http://db.localhost:80", "http://other.localhost:80", false);
}

/* --- Batons --------------------------------------------------------------- */

static void
batons(void)
{
	static const struct options opts = {
		.seal_keys = "1 000102030405060708090a0b0c0d0e0f"
			     "000102030405060708090a0b0c0d0e0f",
	};
	static struct userdb db = { .name = "live-1" },
			     other = { .name = "live-2" };
	struct service service = { .opts = &opts };
	struct turso_stream s = { true, "https://a.turso.io", STR("a\n\"b") };
	struct turso_stream got = { 0 };
	struct buf b, again;

	buf_init(&b, mem);
	buf_init(&again, mem);
	ok(turso_wrap(&service, &db, &s, &b) == OK &&
		turso_wrap(&service, &db, &s, &again) == OK,
	    "a baton is wrapped");
	ok(!str_eq(buf_view(&b), buf_view(&again)),
	    "... differently each time");
	ok(turso_unwrap(&service, mem, &db, buf_view(&b), &got) == OK,
	    "... and unwrapped");
	ok(got.may_write, "... with its scope");
	is_str(got.base, s.base, "... its base URL");
	is_slice(got.baton, "a\n\"b", "... and the baton of the service");
	ok(turso_unwrap(&service, mem, &other, buf_view(&b), &got) ==
		E_BAD_REQUEST,
	    "another database refuses it");
	for (size_t i = 0; i < b.n; i++) {
		char was = b.p[i];

		b.p[i] = was == '0' ? '1' : '0';
		if (turso_unwrap(&service, mem, &db, buf_view(&b), &got) !=
		    E_BAD_REQUEST)
			ok(false, "a change of digit %zu is noticed", i);
		b.p[i] = was;
	}
	ok(turso_unwrap(&service, mem, &db, STR(""), &got) == E_BAD_REQUEST,
	    "an empty baton is refused");
	s = (struct turso_stream){ .baton = STR("x") };
	again.n = 0;
	ok(turso_wrap(&service, &db, &s, &again) == OK &&
		turso_unwrap(&service, mem, &db, buf_view(&again), &got) ==
		    OK &&
		!got.base && !got.may_write,
	    "a stream at the database's own URL has no base");
}

int
main(void)
{
	mem = arena_must_new(8 << 20);
	requests();
	base_urls();
	batons();
	arena_free(mem);
	return tap_done();
}
