/*
 * The audit log.
 */
#include "fcgi/identity/audit.h"

#include "lib/os/log.h"
#include "stmts/identity.h"

static const char *const names[] = {
	[AUDIT_ACCOUNT_CREATED] = "account_created",
	[AUDIT_ACCOUNT_DELETED] = "account_deleted",
	[AUDIT_ACCOUNT_EXPORTED] = "account_exported",
	[AUDIT_ACCOUNT_RESUMED] = "account_resumed",
	[AUDIT_ACCOUNT_SUSPENDED] = "account_suspended",
	[AUDIT_CRON_SECRET_ROTATED] = "cron_secret_rotated",
	[AUDIT_DEVICE_APPROVED] = "device_approved",
	[AUDIT_DEVICE_DENIED] = "device_denied",
	[AUDIT_KEY_CHANGED] = "key_changed",
	[AUDIT_KEY_CREATED] = "key_created",
	[AUDIT_KEY_REVOKED] = "key_revoked",
	[AUDIT_KEY_ROTATED] = "key_rotated",
	[AUDIT_PLAN_CHANGED] = "plan_changed",
	[AUDIT_SESSION_REVOKED] = "session_revoked",
	[AUDIT_SIGNED_IN] = "signed_in",
	[AUDIT_SIGNED_OUT] = "signed_out",
};

_Static_assert(ARRAY_LEN(names) == AUDIT_EVENTS, "every event has its name");

static const char *const kinds[] = {
	[CREDENTIAL_NONE] = NULL,
	[CREDENTIAL_KEY] = "key",
	[CREDENTIAL_SESSION] = "session",
	[CREDENTIAL_TOKEN] = "token",
};

static struct str
details_of(const struct audit *a)
{
	return a->details ? str_of(a->details) : STR("{}");
}

/* The client's User-Agent, if it is text that PostgreSQL can store. */
static struct str
agent_of(const struct req *r)
{
	struct str agent = req_param(r, "HTTP_USER_AGENT");

	return agent.p && str_is_utf8(agent) && !memchr(agent.p, '\0', agent.n)
	    ? agent
	    : (struct str){ 0 };
}

enum err
audit_note(struct db_tx *tx, const struct req *r, const struct audit *a)
{
	const struct principal *p = r->principal;
	const char *kind = p ? kinds[p->kind] : NULL;
	struct opt_uuid id = { 0 };

	if (p && p->kind != CREDENTIAL_TOKEN)
		id = (struct opt_uuid){ true, p->id };
	return audit_add(tx, a->user, str_of(names[a->event]),
	    p ? str_of(mode_name(p->mode)) : (struct str){ 0 },
	    kind ? str_of(kind) : (struct str){ 0 }, id, a->about, r->client,
	    agent_of(r), details_of(a), NULL);
}

enum err
audit_note_operator(struct db_tx *tx, const struct audit *a)
{
	return audit_add(tx, a->user, str_of(names[a->event]),
	    (struct str){ 0 }, STR("operator"), (struct opt_uuid){ 0 },
	    a->about, (struct str){ 0 }, (struct str){ 0 }, details_of(a),
	    NULL);
}

/* Deletes in batches, so that no statement takes long. */
void
audit_trim(const struct service *service, struct arena *mem)
{
	enum { PART = 10000 };
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	int64_t removed = 0;

	if (audit_delete_old(tx, AUDIT_DAYS, PART, &removed) == OK && removed)
		log_event(LOG_INFO, "audit_trimmed", "%lld rows",
		    (long long)removed);
}
