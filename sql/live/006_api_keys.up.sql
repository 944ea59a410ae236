-- The keys of both modes.  A key itself is never stored: its SHA-256 finds it,
-- its first 12 and last 4 characters show which one it is.

CREATE TABLE io7.api_keys (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
	prefix text NOT NULL,
	last4 text NOT NULL CHECK (last4 ~ '^[0-9a-f]{4}$'),
	label text NOT NULL CHECK (char_length(label) BETWEEN 1 AND 100),
	mode text NOT NULL CHECK (mode IN ('test', 'live')),
	scopes text[] NOT NULL CHECK (array_position(scopes, NULL) IS NULL),
	enabled boolean NOT NULL DEFAULT true,
	expires_at timestamptz,
	revoked_at timestamptz,
	last_used_at timestamptz,
	rotated_from uuid REFERENCES io7.api_keys ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CHECK (prefix ~ ('^' || mode || '_io7_[0-9a-f]{3}$'))
);

CREATE INDEX api_keys_user_id ON io7.api_keys (user_id, created_at, id);
CREATE INDEX api_keys_rotated_from ON io7.api_keys (rotated_from)
	WHERE rotated_from IS NOT NULL;

CREATE TRIGGER touch BEFORE UPDATE ON io7.api_keys
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

GRANT SELECT, INSERT, UPDATE ON io7.api_keys TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.api_keys TO io7_chore;

-- A user with the newest usable key of each mode, for people and their tools.
CREATE VIEW io7.users_with_keys WITH (security_invoker) AS
SELECT
	u.id,
	u.github_id,
	u.github_username,
	u.github_email,
	u.github_avatar_url,
	encode(test.hash, 'hex') AS test_api_key_hash,
	test.prefix AS test_api_key_prefix,
	encode(live.hash, 'hex') AS live_api_key_hash,
	live.prefix AS live_api_key_prefix,
	u.schema_name,
	u.plan_id,
	u.status,
	u.created_at,
	u.updated_at,
	u.last_login_at,
	u.test_request_count,
	u.test_storage_bytes,
	u.live_request_count,
	u.live_storage_bytes
FROM io7.users u
LEFT JOIN LATERAL (
	SELECT k.hash, k.prefix FROM io7.api_keys k
	WHERE k.user_id = u.id AND k.mode = 'test' AND k.enabled
		AND k.revoked_at IS NULL
		AND (k.expires_at IS NULL OR k.expires_at > now())
	ORDER BY k.created_at DESC, k.id LIMIT 1
) test ON true
LEFT JOIN LATERAL (
	SELECT k.hash, k.prefix FROM io7.api_keys k
	WHERE k.user_id = u.id AND k.mode = 'live' AND k.enabled
		AND k.revoked_at IS NULL
		AND (k.expires_at IS NULL OR k.expires_at > now())
	ORDER BY k.created_at DESC, k.id LIMIT 1
) live ON true;

GRANT SELECT ON io7.users_with_keys TO io7_chore;
