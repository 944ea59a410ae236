/*
 * What can be asked about keys. Each change is one transaction with its line of
 * the audit log, and every worker of every host knows of it at once.
 */
#include "fcgi/keys/handlers.h"

#include "fcgi/http/body.h"
#include "fcgi/http/page.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/key.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/identity.h"
#include "stmts/keys.h"

enum { DAY_S = 24 * 3600, GRACE_MAX_S = 30 * DAY_S, YEARS_MAX = 10 };

struct job {
	struct req *r;
	struct uuid id; /* of the key that is to change */
	struct key_wish wish;
	struct str label;        /* without p: as it is */
	struct opt_bool enabled; /* the same where it is not said */
	struct opt_int64 expires_at;
	unsigned scopes;
	struct opt_int64 ends_at; /* of the old one; else at once */

	struct key made;
	struct key_list_row *row; /* as it is afterwards */
	const char *refusal;
};

/* clang-format off */

struct create_body {
	struct str label, mode;
	struct array scopes;
	struct opt_int64 expires_at;
};

static const char *const modes[] = { "live", "test", NULL };

#define AT(field) .offset = offsetof(struct create_body, field)
static const struct bind_field create_fields[] = {
	{ "label", BIND_TEXT, true, AT(label), .min = 1, .max = LABEL_MAX },
	{ "mode", BIND_TEXT, true, AT(mode), .choices = modes },
	{ "scopes", BIND_LIST, AT(scopes), .min = 1, .max = SCOPE_COUNT,
		.choices = scope_names },
	{ "expires_at", BIND_TIME, AT(expires_at) },
};
#undef AT

struct change_body {
	struct str label;
	struct opt_bool enabled;
	struct array scopes;
	struct opt_int64 expires_at;
};

#define AT(field) .offset = offsetof(struct change_body, field)
static const struct bind_field change_fields[] = {
	{ "label", BIND_TEXT, AT(label), .min = 1, .max = LABEL_MAX },
	{ "enabled", BIND_BOOL, AT(enabled) },
	{ "scopes", BIND_LIST, AT(scopes), .min = 1, .max = SCOPE_COUNT,
		.choices = scope_names },
	{ "expires_at", BIND_TIME, AT(expires_at) },
};
#undef AT

static const struct bind_field rotate_fields[] = {
	{ "grace_s", BIND_INT, .min = 0, .max = GRACE_MAX_S },
};

/* clang-format on */

/* --- What is shown -------------------------------------------------------- */

/* Which of them: of a mode, or those that have ended or have not. */
struct filter {
	struct str mode;
	struct opt_bool ended;
};

static enum err
read_filter(struct req *r, struct filter *filter)
{
	struct str ended;
	enum err e = page_mode(r, &filter->mode);

	if (e == OK)
		e = req_query(r, "ended", &ended);
	if (e != OK)
		return e;
	filter->ended =
	    (struct opt_bool){ ended.p != NULL, str_eq(ended, STR("true")) };
	if (ended.p && !filter->ended.v && !str_eq(ended, STR("false")))
		return fail_field(r, E_BAD_REQUEST, "ended",
		    "must be true or false");
	return OK;
}

static struct page_mark
put_key(struct req *r, const void *item)
{
	const struct key_list_row *row = item;

	key_json(&r->answer.body, row, NULL);
	return (struct page_mark){ row->created_at, row->key_id };
}

enum err
keys_get_keys(struct req *r)
{
	struct key_list_row *rows = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct filter filter;
	struct page page;
	size_t n = 0;
	enum err e = page_read(r, &page);

	if (e == OK)
		e = read_filter(r, &filter);
	if (e != OK)
		return e;
	e = key_list(tx, r->principal->tenant.user, (struct opt_uuid){ 0 },
	    filter.mode, filter.ended, page.at, page.id, page.limit + 1, &rows,
	    &n);
	if (e != OK)
		return db_result(r, tx, e);
	page_send(r, &page, put_key, rows, sizeof(*rows), n);
	return OK;
}

/* --- What changes --------------------------------------------------------- */

static enum err
refuse(struct job *job, enum err e, const char *sentence)
{
	job->refusal = sentence;
	return e;
}

static enum err
refuse_mode(struct job *job)
{
	return refuse(job, E_FORBIDDEN,
	    job->r->principal->mode == MODE_TEST
		? "A test key may make and change test keys only."
		: "A live key may make and change live keys only.");
}

static bool
is_other_mode(const struct req *r, struct str mode)
{
	return r->principal->kind == CREDENTIAL_KEY &&
	    !str_eq(mode, str_of(mode_name(r->principal->mode)));
}

