-- Undoes 013_epochs_due.up.sql.

DROP TABLE io7.epochs_due;
