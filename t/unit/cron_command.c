/*
 * The grammar of the commands of cron jobs.
 */
#include "fcgi/cron/command.h"
#include "fcgi/cron/sql.h"
#include "t/unit/tap.h"

static struct arena *mem;

/* On one line. */
static const char *
shown(const char *text)
{
	struct buf b;

	buf_init(&b, mem);
	buf_json(&b, str_of(text));
	buf_putc(&b, '\0');
	return b.p;
}

static struct cron_command
good(const char *text)
{
	struct cron_command c;
	const char *problem = NULL;
	enum err e = cron_command_parse(mem, str_of(text), &c, &problem);

	if (!ok(e == OK && !problem, "%s is a command", shown(text)))
		printf("# %s\n", problem);
	return c;
}

static void
test_http(void)
{
	struct cron_command c = good("http GET https://example.com/a?b=c#d");

	is_int(c.verb, CRON_HTTP, "... of http");
	is_slice(c.method, "GET", "... its method");
	is_slice(c.url, "https://example.com/a?b=c#d", "... its URL");
	ok(!c.body.p, "... it has no body");

	c = good("\n http\tpost  http://[::1]:8080/x   {\"a\": [1, 2]} \n");
	is_slice(c.method, "POST", "... a method in small letters is the same");
	is_slice(c.url, "http://[::1]:8080/x", "... its URL");
	is_slice(c.body, "{\"a\": [1, 2]}", "... its body");

	c = good("http DELETE HTTPS://example.com null");
	is_slice(c.body, "null", "... any JSON value is a body");
}

static void
test_kv(void)
{
	struct cron_command c = good("kv transform counter .n += 1 | .m");

	is_int(c.verb, CRON_KV_TRANSFORM, "... of kv transform");
	is_slice(c.key, "counter", "... its key");
	is_slice(c.program, ".n += 1 | .m", "... its program");

	c = good("kv  transform \"my \\\"key\\u00e9\" '.a | \"x\"'");
	is_slice(c.key, "my \"key\xC3\xA9", "... a key in quotes is JSON");
	is_slice(c.program, ".a | \"x\"",
	    "... the quotes of a shell are left out");

	c = good("kv transform a'b 'c");
	is_slice(c.key, "a'b", "... a quote inside a key is part of it");
	is_slice(c.program, "'c", "... one quote is part of the program");

	c = good("kv transform k\n.a\n| .b\n");
	is_slice(c.program, ".a\n| .b", "... a program has several lines");
}

static void
test_others(void)
{
	struct cron_command c = good("sql DELETE FROM logs; VACUUM");

	is_int(c.verb, CRON_SQL, "... of sql");
	is_slice(c.sql, "DELETE FROM logs; VACUUM", "... its text");

	good("sql BEGIN; DELETE FROM a; COMMIT");
	good("sql BEGIN; SAVEPOINT b; ROLLBACK TO b; END TRANSACTION");
	good("sql BEGIN; DELETE FROM a; ROLLBACK; SELECT 1");

	c = good("heartbeat");
	is_int(c.verb, CRON_HEARTBEAT, "... of heartbeat");
	is_int(c.grace_s, 300, "... its grace is five minutes");
	is_int(good(" heartbeat 10m ").grace_s, 600, "... minutes");
	is_int(good("heartbeat 1s").grace_s, 1, "... seconds");
	is_int(good("heartbeat 36h").grace_s, 129600, "... hours");
	is_int(good("heartbeat 31d").grace_s, CRON_GRACE_MAX_S, "... days");
}

#define STARTS "A command begins with http, kv transform, sql or heartbeat."
#define NO_URL                                                    \
	"The command http needs a URL after the method: http GET" \
	" https://example.com/."
#define NO_METHOD                                             \
	"The command http needs a method and a URL: http GET" \
	" https://example.com/."
#define METHOD \
	"The method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS."