/* One of the caller's, whoever else may have one of that id. */
static enum err
read_key(struct db_tx *tx, struct job *job, struct uuid id)
{
	size_t n = 0;
	enum err e = key_list(tx, job->r->principal->tenant.user,
	    (struct opt_uuid){ true, id }, (struct str){ 0 },
	    (struct opt_bool){ 0 }, (struct opt_int64){ 0 },
	    (struct opt_uuid){ 0 }, 1, &job->row, &n);

	return e == OK && n == 0 ? E_NOT_FOUND : e;
}

/*
 * The same, if it may be changed: then everybody hears of it. Changes of one
 * account come one after the other, so what is read here still holds below.
 */
static enum err
open_key(struct db_tx *tx, struct job *job, struct credential_change *change)
{
	struct user_lock_row *held;
	enum err e = user_lock(tx, job->r->principal->tenant.user, &held);

	if (e == OK)
		e = read_key(tx, job, job->id);
	if (e != OK)
		return e;
	if (is_other_mode(job->r, job->row->mode))
		return refuse_mode(job);
	credential_change_of(change, job->row->hash);
	return OK;
}

static enum err
note(struct db_tx *tx, struct job *job, enum audit_event event,
    struct uuid about)
{
	struct buf details;

	buf_init(&details, job->r->mem);
	buf_puts(&details, "{\"label\":");
	buf_json(&details, job->row->label);
	if (job->enabled.is)
		buf_printf(&details, ",\"enabled\":%s",
		    job->enabled.v ? "true" : "false");
	if (job->scopes) {
		buf_puts(&details, ",\"scopes\":");
		buf_scopes(&details, job->scopes);
	}
	if (job->expires_at.is)
		member_time(&details, "expires_at", job->expires_at);
	buf_putc(&details, '}');
	buf_putc(&details, '\0');
	if (details.failed)
		return E_TOO_LARGE;
	return audit_note(tx, job->r,
	    &(struct audit){ .event = event,
		.user = { true, job->r->principal->tenant.user },
		.about = { true, about },
		.details = details.p });
}

static enum err
make(struct db_tx *tx, struct job *job, enum audit_event event)
{
	enum err e = key_make_one(tx, job->r->principal->tenant.user,
	    &job->wish, &job->made);

	if (e == E_CONFLICT)
		return refuse(job, e,
		    "This account has 100 keys, and may have no more;"
		    " revoke one first.");
	if (e == OK)
		e = read_key(tx, job, job->made.id);
	return e == OK ? note(tx, job, event, job->made.id) : e;
}

static enum err
do_create(struct db_tx *tx, struct credential_change *change)
{
	return make(tx, change->context, AUDIT_KEY_CREATED);
}

static bool
has_expired(const struct key_list_row *row)
{
	return row->expires_at.is && row->expires_at.v <= clock_wall_us();
}

/* What has expired has given up its place among the keys that an account has. */
static enum err
do_change(struct db_tx *tx, struct credential_change *change)
{
	struct job *job = change->context;
	struct uuid user = job->r->principal->tenant.user;
	struct str names[SCOPE_COUNT];
	enum err e = open_key(tx, job, change);

	if (e == OK && job->row->revoked_at.is)
		return refuse(job, E_CONFLICT, "This key was revoked.");
	if (e == OK && job->expires_at.is && has_expired(job->row))
		return refuse(job, E_CONFLICT,
		    "This key has expired and does not come back;"
		    " make another.");
	if (e == OK)
		e = key_change(tx, user, job->id, job->label, job->enabled,
		    job->expires_at, scope_list(job->scopes, names), NULL);
	if (e == OK)
		e = read_key(tx, job, job->id);
	return e == OK ? note(tx, job, AUDIT_KEY_CHANGED, job->id) : e;
}

static enum err
do_revoke(struct db_tx *tx, struct credential_change *change)
{
	struct job *job = change->context;
	int64_t revoked = 0;
	enum err e = open_key(tx, job, change);

	if (e == OK)
		e = key_retire(tx, job->r->principal->tenant.user, job->id,
		    (struct opt_int64){ 0 }, &revoked);
	return e == OK && revoked ? note(tx, job, AUDIT_KEY_REVOKED, job->id)
				  : e;
}

static enum mode
mode_of(struct str name)
{
	return str_eq(name, STR("test")) ? MODE_TEST : MODE_LIVE;
}

static bool
works(const struct key_list_row *row)
{
	return row->enabled && !row->revoked_at.is && !has_expired(row);
}

