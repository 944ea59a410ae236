-- Undoes 023_cron_secrets.up.sql. New secrets are created when they are needed.

DROP TABLE io7.cron_secrets;
