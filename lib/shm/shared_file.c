/*
 * A mapping covers the largest size that the file may reach. When the file
 * grows, every process that has mapped it sees the new part without mapping it
 * again.
 */
#include "lib/shm/shared_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool
shared_file_lock(int fd, const struct shared_lock *lock)
{
	struct flock l = {
		.l_type = lock->type,
		.l_whence = SEEK_SET,
		.l_start = lock->start,
		.l_len = lock->length,
	};

	if (fcntl(fd, lock->command, &l) == 0)
		return true;
	errno = EADDRINUSE;
	return false;
}

static bool
allocate(int fd, size_t bytes)
{
	int rc = posix_fallocate(fd, 0, (off_t)bytes);

	errno = rc;
	return rc == 0;
}

static bool
map(struct shared_file *f, int protection, size_t reserve)
{
	void *at = mmap(NULL, reserve, protection, MAP_SHARED, f->fd, 0);

	f->at = at == MAP_FAILED ? NULL : at;
	f->reserved = reserve;
	return f->at;
}

/*
 * While we hold the lock no other process maps the file, so it may be
 * truncated.
 */
bool
shared_file_create(struct shared_file *f, const char *temporary,
    const struct shared_lock *lock, size_t bytes, size_t reserve)
{
	*f = (struct shared_file){
		.fd = open(temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0640),
	};
	if (f->fd < 0)
		return false;
	if (shared_file_lock(f->fd, lock) && ftruncate(f->fd, 0) == 0 &&
	    allocate(f->fd, bytes) && map(f, PROT_READ | PROT_WRITE, reserve))
		return true;
	shared_file_close(f);
	return false;
}

bool
shared_file_publish(struct shared_file *f, const char *temporary,
    const char *path)
{
	if (rename(temporary, path) == 0)
		return true;
	shared_file_close(f);
	return false;
}

bool
shared_file_grow(struct shared_file *f, size_t bytes)
{
	if (bytes <= f->reserved)
		return allocate(f->fd, bytes);
	errno = ENOSPC;
	return false;
}

bool
shared_file_open(struct shared_file *f, const char *path, bool writable,
    size_t reserve, size_t *bytes)
{
	struct stat st;

	*f = (struct shared_file){
		.fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC),
	};
	if (f->fd < 0)
		return false;
	if (fstat(f->fd, &st) == 0 &&
	    map(f, writable ? PROT_READ | PROT_WRITE : PROT_READ, reserve)) {
		*bytes = (size_t)st.st_size;
		return true;
	}
	shared_file_close(f);
	return false;
}

void
shared_file_close(struct shared_file *f)
{
	int was = errno;

	if (f->at)
		munmap(f->at, f->reserved);
	close(f->fd);
	*f = (struct shared_file){ .fd = -1 };
	errno = was;
}

void
shared_file_remove(const struct shared_file *f, const char *path)
{
	struct stat ours, there;

	if (fstat(f->fd, &ours) == 0 && stat(path, &there) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		unlink(path);
}
