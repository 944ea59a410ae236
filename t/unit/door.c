/*
 * The door, against the stack's PostgreSQL: names that it refuses, statements
 * in both modes, transactions that commit, roll back and are done again, and
 * more prepared statements than a connection may keep.
 */
#include "fcgi/options.h"
#include "t/unit/tap.h"

#include "fcgi/db/door.h"
#include "fcgi/rooms.h"
#include "lib/crypto/crypt.h"
#include "stmts/db.h"
#include "stmts/kv.h"

#include <sys/wait.h>
#include <unistd.h>

static struct arena *mem;
static struct conf *conf;
static struct options opts;

static struct db *
db_as(const char *role)
{
	return db_new(&opts, role, "t/unit/door");
}

static struct tenant
some_user(void)
{
	struct tenant t = { 0 };

	if (!crypt_random(t.user.b, sizeof(t.user.b)))
		exit(EXIT_FAILURE);
	tenant_name(t.user, t.schema);
	return t;
}

static struct tenant
provisioned_user(struct db *b)
{
	struct tenant t = some_user();
	struct db_tx *tx = db_open(b, mem, MODE_TEST);
	struct tenant_provision_row *row;

	if (tenant_provision(tx, t.user, &row) != OK)
		printf("# provisioning: %s\n", db_trouble(tx));
	else
		is_slice(row->schema_name, t.schema,
		    "a user has its own schema");
	return t;
}

static struct tenant_tx *
enter(struct db *b, const struct tenant *t)
{
	struct tenant_tx *tx = NULL;

	if (tenant_open(b, mem, t, MODE_TEST, &tx) != OK)
		ok(false, "open the door");
	return tx;
}

/* Without conditions and expiry. */
static enum err
store(struct tenant_tx *tx, struct str key, struct str value,
    struct opt_int64 ttl, struct kv_put_row **row)
{
	const struct array none = { 0 };

	return kv_put(tx, key, value, ttl, none, none, (struct opt_int64){ 0 },
	    INT64_MAX, INT64_MAX, row);
}

static enum err
put(struct tenant_tx *tx, struct str key, struct str value)
{
	struct kv_put_row *row;

	return store(tx, key, value, (struct opt_int64){ 0 }, &row);
}

/* The value of a key, or the empty slice. */
static struct str
get(struct tenant_tx *tx, struct str key)
{
	struct kv_get_row *row = NULL;

	if (kv_get(tx, key, &row) != OK || !row)
		return STR("");
	return row->value;
}

static void
refuses_names(struct db *b)
{
	static const char *const bad[] = {
		"user_00000000000000000000000000000000",
		"public",
		"",
		"User_x",
		"1user",
		"user_x\"; DROP SCHEMA app; --",
		"user_'x'",
		"user-x",
		"pg_catalog",
	};
	struct tenant t = some_user();
	struct tenant_tx *tx;

	is_int(tenant_open(b, mem, &t, MODE_TEST, &tx), OK,
	    "the name of a schema is accepted");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(t.schema, sizeof(t.schema), "%s", bad[i]);
		ok(tenant_open(b, mem, &t, MODE_TEST, &tx) == E_FORBIDDEN,
		    "refused: %s", bad[i]);
	}
	memset(t.schema, 'a', sizeof(t.schema));
	is_int(tenant_open(b, mem, &t, MODE_TEST, &tx), E_FORBIDDEN,
	    "a name of 64 characters is refused");
}

static void
keeps_values(struct db *b)
{
	struct tenant mine = provisioned_user(b), yours = provisioned_user(b);
	struct tenant_tx *tx = enter(b, &mine), *other = enter(b, &yours);
	struct kv_put_row *row;

	is_slice(get(tx, STR("k")), "", "a new store is empty");
	is_int(store(tx, STR("k"), STR("12345678901234567890"),
		   (struct opt_int64){ 0 }, &row),
	    OK, "a value is stored");
	ok(row->created.v && row->version.v > 0 && !row->expires_at.is,
	    "it is created with a version and no expiry");
	is_slice(get(tx, STR("k")), "12345678901234567890",
	    "a number keeps its digits");
	is_slice(get(other, STR("k")), "",
	    "another tenant does not see the value");
	is_int(put(tx, STR("k"), STR("{\"a\":")), E_BAD_REQUEST,
	    "invalid JSON is a bad request");
	is_str(tenant_sqlstate(tx), "22P02", "the SQLSTATE is kept");
	is_slice(get(tx, STR("k")), "12345678901234567890",
	    "the connection works after an error");
	is_int(put(tx, STR(""), STR("1")), E_BAD_REQUEST,
	    "a failed check is a bad request");
	is_int(store(tx, STR("t"), STR("1"), (struct opt_int64){ true, 60 },
		   &row),
	    OK, "a value with an expiry is stored");
	ok(row->expires_at.is && row->expires_at.v > 1700000000000000,
	    "its expiry is a time of this century");
}

