/*
 * A shared file: the file at the temporary name is discarded, unless another
 * process has it locked; growth has a limit; a file is closed when it fails.
 */
#include "lib/shm/shared_file.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 10000, RESERVE = 100000 };

static const struct shared_lock lock = { F_SETLK, F_WRLCK, 0, 0 };

static char path[64], temporary[80];

static bool
create(struct shared_file *f)
{
	return shared_file_create(f, temporary, &lock, BYTES, RESERVE);
}

/* A process does not conflict with its own locks. */
static int
create_in_child(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct shared_file f;

		_exit(create(&f) ? 0 : errno);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
leave_behind(const char *text)
{
	int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static void
test_life(void)
{
	struct shared_file f, reader;
	size_t bytes = 0;
	struct stat st;

	leave_behind("left by a process that was killed");
	ok(create(&f), "create over a file left behind");
	is_int(((char *)f.at)[0], 0, "its content is zeroed");
	is_int(create_in_child(), EADDRINUSE,
	    "another process gets EADDRINUSE while it is locked");
	((char *)f.at)[BYTES - 1] = 'x';
	ok(access(path, F_OK) < 0, "it has no name before it is published");
	ok(shared_file_publish(&f, temporary, path), "publish it");
	ok(stat(path, &st) == 0 && st.st_size == BYTES && st.st_blocks > 0,
	    "its blocks are allocated");
	ok(shared_file_open(&reader, path, false, RESERVE, &bytes),
	    "open it to read");
	is_int((long long)bytes, BYTES, "its size is returned");
	is_int(((char *)reader.at)[BYTES - 1], 'x',
	    "a reader sees its content");
	ok(shared_file_grow(&f, RESERVE), "grow it to all that is reserved");
	((char *)f.at)[RESERVE - 1] = 'y';
	is_int(((char *)reader.at)[RESERVE - 1], 'y',
	    "a reader sees the added part");
	ok(!shared_file_grow(&f, RESERVE + 1) && errno == ENOSPC,
	    "growth beyond that fails with ENOSPC");
	shared_file_close(&reader);
	shared_file_remove(&f, path);
	ok(access(path, F_OK) < 0, "remove deletes it");
	shared_file_close(&f);
	is_int(f.fd, -1, "close forgets the descriptor");
}

static void
test_failures(void)
{
	struct shared_file f;
	size_t bytes;

	ok(!shared_file_open(&f, path, true, RESERVE, &bytes) &&
		errno == ENOENT,
	    "open fails with ENOENT without a file");
	ok(create(&f), "create a file");
	ok(!shared_file_publish(&f, temporary, "/nowhere/x") &&
		errno == ENOENT && f.fd == -1,
	    "a file that cannot be published is closed");
	unlink(temporary);
}

int
main(void)
{
	snprintf(path, sizeof(path), "/tmp/io7-shared-%d", (int)getpid());
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	test_life();
	test_failures();
	return tap_done();
}
