/*
 * `io7 userdb`: the user databases of this host and their registry.
 */
#include "fcgi/ops/userdb.h"

#include "fcgi/cron/secret.h"
#include "fcgi/ops/command.h"
#include "fcgi/ops/user.h"
#include "fcgi/userdb/operator.h"
#include "lib/base/panic.h"
#include "lib/crypto/seal.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/cron.h"
#include "stmts/ops.h"
#include "stmts/userdb.h"

#include <sysexits.h>

enum { PAGE = 500 };

struct job {
	struct ops_db db;
	const struct service *service;
	bool json;
};

static void
open_job(struct job *job, struct args *args)
{
	const struct conf *conf = args_conf(args);

	job->json = args_flag(args, "--json");
	user_open_db(&job->db, args, options_of(conf));
	job->service = ops_db_service(&job->db, conf);
}

/* --- list and show -------------------------------------------------------- */

static void
print_head(void)
{
	printf("%-37s  %-8s  %-7s  %6s  %12s  %s\n", "NAME", "PROVIDER",
	    "STATE", "SCHEMA", "BYTES", "HOST");
}

static void
print_row(const struct database_list_row *row)
{
	printf("%-37.*s  %-8.*s  %-7s  %6d  %12lld  %.*s\n",
	    STR_ARGS(row->name), STR_ARGS(row->provider),
	    row->is_ready ? "ready" : "pending", row->schema_version,
	    (long long)row->bytes, STR_ARGS(row->host));
}

