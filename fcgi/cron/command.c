/*
 * The grammar of commands: a table of first words, and a function for each.
 */
#include "fcgi/cron/command.h"

#include "fcgi/cron/sql.h"
#include "fcgi/kv/kv.h"
#include "fcgi/outbound/outbound.h"
#include "lib/json/json.h"

/* A command while it is read. */
struct reader {
	struct arena *mem;
	struct cron_command *to;
	struct str rest; /* without blanks around it */
};

/* --- Words ---------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word, which is empty at the end. */
static struct str
take_word(struct reader *r)
{
	struct str word = { r->rest.p, 0 };

	while (word.n < r->rest.n && !is_blank(word.p[word.n]))
		word.n++;
	r->rest =
	    str_trim((struct str){ r->rest.p + word.n, r->rest.n - word.n });
	return word;
}

#define NO_MEMORY "There is no memory for this command."

/* --- http METHOD URL [JSON] ----------------------------------------------- */

static bool
has_host(struct str url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct str scheme = str_of(schemes[i]);

		if (url.n > scheme.n &&
		    str_eq_nocase((struct str){ url.p, scheme.n }, scheme))
			return url.p[scheme.n] != '/';
	}
	return false;
}

static const char *
url_problem(struct str url)
{
	if (!url.n)
		return "The command http needs a URL after the method: http GET"
		       " https://example.com/.";
	if (url.n > OUTBOUND_URL_MAX)
		return "The URL is longer than 2048 bytes.";
	return has_host(url)
	    ? NULL
	    : "The URL must begin with http:// or https:// and a host.";
}

static const char *
body_problem(struct reader *r, struct str method, struct str body)
{
	struct json_fault fault;

	if (str_eq(method, STR("GET")) || str_eq(method, STR("HEAD")))
		return text_printf(r->mem, NO_MEMORY,
		    "A request with the method %.*s has no body.",
		    STR_ARGS(method));
	if (json_check(body, JSON_TREE_DEPTH, NULL, &fault))
		return NULL;
	return text_printf(r->mem, NO_MEMORY,
	    "The body after the URL is not valid JSON: %s, at byte %zu of the body.",
	    fault.reason, fault.at);
}

/* Methods in small letters mean the same. */
static bool
to_capitals(struct arena *mem, struct str *word)
{
	char *copy = arena_copy(mem, word->p, word->n);

	for (size_t i = 0; copy && i < word->n; i++)
		if (copy[i] >= 'a' && copy[i] <= 'z')
			copy[i] = (char)(copy[i] - 'a' + 'A');
	word->p = copy;
	return copy != NULL;
}

static const char *
read_http(struct reader *r)
{
	struct cron_command *c = r->to;
	const char *problem;

	c->verb = CRON_HTTP;
	c->method = take_word(r);
	if (!c->method.n)
		return "The command http needs a method and a URL: http GET"
		       " https://example.com/.";
	if (!to_capitals(r->mem, &c->method))
		return "There is no memory for this command.";
	problem = outbound_method_problem(c->method);
	if (problem)
		return problem;
	c->url = take_word(r);
	problem = url_problem(c->url);
	if (problem || !r->rest.n)
		return problem;
	c->body = r->rest;
	return body_problem(r, c->method, c->body);
}

/* --- kv transform KEY PROGRAM --------------------------------------------- */

/* The length of the JSON string at the front; 0: it does not end. */
static size_t
string_length(struct str text)
{
	for (size_t i = 1; i < text.n; i++)
		if (text.p[i] == '"')
			return i + 1;
		else if (text.p[i] == '\\')
			i++;
	return 0;
}

static const char *
take_quoted_key(struct reader *r)
{
	struct str raw = { r->rest.p, string_length(r->rest) };

	if (!raw.n || !json_check(raw, 1, NULL, NULL) ||
	    !json_unquote(r->mem, raw, &r->to->key))
		return "A key in quotes must be a JSON string, such as"
		       " \"my key\".";
	if (raw.n < r->rest.n && !is_blank(r->rest.p[raw.n]))
		return "A space must follow a key in quotes.";
	r->rest =
	    str_trim((struct str){ r->rest.p + raw.n, r->rest.n - raw.n });
	return NULL;
}