/* The old one ends first, so that the new one has a place. */
static enum err
do_rotate(struct db_tx *tx, struct credential_change *change)
{
	struct job *job = change->context;
	struct uuid user = job->r->principal->tenant.user;
	enum err e = open_key(tx, job, change);

	if (e == OK && !works(job->row))
		return refuse(job, E_CONFLICT,
		    "Only a key that works can be rotated: this one was"
		    " revoked, is disabled or has expired.");
	if (e == OK)
		e = key_retire(tx, user, job->id, job->ends_at, NULL);
	if (e != OK)
		return e;
	job->wish = (struct key_wish){
		.label = job->row->label,
		.mode = mode_of(job->row->mode),
		.scopes = scopes_of(job->row->scopes),
		.expires_at = job->row->expires_at,
		.rotated_from = { true, job->id },
	};
	return make(tx, job, AUDIT_KEY_ROTATED);
}

static enum err
run(struct job *job,
    enum err (*work)(struct db_tx *, struct credential_change *))
{
	struct req *r = job->r;
	const char *why = "";
	enum err e =
	    credential_change_transact(r->service->db, r->mem, work, job, &why);

	if (e != OK && job->refusal)
		return fail_saying(r, e, job->refusal);
	return e == OK ? OK : fail(r, e, "%s", why);
}

/* --- What is asked -------------------------------------------------------- */

/* The only answer that ever holds a whole key, and so is kept nowhere. */
static enum err
answer_made(struct job *job)
{
	struct buf *b = resp_body(job->r, 201);

	job->r->answer.is_secret = true;
	key_json(b, job->row, job->made.text);
	buf_putc(b, '\n');
	return OK;
}

static enum err
check_expiry(struct req *r, struct opt_int64 at)
{
	int64_t now = clock_wall_us();

	if (!at.is)
		return OK;
	if (at.v <= now)
		return fail_field(r, E_BAD_REQUEST, "expires_at",
		    "must be in the future");
	if (at.v > now + INT64_C(366) * YEARS_MAX * DAY_S * US_PER_S)
		return fail_field(r, E_BAD_REQUEST, "expires_at",
		    "must be within 10 years");
	return OK;
}

static unsigned
scopes_asked(struct array names)
{
	const struct str *name = names.items;
	unsigned scopes = 0;

	for (size_t i = 0; i < names.n; i++)
		scopes |= scope_of(name[i]);
	return scopes;
}

enum err
keys_post_key(struct req *r)
{
	struct job job = { .r = r };
	struct create_body in = { 0 };
	enum err e = body_bind(r, create_fields, ARRAY_LEN(create_fields), &in);

	if (e == OK)
		e = check_expiry(r, in.expires_at);
	if (e != OK)
		return e;
	if (is_other_mode(r, in.mode)) {
		e = refuse_mode(&job);
		return fail_saying(r, e, job.refusal);
	}
	job.wish = (struct key_wish){
		.label = in.label,
		.mode = mode_of(in.mode),
		.scopes = in.scopes.n ? scopes_asked(in.scopes)
				      : SCOPE_READ | SCOPE_WRITE,
		.expires_at = in.expires_at,
	};
	e = run(&job, do_create);
	return e == OK ? answer_made(&job) : e;
}

/* The key that the path names; what is no id is nobody's key. */
static enum err
open_job(struct req *r, struct job *job)
{
	*job = (struct job){ .r = r };
	return uuid_of(r->params[0], &job->id)
	    ? OK
	    : fail(r, E_NOT_FOUND, "not an id");
}

enum err
keys_patch_key(struct req *r)
{
	struct change_body in = { 0 };
	struct job job;
	struct buf *b;
	enum err e = open_job(r, &job);

	if (e == OK)
		e = body_bind(r, change_fields, ARRAY_LEN(change_fields), &in);
	if (e == OK)
		e = check_expiry(r, in.expires_at);
	if (e != OK)
		return e;
	job.label = in.label;
	job.enabled = in.enabled;
	job.expires_at = in.expires_at;
	job.scopes = scopes_asked(in.scopes);
	e = run(&job, do_change);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	key_json(b, job.row, NULL);
	buf_putc(b, '\n');
	return OK;
}

enum err
keys_delete_key(struct req *r)
{
	struct job job;
	enum err e = open_job(r, &job);

	if (e == OK)
		e = run(&job, do_revoke);
	if (e == OK)
		resp_body(r, 204);
	return e;
}

enum err
keys_post_rotation(struct req *r)
{
	struct opt_int64 grace_s = { 0 };
	struct job job;
	enum err e = open_job(r, &job);

	if (e == OK && r->body.n)
		e = body_bind(r, rotate_fields, ARRAY_LEN(rotate_fields),
		    &grace_s);
	if (e != OK)
		return e;
	if (grace_s.v)
		job.ends_at = (struct opt_int64){ true,
			clock_wall_us() + grace_s.v * US_PER_S };
	e = run(&job, do_rotate);
	return e == OK ? answer_made(&job) : e;
}
