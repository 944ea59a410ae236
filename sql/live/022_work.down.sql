-- Undoes 022_work.up.sql.

DROP FUNCTION io7.work_turn(text, bigint[], int[], text[], bigint[], text[], text[],
	boolean[], bigint[], int[], int[], uuid[], int, int, boolean);
DROP TABLE io7.work;
