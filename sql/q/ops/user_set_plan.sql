-- user_set_plan: gives a user another plan
-- in:    user_id uuid, plan_id text
-- shape: none
-- base:  live
UPDATE io7.users SET plan_id = $2 WHERE id = $1
