/*
 * The handlers of API keys. Each change is one transaction with its line of the
 * audit log, and takes effect on every host before the answer is sent.
 */
#include "fcgi/keys/handlers.h"

#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/key.h"
#include "fcgi/keys/creation.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/identity.h"
#include "stmts/keys.h"

_Static_assert(KEYS_MAX == 100 && KEY_CHANGES_MAX == 200 && KEY_YEARS_MAX == 10,
    "the sentences below say so");

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
	{ "grace_s", BIND_INT, .min = 0, .max = KEY_GRACE_MAX_S },
};

/* clang-format on */

static unsigned
scopes_in(struct array names)
{
	const struct str *name = names.items;
	unsigned scopes = 0;

	for (size_t i = 0; i < names.n; i++)
		scopes |= scope_of(name[i]);
	return scopes;
}

enum err
keys_get_keys(struct req *r)
{
	return list_answer(r, &list_of_keys);
}

/* --- Shared by all changes ----------------------------------------------- */

struct edit {
	struct req *r;
	struct uuid id;           /* of the key that is changed */
	struct key_list_row *row; /* the key, as last read */
	const char *refusal;      /* public; why it was refused, or NULL */
	int wait_s;               /* if there were too many changes */
};

static enum err
refuse(struct edit *edit, enum err e, const char *sentence)
{
	edit->refusal = sentence;
	return e;
}

static enum err
refuse_mode(struct edit *edit)
{
	return refuse(edit, E_FORBIDDEN,
	    edit->r->principal->mode == MODE_TEST
		? "A test key can create and change test keys only."
		: "A live key can create and change live keys only.");
}

/* An API key may not touch keys of the other mode. */
static bool
is_other_mode(const struct req *r, struct str mode)
{
	return r->principal->kind == CREDENTIAL_KEY &&
	    !str_eq(mode, str_of(mode_name(r->principal->mode)));
}

/* E_NOT_FOUND also if it is another account's key. */
static enum err
read_key(struct db_tx *tx, struct edit *edit, struct uuid id)
{
	size_t n = 0;
	enum err e = key_list(tx, edit->r->principal->tenant.user,
	    (struct opt_uuid){ true, id }, (struct str){ 0 },
	    (struct opt_bool){ 0 }, (struct opt_int64){ 0 },
	    (struct opt_uuid){ 0 }, 1, &edit->row, &n);

	return e == OK && n == 0 ? E_NOT_FOUND : e;
}

/*
 * Reads the key and marks it as changed. The lock puts the changes of one
 * account in order, so that what is read here still holds when the key is
 * written.
 */
static enum err
open_key(struct db_tx *tx, struct edit *edit, struct credential_change *change)
{
	struct user_lock_row *locked;
	enum err e = user_lock(tx, edit->r->principal->tenant.user, &locked);

	if (e == OK)
		e = read_key(tx, edit, edit->id);
	if (e != OK)
		return e;
	if (is_other_mode(edit->r, edit->row->mode))
		return refuse_mode(edit);
	credential_change_of(change, edit->row->hash);
	return OK;
}

/* A line of the audit log; `what`: what a PATCH changed, or NULL. */
static enum err
add_to_audit(struct db_tx *tx, struct edit *edit, enum audit_event event,
    struct uuid about, const struct change_body *what)
{
	struct buf details;

	buf_init(&details, edit->r->mem);
	buf_puts(&details, "{\"label\":");
	buf_json(&details, edit->row->label);
	if (what && what->enabled.is)
		buf_printf(&details, ",\"enabled\":%s",
		    what->enabled.v ? "true" : "false");
	if (what && what->scopes.n) {
		buf_puts(&details, ",\"scopes\":");
		buf_scopes(&details, scopes_in(what->scopes));
	}
	if (what && what->expires_at.is)
		member_time(&details, "expires_at", what->expires_at);
	buf_putc(&details, '}');
	buf_putc(&details, '\0');
	if (details.failed)
		return E_TOO_LARGE;
	return audit_note(tx, edit->r,
	    &(struct audit){ .event = event,
		.user = { true, edit->r->principal->tenant.user },
		.about = { true, about },
		.details = details.p });
}

/* Under the lock of the account. Each change leaves rows that stay for months. */
static enum err
check_changes(struct db_tx *tx, struct edit *edit)
{
	struct key_changes_row *recent;
	enum err e = key_changes(tx, edit->r->principal->tenant.user,
	    KEY_CHANGES_MAX, &recent);

	if (e != OK || recent->changes < KEY_CHANGES_MAX)
		return e;
	edit->wait_s = recent->wait_s > 1 ? recent->wait_s : 1;
	return E_RATE_LIMITED;
}