static void
comes_back_after_a_wipe(struct db *b)
{
	struct db *chore = db_as("io7_chore");
	struct tenant t = provisioned_user(b);
	struct tenant_tx *tx = enter(b, &t);
	struct tenant_drop_row *row;
	struct db_tx *base = db_open(chore, mem, MODE_TEST);

	is_int(put(tx, STR("k"), STR("1")), OK,
	    "a value is stored before the schema is dropped");
	is_int(tenant_drop(base, t.user, &row), OK, "drop the schema");
	tx = enter(b, &t);
	tenant_must_exist(tx);
	is_int(put(tx, STR("k"), STR("2")), E_INTERNAL,
	    "background work does not recreate it");
	tx = enter(b, &t);
	is_int(put(tx, STR("k"), STR("2")), OK, "the next write recreates it");
	is_slice(get(tx, STR("k")), "2", "the value is stored");
	db_free(chore);
}

struct pair {
	struct str first, second;
	enum err end;
	int ready, go; /* descriptors; -1: no meeting */
	unsigned runs;
};

static enum err
put_pair(struct tenant_tx *tx, void *context)
{
	struct pair *p = context;
	char c = '.';
	enum err e = put(tx, p->first, STR("1"));

	p->runs++;
	if (e == OK && p->go >= 0 && p->runs == 1) {
		if (write(p->ready, &c, 1) != 1 || read(p->go, &c, 1) != 1)
			return E_INTERNAL;
	}
	if (e == OK)
		e = put(tx, p->second, STR("2"));
	return e == OK ? p->end : e;
}

static void
makes_transactions(struct db *b)
{
	struct tenant t = provisioned_user(b);
	struct tenant_tx *tx = enter(b, &t);
	struct pair fine = { STR("a"), STR("b"), OK, -1, -1, 0 };
	struct pair regretted = { STR("c"), STR("d"), E_CONFLICT, -1, -1, 0 };
	struct pair broken = { STR("e"), STR(""), OK, -1, -1, 0 };

	is_int(tenant_transact(tx, 1, put_pair, &fine), OK,
	    "a transaction of two writes commits");
	is_slice(get(tx, STR("a")), "1", "the first write is stored");
	is_slice(get(tx, STR("b")), "2", "the second write is stored");
	is_int(tenant_transact(tx, 3, put_pair, &regretted), E_CONFLICT,
	    "an error of the callback is returned");
	is_int(regretted.runs, 1, "the callback is not retried");
	is_slice(get(tx, STR("c")), "", "its writes are rolled back");
	is_int(tenant_transact(tx, 3, put_pair, &broken), E_BAD_REQUEST,
	    "an error of a statement is returned");
	is_slice(get(tx, STR("e")), "", "its writes are rolled back too");
}

static enum err
regret(struct tenant_tx *tx, void *context)
{
	(void)tx;
	++*(unsigned *)context;
	return E_CONFLICT;
}

/* One side of a deadlock; the exit code is its result. */
static void
deadlocked_child(const struct tenant *t, struct pair pair)
{
	struct db *b = db_as("io7_app");
	enum err e = tenant_transact(enter(b, t), 5, put_pair, &pair);
	unsigned runs = 0;

	/* The earlier deadlock must not cause a retry of other work. */
	if (tenant_transact(enter(b, t), 5, regret, &runs) != E_CONFLICT ||
	    runs != 1)
		_exit(101);
	_exit(e == OK ? (int)pair.runs : 100);
}

static void
survives_a_deadlock(struct db *b)
{
	struct tenant t = provisioned_user(b);
	int ready[2], go[2], status, runs = 0;
	char two[2];

	if (put(enter(b, &t), STR("a"), STR("0")) != OK ||
	    put(enter(b, &t), STR("b"), STR("0")) != OK || pipe(ready) < 0 ||
	    pipe(go) < 0) {
		ok(false, "prepare the deadlock");
		return;
	}
	fflush(stdout);
	for (int side = 0; side < 2; side++) {
		struct pair p = { STR("a"), STR("b"), OK, ready[1], go[0], 0 };

		if (side)
			p = (struct pair){ STR("b"), STR("a"), OK, ready[1],
				go[0], 0 };
		if (fork() == 0)
			deadlocked_child(&t, p);
	}
	for (int i = 0; i < 2; i++)
		if (read(ready[0], &two[i], 1) != 1)
			ok(false, "both write their first key");
	if (write(go[1], two, 2) != 2)
		ok(false, "let both continue");
	for (int i = 0; i < 2; i++)
		if (wait(&status) > 0 && WIFEXITED(status))
			runs += WEXITSTATUS(status);
	is_int(runs, 3,
	    "one of two in a deadlock is done again, and both end"
	    " well");
}

