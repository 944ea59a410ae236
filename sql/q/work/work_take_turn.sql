-- work_take_turn: records how attempts of a runner ended, and claims items
-- in:    runner text, ids int8[], attempts int4[], outcomes text[],
--        pauses int8[], errors text[], kinds text[], aparts bool[],
--        leases int8[], alls int4[], users int4[], cursors uuid[],
--        simples int4, processes int4, tidy bool
-- out:   kind_no int4?, id int8?, user_id uuid?, mode text?, args jsonb?,
--        late_us int8?, attempt int4?, attempts_max int4?, error text?,
--        next_us int8?
-- shape: many
-- db:    live
--
-- The migration that creates the function describes its parameters and rows.
SELECT t.kind_no, t.id, t.user_id, t.mode, t.args, t.late_us, t.attempt,
	t.attempts_max, t.error, t.next_us
FROM io7.work_turn($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
	AS t