/* Adds a key, reads it, and notes it in the audit log. */
static enum err
add_key(struct db_tx *tx, struct edit *edit, const struct key_wish *wish,
    enum audit_event event, struct key *key)
{
	enum err e =
	    key_make_one(tx, edit->r->principal->tenant.user, wish, key);

	if (e == E_CONFLICT)
		return refuse(edit, e,
		    "This account has 100 keys, the maximum."
		    " Revoke one first.");
	if (e == OK)
		e = check_changes(tx, edit);
	if (e == OK)
		e = read_key(tx, edit, key->id);
	return e == OK ? add_to_audit(tx, edit, event, key->id, NULL) : e;
}

static enum err
fail_changes(struct req *r, const struct edit *edit)
{
	fail_field(r, E_RATE_LIMITED, "key_changes",
	    "the limit is 200 changes of keys a day");
	r->fault.retry_after_s = edit->wait_s;
	return E_RATE_LIMITED;
}

static enum err
run(struct edit *edit,
    enum err (*work)(struct db_tx *, struct credential_change *), void *context)
{
	struct req *r = edit->r;
	const char *why = "";
	enum err e = credential_change_transact(r->service->db, r->mem, work,
	    context, &why);

	if (e != OK && edit->refusal)
		return fail_saying(r, e, edit->refusal);
	if (e == E_RATE_LIMITED)
		return fail_changes(r, edit);
	return e == OK ? OK : fail(r, e, "%s", why);
}

static bool
has_expired(const struct key_list_row *row)
{
	return row->expires_at.is && row->expires_at.v <= clock_wall_us();
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
	if (at.v > now + INT64_C(366) * KEY_YEARS_MAX * KEY_DAY_S * US_PER_S)
		return fail_field(r, E_BAD_REQUEST, "expires_at",
		    "must be within 10 years");
	return OK;
}

/* A malformed id is answered like an unknown one: 404. */
static enum err
read_id(struct req *r, struct uuid *id)
{
	return uuid_of(r->params[0], id)
	    ? OK
	    : fail(r, E_NOT_FOUND, "a malformed id");
}

static enum err
answer_key(const struct edit *edit)
{
	struct buf *b = resp_body(edit->r, 200);

	key_json(b, edit->row, NULL);
	buf_putc(b, '\n');
	return OK;
}

/* The only answer with a whole key. It is secret, so it is never stored. */
static enum err
answer_new_key(const struct edit *edit, const struct key *key)
{
	struct buf *b = resp_body(edit->r, 201);

	edit->r->answer.is_secret = true;
	key_json(b, edit->row, key->text);
	buf_putc(b, '\n');
	return OK;
}

/* --- POST /api/keys ------------------------------------------------------- */

struct creation {
	struct edit edit;
	struct key_wish wish;
	struct key key;
};

static enum err
create(struct db_tx *tx, struct credential_change *change)
{
	struct creation *c = change->context;

	return add_key(tx, &c->edit, &c->wish, AUDIT_KEY_CREATED, &c->key);
}

enum err
key_create(struct req *r, const struct key_wish *wish, struct key *key,
    struct key_list_row **row)
{
	struct creation c = { .edit.r = r, .wish = *wish };
	enum err e = check_expiry(r, wish->expires_at);

	if (e != OK)
		return e;
	if (is_other_mode(r, str_of(mode_name(wish->mode)))) {
		e = refuse_mode(&c.edit);
		return fail_saying(r, e, c.edit.refusal);
	}
	e = run(&c.edit, create, &c);
	*key = c.key;
	*row = c.edit.row;
	return e;
}

enum err
keys_post_key(struct req *r)
{
	struct edit edit = { .r = r };
	struct create_body in = { 0 };
	struct key_wish wish;
	struct key key;
	enum err e = body_bind(r, create_fields, ARRAY_LEN(create_fields), &in);

	if (e != OK)
		return e;
	wish = (struct key_wish){
		.label = in.label,
		.mode = mode_named(in.mode),
		.scopes = in.scopes.n ? scopes_in(in.scopes)
				      : SCOPE_READ | SCOPE_WRITE,
		.expires_at = in.expires_at,
	};
	e = key_create(r, &wish, &key, &edit.row);
	return e == OK ? answer_new_key(&edit, &key) : e;
}

/* --- PATCH /api/keys/:key_id ---------------------------------------------- */

struct update {
	struct edit edit;
	struct change_body to;
};