#define ACTS_FOR(digit)                        \
	"DO $$ BEGIN ASSERT app.identity() = " \
	"'00000000-0000-0000-0000-00000000000" digit "'; END $$;"

/* As one user at first, as another from the middle on. */
static enum err
act_for_two(struct db_tx *tx, void *context)
{
	struct uuid *user = context;
	enum err e = db_script(tx, ACTS_FOR("1"));

	user->b[15] = 2;
	db_identify(tx, *user);
	return e == OK ? db_script(tx, ACTS_FOR("2")) : e;
}

static void
identifies_the_user(struct db *b)
{
	struct uuid user = { { 0 } };
	struct db_tx *tx = db_open(b, mem, MODE_TEST);

	user.b[15] = 1;
	db_identify(tx, user);
	is_int(db_transact(tx, 1, act_for_two, &user), OK,
	    "a transaction acts for the user, whenever the user was set");
	is_str(db_trouble(tx), "", "there is no error message");
}

static enum err
copy_out(struct db_tx *tx, void *context)
{
	(void)context;
	return db_script(tx, "COPY (SELECT 1) TO STDOUT;");
}

static void
runs_no_copy(struct db *b)
{
	struct db_tx *tx = db_open(b, mem, MODE_TEST);

	is_int(db_transact(tx, 1, copy_out, NULL), E_UNAVAILABLE,
	    "a script with COPY FROM STDIN fails");
	is_str(db_trouble(tx), "a script may not COPY from or to its client",
	    "the reason is reported");
}

static void
fails_without_memory(void)
{
	struct tenant_provision_row *row;

	is_int(tenant_provision(NULL, some_user().user, &row), E_TOO_LARGE,
	    "a statement on NULL fails");
	is_int(db_transact(NULL, 1, copy_out, NULL), E_TOO_LARGE,
	    "a transaction on NULL fails");
	is_str(db_trouble(NULL), "no memory", "the reason is no memory");
}

static void
keeps_few_prepared(void)
{
	uint64_t was = opts.prepared_statements;
	struct tenant t[8];
	struct db *b;
	bool fine = true;

	opts.prepared_statements = 10;
	b = db_as("io7_app");
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		t[i] = provisioned_user(b);
	for (size_t i = 0; i < 20 * ARRAY_LEN(t); i++) {
		struct tenant_tx *tx = enter(b, &t[i * 7 % ARRAY_LEN(t)]);

		fine = fine && put(tx, STR("k"), STR("1")) == OK &&
		    str_eq(get(tx, STR("k")), STR("1"));
	}
	ok(fine, "16 statements share 10 prepared ones");
	db_free(b);
	opts.prepared_statements = was;
}

static void
does_without_names(void)
{
	struct tenant t;
	struct tenant_tx *tx;
	struct db *b;

	opts.named_statements = false;
	b = db_as("io7_app");
	t = provisioned_user(b);
	tx = enter(b, &t);
	is_int(put(tx, STR("k"), STR("[1]")), OK,
	    "a write without prepared statements");
	is_slice(get(tx, STR("k")), "[1]",
	    "a read without prepared statements");
	db_free(b);
	opts.named_statements = true;
}

/* The configuration of the stack is beside its env file. */
static bool
load_stack(void)
{
	const char *env = getenv("IO7_STACK_ENV");
	const char *slash = env ? strrchr(env, '/') : NULL;
	char path[512];

	if (!slash)
		return false;
	snprintf(path, sizeof(path), "%.*s/io7.conf", (int)(slash - env), env);
	for (size_t i = 0; i < rooms_count; i++)
		options_add(rooms[i]->options);
	conf = conf_load(options_slices(), path, NULL);
	opts = *options_of(conf);
	return conf_faults(conf) == 0;
}

int
main(void)
{
	struct db *b;

	if (!load_stack()) {
		puts("1..0 # SKIP no stack is up");
		return EXIT_SUCCESS;
	}
	mem = arena_new(64 << 20);
	b = db_as("io7_app");
	refuses_names(b);
	keeps_values(b);
	comes_back_after_a_wipe(b);
	makes_transactions(b);
	survives_a_deadlock(b);
	identifies_the_user(b);
	runs_no_copy(b);
	fails_without_memory();
	keeps_few_prepared();
	does_without_names();
	db_free(b);
	arena_free(mem);
	conf_free(conf);
	return tap_done();
}
