-- Undoes 019_kept_answers.up.sql.

DROP TABLE io7.kept_answers;