static const char *
take_key(struct reader *r)
{
	const char *problem = NULL;

	if (!r->rest.n)
		return "The command kv transform needs a key and a jq program:"
		       " kv transform KEY PROGRAM.";
	if (r->rest.p[0] == '"')
		problem = take_quoted_key(r);
	else
		r->to->key = take_word(r);
	if (problem)
		return problem;
	problem = kv_key_problem(r->to->key);
	return problem ? text_printf(r->mem, NO_MEMORY, "The key %s.", problem)
		       : NULL;
}

/* jq has no text in single quotes: they are those of a shell. */
static struct str
without_quotes(struct str program)
{
	if (program.n < 2 || program.p[0] != '\'' ||
	    program.p[program.n - 1] != '\'')
		return program;
	return str_trim((struct str){ program.p + 1, program.n - 2 });
}

static const char *
read_kv(struct reader *r)
{
	const char *problem;

	r->to->verb = CRON_KV_TRANSFORM;
	if (!str_eq(take_word(r), STR("transform")))
		return "The only command of kv is kv transform KEY PROGRAM.";
	problem = take_key(r);
	if (problem)
		return problem;
	r->to->program = without_quotes(r->rest);
	return r->to->program.n
	    ? NULL
	    : "The command kv transform needs a jq program after the key, such"
	      " as .count += 1.";
}

/* --- sql STATEMENT -------------------------------------------------------- */

static const char *
read_sql(struct reader *r)
{
	r->to->verb = CRON_SQL;
	r->to->sql = r->rest;
	return cron_sql_problem(r->rest);
}

/* --- heartbeat [GRACE] ---------------------------------------------------- */

/* Seconds of a number and a unit; 0: it is neither, or out of range. */
static int64_t
seconds_of(struct str text)
{
	static const struct {
		char name;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t n;

	if (text.n < 2 || !str_to_u64((struct str){ text.p, text.n - 1 }, &n) ||
	    n > CRON_GRACE_MAX_S)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (units[i].name == text.p[text.n - 1])
			return (int64_t)(n * units[i].seconds);
	return 0;
}

static const char *
read_heartbeat(struct reader *r)
{
	struct str grace = take_word(r);

	r->to->verb = CRON_HEARTBEAT;
	r->to->grace_s = grace.n ? seconds_of(grace) : CRON_GRACE_S;
	if (r->rest.n)
		return "The command heartbeat takes one argument, its grace,"
		       " such as heartbeat 10m.";
	if (r->to->grace_s < 1 || r->to->grace_s > CRON_GRACE_MAX_S)
		return "The grace of a heartbeat must be from 1s to 31d: a"
		       " number with s, m, h or d, such as 10m.";
	return NULL;
}

/* --- The whole ------------------------------------------------------------ */

static const char *
refuse_function(struct reader *r)
{
	(void)r;
	return "The command function is not available yet.";
}

static const struct {
	const char *word;
	const char *(*read)(struct reader *); /* what is wrong, or NULL */
} verbs[] = {
	{ "http", read_http },
	{ "kv", read_kv },
	{ "sql", read_sql },
	{ "heartbeat", read_heartbeat },
	{ "function", refuse_function },
};

static const char *
text_problem(struct str text)
{
	if (text.n > CRON_COMMAND_MAX)
		return "The command is longer than 65536 bytes.";
	if (!str_is_utf8(text))
		return "The command must be UTF-8.";
	if (str_has_control(text, true))
		return "The command must not contain control characters other"
		       " than line breaks and tabs.";
	return str_trim(text).n ? NULL : "The command is empty.";
}

static const char *
read_command(struct reader *r)
{
	struct str word = take_word(r);

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_eq(word, str_of(verbs[i].word)))
			return verbs[i].read(r);
	return "A command begins with http, kv transform, sql or heartbeat.";
}

enum err
cron_command_parse(struct arena *mem, struct str text, struct cron_command *to,
    const char **problem)
{
	struct reader r = { .mem = mem, .to = to, .rest = str_trim(text) };

	*to = (struct cron_command){ 0 };
	*problem = text_problem(text);
	if (!*problem)
		*problem = read_command(&r);
	return *problem ? E_BAD_REQUEST : OK;
}

const char *
cron_command_refusal(const struct service *service,
    const struct cron_command *c)
{
	return c->verb == CRON_HTTP ? outbound_url_problem(service, c->url)
				    : NULL;
}