/* An expired key no longer counts against KEYS_MAX, so it may not come back. */
static enum err
change_key(struct db_tx *tx, struct credential_change *change)
{
	struct update *u = change->context;
	struct edit *edit = &u->edit;
	struct str names[SCOPE_COUNT];
	enum err e = open_key(tx, edit, change);

	if (e == OK && edit->row->revoked_at.is)
		return refuse(edit, E_CONFLICT, "This key was revoked.");
	if (e == OK && u->to.expires_at.is && has_expired(edit->row))
		return refuse(edit, E_CONFLICT,
		    "This key has expired and cannot be extended."
		    " Create another one.");
	if (e == OK)
		e = check_changes(tx, edit);
	if (e == OK)
		e = key_change(tx, edit->r->principal->tenant.user, edit->id,
		    u->to.label, u->to.enabled, u->to.expires_at,
		    scope_list(scopes_in(u->to.scopes), names), NULL);
	if (e == OK)
		e = read_key(tx, edit, edit->id);
	return e == OK
	    ? add_to_audit(tx, edit, AUDIT_KEY_CHANGED, edit->id, &u->to)
	    : e;
}

enum err
keys_patch_key(struct req *r)
{
	struct update u = { .edit.r = r };
	enum err e = read_id(r, &u.edit.id);

	if (e == OK)
		e = body_bind(r, change_fields, ARRAY_LEN(change_fields),
		    &u.to);
	if (e == OK)
		e = check_expiry(r, u.to.expires_at);
	if (e == OK)
		e = run(&u.edit, change_key, &u);
	return e == OK ? answer_key(&u.edit) : e;
}

/* --- DELETE /api/keys/:key_id --------------------------------------------- */

/* Revoking a revoked key changes nothing, and is not noted again. */
static enum err
revoke(struct db_tx *tx, struct credential_change *change)
{
	struct edit *edit = change->context;
	int64_t revoked = 0;
	enum err e = open_key(tx, edit, change);

	if (e == OK)
		e = key_retire(tx, edit->r->principal->tenant.user, edit->id,
		    (struct opt_int64){ 0 }, &revoked);
	return e == OK && revoked
	    ? add_to_audit(tx, edit, AUDIT_KEY_REVOKED, edit->id, NULL)
	    : e;
}

enum err
keys_delete_key(struct req *r)
{
	struct edit edit = { .r = r };
	enum err e = read_id(r, &edit.id);

	if (e == OK)
		e = run(&edit, revoke, &edit);
	if (e == OK)
		resp_empty(r, 204);
	return e;
}

/* --- POST /api/keys/:key_id/rotate ---------------------------------------- */

struct rotation {
	struct edit edit;
	struct opt_int64 ends_at; /* of the old key; absent: now */
	struct key key;
};

static bool
is_active(const struct key_list_row *row)
{
	return row->enabled && !row->revoked_at.is && !has_expired(row);
}

/* The old key is retired first, so that KEYS_MAX allows the new one. */
static enum err
rotate(struct db_tx *tx, struct credential_change *change)
{
	struct rotation *rotation = change->context;
	struct edit *edit = &rotation->edit;
	struct key_wish wish;
	enum err e = open_key(tx, edit, change);

	if (e == OK && !is_active(edit->row))
		return refuse(edit, E_CONFLICT,
		    "Only an active key can be rotated."
		    " This one is revoked, disabled or expired.");
	if (e == OK)
		e = key_retire(tx, edit->r->principal->tenant.user, edit->id,
		    rotation->ends_at, NULL);
	if (e != OK)
		return e;
	wish = (struct key_wish){
		.label = edit->row->label,
		.mode = mode_named(edit->row->mode),
		.scopes = scopes_of(edit->row->scopes),
		.expires_at = edit->row->expires_at,
		.rotated_from = { true, edit->id },
	};
	return add_key(tx, edit, &wish, AUDIT_KEY_ROTATED, &rotation->key);
}

enum err
keys_post_rotation(struct req *r)
{
	struct rotation rotation = { .edit.r = r };
	struct opt_int64 grace_s = { 0 };
	enum err e = read_id(r, &rotation.edit.id);

	if (e == OK && r->body.n)
		e = body_bind(r, rotate_fields, ARRAY_LEN(rotate_fields),
		    &grace_s);
	if (e != OK)
		return e;
	if (grace_s.v)
		rotation.ends_at = (struct opt_int64){ true,
			clock_wall_us() + grace_s.v * US_PER_S };
	e = run(&rotation.edit, rotate, &rotation);
	return e == OK ? answer_new_key(&rotation.edit, &rotation.key) : e;
}
