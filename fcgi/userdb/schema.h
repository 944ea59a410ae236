/*
 * schema: what io7 creates in each user database, and asks of one.
 *
 * sql/gen makes it from sql/userdb.
 */
#ifndef IO7_FCGI_USERDB_SCHEMA_H
#define IO7_FCGI_USERDB_SCHEMA_H

#include "lib/lite/hrana.h"

extern const struct hrana_schema userdb_schema;

/* Its tables and views, as one JSON text. */
extern const char userdb_tables_sql[];
/* The bytes of its pages that are in use. */
extern const char userdb_size_sql[];

/* Of the table cron_jobs. */
extern const char userdb_cron_jobs_columns_sql[];
extern const char userdb_cron_jobs_page_sql[];
extern const char userdb_cron_jobs_facts_sql[];
extern const char userdb_cron_jobs_add_sql[];
extern const char userdb_cron_jobs_change_sql[];
extern const char userdb_cron_jobs_delete_sql[];

#endif
