-- user_remove: the end of a user who is leaving, and of all that refers there
-- in:    user_id uuid
-- shape: none
-- base:  live
DELETE FROM io7.users WHERE id = $1 AND status = 'leaving'
