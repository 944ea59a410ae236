/*
 * A datagram that cannot be sent is dropped: io7 serves even if its manager
 * does not listen.
 */
#include "lib/os/notify.h"

#include "lib/base/str.h"

#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
	int fd;
	struct sockaddr_un at;
	socklen_t n;
} manager = { .fd = -1 };

/* A name that begins with @ is abstract: it has no file and no terminator. */
void
notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t n = name ? strlen(name) : 0;

	if (n < 2 || n >= sizeof(manager.at.sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return;
	manager.at.sun_family = AF_UNIX;
	memcpy(manager.at.sun_path, name, n);
	if (name[0] == '@')
		manager.at.sun_path[0] = '\0';
	manager.n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	manager.fd =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

void
notify_close(void)
{
	if (manager.fd >= 0)
		close(manager.fd);
	manager.fd = -1;
}

void
notify_say(const char *format, ...)
{
	char text[512];
	va_list args;
	int n;

	if (manager.fd < 0)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(text))
		sendto(manager.fd, text, (size_t)n, MSG_NOSIGNAL,
		    (const struct sockaddr *)&manager.at, manager.n);
}

int64_t
notify_watchdog_ns(void)
{
	const char *every = getenv("WATCHDOG_USEC");
	const char *of_pid = getenv("WATCHDOG_PID");
	uint64_t us, pid;

	if (!every || !str_to_u64(str_of(every), &us) || us > INT64_MAX / 1000)
		return 0;
	if (of_pid &&
	    (!str_to_u64(str_of(of_pid), &pid) || pid != (uint64_t)getpid()))
		return 0;
	return (int64_t)us * NS_PER_US / 2;
}
