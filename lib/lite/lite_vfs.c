/*
 * The VFS is a copy of "unix-excl", which keeps the index of the write-ahead log
 * on the heap and locks the file for this process once, so that a transaction
 * needs no system calls for locks. The copy takes its random bytes from
 * getrandom(), since the sandbox has no /dev/urandom, and notes whether all that
 * was written to the log is on the disk.
 */
#include "lib/lite/lite_impl.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/random.h>

/* SQLite itself compares this name, so the copy must have it, too. */
#define VFS_NAME "unix-excl"

static struct {
	sqlite3_vfs vfs;
	const sqlite3_vfs *plain;
	sqlite3_io_methods methods; /* of a log */
	const sqlite3_io_methods *plain_methods;
	/* The log, as the connection that has last written opened it. */
	sqlite3_file *written; /* NULL: all is on the disk */
	int rc; /* of a log that was closed; it may have lost commits */
} us;

bool
lite_random(void *to, size_t n)
{
	unsigned char *at = to;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return true;
}

static int
random_bytes(sqlite3_vfs *vfs, int n, char *to)
{
	(void)vfs;
	return lite_random(to, (size_t)n) ? n : 0;
}

/* A relative path stays one: PRAGMA database_list shows it to clients. */
static int
full_path(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
	if (name[0] == '/')
		return us.plain->xFullPathname(vfs, name, size, to);
	return snprintf(to, (size_t)size, "%s", name) < size ? SQLITE_OK
							     : SQLITE_CANTOPEN;
}

/* --- The log -------------------------------------------------------------- */

static int
log_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	us.written = file;
	return us.plain_methods->xWrite(file, bytes, n, at);
}

static int
log_sync(sqlite3_file *file, int flags)
{
	int rc = us.plain_methods->xSync(file, flags);

	if (rc == SQLITE_OK && us.written == file)
		us.written = NULL;
	return rc;
}

static int
log_close(sqlite3_file *file)
{
	if (us.written == file) {
		us.rc = lite_sync();
		us.written = NULL;
	}
	return us.plain_methods->xClose(file);
}

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *has)
{
	int rc = us.plain->xOpen(vfs, name, file, flags, has);

	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return rc;
	if (!us.plain_methods) {
		us.plain_methods = file->pMethods;
		us.methods = *file->pMethods;
		us.methods.xWrite = log_write;
		us.methods.xSync = log_sync;
		us.methods.xClose = log_close;
	}
	file->pMethods = &us.methods;
	return SQLITE_OK;
}

bool
lite_is_synced(void)
{
	return !us.written && us.rc == SQLITE_OK;
}

int
lite_sync(void)
{
	if (us.rc != SQLITE_OK || !us.written)
		return us.rc;
	return log_sync(us.written, SQLITE_SYNC_NORMAL);
}

/* --- Starting ------------------------------------------------------------- */

bool
lite_vfs_start(void)
{
	us.plain = sqlite3_vfs_find(VFS_NAME);
	if (!us.plain)
		return false;
	us.vfs = *us.plain;
	us.vfs.pNext = NULL;
	us.vfs.xOpen = open_file;
	us.vfs.xFullPathname = full_path;
	us.vfs.xRandomness = random_bytes;
	return sqlite3_vfs_register(&us.vfs, 1) == SQLITE_OK;
}
