/*
 * shared_file: a file that several processes map, and that grows in place.
 *
 * Owns:   its mapping and its descriptor.
 * Not:    what is in it, nor who may write where.
 * Limit:  the bytes that were reserved when it was mapped.
 */
#ifndef IO7_LIB_SHM_SHARED_FILE_H
#define IO7_LIB_SHM_SHARED_FILE_H

#include "lib/base/base.h"

#include <sys/types.h>

struct shared_file {
	void *at;
	size_t reserved; /* bytes mapped; those behind the file's end must not
			    be touched */
	int fd;
};

/* Begins each file: programs that disagree on the layout do not share it. */
struct shared_mark {
	char magic[8];
	uint32_t layout;
};

/* A lock on some bytes of a file; all of them where length is 0. */
struct shared_lock {
	/*
	 * F_SETLK: of this process alone, so that it ends with it. F_OFD_SETLK:
	 * of all processes that inherited the descriptor, so that it ends with
	 * the last of them.
	 */
	int command;
	short type; /* F_RDLCK, F_WRLCK or F_UNLCK */
	off_t start, length;
};

/* False, with EADDRINUSE, if another process holds a conflicting lock. */
bool shared_file_lock(int fd, const struct shared_lock *) MUST_CHECK;

/*
 * Makes a zeroed file under a temporary name, locked and mapped. Its blocks are
 * allocated here: on a full disk this call fails, and no writer is killed by
 * SIGBUS later. False with errno.
 */
bool shared_file_create(struct shared_file *, const char *temporary,
    const struct shared_lock *, size_t bytes, size_t reserve) MUST_CHECK;
/*
 * Moves the complete file to its name. An existing file is replaced and never
 * truncated: that would kill its readers by SIGBUS. False with errno; the file
 * is closed then.
 */
bool shared_file_publish(struct shared_file *, const char *temporary,
    const char *path) MUST_CHECK;
/* Allocates up to that many bytes, for all processes that have mapped it. */
bool shared_file_grow(struct shared_file *, size_t bytes) MUST_CHECK;

/* Maps an existing file and sets *bytes to its size. False with errno. */
bool shared_file_open(struct shared_file *, const char *path, bool writable,
    size_t reserve, size_t *bytes) MUST_CHECK;

/* Keeps errno. */
void shared_file_close(struct shared_file *);
/* Deletes the file, unless another one has its name by now. */
void shared_file_remove(const struct shared_file *, const char *path);

#endif
