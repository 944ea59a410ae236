-- user_set_plan: sets a user's plan
-- in:    user_id uuid, plan_id text
-- shape: none
-- db:    live
UPDATE io7.users SET plan_id = $2 WHERE id = $1
