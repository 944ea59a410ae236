-- Undoes 007_user_profiles.up.sql.

DROP TRIGGER profile ON io7.users;
DROP FUNCTION app.user_profile_create();
DROP TABLE app.user_profiles;
