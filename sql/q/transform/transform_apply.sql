-- transform_apply: applies a patch to a value that need not be stored
-- in:    how text, value jsonb, patch jsonb
-- out:   value jsonb
-- shape: one
-- db:    both
SELECT CASE $1
	WHEN 'merge' THEN io7.merge_patch($2, $3)
	ELSE io7.json_patch($2, $3)
END AS value
