-- user_leave: marks a user as leaving, which is final
-- in:    user_id uuid
-- out:   left_id uuid?
-- shape: one
-- db:    live
SELECT io7.user_leave($1) AS left_id