#define URL "The URL must begin with http:// or https:// and a host."
#define NO_KEY                                                                \
	"The command kv transform needs a key and a jq program: kv transform" \
	" KEY PROGRAM."
#define NO_PROGRAM                                                           \
	"The command kv transform needs a jq program after the key, such as" \
	" .count += 1."
#define QUOTED   "A key in quotes must be a JSON string, such as \"my key\"."
#define ONLY_KV  "The only command of kv is kv transform KEY PROGRAM."
#define NO_SQL   "The command sql needs a statement."
#define OPEN_SQL "The SQL begins a transaction and does not end it."
#define GRACE                                                                  \
	"The grace of a heartbeat must be from 1s to 31d: a number with s, m," \
	" h or d, such as 10m."
#define ONE_GRACE                                                      \
	"The command heartbeat takes one argument, its grace, such as" \
	" heartbeat 10m."
#define CONTROL                                                           \
	"The command must not contain control characters other than line" \
	" breaks and tabs."
#define NO_FUNCTION "The command function is not available yet."
#define BODY        "The body after the URL is not valid JSON: "

static const struct {
	const char *text, *problem;
} bad[] = {
	{ "", "The command is empty." },
	{ " \t\r\n ", "The command is empty." },
	{ "\xFF", "The command must be UTF-8." },
	{ "sql SELECT '\xC3'", "The command must be UTF-8." },
	{ "sql SELECT '\x01'", CONTROL },
	{ "sql SELECT '\x1B[m'", CONTROL },
	{ "http GET http://a/\x7F", CONTROL },
	{ "heartbeat\v10m", CONTROL },
	{ "curl https://example.com", STARTS },
	{ "https://example.com", STARTS },
	{ "HTTP GET https://example.com", STARTS },
	{ "SQL SELECT 1", STARTS },
	{ "SELECT 1", STARTS },
	{ "heartbeats", STARTS },
	{ "'sql' SELECT 1", STARTS },
	{ "function", NO_FUNCTION },
	{ "function report {\"a\":1}", NO_FUNCTION },

	{ "http", NO_METHOD },
	{ "http GET", NO_URL },
	{ "http https://example.com/", METHOD },
	{ "http FETCH https://example.com/", METHOD },
	{ "http TRACE https://example.com/", METHOD },
	{ "http CONNECT example.com:443", METHOD },
	{ "http GE\xC3\x89 https://example.com/", METHOD },
	{ "http GET example.com", URL },
	{ "http GET ftp://example.com/", URL },
	{ "http GET file:///etc/passwd", URL },
	{ "http GET gopher://example.com/", URL },
	{ "http GET http:example.com", URL },
	{ "http GET http:/example.com", URL },
	{ "http GET http://", URL },
	{ "http GET https:///x", URL },
	{ "http GET //example.com", URL },
	{ "http GET \"https://example.com/\"", URL },
	{ "http GET https://example.com/ {}",
	    "A request with the method GET has no body." },
	{ "http head https://example.com/ {}",
	    "A request with the method HEAD has no body." },
	{ "http POST https://example.com/ {a:1}",
	    BODY "a name is missing, at byte 1 of the body." },
	{ "http POST https://example.com/ {\"a\":1", NULL },
	{ "http POST https://example.com/ a=b", NULL },
	{ "http POST https://example.com/ {} {}", NULL },
	{ "http POST https://example.com/ '{}'", NULL },
	{ "http POST https://example.com/ NaN", NULL },
	{ "http POST https://example.com/a b", NULL },

	{ "kv", ONLY_KV },
	{ "kv get a", ONLY_KV },
	{ "kv delete a", ONLY_KV },
	{ "kv Transform a .", ONLY_KV },
	{ "kv transform", NO_KEY },
	{ "kv transform  ", NO_KEY },
	{ "kv transform a", NO_PROGRAM },
	{ "kv transform a ''", NO_PROGRAM },
	{ "kv transform a ' '", NO_PROGRAM },
	{ "kv transform \"a b\"", NO_PROGRAM },
	{ "kv transform \"a b .", QUOTED },
	{ "kv transform \"", QUOTED },
	{ "kv transform \"a\\\" .", QUOTED },
	{ "kv transform \"\\x\" .", QUOTED },
	{ "kv transform \"\\ud800\" .", QUOTED },
	{ "kv transform \"a\tb\" .", QUOTED },
	{ "kv transform \"a\".b", "A space must follow a key in quotes." },
	{ "kv transform \"\" .", "The key must be 1 to 256 characters." },
	{ "kv transform \"a\\nb\" .",
	    "The key must not contain control characters." },

	{ "sql", NO_SQL },
	{ "sql ;", NO_SQL },
	{ "sql ;; -- nothing", NO_SQL },
	{ "sql /* nothing */", NO_SQL },
	{ "sql SELECT 'a", "The SQL ends inside a quoted text." },
	{ "sql SELECT \"a", "The SQL ends inside a quoted text." },
	{ "sql SELECT `a", "The SQL ends inside a quoted text." },
	{ "sql SELECT [a", "The SQL ends inside a quoted text." },
	{ "sql SELECT 'it''s", "The SQL ends inside a quoted text." },
	{ "sql BEGIN", OPEN_SQL },
	{ "sql begin immediate; DELETE FROM a", OPEN_SQL },
	{ "sql BEGIN; DELETE FROM a; ROLLBACK TO b", OPEN_SQL },
	{ "sql BEGIN; COMMIT; BEGIN TRANSACTION;", OPEN_SQL },
	{ "sql SELECT 1 /* a", "The SQL ends inside a comment." },
	{ "sql SELECT 1 /*/", "The SQL ends inside a comment." },

	{ "heartbeat 10", GRACE },
	{ "heartbeat m", GRACE },
	{ "heartbeat 0m", GRACE },
	{ "heartbeat -1m", GRACE },
	{ "heartbeat 1.5h", GRACE },
	{ "heartbeat 10M", GRACE },
	{ "heartbeat 10min", GRACE },
	{ "heartbeat 1w", GRACE },
	{ "heartbeat 32d", GRACE },
	{ "heartbeat 18446744073709551616s", GRACE },
	{ "heartbeat 2678401s", GRACE },
	{ "heartbeat 10 m", ONE_GRACE },
	{ "heartbeat 10m 20m", ONE_GRACE },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct cron_command c;
		const char *problem = NULL;
		enum err e =
		    cron_command_parse(mem, str_of(bad[i].text), &c, &problem);

		ok(e == E_BAD_REQUEST, "%s is refused", shown(bad[i].text));
		if (bad[i].problem)
			is_str(problem, bad[i].problem, "... with a sentence");
		else
			ok(problem && str_starts(str_of(problem), str_of(BODY)),
			    "... because of its body: %s", problem);
	}
}

