-- ledger_rest: notes that nothing of a journal is under way
-- in:    journal uuid
-- shape: none
-- base:  live
--
-- A row is kept for as long as a statement might still be on its way.
WITH gone AS (
	DELETE FROM io7.usage_flushes
	WHERE rested_at < now() - interval '1 hour' AND journal <> $1
)
UPDATE io7.usage_flushes SET rested_at = now() WHERE journal = $1
