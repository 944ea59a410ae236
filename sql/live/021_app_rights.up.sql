-- What a worker may change of accounts and credentials: only what a request needs.
-- A worker that is taken over can neither change a plan, nor suspend or resume a user,
-- nor turn a key into that of another user, nor change when something happened.

REVOKE INSERT, UPDATE ON io7.users FROM io7_app;
GRANT INSERT (github_id, github_username, github_email, github_avatar_url,
		auth_iss, auth_sub, auth_email, last_login_at),
	UPDATE (github_username, github_email, github_avatar_url, last_login_at,
		ready_at)
ON io7.users TO io7_app;

REVOKE INSERT, UPDATE ON io7.api_keys FROM io7_app;
GRANT INSERT (user_id, hash, prefix, last4, label, mode, scopes, expires_at,
		rotated_from),
	UPDATE (label, enabled, scopes, expires_at, revoked_at)
ON io7.api_keys TO io7_app;

REVOKE INSERT, UPDATE ON io7.sessions FROM io7_app;
GRANT INSERT (user_id, hash, kind, user_agent, address),
	UPDATE (seen_at, expires_at, revoked_at)
ON io7.sessions TO io7_app;

REVOKE INSERT, UPDATE ON io7.device_codes FROM io7_app;
GRANT INSERT (hash, user_code, user_agent, address),
	UPDATE (user_id, approved, polled_at, interval_s)
ON io7.device_codes TO io7_app;

REVOKE INSERT ON io7.audit_log FROM io7_app;
GRANT INSERT (user_id, event, mode, actor, actor_id, about_id, address, user_agent,
	details) ON io7.audit_log TO io7_app;

-- A revoked key stays revoked.
CREATE FUNCTION io7.keep_revoked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE EXCEPTION 'a revoked credential stays revoked'
		USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER keep_revoked BEFORE UPDATE OF revoked_at ON io7.api_keys
	FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL
		AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
	EXECUTE FUNCTION io7.keep_revoked();
CREATE TRIGGER keep_revoked BEFORE UPDATE OF revoked_at ON io7.sessions
	FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL
		AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
	EXECUTE FUNCTION io7.keep_revoked();

-- Marks a user as leaving, which is final, and returns the id; NULL: no such user. It
-- is the one change of a status that a request makes: `DELETE /api/me`.
CREATE FUNCTION io7.user_leave(who uuid) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	UPDATE io7.users SET status = 'leaving' WHERE id = who RETURNING id
$$;

-- A new owner must be able to create in the schema, for this moment.
GRANT CREATE ON SCHEMA io7 TO io7_chore;
ALTER FUNCTION io7.user_leave(uuid) OWNER TO io7_chore;
REVOKE CREATE ON SCHEMA io7 FROM io7_chore;
GRANT EXECUTE ON FUNCTION io7.user_leave(uuid) TO io7_app;
