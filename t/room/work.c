/*
 * Kinds of work for tests, and a route that adds items. Each run of an item is a
 * line of the log. The arguments say what an item does: {"ms":N} takes that
 * long, {"fails":N} fails in the first N attempts, {"how":"..."} ends it in a way
 * of its own.
 */
#include "fcgi/room.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/work/work.h"
#include "lib/json/bind.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <signal.h>
#include <unistd.h>

struct wish {
	struct opt_int64 ms, fails;
	struct str how, n;
};

static const struct bind_field wish_fields[] = {
	{ "ms", BIND_INT, .offset = offsetof(struct wish, ms) },
	{ "fails", BIND_INT, .offset = offsetof(struct wish, fails) },
	{ "how", BIND_TEXT, .offset = offsetof(struct wish, how) },
	{ "n", BIND_JSON, .offset = offsetof(struct wish, n) },
};

static void
tell(const struct work *w, const char *event)
{
	struct log_line l;
	char user[UUID_TEXT];

	uuid_text(w->user, user);
	log_begin(&l, LOG_INFO, event);
	log_text(&l, "kind", w->kind->name);
	log_int(&l, "item", w->id);
	log_int(&l, "attempt", w->attempt);
	log_text(&l, "user", user);
	log_str(&l, "args", w->args);
	log_str(&l, "before", w->error);
	log_text(&l, "last", w->is_last ? "yes" : "no");
	log_int(&l, "late_us", clock_wall_us() - w->due_us);
	log_int(&l, "pid", getpid());
	if (w->why)
		log_text(&l, "why", w->why);
	log_end(&l);
}

static enum work_outcome
behave(struct work *w)
{
	struct bind_problem problem;
	struct wish wish = { 0 };

	tell(w, "test_work");
	if (bind_object(w->mem, w->args, ROWS(wish_fields), &wish, &problem) !=
	    OK) {
		w->why = problem.sentence;
		return WORK_REFUSED;
	}
	if (wish.ms.v)
		clock_sleep(wish.ms.v * NS_PER_MS);
	if (w->attempt <= wish.fails.v) {
		w->why = "It failed as it was asked to.";
		return WORK_FAILED;
	}
	if (str_eq(wish.how, STR("refuse"))) {
		w->why = "It refused as it was asked to.";
		return WORK_REFUSED;
	}
	if (str_eq(wish.how, STR("later")) &&
	    clock_wall_us() < w->due_us + US_PER_S) {
		w->pause_us = 200000;
		return WORK_LATER;
	}
	if (str_eq(wish.how, STR("crash")))
		raise(SIGABRT);
	while (str_eq(wish.how, STR("hang")))
		clock_sleep(NS_PER_S);
	return WORK_DONE;
}

static enum work_outcome
do_nothing(struct work *w)
{
	(void)w;
	return WORK_DONE;
}

static enum work_outcome
check_at_begin(struct work *w)
{
	struct str denied = STR("{\"n\": \"denied\"}");

	tell(w, "test_work_begins");
	w->why = "It was denied.";
	return str_eq(w->args, denied) ? WORK_REFUSED : WORK_DONE;
}

static void
tell_death(struct work *w)
{
	tell(w, "test_work_dead");
}

#define QUICK .pause_ns = 50 * NS_PER_MS, .pause_max_ns = 400 * NS_PER_MS

static const struct work_kind kinds[] = {
	{ "test.none", "does nothing", do_nothing, .timeout_ns = NS_PER_S,
	    .attempts = 3, QUICK },
	{ "test.here", "runs in the runner", behave, .timeout_ns = 2 * NS_PER_S,
	    .attempts = 3, .dead = tell_death, QUICK },
	{ "test.apart", "runs in a process of its own", behave, .apart = true,
	    .begin = check_at_begin, .dead = tell_death,
	    .timeout_ns = 1 * NS_PER_S, .attempts = 3, QUICK },
	{ "test.long", "takes its time in a process of its own", behave,
	    .apart = true, .timeout_ns = 60 * NS_PER_S, .attempts = 5, QUICK },
	{ "test.limited", "runs once for each user, thrice in all", behave,
	    .apart = true, .timeout_ns = 60 * NS_PER_S, .attempts = 5,
	    .per_user = 1, .in_all = 3, QUICK },
};

/* --- The route ------------------------------------------------------------ */

struct order {
	struct str kind, args, key;
	struct opt_int64 delay_ms, count;
	struct opt_bool fail;
};

static const struct bind_field order_fields[] = {
	{ "kind", BIND_TEXT, .required = true,
	    .offset = offsetof(struct order, kind) },
	{ "args", BIND_JSON, .offset = offsetof(struct order, args) },
	{ "key", BIND_TEXT, .offset = offsetof(struct order, key) },
	{ "delay_ms", BIND_INT, .offset = offsetof(struct order, delay_ms) },
	{ "count", BIND_INT, .offset = offsetof(struct order, count) },
	{ "fail", BIND_BOOL, .offset = offsetof(struct order, fail) },
};

struct adding {
	const struct order *order;
	struct work_order work;
	int64_t id;
};

static enum err
add(struct db_tx *tx, void *context)
{
	struct adding *a = context;
	int64_t count = a->order->count.is ? a->order->count.v : 1;
	enum err e = OK;

	for (int64_t i = 0; i < count && e == OK; i++)
		e = work_add(tx, &a->work, &a->id);
	return e == OK && a->order->fail.v ? E_CONFLICT : e;
}

static enum err
add_work(struct req *r)
{
	struct bind_problem problem;
	struct order order = { 0 };
	struct adding a = { .order = &order };
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e;

	e = bind_object(r->mem, r->body, ROWS(order_fields), &order, &problem);
	if (e != OK)
		return fail(r, e, "%s", problem.sentence);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq(order.kind, str_of(kinds[i].name)))
			a.work.kind = &kinds[i];
	if (!a.work.kind)
		return fail(r, E_NOT_FOUND, "no such kind");
	a.work.user = r->principal->tenant.user;
	a.work.mode = r->principal->mode;
	a.work.args = order.args;
	a.work.key = order.key;
	if (order.delay_ms.is)
		a.work.run_at_us = clock_wall_us() + order.delay_ms.v * 1000;
	e = db_transact(tx, 1, add, &a);
	if (e != OK)
		return fail(r, e, "%s", db_trouble(tx));
	work_wake(r->service);
	buf_printf(resp_body(r, 200), "{\"id\":%lld}\n", (long long)a.id);
	return OK;
}

static const struct route routes[] = {
	{ POST, "/t/work", NEED_WRITE, 0, ROUTE_BODY, add_work,
	    .about = "adds items to the queue" },
};

const struct room work_test_room = {
	.name = "work_test",
	.routes = { ROWS(routes) },
	.kinds = { ROWS(kinds) },
};
