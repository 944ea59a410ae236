/*
 * What statements of clients may do. The authorizer is asked while a statement
 * is prepared, also for views, triggers and table-valued pragmas that it uses.
 *
 * Built with -DLITE_NO_AUTHORIZER every statement is allowed, to test that the
 * sandbox alone keeps statements from other files.
 */
#include "lib/lite/lite_impl.h"

#include <sqlite3.h>
#include <strings.h>

#ifdef LITE_NO_AUTHORIZER
enum { IS_GUARDED = 0 };
#else
enum { IS_GUARDED = 1 };
#endif

/* The effect of a pragma's argument. */
enum use {
	NEVER, /* it would set something that must stay */
	ASK,   /* it names what to ask for */
	STORE, /* it is stored in the database */
	SET,   /* it changes the connection */
	KEYS,  /* it changes the connection, and lite_clean() can undo it */
};

static const struct {
	const char *name;
	enum use use;
} pragmas[] = {
	{ "analysis_limit", SET },
	{ "application_id", NEVER }, /* has the version of our schema */
	{ "auto_vacuum", NEVER },
	{ "automatic_index", SET },
	{ "busy_timeout", NEVER },
	{ "cache_size", NEVER },
	{ "case_sensitive_like", SET },
	{ "collation_list", NEVER },
	{ "compile_options", NEVER },
	{ "data_version", NEVER },
	{ "database_list", NEVER },
	{ "defer_foreign_keys", SET },
	{ "encoding", NEVER },
	{ "foreign_key_check", ASK },
	{ "foreign_key_list", ASK },
	{ "foreign_keys", KEYS },
	{ "freelist_count", NEVER },
	{ "function_list", NEVER },
	{ "ignore_check_constraints", SET },
	{ "incremental_vacuum", STORE },
	{ "index_info", ASK },
	{ "index_list", ASK },
	{ "index_xinfo", ASK },
	{ "integrity_check", ASK },
	{ "journal_mode", NEVER },
	{ "journal_size_limit", NEVER },
	{ "legacy_alter_table", SET },
	{ "locking_mode", NEVER },
	{ "max_page_count", NEVER },
	{ "mmap_size", NEVER },
	{ "module_list", NEVER },
	{ "optimize", ASK },
	{ "page_count", NEVER },
	{ "page_size", NEVER },
	{ "pragma_list", NEVER },
	{ "query_only", NEVER },
	{ "quick_check", ASK },
	{ "read_uncommitted", NEVER },
	{ "recursive_triggers", SET },
	{ "reverse_unordered_selects", SET },
	{ "schema_version", NEVER },
	{ "secure_delete", NEVER },
	{ "stats", NEVER },
	{ "synchronous", NEVER },
	{ "table_info", ASK },
	{ "table_list", ASK },
	{ "table_xinfo", ASK },
	{ "temp_store", NEVER },
	{ "threads", NEVER },
	{ "trusted_schema", NEVER },
	{ "user_version", STORE },
	{ "wal_autocheckpoint", NEVER },
};

/* Modules of virtual tables that keep everything in this database. */
static const char *const modules[] = { "fts5", "fts5vocab", "fts4", "fts4aux",
	"fts3", "rtree", "rtree_i32", "geopoly" };

/*
 * SQLite sets some pragmas while it prepares them: one that will not run is
 * ignored.
 */
static int
judge_pragma(struct lite *l, const char *name, const char *argument)
{
	for (size_t i = 0; name && i < ARRAY_LEN(pragmas); i++) {
		enum use use = pragmas[i].use;

		if (strcasecmp(pragmas[i].name, name) != 0)
			continue;
		if (!argument || use == ASK)
			return SQLITE_OK;
		if (use == NEVER)
			return SQLITE_DENY;
		if (l->is_described)
			return SQLITE_IGNORE;
		if (use == SET)
			l->is_changed = true;
		return SQLITE_OK;
	}
	return SQLITE_DENY;
}

static bool
may_use_module(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(modules); i++)
		if (strcasecmp(modules[i], name) == 0)
			return true;
	return false;
}

/* They reach code or memory outside the database. */
static bool
may_call(const char *function)
{
	return function && strcasecmp(function, "load_extension") != 0 &&
	    strcasecmp(function, "fts3_tokenizer") != 0;
}

static int
judge(struct lite *l, int action, const char *first, const char *second)
{
	switch (action) {
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return SQLITE_DENY;
	case SQLITE_PRAGMA:
		return judge_pragma(l, first, second);
	case SQLITE_FUNCTION:
		return may_call(second) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_CREATE_VTABLE:
		return may_use_module(second) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_OK;
	}
}

static int
authorize(void *of, int action, const char *first, const char *second,
    const char *database, const char *inner)
{
	struct lite *l = of;
	int verdict;

	(void)database;
	if (l->is_trusted)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_READ:
		l->seen.reads = true;
		break;
	case SQLITE_INSERT:
		l->seen.inserts |= !inner;
		break;
	case SQLITE_CREATE_TEMP_INDEX:
	case SQLITE_CREATE_TEMP_TABLE:
	case SQLITE_CREATE_TEMP_TRIGGER:
	case SQLITE_CREATE_TEMP_VIEW:
		l->is_changed |= !l->is_described;
		break;
	default:
		break;
	}
	verdict = IS_GUARDED ? judge(l, action, first, second) : SQLITE_OK;
	if (verdict == SQLITE_DENY)
		l->seen.refused = action != SQLITE_FUNCTION;
	return verdict;
}

static const struct {
	int what, most;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, LITE_VALUE_MAX },
	{ SQLITE_LIMIT_SQL_LENGTH, LITE_SQL_MAX },
	{ SQLITE_LIMIT_COLUMN, 2000 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 1000 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 500 },
	{ SQLITE_LIMIT_VDBE_OP, 5 * 1000 * 1000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 127 },
	{ SQLITE_LIMIT_ATTACHED, IS_GUARDED ? 0 : 10 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50000 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, LITE_ARGS_MAX },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 1000 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

static const struct {
	int what, value;
} settings[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
};

int
lite_guard(struct lite *l)
{
	int rc = sqlite3_extended_result_codes(l->db, 1);

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		sqlite3_limit(l->db, limits[i].what, limits[i].most);
	for (size_t i = 0; rc == SQLITE_OK && i < ARRAY_LEN(settings); i++)
		rc = sqlite3_db_config(l->db, settings[i].what,
		    settings[i].value, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_set_authorizer(l->db, authorize, l);
	return rc;
}
