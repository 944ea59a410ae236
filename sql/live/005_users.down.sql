-- Undoes 005_users.up.sql.

ALTER TABLE io7.tenants DROP CONSTRAINT tenants_user_id_fkey;
DROP TABLE io7.users;
