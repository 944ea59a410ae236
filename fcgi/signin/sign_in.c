/*
 * Signing in. The browser has the state in a cookie, and the database has its
 * digest, which it gives out once. A failure is shown as a page. It may leave a
 * user whose signup is incomplete; the next sign-in completes it.
 */
#include "fcgi/signin/sign_in.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/cookie.h"
#include "fcgi/identity/key.h"
#include "fcgi/identity/public_url.h"
#include "fcgi/identity/signup.h"
#include "fcgi/signin/github.h"
#include "fcgi/signin/html.h"
#include "fcgi/signin/session.h"
#include "stmts/signin.h"

enum {
	SECRET_BYTES = 32,
	SECRET_TEXT = 2 * SECRET_BYTES,
	TEN_MINUTES = 600,
	TRIES = 3,
};

static const char begin_path[] = "/auth/github";
static const char callback_path[] = "/auth/github/callback";
static const char title_failed[] = "You are not signed in.";

static bool
make_secret(char to[SECRET_TEXT])
{
	uint8_t random[SECRET_BYTES];

	if (!crypt_random(random, sizeof(random)))
		return false;
	crypt_hex(random, sizeof(random), to);
	return true;
}

static enum err
callback_url(struct req *r, struct str *url)
{
	struct str origin;
	struct buf b;
	enum err e = public_url_origin(r, &origin);

	if (e != OK)
		return e;
	buf_init(&b, r->mem);
	buf_str(&b, origin);
	buf_puts(&b, callback_path);
	*url = buf_view(&b);
	return b.failed ? fail(r, E_TOO_LARGE, "no memory") : OK;
}

static enum err
redirect(struct req *r, struct str where)
{
	const char *text = arena_copy(r->mem, where.p, where.n);

	if (!text)
		return fail(r, E_TOO_LARGE, "no memory");
	resp_empty(r, 302);
	resp_header(r, "Location", text);
	return OK;
}

/* --- To GitHub ------------------------------------------------------------ */

static enum err
note_sign_in(struct req *r, struct str state, struct str verifier,
    struct str return_to)
{
	uint8_t digest[CRYPT_SHA256];
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	if (!crypt_sha256(state, digest))
		return fail(r, E_INTERNAL, "no digest");
	return db_result(r, tx,
	    sign_in_add(tx, (struct str){ (char *)digest, sizeof(digest) },
		verifier, return_to, NULL));
}

static enum err
begin(struct req *r)
{
	char secrets[2][SECRET_TEXT];
	struct str state = { secrets[0], SECRET_TEXT };
	struct str verifier = { secrets[1], SECRET_TEXT };
	struct str return_to, back, url;
	enum err e = github_is_ready(r);

	if (e == OK)
		e = req_query(r, "return", &return_to);
	if (e != OK)
		return e;
	if (!return_to.p)
		return_to = STR("/dashboard");
	if (!public_url_has(return_to))
		return fail_saying(r, E_BAD_REQUEST,
		    "The parameter return must be a path of this site.");
	if (!make_secret(secrets[0]) || !make_secret(secrets[1]))
		return fail(r, E_INTERNAL, "no random bytes");
	e = callback_url(r, &back);
	if (e == OK)
		e = github_consent(r, back, state, verifier, &url);
	if (e == OK)
		e = note_sign_in(r, state, verifier, return_to);
	if (e != OK)
		return e;
	cookie_set(r, COOKIE_SIGN_IN, state, TEN_MINUTES);
	return redirect(r, url);
}

enum err
sign_in_begin(struct req *r)
{
	return begin(r) == OK ? OK : html_fault(r, title_failed, begin_path);
}

/* --- Back from GitHub ----------------------------------------------------- */

/* The query of GitHub's redirect. */
struct callback {
	struct str state, code, error;
};

static enum err
read_callback(struct req *r, struct callback *query)
{
	enum err e = req_query(r, "state", &query->state);

	if (e == OK)
		e = req_query(r, "code", &query->code);
	if (e == OK)
		e = req_query(r, "error", &query->error);
	if (e != OK)
		return e;
	if (!query->state.p ||
	    !crypt_equal(query->state, cookie_find(r, COOKIE_SIGN_IN)))
		return fail_saying(r, E_BAD_REQUEST,
		    "This sign-in was not started in this browser,"
		    " or another one was started after it.");
	return OK;
}

