/*
 * The device flow. The device's requests and errors have the form of RFC 8628,
 * because OAuth clients know no other. Those of the user have the form of all
 * other routes.
 */
#include "fcgi/signin/device.h"

#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/public_url.h"
#include "fcgi/signin/session.h"
#include "lib/os/clock.h"
#include "stmts/signin.h"

enum {
	CODE_BYTES = 32,
	CODE_TEXT = 2 * CODE_BYTES,
	USER_CODE = 8,
	TEN_MINUTES = 600,
	INTERVAL_S = 5,
	TRIES = 3,
};

static const char grant_type[] = "urn:ietf:params:oauth:grant-type:device_code";

/* Letters that are easy to tell apart; without vowels they form no words. */
static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";
enum { LETTERS = sizeof(letters) - 1 };

/* --- The device ----------------------------------------------------------- */

/* An error in the form of the RFC. */
static enum err
refuse(struct req *r, const char *code)
{
	buf_printf(resp_body(r, 400), "{\"error\":\"%s\"}\n", code);
	return OK;
}

/* The parameters of both requests. */
struct device_params {
	struct str client_id, scope, grant_type, device_code;
};

/* From a form, as in the RFC, or from JSON. */
static enum err
read_params(struct req *r, struct device_params *params)
{
	/* clang-format off */
#define AT(field) .offset = offsetof(struct device_params, field)
	static const struct bind_field fields[] = {
		{ "client_id", BIND_TEXT, AT(client_id), .max = 256 },
		{ "scope", BIND_TEXT, AT(scope), .max = 256 },
		{ "grant_type", BIND_TEXT, AT(grant_type), .max = 256 },
		{ "device_code", BIND_TEXT, AT(device_code), .max = 256 },
	};
#undef AT
	/* clang-format on */
	struct str *const to[] = { &params->client_id, &params->scope,
		&params->grant_type, &params->device_code };
	enum err e = OK;

	if (r->body.n == 0)
		return OK;
	if (!str_eq_nocase(req_media_type(r),
		STR("application/x-www-form-urlencoded")))
		return body_bind(r, fields, ARRAY_LEN(fields), params);
	for (size_t i = 0; i < ARRAY_LEN(fields) && e == OK; i++)
		e = req_form(r, fields[i].name, to[i]);
	return e;
}

/* Each letter is equally likely: random bytes past a multiple are dropped. */
static bool
make_user_code(char to[USER_CODE])
{
	uint8_t random;

	for (size_t n = 0; n < USER_CODE;) {
		if (!crypt_random(&random, 1))
			return false;
		if (random < UINT8_MAX / LETTERS * LETTERS)
			to[n++] = letters[random % LETTERS];
	}
	return true;
}

struct codes {
	char device[CODE_TEXT], user[USER_CODE];
};

static bool
make_codes(struct codes *codes, uint8_t digest[CRYPT_SHA256])
{
	uint8_t random[CODE_BYTES];

	if (!crypt_random(random, sizeof(random)) ||
	    !make_user_code(codes->user))
		return false;
	crypt_hex(random, sizeof(random), codes->device);
	return crypt_sha256((struct str){ codes->device, CODE_TEXT }, digest);
}

/* In the rare case that a user code is taken, try another one. */
static enum err
add_codes(struct req *r, struct codes *codes)
{
	uint8_t digest[CRYPT_SHA256];
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = OK;

	for (int i = 0; i < TRIES && (e == OK || e == E_CONFLICT); i++) {
		if (!make_codes(codes, digest))
			return fail(r, E_INTERNAL, "no random bytes");
		e = device_add(tx,
		    (struct str){ (char *)digest, sizeof(digest) },
		    (struct str){ codes->user, USER_CODE },
		    public_url_visitor(r), r->client, NULL);
		if (e == OK)
			return OK;
	}
	return db_result(r, tx, e);
}

static void
put_user_code(struct buf *b, const char code[USER_CODE])
{
	buf_printf(b, "%.4s-%.4s", code, code + USER_CODE / 2);
}

enum err
device_begin(struct req *r)
{
	struct device_params params = { 0 };
	struct codes codes;
	struct str origin;
	struct buf *b;
	enum err e = read_params(r, &params);

	if (e == OK)
		e = public_url_origin(r, &origin);
	if (e == OK)
		e = add_codes(r, &codes);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	r->answer.is_secret = true;
	buf_printf(b, "{\"device_code\":\"%.*s\",\"user_code\":\"", CODE_TEXT,
	    codes.device);
	put_user_code(b, codes.user);
	buf_printf(b,
	    "\",\"verification_uri\":\"%.*s/dashboard/device\","
	    "\"verification_uri_complete\":\"%.*s/dashboard/device?code=",
	    STR_ARGS(origin), STR_ARGS(origin));
	put_user_code(b, codes.user);
	buf_printf(b, "\",\"expires_in\":%d,\"interval\":%d}\n", TEN_MINUTES,
	    INTERVAL_S);
	return OK;
}

struct poll {
	const struct req *r;
	struct str hash;
	struct device_poll_row *row;
	struct session session;
	const char *error; /* of the RFC; NULL: signed in */
};

/* The error of the RFC, or NULL if the device was approved. */
static const char *
error_of(const struct device_poll_row *row)
{
	if (!row)
		return "invalid_grant";
	if (row->is_expired)
		return "expired_token";
	if (!row->approved.is)
		return row->is_too_early ? "slow_down"
					 : "authorization_pending";
	return row->approved.v && row->is_active.v ? NULL : "access_denied";
}

