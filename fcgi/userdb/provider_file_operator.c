/*
 * Backup, restore and check. A command asks the keeper as a worker does, so that
 * a database may be in use.
 */
#include "fcgi/userdb/operator.h"

#include "fcgi/userdb/provider_file_impl.h"
#include "lib/os/clock.h"
#include "stmts/userdb.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, PAGE = 200 };

/* A large file takes its time. */
#define COMMAND_NS (24 * 3600 * NS_PER_S)

static enum err
fail_file(const char **why)
{
	*why = strerror(errno);
	return E_INTERNAL;
}

static enum err
begin(const struct service *service, const struct userdb *db,
    struct keeper_order *order, const char **why)
{
	enum err e = userdb_check_host(service, db, why);

	if (e == OK && strcmp(db->provider, provider_file.name) != 0) {
		*why = "its provider has tools of its own";
		e = E_CONFLICT;
	}
	if (e != OK)
		return e;
	order->name = db->name;
	order->size_max = INT64_MAX;
	order->deadline_ns = clock_mono_ns() + COMMAND_NS;
	e = keeper_begin(provider_file_keepers(service), order);
	if (e != OK)
		*why = "there is no spawner, or it has no keeper to spare";
	return e;
}

static enum err
fault_of(const struct keepers *k, const char **why)
{
	enum err e = keeper_fault(k, why);

	if (!*why)
		*why = provider_file_sentence(e);
	return e;
}

static enum err
wait_for_end(struct keepers *k, const char **why)
{
	enum keeper_state state;
	struct str piece;

	do
		state = keeper_wait(k, &piece);
	while (state != KEEPER_DONE && state != KEEPER_FAILED);
	return state == KEEPER_DONE ? OK : fault_of(k, why);
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* --- Backup --------------------------------------------------------------- */

static enum err
copy_file(int from, int to, const char **why)
{
	char piece[PIECE];
	ssize_t n;

	while ((n = read(from, piece, sizeof(piece))) > 0)
		if (!write_all(to, piece, (size_t)n))
			return fail_file(why);
	return n == 0 && fsync(to) == 0 ? OK : fail_file(why);
}

/* An existing file is not replaced: it may be the only good backup. */
static enum err
save_as(int from, const char *file, const char **why)
{
	int to = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum err e;

	if (to < 0)
		return fail_file(why);
	e = copy_file(from, to, why);
	if (close(to) < 0 && e == OK)
		e = fail_file(why);
	if (e != OK)
		unlink(file);
	return e;
}

enum err
userdb_backup(const struct service *service, const struct userdb *db,
    const char *file, const char **why)
{
	struct keepers *k = provider_file_keepers(service);
	struct keeper_order order = { .kind = KEEPER_EXPORT };
	int copy = -1;
	enum err e = begin(service, db, &order, why);

	if (e != OK)
		return e;
	e = wait_for_end(k, why);
	if (e == OK)
		copy = keeper_file(k);
	keeper_end(k);
	if (e != OK)
		return e;
	if (copy < 0) {
		*why = "the keeper sent no file";
		return E_INTERNAL;
	}
	e = save_as(copy, file, why);
	close(copy);
	return e;
}

/* --- Restore and check ---------------------------------------------------- */

/* Sends the file, and an empty piece at its end. */
static enum err
feed(struct keepers *k, int from, const char **why)
{
	char piece[PIECE];
	ssize_t n;

	do {
		n = read(from, piece, sizeof(piece));
		if (n < 0)
			return fail_file(why);
		if (keeper_feed(k, (struct str){ piece, (size_t)n }) != OK)
			return fault_of(k, why);
	} while (n);
	return wait_for_end(k, why);
}

enum err
userdb_restore(const struct service *service, const struct userdb *db,
    const char *file, const char **why)
{
	struct keepers *k = provider_file_keepers(service);
	struct keeper_order order = { .kind = KEEPER_IMPORT,
		.make = true,
		.may_write = true };
	int from = open(file, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (from < 0)
		return fail_file(why);
	e = begin(service, db, &order, why);
	if (e == OK) {
		e = feed(k, from, why);
		keeper_end(k);
	}
	close(from);
	return e;
}

enum err
userdb_check(const struct service *service, const struct userdb *db,
    const char **why)
{
	struct keepers *k = provider_file_keepers(service);
	struct keeper_order order = { .kind = KEEPER_CHECK };
	enum err e = begin(service, db, &order, why);

	if (e != OK)
		return e;
	e = wait_for_end(k, why);
	keeper_end(k);
	return e;
}

enum err
userdb_note_facts(const struct service *service, struct arena *mem,
    struct userdb *db, const char **why)
{
	enum err e =
	    provider_find(str_of(db->provider))->facts(service, mem, db, why);

	return e == OK ? userdb_note(service, mem, db, why) : e;
}