static enum err
take_sign_in(struct req *r, struct str state, struct sign_in_take_row **row)
{
	uint8_t digest[CRYPT_SHA256];
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e;

	if (!crypt_sha256(state, digest))
		return fail(r, E_INTERNAL, "no digest");
	e = sign_in_take(tx, (struct str){ (char *)digest, sizeof(digest) },
	    row);
	if (e != OK)
		return db_result(r, tx, e);
	if (!*row)
		return fail_saying(r, E_BAD_REQUEST,
		    "This sign-in was used before, or has expired.");
	return (*row)->is_fresh
	    ? OK
	    : fail_saying(r, E_BAD_REQUEST, "This sign-in has expired.");
}

static enum err
refuse_without_code(struct req *r, const struct callback *query)
{
	if (str_eq(query->error, STR("access_denied")))
		return fail_saying(r, E_BAD_REQUEST,
		    "You did not allow access to your GitHub profile.");
	if (query->error.n || query->code.n == 0)
		return fail_saying(r, E_BAD_REQUEST,
		    "GitHub canceled this sign-in.");
	return OK;
}

/* Creates or refreshes the user, and completes the signup. */
static enum err
find_user(struct req *r, const struct github_person *person, struct uuid *user)
{
	struct user_upsert_github_row *row = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = user_upsert_github(tx, person->id, person->name,
	    person->email, person->avatar_url, &row);

	if (e != OK)
		return db_result(r, tx, e);
	if (str_eq(row->status, STR("leaving")))
		return fail_saying(r, E_FORBIDDEN,
		    "This account is being deleted."
		    " You can create another one in a moment.");
	if (!str_eq(row->status, STR("active")))
		return fail_saying(r, E_FORBIDDEN,
		    "This account is suspended.");
	*user = row->user_id;
	e = signup_complete(r->service, r->mem, *user);
	return e == OK ? OK : fail(r, e, "the signup is not complete");
}

/* The last step: the session, and the first keys of a new user. */
struct entry {
	const struct req *r;
	struct uuid user;
	struct session session;
	struct key keys[MODE_COUNT];
	bool has_keys;
};

static enum err
enter(struct db_tx *tx, void *context)
{
	struct entry *entry = context;
	enum err e =
	    key_make_pair(tx, entry->user, entry->keys, &entry->has_keys);

	if (e == OK && entry->has_keys)
		e = audit_note(tx, entry->r,
		    &(struct audit){
			.event = AUDIT_ACCOUNT_CREATED,
			.user = { true, entry->user },
			.details = "{\"by\":\"github\"}",
		    });
	return e == OK
	    ? session_open(tx, entry->r, entry->user, "web", &entry->session)
	    : e;
}

static enum err
open_entry(struct req *r, struct entry *entry)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	entry->r = r;
	return db_result(r, tx, db_transact(tx, TRIES, enter, entry));
}

static enum err
show_keys(struct req *r, const struct entry *entry, struct str next)
{
	static const char *const words[MODE_COUNT] = {
		[MODE_TEST] = "Test key, for test data",
		[MODE_LIVE] = "Live key, for live data",
	};
	struct buf *b = html_begin(r, 200, "Your keys");

	buf_puts(b,
	    "\t\t<p class=\"lede\">Copy them now: they are shown only"
	    " once. You can create more in the dashboard.</p>\n");
	for (enum mode m = MODE_COUNT; m-- > 0;)
		buf_printf(b,
		    "\t\t<p>%s:<br><code id=\"%s-key\">%s</code></p>\n",
		    words[m], mode_name(m), entry->keys[m].text);
	html_link(b, next, "I have copied both");
	html_end(b);
	return OK;
}

static enum err
finish(struct req *r)
{
	struct sign_in_take_row *sign_in = NULL;
	struct github_person person = { 0 };
	struct entry entry = { 0 };
	struct callback query;
	struct str back;
	enum err e = github_is_ready(r);

	if (e == OK)
		e = read_callback(r, &query);
	if (e != OK)
		return e;
	cookie_set(r, COOKIE_SIGN_IN, STR(""), 0);
	e = take_sign_in(r, query.state, &sign_in);
	if (e != OK || !sign_in)
		return e;
	e = refuse_without_code(r, &query);
	if (e == OK)
		e = callback_url(r, &back);
	if (e == OK)
		e = github_person(r, back, query.code, sign_in->verifier,
		    &person);
	if (e == OK)
		e = find_user(r, &person, &entry.user);
	if (e == OK)
		e = open_entry(r, &entry);
	if (e != OK)
		return e;
	cookie_set(r, COOKIE_SESSION, session_token(&entry.session),
	    SESSION_SECONDS_MAX);
	return entry.has_keys ? show_keys(r, &entry, sign_in->return_to)
			      : redirect(r, sign_in->return_to);
}

enum err
sign_in_finish(struct req *r)
{
	return finish(r) == OK ? OK : html_fault(r, title_failed, begin_path);
}
