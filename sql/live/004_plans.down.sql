-- Undoes 004_plans.up.sql.

DROP TABLE io7.plans;
