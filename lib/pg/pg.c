/*
 * Opening a connection, waiting for it and closing it.
 *
 * Every wait is a poll() with a deadline, since a stopped server does not even
 * answer a cancel request.
 */
#include "lib/pg/pg_impl.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <poll.h>

enum {
	RETRY_FIRST_MS = 20,
	RETRY_LONGEST_MS = 500,
};

struct pg *
pg_new(const struct pg_options *opts)
{
	struct pg *pg = calloc(1, sizeof(*pg));

	if (!pg)
		die(EXIT_FAILURE, "no memory for a database connection");
	pg->opts = *opts;
	pg->prepared = pg_prepared_new(opts->prepared, opts->tenants);
	return pg;
}

void
pg_hang_up(struct pg *pg)
{
	PQfinish(pg->link);
	pg->link = NULL;
	pg->ready = false;
	pg_prepared_clear(pg->prepared);
}

void
pg_free(struct pg *pg)
{
	if (!pg)
		return;
	pg_hang_up(pg);
	pg_prepared_free(pg->prepared);
	free(pg);
}

const char *
pg_sqlstate(const struct pg *pg)
{
	return pg->sqlstate;
}

void
pg_forget_trouble(struct pg *pg)
{
	pg->sqlstate[0] = '\0';
	pg->trouble[0] = '\0';
}

const char *
pg_trouble(const struct pg *pg)
{
	return pg->trouble;
}

size_t
pg_position(const struct pg *pg)
{
	return pg->position;
}

const char *
pg_dsn_problem(const char *dsn)
{
	static const char *const ours[] = { "user", "password" };
	char *why = NULL;
	PQconninfoOption *all = PQconninfoParse(dsn, &why);
	const char *problem = NULL;

	PQfreemem(why);
	if (!all)
		return "is not a libpq connection string";
	for (PQconninfoOption *o = all; o->keyword; o++)
		for (size_t i = 0; i < ARRAY_LEN(ours); i++)
			if (o->val && strcmp(o->keyword, ours[i]) == 0)
				problem = "names a user or password: the roles"
					  " are io7's own, and passwords belong"
					  " into a passfile";
	PQconninfoFree(all);
	return problem;
}

/* Messages of libpq end with a newline. */
static void
keep_trouble(struct pg *pg, const char *message)
{
	struct str line = str_trim(str_of(message));

	snprintf(pg->trouble, sizeof(pg->trouble), "%.*s", STR_ARGS(line));
}

enum err
pg_lost(struct pg *pg, const char *why)
{
	int64_t wait_ms = RETRY_FIRST_MS;

	for (unsigned i = 0; i < pg->failures && wait_ms < RETRY_LONGEST_MS;
	     i++)
		wait_ms *= 2;
	if (wait_ms > RETRY_LONGEST_MS)
		wait_ms = RETRY_LONGEST_MS;
	keep_trouble(pg, why);
	pg->sqlstate[0] = '\0';
	pg->position = 0;
	pg->failures++;
	pg->retry_at_ns = clock_mono_ns() + wait_ms * NS_PER_MS;
	pg_hang_up(pg);
	return E_UNAVAILABLE;
}

enum err
pg_blame(struct pg *pg, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message =
	    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *at = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	uint64_t position;

	pg->position = str_to_u64(str_of(at), &position) ? position : 0;
	snprintf(pg->sqlstate, sizeof(pg->sqlstate), "%s", state ? state : "");
	keep_trouble(pg, message ? message : PQresultErrorMessage(result));
	return pg_err_of(pg->sqlstate);
}

/* libpq would print notices to standard error. */
static void
ignore_notice(void *unused, const char *message)
{
	(void)unused;
	(void)message;
}

static bool
open_begin(struct pg *pg)
{
	const char *const keys[] = { "dbname", "user", "application_name",
		"client_encoding", NULL };
	const char *const values[] = { pg->opts.dsn, pg->opts.role,
		pg->opts.name, "UTF8", NULL };

	pg->link = PQconnectStartParams(keys, values, 1);
	if (!pg->link || PQstatus(pg->link) == CONNECTION_BAD)
		return false;
	PQsetNoticeProcessor(pg->link, ignore_notice, NULL);
	return true;
}

/* The event to poll for before the next turn; 0: connected; -1: failed. */
static int
open_turn(struct pg *pg)
{
	switch (PQconnectPoll(pg->link)) {
	case PGRES_POLLING_READING:
		return POLLIN;
	case PGRES_POLLING_WRITING:
		return POLLOUT;
	case PGRES_POLLING_OK:
		return 0;
	default:
		return -1;
	}
}

static bool
open_end(struct pg *pg)
{
	if (PQsetnonblocking(pg->link, 1) != 0 ||
	    PQenterPipelineMode(pg->link) != 1)
		return false;
	pg->ready = true;
	pg->failures = 0;
	pg->opened_ns = clock_mono_ns();
	return true;
}

/* 1: an event; 0: the deadline has passed; -1: poll() failed. */
static int
wait_for(struct pg *pg, short events, int64_t deadline_ns)
{
	struct pollfd p = { .fd = PQsocket(pg->link), .events = events };
	int n;

	do
		n = poll(&p, 1, clock_ms_left(deadline_ns));
	while (n < 0 && errno == EINTR);
	return n;
}

