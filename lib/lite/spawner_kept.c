/*
 * The keepers of a spawner: starting them, and finding one that can leave.
 *
 * A keeper has ended when its control socket has; then its process is reaped.
 */
#include "lib/lite/spawner_impl.h"

#include "lib/os/clock.h"
#include "lib/os/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LINES_MAX = 20, /* that a keeper may write to the log */
	STUCK_S = 5,    /* without a look at the clock: see kept_end_stuck() */
};

struct kept *
kept_find(const struct spawner *s, const char *name)
{
	struct kept *k = s->kept;

	while (k && strcmp(k->name, name) != 0)
		k = k->next;
	return k;
}

static void
log_keeper(const struct kept *k, enum log_level level, const char *event,
    const char *detail)
{
	struct log_line l;

	log_begin(&l, level, event);
	log_text(&l, "database", k->name);
	log_int(&l, "keeper", k->pid);
	log_text(&l, "detail", detail);
	log_end(&l);
}

/* --- The end of one ------------------------------------------------------- */

/* The keeper of a dropped database was killed: that is not logged. */
static void
reap(const struct kept *k)
{
	char how[80];
	int status = 0;

	if (waitpid(k->pid, &status, 0) != k->pid ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 0) || k->is_dropped)
		return;
	proc_describe_end(status, how, sizeof(how));
	log_keeper(k, LOG_WARN, "keeper_died", how);
}

static void
forget(struct spawner *s, struct kept *gone)
{
	struct kept **at = &s->kept;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	s->n_kept--;
	munmap(gone->slot, sizeof(*gone->slot));
	spawner_forget(s, gone->control);
	free(gone);
}

static void
end(struct spawner *s, struct kept *k)
{
	reap(k);
	forget(s, k);
	clients_retry(s);
}

static void
on_note(struct spawner *s, struct source *source)
{
	struct kept *k = (struct kept *)source;
	struct keeper_note note;
	ssize_t n = recv(k->control, &note, sizeof(note), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end(s, k);
		return;
	}
	if ((size_t)n < sizeof(note))
		return;
	note.log[sizeof(note.log) - 1] = '\0';
	if (note.log[0] && k->lines++ < LINES_MAX)
		log_keeper(k, note.is_bug ? LOG_ALERT : LOG_WARN,
		    note.is_bug ? "BUG" : "keeper", note.log);
	if (note.is_idle)
		clients_retry(s);
}

/* --- Starting ------------------------------------------------------------- */

/* The owner of the folder of all databases gets the new one, too. */
static bool
make_folder(const struct spawner *s, const char *name)
{
	struct stat st;

	if (mkdirat(s->folder, name, 0700) < 0)
		return errno == EEXIST;
	if (fstat(s->folder, &st) < 0)
		return false;
	return (st.st_uid == geteuid() && st.st_gid == getegid()) ||
	    fchownat(s->folder, name, st.st_uid, st.st_gid, 0) == 0;
}

