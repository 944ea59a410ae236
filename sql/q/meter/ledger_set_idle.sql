-- ledger_set_idle: marks a journal as idle, and deletes journals idle for long
-- in:    journal uuid
-- shape: none
-- db:    live
--
-- A row stays for an hour, longer than a statement can still be under way.
WITH gone AS (
	DELETE FROM io7.usage_flushes
	WHERE rested_at < now() - interval '1 hour' AND journal <> $1
)
UPDATE io7.usage_flushes SET rested_at = now() WHERE journal = $1
