/*
 * `io7 doctor`: checks that everything io7 needs is in place. Each row of the
 * table is a check and prints one line, which says how to fix what is wrong.
 */
#include "fcgi/ops/doctor.h"

#include "fcgi/ops/command.h"
#include "fcgi/options.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "lib/sandbox/landlock.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

static const char *const verdict_names[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARN] = "warn",
	[VERDICT_FAIL] = "fail",
};

void
find(struct finding *f, enum verdict verdict, const char *format, ...)
{
	va_list args;

	if (verdict > f->verdict)
		f->verdict = verdict;
	if (f->text.n)
		buf_puts(&f->text, "; ");
	va_start(args, format);
	buf_vprintf(&f->text, format, args);
	va_end(args);
}

/* --- Checks of this machine ----------------------------------------------- */

static void
check_redis(struct doctor *d, enum mode unused, struct finding *f)
{
	struct db_health health;

	(void)unused;
	db_check(d->app.db, &health);
	if (health.redis)
		find(f, VERDICT_OK, "answers at %s", d->opts->redis);
	else
		find(f, VERDICT_FAIL,
		    "does not answer at %s: start Redis, or correct IO7_REDIS",
		    d->opts->redis);
}

static void
check_run_dir(struct doctor *d, enum mode unused, struct finding *f)
{
	const char *dir = d->opts->run_dir;
	struct stat st;

	(void)unused;
	if (stat(dir, &st) < 0)
		find(f, VERDICT_FAIL, "%s: %s: create it, with io7 as owner",
		    dir, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		find(f, VERDICT_FAIL, "%s is not a directory", dir);
	else if (st.st_mode & S_IWOTH)
		find(f, VERDICT_FAIL,
		    "everybody may write to %s: run chmod o-w on it", dir);
	else
		find(f, VERDICT_OK, "%s", dir);
}

/* 0 or errno of connect(). A full backlog means that a server listens. */
static int
try_connect(const char *dir, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code = 0;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name);
	if (fd < 0 ||
	    (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 &&
		errno != EAGAIN))
		code = errno;
	if (fd >= 0)
		close(fd);
	return code;
}

static void
check_sockets(struct doctor *d, enum mode unused, struct finding *f)
{
	(void)unused;
	for (size_t i = 0; i < pools_count; i++) {
		const char *name = pool_at(i)->socket;
		int code = name ? try_connect(d->opts->run_dir, name) : 0;

		if (code)
			find(f, VERDICT_WARN, "%s: %s", name, strerror(code));
	}
	if (f->verdict == VERDICT_OK)
		find(f, VERDICT_OK, "all answer");
	else
		find(f, VERDICT_WARN, "is `io7 serve` running?");
}

/* The kernel cuts a larger backlog to this number, without an error. */
static void
check_backlog(struct doctor *d, enum mode unused, struct finding *f)
{
	static const char path[] = "/proc/sys/net/core/somaxconn";
	FILE *in = fopen(path, "re");
	char line[32] = "";
	long most;

	(void)d;
	(void)unused;
	if (in) {
		(void)!fgets(line, sizeof(line), in);
		fclose(in);
	}
	most = strtol(line, NULL, 10);
	if (most <= 0)
		find(f, VERDICT_WARN, "%s cannot be read", path);
	else if (most < POOL_BACKLOG)
		find(f, VERDICT_WARN,
		    "net.core.somaxconn is %ld: requests that wait for a worker"
		    " may get 502; set it to %d and restart io7",
		    most, POOL_BACKLOG);
	else
		find(f, VERDICT_OK, "net.core.somaxconn is %ld", most);
}

static void
check_landlock(struct doctor *d, enum mode unused, struct finding *f)
{
	int version = landlock_version();

	(void)d;
	(void)unused;
	if (version)
		find(f, VERDICT_OK, "version %d", version);
	else
		find(f, VERDICT_WARN,
		    "the kernel has none: only rules of SQL keep a user"
		    " database from other files; use Linux 5.13 or newer, with"
		    " landlock among the security modules (lsm=)");
}

/* --- The table ------------------------------------------------------------ */

static const struct check {
	const char *name;
	bool of_database;
	void (*run)(struct doctor *, enum mode, struct finding *);
} checks[] = {
	{ "server", true, doctor_server },
	{ "clock", true, doctor_clock },
	{ "connections", true, doctor_connections },
	{ "extensions", true, doctor_extensions },
	{ "roles", true, doctor_roles },
	{ "io7_app", true, doctor_app },
	{ "io7_chore", true, doctor_chore },
	{ "migrations", true, doctor_migrations },
	{ "tenants", true, doctor_tenants },
	{ "redis", false, check_redis },
	{ "run dir", false, check_run_dir },
	{ "sockets", false, check_sockets },
	{ "backlog", false, check_backlog },
	{ "landlock", false, check_landlock },
	{ "databases", false, doctor_databases },
	{ "secrets", false, doctor_secrets },
	{ "tokens", false, doctor_tokens },
};

struct printer {
	bool json, is_first;
	enum verdict worst;
};

static void
print(struct printer *p, const struct check *check, const char *database,
    const struct finding *f)
{
	char bytes[8192];
	struct buf b;

	if (f->verdict > p->worst)
		p->worst = f->verdict;
	if (!p->json) {
		printf("%-5s %-5s %-12s %.*s\n", verdict_names[f->verdict],
		    database, check->name, STR_ARGS(buf_view(&f->text)));
		return;
	}
	buf_init_fixed(&b, bytes, sizeof(bytes));
	buf_json(&b, buf_view(&f->text));
	printf("%s{\"verdict\":\"%s\",\"database\":\"%s\",\"check\":\"%s\","
	       "\"says\":%.*s}",
	    p->is_first ? "" : ",\n", verdict_names[f->verdict], database,
	    check->name, STR_ARGS(buf_view(&b)));
	p->is_first = false;
}

static void
run(struct doctor *d, const struct check *check, enum mode mode,
    struct printer *p)
{
	struct finding f = { 0 };

	/* The database did not answer; the first check has reported it. */
	if (check->of_database && !d->facts[mode] && check != checks)
		return;
	buf_init_fixed(&f.text, f.bytes, sizeof(f.bytes));
	check->run(d, mode, &f);
	print(p, check, check->of_database ? mode_name(mode) : "", &f);
}

int
command_doctor(struct args *args)
{
	struct printer p = { .json = args_flag(args, "--json"),
		.is_first = true };
	struct doctor d = { .conf = args_conf(args) };

	d.opts = options_of(d.conf);
	args_end(args);
	command_clock(d.opts);
	ops_db_open(&d.owner, d.opts, "io7_owner", "io7 doctor");
	ops_db_open(&d.app, d.opts, "io7_app", "io7 doctor");
	ops_db_open(&d.chore, d.opts, "io7_chore", "io7 doctor");
	if (p.json)
		printf("{\"checks\":[");
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
			if (checks[i].of_database || m == MODE_LIVE)
				run(&d, &checks[i], m, &p);
	if (p.json)
		puts("]}");
	ops_db_close(&d.owner);
	ops_db_close(&d.app);
	ops_db_close(&d.chore);
	return p.worst == VERDICT_FAIL ? EXIT_FAILURE : EXIT_SUCCESS;
}