/* A command of n bytes: text, and blanks or letters after it. */
static enum err
parse_long(const char *begin, size_t n, char fill, const char **problem)
{
	char *text = malloc(n);
	struct cron_command c;
	enum err e;

	if (!text)
		abort();
	memset(text, fill, n);
	memcpy(text, begin, strlen(begin));
	e = cron_command_parse(mem, (struct str){ text, n }, &c, problem);
	free(text);
	return e;
}

static void
test_lengths(void)
{
	const char *problem = NULL;

	is_int(parse_long("kv transform a ", CRON_COMMAND_MAX, 'x', &problem),
	    OK, "a command of 64 KiB is accepted");
	is_int(parse_long("kv transform a ", CRON_COMMAND_MAX + 1, 'x',
		   &problem),
	    E_BAD_REQUEST, "one byte more is refused");
	is_str(problem, "The command is longer than 65536 bytes.",
	    "... with a sentence");
	is_int(parse_long("http GET http://", 9 + 2048, 'x', &problem), OK,
	    "a URL of 2048 bytes is accepted");
	is_int(parse_long("http GET http://", 9 + 2049, 'x', &problem),
	    E_BAD_REQUEST, "one byte more is refused");
	is_str(problem, "The URL is longer than 2048 bytes.",
	    "... with a sentence");
	is_int(parse_long("kv transform ", 1000, 'x', &problem), E_BAD_REQUEST,
	    "a key of 987 characters is refused");
	is_str(problem, "The key must be 1 to 256 characters.",
	    "... with a sentence");
	is_int(parse_long("sql SELECT 1", 1000, ';', &problem), OK,
	    "empty statements do not count");
}

