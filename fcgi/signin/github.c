/*
 * GitHub's web application flow of OAuth, with PKCE. Three requests share one
 * deadline: they exchange the code for a token, and get the token's owner and
 * the owner's e-mail addresses.
 */
#include "fcgi/signin/github.h"

#include "fcgi/signin/options.h"
#include "lib/base/base64.h"
#include "lib/crypto/crypt.h"
#include "lib/json/json.h"
#include "lib/net/fetch.h"
#include "lib/os/clock.h"

enum { ANSWER_MAX = JSON_TREE_TEXT, NAME_MAX_LENGTH = 255 };

enum err
github_is_ready(struct req *r)
{
	const struct signin_options *o = ROOM_OPTIONS(signin, r->service->conf);
	const char *missing = NULL;

	if (o->github_client_id[0] == '\0')
		missing = "Sign-in with GitHub is not configured:"
			  " IO7_GITHUB_CLIENT_ID is missing.";
	else if (o->github_client_secret[0] == '\0')
		missing = "Sign-in with GitHub is not configured:"
			  " IO7_GITHUB_CLIENT_SECRET_FILE is missing.";
	return missing ? fail_saying(r, E_UNAVAILABLE, missing) : OK;
}

static void
add_pair(struct buf *b, const char *name, struct str value)
{
	if (b->n && b->p[b->n - 1] != '?')
		buf_putc(b, '&');
	buf_printf(b, "%s=", name);
	buf_percent(b, value);
}

enum err
github_consent(struct req *r, struct str back, struct str state,
    struct str verifier, struct str *url)
{
	const struct signin_options *o = ROOM_OPTIONS(signin, r->service->conf);
	uint8_t digest[CRYPT_SHA256];
	struct buf b, challenge;

	if (!crypt_sha256(verifier, digest))
		return fail(r, E_INTERNAL, "no digest");
	buf_init(&challenge, r->mem);
	buf_base64(&challenge, (struct str){ (char *)digest, sizeof(digest) });
	buf_init(&b, r->mem);
	buf_printf(&b, "%s/login/oauth/authorize?", o->github_url);
	add_pair(&b, "client_id", str_of(o->github_client_id));
	add_pair(&b, "redirect_uri", back);
	add_pair(&b, "scope", STR("read:user user:email"));
	add_pair(&b, "state", state);
	add_pair(&b, "code_challenge", buf_view(&challenge));
	add_pair(&b, "code_challenge_method", STR("S256"));
	*url = buf_view(&b);
	return b.failed ? fail(r, E_TOO_LARGE, "no memory") : OK;
}

/* The requests of one sign-in. */
struct exchange {
	struct req *r;
	int64_t deadline_ns;
	struct str token;
};

/* A public sentence; the detail goes to the log. */
static enum err
bad_answer(struct req *r, const char *detail)
{
	enum err e = fail(r, E_BAD_GATEWAY, "GitHub: %s", detail);

	r->fault.sentence = "GitHub sent an unexpected answer.";
	return e;
}

static enum err
ask(struct exchange *x, struct fetch *f, const struct json **json)
{
	struct req *r = x->r;
	struct fetch_answer got;
	struct json_fault fault = { 0, "not JSON" };
	enum err e;

	f->deadline_ns = x->deadline_ns;
	f->max = ANSWER_MAX;
	e = fetch(r->mem, f, &got);
	if (e == E_TIMEOUT || e == E_BAD_GATEWAY) {
		fail(r, e, "GitHub: %s", got.trouble);
		r->fault.sentence = e == E_TIMEOUT
		    ? "GitHub did not answer in time."
		    : "GitHub could not be reached, or closed the connection.";
		return e;
	}
	if (e != OK)
		return fail(r, e, "GitHub: %s", got.trouble);
	if (got.status != 200) {
		e = fail(r, E_BAD_GATEWAY, "GitHub: status %d", got.status);
		r->fault.sentence = "GitHub sent an unexpected answer.";
		return e;
	}
	e = json_parse(r->mem, got.body, json, &fault);
	return e == OK ? OK : bad_answer(r, fault.reason);
}

