-- Undoes 003_identity.up.sql.

DROP FUNCTION app.identity();
