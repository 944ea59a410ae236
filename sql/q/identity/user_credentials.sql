-- user_credentials: lists the digests of all credentials of a user
-- in:    user_id uuid
-- out:   hash bytea
-- shape: many
-- db:    live
--
-- Workers cache credentials under these digests. That of a JWT is over its
-- issuer and subject with a NUL between them.
SELECT k.hash FROM io7.api_keys k
WHERE k.user_id = $1 AND k.revoked_at IS NULL
UNION ALL
SELECT s.hash FROM io7.sessions s
WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
UNION ALL
SELECT sha256(convert_to(u.auth_iss, 'UTF8') || '\x00'::bytea
	|| convert_to(u.auth_sub, 'UTF8'))
FROM io7.users u
WHERE u.id = $1 AND u.auth_iss IS NOT NULL