/* GitHub answers an invalid code with 200 and an error. */
static enum err
get_token(struct exchange *x, struct str back, struct str code,
    struct str verifier)
{
	const struct signin_options *o =
	    ROOM_OPTIONS(signin, x->r->service->conf);
	const struct json *json = NULL;
	struct buf form, url;
	enum err e;

	buf_init(&form, x->r->mem);
	add_pair(&form, "client_id", str_of(o->github_client_id));
	add_pair(&form, "client_secret", str_of(o->github_client_secret));
	add_pair(&form, "code", code);
	add_pair(&form, "redirect_uri", back);
	add_pair(&form, "code_verifier", verifier);
	buf_init(&url, x->r->mem);
	buf_printf(&url, "%s/login/oauth/access_token", o->github_url);
	buf_putc(&url, '\0');
	if (form.failed || url.failed)
		return fail(x->r, E_TOO_LARGE, "no memory");
	e = ask(x,
	    &(struct fetch){
		.method = "POST",
		.url = url.p,
		.headers = { "Accept: application/json" },
		.body = buf_view(&form),
	    },
	    &json);
	if (e != OK)
		return e;
	x->token = json_text(json_get(json, "access_token"));
	if (x->token.n)
		return OK;
	if (json_text(json_get(json, "error")).n == 0)
		return bad_answer(x->r, "neither a token nor an error");
	e = fail(x->r, E_BAD_REQUEST, "GitHub refused the code");
	x->r->fault.sentence = "GitHub rejected this sign-in.";
	return e;
}

static enum err
get(struct exchange *x, const char *path, const struct json **json)
{
	struct buf url, bearer;

	buf_init(&url, x->r->mem);
	buf_printf(&url, "%s%s",
	    ROOM_OPTIONS(signin, x->r->service->conf)->github_api, path);
	buf_putc(&url, '\0');
	buf_init(&bearer, x->r->mem);
	buf_puts(&bearer, "Authorization: Bearer ");
	buf_str(&bearer, x->token);
	buf_putc(&bearer, '\0');
	if (url.failed || bearer.failed)
		return fail(x->r, E_TOO_LARGE, "no memory");
	if (strpbrk(bearer.p, "\r\n"))
		return bad_answer(x->r, "a token with a line break");
	return ask(x,
	    &(struct fetch){
		.url = url.p,
		.headers = { "Accept: application/vnd.github+json",
		    "X-GitHub-Api-Version: 2022-11-28", bearer.p },
	    },
	    json);
}

static enum err
read_person(struct exchange *x, struct github_person *person)
{
	const struct json *user = NULL;
	enum err e = get(x, "/user", &user);

	if (e != OK)
		return e;
	person->name = json_text(json_get(user, "login"));
	person->avatar_url = json_text(json_get(user, "avatar_url"));
	if (!json_int(json_get(user, "id"), &person->id) || person->id <= 0 ||
	    person->name.n == 0 || person->name.n > NAME_MAX_LENGTH)
		return bad_answer(x->r, "a user without id or login");
	return OK;
}

static enum err
read_email(struct exchange *x, struct github_person *person)
{
	const struct json *list = NULL;
	enum err e = get(x, "/user/emails?per_page=100", &list);

	if (e != OK)
		return e;
	for (const struct json *mail = json_first(list); mail;
	     mail = json_after(mail)) {
		bool primary = false, verified = false;

		if (!json_bool(json_get(mail, "primary"), &primary) ||
		    !json_bool(json_get(mail, "verified"), &verified) ||
		    !primary || !verified)
			continue;
		person->email = json_text(json_get(mail, "email"));
		if (person->email.n)
			return OK;
	}
	return fail_saying(x->r, E_BAD_REQUEST,
	    "Your primary e-mail address at GitHub is not verified."
	    " Verify it there, then sign in again.");
}

enum err
github_person(struct req *r, struct str back, struct str code,
    struct str verifier, struct github_person *person)
{
	struct exchange x = { .r = r };
	enum err e;

	x.deadline_ns = clock_mono_ns() +
	    ROOM_OPTIONS(signin, r->service->conf)->github_timeout;
	e = get_token(&x, back, code, verifier);
	if (e == OK)
		e = read_person(&x, person);
	if (e == OK)
		e = read_email(&x, person);
	return e;
}
