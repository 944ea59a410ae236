-- ground_wipe: removes all that the migrations have made, and what was in it
-- shape:   none
-- base:    both
-- timeout: 2min
DROP SCHEMA IF EXISTS io7, app CASCADE