/* -1 with errno. A symbolic link is no folder. */
static int
open_folder(const struct spawner *s, const char *name, bool make)
{
	if (make && !make_folder(s, name))
		return -1;
	return openat(s->folder, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void NORETURN
become_keeper(const struct spawner *s, const struct kept *k, int control,
    int folder)
{
	struct keeper_start start = {
		.control = control,
		.folder = folder,
		.memory = s->options.memory,
		.file = s->options.file,
		.idle_ns = s->options.idle_ns,
		.bounds = &s->options.bounds,
		.schema = s->schema,
		.filter = s->filter,
		.slot = k->slot,
	};

	keeper_run(&start);
}

/*
 * Sending to a keeper never blocks: one whose statement runs for long reads no
 * messages, and the spawner has to end it if it is stuck.
 */
static bool
fork_keeper(struct spawner *s, struct kept *k, int folder)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	k->pid = fork();
	if (k->pid == 0)
		become_keeper(s, k, pair[1], folder);
	close(pair[1]);
	k->control = pair[0];
	if (k->pid > 0 && spawner_watch(s, k->control, &k->source))
		return true;
	if (k->pid > 0) {
		kill(k->pid, SIGKILL);
		waitpid(k->pid, NULL, 0);
	}
	close(pair[0]);
	return false;
}

/* A page of its own: start() keeps later keepers from inheriting it. */
static struct keeper_slot *
new_slot(void)
{
	struct keeper_slot *slot = mmap(NULL, sizeof(*slot),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return slot == MAP_FAILED ? NULL : slot;
}

static bool
start(struct spawner *s, const char *name, int folder)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (!k)
		return false;
	memcpy(k->name, name, strlen(name) + 1);
	k->source.on_event = on_note;
	k->slot = new_slot();
	if (!k->slot) {
		free(k);
		return false;
	}
	k->slot->used_ns = clock_mono_ns();
	if (!fork_keeper(s, k, folder)) {
		munmap(k->slot, sizeof(*k->slot));
		free(k);
		return false;
	}
	madvise(k->slot, sizeof(*k->slot), MADV_DONTFORK);
	k->next = s->kept;
	s->kept = k;
	s->n_kept++;
	return true;
}

enum err
kept_start(struct spawner *s, const char *name, bool make)
{
	int folder = open_folder(s, name, make);
	bool fine;

	if (folder < 0 && errno == ENOENT)
		return E_NOT_FOUND;
	fine = folder >= 0 && start(s, name, folder);
	if (!fine)
		log_event(LOG_ERROR, "no_keeper", "%s/%s: %s",
		    s->options.folder, name, strerror(errno));
	if (folder >= 0)
		close(folder);
	return fine ? OK : E_UNAVAILABLE;
}

bool
kept_connect(struct kept *k, int *fd)
{
	int pair[2];
	bool fine;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	fine = proc_send_fds(k->control, &pair[1], 1);
	close(pair[1]);
	if (fine)
		*fd = pair[0];
	else
		close(pair[0]);
	return fine;
}

/* --- Leaving -------------------------------------------------------------- */

static void
say(const struct kept *k, char byte)
{
	(void)!send(k->control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
kept_ask_to_leave(struct kept *k)
{
	k->is_asked = true;
	say(k, CONTROL_LEAVE);
}

void
kept_ask_to_end(struct kept *k)
{
	k->is_asked = true;
	say(k, CONTROL_END);
}

/*
 * The least recently used one that is idle and was not asked yet. One that is
 * busy is to say when it is idle; it may have become so before it saw that,
 * hence the second look.
 */
static struct kept *
find_idle(struct spawner *s)
{
	struct kept *found = NULL;

	for (struct kept *k = s->kept; k; k = k->next) {
		if (k->is_asked)
			continue;
		if (k->slot->busy) {
			k->slot->is_wanted = true;
			if (k->slot->busy)
				continue;
		}
		if (!found || k->slot->used_ns < found->slot->used_ns)
			found = k;
	}
	return found;
}

void
kept_make_room(struct spawner *s, size_t rooms)
{
	size_t leaving = 0;
	struct kept *k;

	for (k = s->kept; k; k = k->next)
		leaving += k->is_asked;
	for (; leaving < rooms && (k = find_idle(s)); leaving++)
		kept_ask_to_leave(k);
}

/* SQLite's files have no folders among them. */
enum err
kept_remove_folder(const struct spawner *s, const char *name)
{
	int fd = open_folder(s, name, false);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool fine = dir != NULL;

	if (fd < 0 && errno == ENOENT)
		return OK;
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			fine = unlinkat(fd, entry->d_name, 0) == 0 && fine;
	fine = fine && unlinkat(s->folder, name, AT_REMOVEDIR) == 0;
	if (!fine)
		log_event(LOG_ERROR, "not_removed", "%s/%s: %s",
		    s->options.folder, name, strerror(errno));
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return fine ? OK : E_INTERNAL;
}

/*
 * A statement that runs looks at the clock every now and then, and is
 * interrupted when its time is over. One that has not done so for seconds
 * longer is in a single operation of SQLite that cannot be interrupted.
 */
void
kept_end_stuck(struct spawner *s)
{
	int64_t now = clock_mono_ns();

	for (struct kept *k = s->kept; k; k = k->next) {
		int64_t alive = k->slot->alive_ns;

		if (!alive ||
		    now - alive <
			s->options.bounds.statement_ns + STUCK_S * NS_PER_S)
			continue;
		log_keeper(k, LOG_WARN, "keeper_stuck",
		    "its statement cannot be interrupted");
		kill(k->pid, SIGKILL);
	}
}

void
kept_kill_all(struct spawner *s)
{
	for (struct kept *k = s->kept; k; k = k->next)
		kill(k->pid, SIGKILL);
}
