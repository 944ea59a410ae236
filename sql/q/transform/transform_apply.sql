-- transform_apply: what a patch makes of a value, which need not be stored
-- in:    how text, value jsonb, patch jsonb
-- out:   value jsonb
-- shape: one
-- base:  both
SELECT CASE $1
	WHEN 'merge' THEN io7.merge_patch($2, $3)
	ELSE io7.json_patch($2, $3)
END AS value
