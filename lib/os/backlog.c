/*
 * Reads the kernel's list of listening unix sockets over netlink, as ss does.
 */
#include "lib/os/backlog.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <unistd.h>

/* TCP_LISTEN, which the kernel uses for unix sockets too. */
enum { LISTENING = 10 };

static bool
ask(int fd)
{
	struct {
		struct nlmsghdr head;
		struct unix_diag_req body;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body = {
			.sdiag_family = AF_UNIX,
			.udiag_states = 1 << LISTENING,
			.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN,
		},
	};

	return send(fd, &request, sizeof(request), 0) ==
	    (ssize_t)sizeof(request);
}

/* The queue of the socket at that path; -1 if the message is about another. */
static int64_t
queue_in(const struct nlmsghdr *message, const char *path)
{
	const struct unix_diag_msg *body = NLMSG_DATA(message);
	const struct rtattr *a = (const struct rtattr *)(body + 1);
	size_t left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*body));
	struct unix_diag_rqlen queue;
	int64_t n = -1;
	bool is_at_path = false;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == UNIX_DIAG_NAME)
			is_at_path = RTA_PAYLOAD(a) >= strlen(path) &&
			    strncmp(RTA_DATA(a), path, RTA_PAYLOAD(a)) == 0;
		if (a->rta_type == UNIX_DIAG_RQLEN) {
			memcpy(&queue, RTA_DATA(a), sizeof(queue));
			n = queue.udiag_rqueue;
		}
	}
	return is_at_path ? n : -1;
}

/* Reads one packet of the list; false after the last. */
static bool
read_packet(int fd, const char *path, int64_t *found)
{
	union {
		struct nlmsghdr head;
		char bytes[16384];
	} packet;
	ssize_t n = recv(fd, &packet, sizeof(packet), 0);
	const struct nlmsghdr *m = &packet.head;
	size_t left = n > 0 ? (size_t)n : 0;

	for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
		int64_t queue;

		if (m->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return false;
		queue = queue_in(m, path);
		if (queue >= 0)
			*found = queue;
	}
	return n > 0;
}

int64_t
backlog_of(const char *path)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int64_t found = -1;

	if (fd < 0)
		return -1;
	if (ask(fd))
		while (read_packet(fd, path, &found))
			;
	close(fd);
	return found;
}