/* --- Statements ----------------------------------------------------------- */

#define TRIGGER                                                               \
	"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; UPDATE b SET c =" \
	" 'END;'; END"

static void
splits(const char *text, const char *const *want)
{
	struct str rest = str_of(text), statement;

	for (; *want; want++) {
		ok(cron_sql_next(&rest, &statement), "%s: next", shown(text));
		is_slice(statement, *want, "... is the statement");
	}
	ok(!cron_sql_next(&rest, &statement), "... there is no other one");
}

#define SPLITS(text, ...) \
	splits(text, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_statements(void)
{
	SPLITS("SELECT 1", "SELECT 1");
	SPLITS("SELECT 1;", "SELECT 1");
	SPLITS(" ; SELECT 1 ;; SELECT 2 ; -- done", "SELECT 1", "SELECT 2");
	SPLITS("SELECT ';' ; SELECT \";\";SELECT [;];SELECT `;`", "SELECT ';'",
	    "SELECT \";\"", "SELECT [;]", "SELECT `;`");
	SPLITS("SELECT 'it''s;'; SELECT 2", "SELECT 'it''s;'", "SELECT 2");
	SPLITS("-- a; b\nSELECT 1 /* ; */ + 1; /* c; */ SELECT 2",
	    "SELECT 1 /* ; */ + 1", "SELECT 2");
	SPLITS("SELECT 1 - -1; SELECT 4 / 2", "SELECT 1 - -1", "SELECT 4 / 2");
	SPLITS(TRIGGER "; SELECT 1", TRIGGER, "SELECT 1");
	SPLITS("create temp trigger t after insert on a begin select 1; end;x",
	    "create temp trigger t after insert on a begin select 1; end", "x");
	SPLITS("CREATE TABLE \"trigger\" (a); SELECT 1",
	    "CREATE TABLE \"trigger\" (a)", "SELECT 1");
	SPLITS("BEGIN; DELETE FROM a; END", "BEGIN", "DELETE FROM a", "END");
	ok(cron_sql_is(STR("begin immediate"), "BEGIN"),
	    "the first word is found");
	ok(!cron_sql_is(STR("beginning"), "BEGIN"), "... as a whole");
	ok(!cron_sql_is(STR("'BEGIN'"), "BEGIN"), "... and not in quotes");
}

static void
test_many_statements(void)
{
	struct cron_command c;
	const char *problem = NULL;
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "sql ");
	for (int i = 0; i < CRON_STATEMENTS; i++)
		buf_puts(&b, "SELECT 1; ");
	is_int(cron_command_parse(mem, buf_view(&b), &c, &problem), OK,
	    "a job may have 100 statements");
	buf_puts(&b, "SELECT 1");
	is_int(cron_command_parse(mem, buf_view(&b), &c, &problem),
	    E_BAD_REQUEST, "... and not 101");
	is_str(problem, "The SQL has more than 100 statements.",
	    "... with a sentence");
}

int
main(void)
{
	mem = arena_must_new(16 << 20);
	test_http();
	test_kv();
	test_others();
	test_bad();
	test_lengths();
	test_statements();
	test_many_statements();
	arena_free(mem);
	return tap_done();
}