static enum err
poll(struct db_tx *tx, void *context)
{
	struct poll *p = context;
	enum err e = device_poll(tx, p->hash, &p->row);

	if (e != OK)
		return e;
	p->error = error_of(p->row);
	if (p->error)
		return OK;
	e = device_delete(tx, p->hash, NULL);
	return e == OK
	    ? session_open(tx, p->r, p->row->user_id.v, "device", &p->session)
	    : e;
}

static enum err
answer_poll(struct req *r, const struct poll *p)
{
	if (p->error)
		return refuse(r, p->error);
	r->answer.is_secret = true;
	buf_printf(resp_body(r, 200),
	    "{\"access_token\":\"%.*s\",\"token_type\":\"Bearer\","
	    "\"expires_in\":%d}\n",
	    SESSION_TEXT, p->session.token, SESSION_SECONDS);
	return OK;
}

enum err
device_ask(struct req *r)
{
	struct device_params params = { 0 };
	struct poll p = { .r = r };
	uint8_t digest[CRYPT_SHA256];
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = read_params(r, &params);

	if (e != OK && e != E_BAD_REQUEST)
		return e;
	if (e != OK || !params.device_code.n || !params.grant_type.n)
		return refuse(r, "invalid_request");
	if (!str_eq(params.grant_type, str_of(grant_type)))
		return refuse(r, "unsupported_grant_type");
	if (!crypt_sha256(params.device_code, digest))
		return fail(r, E_INTERNAL, "no digest");
	p.hash = (struct str){ (char *)digest, sizeof(digest) };
	e = db_transact(tx, TRIES, poll, &p);
	return e == OK ? answer_poll(r, &p) : db_result(r, tx, e);
}

/*
 * RFC 8414: the addresses of the endpoints. There is no authorization endpoint,
 * so there are no response types; the member is required all the same.
 */
enum err
device_metadata(struct req *r)
{
	struct str origin;
	struct buf *b;
	enum err e = public_url_origin(r, &origin);

	if (e != OK)
		return e;
	b = resp_body(r, 200);
	buf_printf(b,
	    "{\"issuer\":\"%.*s\","
	    "\"device_authorization_endpoint\":\"%.*s/auth/device\","
	    "\"token_endpoint\":\"%.*s/auth/device/token\",",
	    STR_ARGS(origin), STR_ARGS(origin), STR_ARGS(origin));
	buf_printf(b,
	    "\"grant_types_supported\":[\"%s\"],"
	    "\"token_endpoint_auth_methods_supported\":[\"none\"],"
	    "\"response_types_supported\":[],"
	    "\"service_documentation\":\"%.*s/docs\"}\n",
	    grant_type, STR_ARGS(origin));
	return OK;
}

/* --- The user ------------------------------------------------------------- */

/* In upper or lower case, with or without hyphen and spaces. */
static bool
read_user_code(struct str text, char to[USER_CODE])
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '-' || c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (n == USER_CODE || !memchr(letters, c, LETTERS))
			return false;
		to[n++] = c;
	}
	return n == USER_CODE;
}

static enum err
no_such_code(struct req *r)
{
	return fail_saying(r, E_NOT_FOUND,
	    "No device waits with this code. It may have expired.");
}

enum err
device_show(struct req *r)
{
	struct device_find_row *row = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	char code[USER_CODE];
	struct buf *b;
	enum err e;

	if (!read_user_code(r->params[0], code))
		return no_such_code(r);
	e = device_find(tx, (struct str){ code, USER_CODE }, &row);
	if (e != OK)
		return db_result(r, tx, e);
	if (!row)
		return no_such_code(r);
	b = resp_body(r, 200);
	buf_puts(b, "{\"user_code\":\"");
	put_user_code(b, code);
	buf_puts(b, "\",\"user_agent\":");
	buf_json(b, row->user_agent);
	buf_puts(b, ",\"address\":");
	if (row->address.p)
		buf_json(b, row->address);
	else
		buf_puts(b, "null");
	buf_puts(b, ",\"created_at\":");
	buf_time(b, row->created_at);
	buf_puts(b, ",\"expires_at\":");
	buf_time(b, row->expires_at);
	buf_puts(b, "}\n");
	return OK;
}

struct decision {
	const struct req *r;
	struct str code;
	bool approve;
};

static enum err
decide(struct db_tx *tx, void *context)
{
	const struct decision *d = context;
	struct audit audit = {
		.event =
		    d->approve ? AUDIT_DEVICE_APPROVED : AUDIT_DEVICE_DENIED,
		.user = { true, d->r->principal->tenant.user },
	};
	struct device_decide_row *row = NULL;
	enum err e = device_decide(tx, d->code, d->r->principal->tenant.user,
	    d->approve, &row);

	if (e == OK && !row)
		e = E_NOT_FOUND;
	return e == OK ? audit_note(tx, d->r, &audit) : e;
}

enum err
device_answer(struct req *r)
{
	struct answer {
		bool approve;
	} answer;
	static const struct bind_field fields[] = {
		{ "approve", BIND_BOOL, .required = true,
		    .offset = offsetof(struct answer, approve) },
	};
	char code[USER_CODE];
	struct decision d = { .r = r, .code = { code, USER_CODE } };
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = body_bind(r, fields, ARRAY_LEN(fields), &answer);

	if (e != OK)
		return e;
	d.approve = answer.approve;
	if (!read_user_code(r->params[0], code))
		return no_such_code(r);
	e = db_transact(tx, TRIES, decide, &d);
	if (e == E_NOT_FOUND)
		return no_such_code(r);
	if (e != OK)
		return db_result(r, tx, e);
	resp_empty(r, 204);
	return OK;
}