static void
print_json(struct arena *mem, const struct database_list_row *row)
{
	struct buf b;

	buf_init(&b, mem);
	buf_putc(&b, '{');
	member_text(&b, "name", row->name);
	member_uuid(&b, "user_id", (struct opt_uuid){ true, row->user_id });
	member_text(&b, "mode", row->mode);
	member_text(&b, "email", row->email);
	member_text(&b, "provider", row->provider);
	member_text(&b, "host", row->host);
	member_text(&b, "url", row->url);
	member_text(&b, "state", str_of(row->is_ready ? "ready" : "pending"));
	member_int(&b, "schema_version", row->schema_version);
	member_int(&b, "bytes", row->bytes);
	member_time(&b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	member_time(&b, "updated_at",
	    (struct opt_int64){ true, row->updated_at });
	buf_puts(&b, "}\n");
	user_lookup_flush(&b);
}

/* Calls each() with every row; the rows live until the next page. */
static size_t
for_each(struct job *job, struct opt_uuid user, struct str mode,
    void (*each)(struct job *, const struct database_list_row *))
{
	char after[USERDB_NAME_MAX + 1] = "";
	struct database_list_row *rows = NULL;
	size_t n = 0, all = 0;

	do {
		ops_db_must(&job->db, MODE_LIVE,
		    database_list(job->db.base[MODE_LIVE], str_of(after), user,
			mode, PAGE, &rows, &n),
		    "its databases");
		for (size_t i = 0; i < n; i++)
			each(job, &rows[i]);
		if (n)
			snprintf(after, sizeof(after), "%.*s",
			    STR_ARGS(rows[n - 1].name));
		all += n;
		ops_db_reset(&job->db);
	} while (n == PAGE);
	return all;
}

static void
print_one(struct job *job, const struct database_list_row *row)
{
	if (job->json)
		print_json(job->db.mem, row);
	else
		print_row(row);
}

static int
list(struct args *args)
{
	struct job job;

	open_job(&job, args);
	if (!job.json)
		print_head();
	for_each(&job, (struct opt_uuid){ 0 }, (struct str){ 0 }, print_one);
	ops_db_close(&job.db);
	return EXIT_SUCCESS;
}

static int
show(struct args *args)
{
	const char *who = args_need(args, "USER");
	struct job job;
	struct uuid user;

	open_job(&job, args);
	user = user_lookup_find(&job.db, who)->user_id;
	if (!job.json)
		print_head();
	if (!for_each(&job, (struct opt_uuid){ true, user }, (struct str){ 0 },
		print_one))
		die(EXIT_FAILURE,
		    "%s has no databases; make them with"
		    " `io7 userdb make`",
		    who);
	ops_db_close(&job.db);
	return EXIT_SUCCESS;
}

/* --- One database --------------------------------------------------------- */

/* Reads USER --mode live|test, and finds the entry. */
struct target {
	struct job job;
	struct userdb db;
};

static void
must(enum err e, const struct userdb *db, const char *const *why)
{
	if (e != OK)
		die(EXIT_FAILURE, "%s: %s", db->name,
		    *why && (*why)[0] ? *why : err_code(e));
}

static void
find_target(struct target *t, struct args *args)
{
	enum mode mode = args_mode(args);
	const char *who = args_need(args, "USER"), *why = "";
	struct uuid user;
	enum err e;

	open_job(&t->job, args);
	user = user_lookup_find(&t->job.db, who)->user_id;
	e = userdb_read(t->job.service, t->job.db.mem, user, mode, &t->db,
	    &why);
	if (e == E_NOT_FOUND)
		die(EXIT_FAILURE,
		    "%s has no %s database; make it with"
		    " `io7 userdb make`",
		    who, mode_name(mode));
	must(e, &t->db, &why);
}

static int
make(struct args *args)
{
	const char *who = args_need(args, "USER"), *why = "";
	struct job job;
	struct uuid user;

	open_job(&job, args);
	user = user_lookup_find(&job.db, who)->user_id;
	for (enum mode m = 0; m < MODE_COUNT; m++) {
		struct userdb db = { .name = "its databases" };

		must(userdb_add(job.service, job.db.mem, user, &why), &db,
		    &why);
		must(userdb_read(job.service, job.db.mem, user, m, &db, &why),
		    &db, &why);
		if (!db.is_ready)
			must(userdb_make(job.service, job.db.mem, &db, &why),
			    &db, &why);
		printf("%s is ready\n", db.name);
	}
	ops_db_close(&job.db);
	return EXIT_SUCCESS;
}

static int
drop(struct args *args)
{
	bool yes = args_flag(args, "--yes");
	const char *why = "";
	struct target t;

	if (!yes)
		die(EX_USAGE,
		    "%s: drop deletes a database permanently; confirm it with"
		    " --yes",
		    args->command);
	find_target(&t, args);
	must(userdb_drop(t.job.service, t.job.db.mem, &t.db, &why), &t.db,
	    &why);
	printf("%s is deleted\n", t.db.name);
	ops_db_close(&t.job.db);
	return EXIT_SUCCESS;
}

static int
backup(struct args *args)
{
	const char *file = args_value(args, "--to"), *why = NULL;
	struct target t;

	if (!file)
		die(EX_USAGE, "%s: say --to FILE", args->command);
	find_target(&t, args);
	must(userdb_backup(t.job.service, &t.db, file, &why), &t.db, &why);
	printf("%s is saved in %s\n", t.db.name, file);
	ops_db_close(&t.job.db);
	return EXIT_SUCCESS;
}

static int
restore(struct args *args)
{
	const char *file = args_value(args, "--from"), *why = NULL;
	struct target t;

	if (!file)
		die(EX_USAGE, "%s: say --from FILE", args->command);
	find_target(&t, args);
	must(userdb_restore(t.job.service, &t.db, file, &why), &t.db, &why);
	must(userdb_note_jobs(t.job.service, t.job.db.mem, &t.db, &why), &t.db,
	    &why);
	must(userdb_note_facts(t.job.service, t.job.db.mem, &t.db, &why), &t.db,
	    &why);
	printf("%s has the content of %s\n", t.db.name, file);
	ops_db_close(&t.job.db);
	return EXIT_SUCCESS;
}

static int
check(struct args *args)
{
	const char *why = NULL;
	struct target t;

	find_target(&t, args);
	must(userdb_check(t.job.service, &t.db, &why), &t.db, &why);
	must(userdb_note_facts(t.job.service, t.job.db.mem, &t.db, &why), &t.db,
	    &why);
	printf("%s is intact: %llu bytes, schema %d\n", t.db.name,
	    (unsigned long long)t.db.size, t.db.schema);
	ops_db_close(&t.job.db);
	return EXIT_SUCCESS;
}

/* --- reseal --------------------------------------------------------------- */

static size_t resealed;

static void
reseal_one(struct job *job, const struct database_list_row *row)
{
	struct str keys = str_of(job->db.opts->seal_keys);
	struct buf secret, sealed;
	enum err e;

	if (!row->token.n || seal_number(row->token) == seal_newest(keys))
		return;
	buf_init(&secret, job->db.mem);
	buf_init(&sealed, job->db.mem);
	e = seal_open(keys, row->name, row->token, &secret);
	if (e == E_UNAVAILABLE)
		die(EXIT_FAILURE, "%.*s: key %u is not in IO7_SEAL_KEYS_FILE",
		    STR_ARGS(row->name), seal_number(row->token));
	if (e == OK)
		e = seal_secret(keys, row->name, buf_view(&secret), &sealed);
	if (e != OK)
		die(EXIT_FAILURE, "%.*s: its token cannot be decrypted",
		    STR_ARGS(row->name));
	ops_db_must(&job->db, MODE_LIVE,
	    database_reseal(job->db.base[MODE_LIVE], row->name, row->token,
		buf_view(&sealed), NULL),
	    "storing a token");
	resealed++;
}

static void
reseal_webhook(struct job *job, const struct cron_secret_list_row *row)
{
	struct cron_secret s = {
		.service = job->service,
		.mem = job->db.mem,
		.user = row->user_id,
		.mode = str_eq(row->mode, STR("live")) ? MODE_LIVE : MODE_TEST,
	};
	char user[UUID_TEXT];

	if (cron_secret_find(job->db.base[MODE_LIVE], &s) == OK)
		return;
	uuid_text(row->user_id, user);
	die(EXIT_FAILURE, "%s, %s: %s", user, mode_name(s.mode), s.why);
}

/* Each secret that is found is encrypted with the newest key. */
static size_t
reseal_webhooks(struct job *job)
{
	struct cron_secret_list_row *rows;
	struct uuid after = { 0 };
	char mode[8] = "";
	size_t n, all = 0;

	do {
		ops_db_must(&job->db, MODE_LIVE,
		    cron_secret_list(job->db.base[MODE_LIVE], after,
			str_of(mode), PAGE, &rows, &n),
		    "listing webhook secrets");
		for (size_t i = 0; i < n; i++)
			reseal_webhook(job, &rows[i]);
		if (n) {
			after = rows[n - 1].user_id;
			snprintf(mode, sizeof(mode), "%.*s",
			    STR_ARGS(rows[n - 1].mode));
		}
		all += n;
		ops_db_reset(&job->db);
	} while (n == PAGE);
	return all;
}

static int
reseal(struct args *args)
{
	struct job job;

	open_job(&job, args);
	if (!seal_newest(str_of(job.db.opts->seal_keys)))
		die(EX_CONFIG, "IO7_SEAL_KEYS_FILE has no key");
	for_each(&job, (struct opt_uuid){ 0 }, (struct str){ 0 }, reseal_one);
	printf("%zu tokens are encrypted with key %u\n", resealed,
	    seal_newest(str_of(job.db.opts->seal_keys)));
	printf("%zu webhook secrets are, too\n", reseal_webhooks(&job));
	ops_db_close(&job.db);
	return EXIT_SUCCESS;
}

/* --- All of the test mode ------------------------------------------------- */

static size_t dropped, kept;
static const char *why_kept;

static void
drop_one(struct job *job, const struct database_list_row *row)
{
	const char *why = "";
	struct userdb db;
	enum err e = userdb_read(job->service, job->db.mem, row->user_id,
	    MODE_TEST, &db, &why);

	if (e == OK)
		e = userdb_drop(job->service, job->db.mem, &db, &why);
	dropped += e == OK;
	if (e == OK || e == E_NOT_FOUND)
		return;
	kept++;
	why_kept = why;
}

void
userdb_drop_test(const struct conf *conf)
{
	struct job job = { 0 };

	ops_db_open(&job.db, options_of(conf), "io7_owner",
	    "io7 tenant reset-test");
	job.service = ops_db_service(&job.db, conf);
	for_each(&job, (struct opt_uuid){ 0 }, STR("test"), drop_one);
	printf("%zu user databases deleted\n", dropped);
	if (kept)
		fprintf(stderr, "io7: %zu user databases are left: %s\n", kept,
		    why_kept);
	ops_db_close(&job.db);
}

const struct command_verb userdb_verbs[] = {
	{ "list", "[--json]", "lists all user databases", list },
	{ "show", "USER [--json]", "shows the databases of a user", show },
	{ "make", "USER", "creates the databases of a user", make },
	{ "drop", "USER --mode live|test --yes", "deletes a database", drop },
	{ "backup", "USER --mode live|test --to FILE",
	    "saves a database, also while it is in use", backup },
	{ "restore", "USER --mode live|test --from FILE",
	    "replaces a database by a file, after checking it", restore },
	{ "check", "USER --mode live|test", "checks a database", check },
	{ "reseal", "",
	    "encrypts tokens and webhook secrets with the newest key", reseal },
	{ 0 },
};