static enum err
open_now(struct pg *pg, int64_t deadline_ns)
{
	int64_t own = clock_mono_ns() + pg->opts.connect_ns;
	int want = POLLOUT;

	if (own < deadline_ns)
		deadline_ns = own;
	if (!open_begin(pg))
		return pg_lost(pg,
		    pg->link ? PQerrorMessage(pg->link)
			     : "no memory for a connection");
	while (want > 0) {
		if (wait_for(pg, (short)want, deadline_ns) <= 0)
			return pg_lost(pg,
			    "the connection was not established"
			    " in time");
		want = open_turn(pg);
	}
	if (want < 0 || !open_end(pg))
		return pg_lost(pg, PQerrorMessage(pg->link));
	return OK;
}

/*
 * A server that stopped while the connection was idle has left a message or the
 * end of the stream in the socket. Found before anything is sent, it costs the
 * request only a new connection. Anything readable counts as stale.
 */
static bool
is_stale(struct pg *pg)
{
	struct pollfd p = { .fd = PQsocket(pg->link), .events = POLLIN };

	return PQstatus(pg->link) != CONNECTION_OK || poll(&p, 1, 0) != 0;
}

/* A backend keeps memory for each schema that it has used. */
static bool
is_due_for_renewal(const struct pg *pg)
{
	return pg_prepared_is_full(pg->prepared) ||
	    clock_mono_ns() - pg->opened_ns >= pg->opts.renew_ns;
}

bool
pg_is_aborted(const struct pg *pg)
{
	return pg->ready && PQtransactionStatus(pg->link) == PQTRANS_INERROR;
}

bool
pg_in_transaction(const struct pg *pg)
{
	return pg_is_aborted(pg) ||
	    (pg->ready && PQtransactionStatus(pg->link) == PQTRANS_INTRANS);
}

enum err
pg_ready(struct pg *pg, int64_t deadline_ns)
{
	if (pg_in_transaction(pg))
		return OK;
	if (pg->ready && (is_stale(pg) || is_due_for_renewal(pg)))
		pg_hang_up(pg);
	if (pg->ready)
		return OK;
	if (clock_mono_ns() < pg->retry_at_ns)
		return E_UNAVAILABLE;
	return open_now(pg, deadline_ns);
}

bool
pg_next(struct pg *pg, int64_t deadline_ns, PGresult **result)
{
	int unsent = PQflush(pg->link);

	while (unsent == 1 || PQisBusy(pg->link)) {
		short want = (short)(unsent == 1 ? POLLIN | POLLOUT : POLLIN);

		if (wait_for(pg, want, deadline_ns) <= 0) {
			pg_lost(pg, "the server did not answer in time");
			return false;
		}
		if (PQconsumeInput(pg->link) != 1)
			break;
		unsent = PQflush(pg->link);
	}
	*result = PQgetResult(pg->link);
	if (PQstatus(pg->link) == CONNECTION_OK)
		return true;
	PQclear(*result);
	pg_lost(pg, PQerrorMessage(pg->link));
	return false;
}

/* A ping is a Sync without statements. */
struct ping {
	struct pg *pg;
	int want; /* as open_turn(); 0 once connected */
	bool sent, done;
};

static void
ping_fail(struct ping *p)
{
	pg_lost(p->pg, p->pg->link ? PQerrorMessage(p->pg->link) : "no answer");
	p->done = true;
}

static void
ping_turn(struct ping *p, bool *ok)
{
	PGconn *link = p->pg->link;
	PGresult *result;

	if (!p->pg->ready) {
		p->want = open_turn(p->pg);
		if (p->want < 0 || (p->want == 0 && !open_end(p->pg)))
			ping_fail(p);
		if (p->want != 0)
			return;
	}
	if (!p->sent) {
		p->sent = true;
		p->want = POLLIN;
		if (PQpipelineSync(link) != 1 || PQflush(link) < 0)
			ping_fail(p);
		return;
	}
	if (PQconsumeInput(link) != 1) {
		ping_fail(p);
		return;
	}
	while (!PQisBusy(link) && (result = PQgetResult(link))) {
		*ok = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		p->done = true;
		PQclear(result);
	}
}

/* A ping ignores the back-off: it must show the present state. */
static void
ping_begin(struct ping *p, bool *ok)
{
	if (p->pg->ready && is_stale(p->pg))
		pg_hang_up(p->pg);
	if (p->pg->ready) {
		ping_turn(p, ok);
		return;
	}
	p->want = POLLOUT;
	if (!open_begin(p->pg))
		ping_fail(p);
}

void
pg_ping(struct pg *const *pgs, size_t n, int64_t deadline_ns, bool *ok)
{
	struct ping pings[4];
	struct pollfd polls[4];
	size_t waiting;

	if (n > ARRAY_LEN(pings))
		BUG("%zu databases at once", n);
	for (size_t i = 0; i < n; i++) {
		ok[i] = false;
		pings[i] = (struct ping){ .pg = pgs[i] };
		ping_begin(&pings[i], &ok[i]);
	}
	for (;;) {
		waiting = 0;
		for (size_t i = 0; i < n; i++) {
			bool done = pings[i].done;

			polls[i] = (struct pollfd){
				.fd = done ? -1 : PQsocket(pgs[i]->link),
				.events = (short)pings[i].want,
			};
			waiting += !done;
		}
		if (waiting == 0 ||
		    poll(polls, n, clock_ms_left(deadline_ns)) == 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (polls[i].fd >= 0 && polls[i].revents)
				ping_turn(&pings[i], &ok[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (!pings[i].done)
			pg_lost(pgs[i], "the server did not answer in time");
}
