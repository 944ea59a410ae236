/*
 * Statements that try to reach other files.
 *
 * keepers_unguarded.c includes this file, too: then nothing but the sandbox of
 * the keeper stands in the way.
 */
#include "t/unit/keepers.h"

#include "lib/sandbox/landlock.h"

static struct keepers *keepers;

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The folder of a database, or a file in it. */
static const char *
path_of(const char *name)
{
	struct buf b;

	buf_init(&b, mem);
	buf_printf(&b, "%s/%s", stage.options.folder, name);
	buf_putc(&b, '\0');
	return b.p;
}

static void
fails(const char *before, const char *path, const char *after, const char *what)
{
	char sql[512];
	const char *answer;

	snprintf(sql, sizeof(sql), "%s'%s'%s", before, path, after);
	answer = run(keepers, "mine", sql);
	ok(!is_done(answer) && answer[0] == '{', "%s", what);
}

static void
fails_to_attach(const char *path, const char *what)
{
	fails("attach ", path, " as x", what);
}

static void
test_attach(void)
{
	fails_to_attach("/etc/passwd", "/etc/passwd is not attached");
	fails_to_attach("../other/database",
	    "nor another user's database by a relative path");
	fails_to_attach(path_of("other/database"), "nor by an absolute one");
	fails_to_attach("file:../other/database?immutable=1", "nor by a URI");
	fails_to_attach("/proc/self/root/etc/passwd",
	    "nor a file through /proc");
	fails_to_attach("/dev/shm/io7-attached",
	    "no file is created elsewhere");
	ok(!exists("/dev/shm/io7-attached"), "it does not exist");
}

static void
test_symlinks(void)
{
	ok(symlink("../other/database", path_of("mine/link")) == 0 &&
		symlink("/etc/passwd", path_of("mine/passwd")) == 0,
	    "the folder has symbolic links out of it");
	fails_to_attach("link", "a link is not followed");
	fails_to_attach("passwd", "nor one to /etc/passwd");
	unlink(path_of("mine/link"));
	unlink(path_of("mine/passwd"));
}

static void
test_writing(void)
{
	fails("vacuum into ", path_of("other/copy"), "",
	    "VACUUM INTO writes to no other folder");
	ok(!exists(path_of("other/copy")), "nothing is there");
	fails("vacuum into ", "/var/tmp/io7-vacuumed", "", "nor to /var/tmp");
	ok(!exists("/var/tmp/io7-vacuumed"), "nothing is there either");
	fails("select load_extension(", "/lib/x86_64-linux-gnu/libm.so.6", ")",
	    "no library is loaded");
}

/* Somebody put another user's database in its place. */
static void
test_database_link(void)
{
	struct keeper_order order = order_of(KEEPER_PIPELINE, "linked");
	const char *answer;

	ok(mkdir(path_of("linked"), 0700) == 0 &&
		symlink("../other/database", path_of("linked/database")) == 0,
	    "a database is a link to another one");
	order.body = pipeline_of(NULL, "select b from secret", false);
	answer = ask(keepers, order);
	ok(answer[0] == '!' && !strstr(answer, "hidden"), "it is not opened");
	ok(symlink("other", path_of("folder-link")) == 0,
	    "a folder is a link to another one");
	order.name = "folder-link";
	answer = ask(keepers, order);
	ok(answer[0] == '!' && !strstr(answer, "hidden"), "it is not opened");
}

static void
test_list(void)
{
	const char *answer = run(keepers, "mine", "pragma database_list");

	ok(has(answer, "\"database\"") && !has(answer, path_of("")),
	    "PRAGMA database_list does not show the folder");
}

int
main(int argc, char **argv)
{
	(void)argc;
	stage_run(argv);
	stage_open();
	keepers = keepers_new(stage.socket);
	run(keepers, "other", "create table secret(b)");
	run(keepers, "other", "insert into secret values('hidden')");
	ok(has(run(keepers, "other", "select b from secret"), "hidden"),
	    "another user has a database");
	ok(is_done(run(keepers, "mine", "create table a(b)")),
	    "so has this one");
#ifdef LITE_NO_AUTHORIZER
	ok(landlock_version() > 0, "the kernel has Landlock");
	ok(is_done(run(keepers, "mine", "vacuum into 'inside'")) &&
		exists(path_of("mine/inside")),
	    "without the authorizer, VACUUM INTO writes to its own folder");
#endif
	test_attach();
	test_symlinks();
	test_writing();
	test_database_link();
	test_list();
	keepers_free(keepers);
	return stage_end();
}
