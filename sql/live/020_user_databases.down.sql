-- Undoes 020_user_databases.up.sql. The databases themselves stay.

DROP TABLE io7.user_databases;
