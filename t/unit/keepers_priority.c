/*
 * A keeper has the priority of a worker, but not while it runs something long.
 */
#include "t/unit/keepers.h"

#include <sys/resource.h>

/* RLIMIT_NICE that permits the priority 0. */
enum { NICE_LIMIT = 20 };

static const char endless[] =
    "with recursive n(i) as (select 1 union all select i + 1 from n)"
    " select count(*) from n";

static int
priority_of(pid_t pid)
{
	return getpriority(PRIO_PROCESS, (id_t)pid);
}

int
main(int argc, char **argv)
{
	const struct rlimit limit = { NICE_LIMIT, NICE_LIMIT };
	int usual = priority_of(getpid());
	struct keeper_order order;
	struct keepers *k;
	bool may_go_back;
	pid_t pid = -1;

	(void)argc;
	stage_run(argv);
	may_go_back = setrlimit(RLIMIT_NICE, &limit) == 0;
	stage_open();
	k = keepers_new(stage.socket);
	ok(is_done(run(k, "long", "create table a(b)")), "a database is made");
	ok(keepers_of(stage.spawner, &pid, 1) == 1, "one keeper runs");
	is_int(priority_of(pid), usual, "with the usual priority");
	order = order_of(KEEPER_PIPELINE, "long");
	order.body = pipeline_of(NULL, endless, false);
	ok(keeper_begin(k, &order) == OK, "a statement runs without end");
	while (priority_of(pid) == usual)
		clock_sleep(NS_PER_MS);
	ok(priority_of(pid) > usual, "then it has a lower one");
	keeper_end(k);
	ok(is_done(run(k, "long", "insert into a values(1)")),
	    "after a hang-up the next request is answered");
	ok(!may_go_back || priority_of(pid) == usual,
	    "with the usual priority");
	keepers_free(k);
	return stage_end();
}
