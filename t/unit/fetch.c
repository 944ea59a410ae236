/*
 * Fetching from a server that is a child of this program: answers, and each
 * kind of failure. The system call filter is on during the lookup of the host
 * name, as in a worker.
 */
#include "lib/net/fetch.h"
#include "lib/os/clock.h"
#include "lib/sandbox/sandbox.h"
#include "t/unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG = 100000 };

static int port;
static struct arena *mem;

/* --- The server: one request a connection; the path selects the answer. --- */

static void
say(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done <= 0)
			return;
		text += done;
		n -= (size_t)done;
	}
}

static void
say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

/* The whole request: the head, and a body of Content-Length. */
static size_t
hear(int fd, char *to, size_t room)
{
	size_t n = 0, want = 0;
	const char *end = NULL, *length;

	while (n + 1 < room && (!end || n < want)) {
		ssize_t got = read(fd, to + n, room - 1 - n);

		if (got <= 0)
			break;
		n += (size_t)got;
		to[n] = '\0';
		end = strstr(to, "\r\n\r\n");
		length = strstr(to, "Content-Length: ");
		if (end)
			want = (size_t)(end + 4 - to) +
			    (length ? strtoul(length + 16, NULL, 10) : 0);
	}
	return n;
}

static void
echo(int fd, const char *asked, size_t n)
{
	char head[128];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    n);
	say_text(fd, head);
	say(fd, asked, n);
}

static void
flood(int fd)
{
	static const char piece[1000];

	say_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < BIG / (int)sizeof(piece); i++)
		say(fd, piece, sizeof(piece));
}

static void
answer(int fd)
{
	static char asked[8192];
	size_t n = hear(fd, asked, sizeof(asked));

	if (strstr(asked, " /echo"))
		echo(fd, asked, n);
	else if (strstr(asked, " /big"))
		flood(fd);
	else if (strstr(asked, " /away"))
		say_text(fd,
		    "HTTP/1.1 302 Found\r\nLocation: /echo/there\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strstr(asked, " /file"))
		say_text(fd,
		    "HTTP/1.1 302 Found\r\nLocation: "
		    "file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(asked, " /short"))
		say_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx");
	else if (strstr(asked, " /rubbish"))
		say_text(fd, "\001\002\003 rubbish\r\n\r\n");
	else if (strstr(asked, " /slow"))
		(void)!read(fd, asked, 1); /* until the client leaves */
}

static void
serve(int listener)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		answer(fd);
		close(fd);
	}
}

static int
listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, n) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		exit(EXIT_FAILURE);
	port = ntohs(at.sin_port);
	return fd;
}

/* --- The client. ---------------------------------------------------------- */

static enum err
get(const char *path, struct fetch f, struct fetch_answer *got)
{
	static char url[256];

	snprintf(url, sizeof(url), "http://localhost:%d%s", port, path);
	f.url = url;
	if (!f.deadline_ns)
		f.deadline_ns = clock_mono_ns() + 10 * NS_PER_S;
	if (!f.max)
		f.max = 10000;
	arena_reset(mem);
	return fetch(mem, &f, got);
}

static bool
holds(struct str s, const char *what)
{
	return s.p && memmem(s.p, s.n, what, strlen(what));
}

static void
test_answers(void)
{
	struct fetch_answer got;
	struct fetch post = {
		.method = "POST",
		.headers = { "X-One: 1", "X-Two: 2" },
		.body = STR("a=b"),
	};

	is_int(get("/echo", (struct fetch){ 0 }, &got), OK,
	    "a host name is resolved");
	is_int(got.status, 201, "the status");
	is_str(got.type, "text/plain", "the type");
	ok(holds(got.body, "GET /echo HTTP/1.1\r\n"), "the body");
	ok(holds(got.body, "User-Agent: io7\r\n"), "the User-Agent");
	ok(!holds(got.body, "Expect:"), "no Expect header");

	is_int(get("/echo", post, &got), OK, "a POST succeeds");
	ok(holds(got.body, "POST /echo HTTP/1.1\r\n"), "the method is sent");
	ok(holds(got.body, "\r\nX-One: 1\r\n") &&
		holds(got.body, "\r\nX-Two: 2\r\n"),
	    "the headers are sent");
	ok(holds(got.body, "\r\n\r\na=b"), "the body is sent");

	is_int(get("/echo", (struct fetch){ .method = "PUT", .body = STR("") },
		   &got),
	    OK, "an empty body is accepted");
	ok(holds(got.body, "PUT /echo HTTP/1.1\r\n") &&
		holds(got.body, "\r\nContent-Length: 0\r\n"),
	    "an empty body is sent with its length");
	is_int(get("/away", (struct fetch){ .method = "HEAD" }, &got), OK,
	    "HEAD succeeds");
}

static void
test_redirects(void)
{
	struct fetch_answer got;

	is_int(get("/away", (struct fetch){ 0 }, &got), OK, "a redirect");
	is_int(got.status, 302, "a redirect is not followed");
	is_int(get("/away", (struct fetch){ .redirects = 1 }, &got), OK,
	    "a redirect is followed if asked for");
	ok(holds(got.body, "GET /echo/there "),
	    "the target of the redirect answers");
	is_int(get("/file", (struct fetch){ .redirects = 1 }, &got),
	    E_BAD_GATEWAY, "a redirect to a file is refused");
}

static void
test_failures(void)
{
	struct fetch_answer got;
	int64_t now = clock_mono_ns();
	struct fetch soon = { .deadline_ns = now + 200 * NS_PER_MS };

	is_int(get("/slow", soon, &got), E_TIMEOUT, "a slow server times out");
	ok(clock_mono_ns() - now < 5 * NS_PER_S, "the deadline is kept");
	is_int(get("/echo", (struct fetch){ .deadline_ns = now }, &got),
	    E_TIMEOUT, "a deadline that has passed times out");
	is_int(get("/big", (struct fetch){ .max = BIG }, &got), OK,
	    "an answer of exactly the limit succeeds");
	is_int((long long)got.body.n, BIG, "the answer is complete");
	is_int(get("/big", (struct fetch){ .max = BIG - 1 }, &got),
	    E_BAD_GATEWAY, "a larger answer fails");
	is_str(got.trouble, "the answer is too large",
	    "the reason is reported");
	is_int(get("/big", (struct fetch){ .max = 1 << 30 }, &got), OK,
	    "an answer larger than the arena fails");
	is_int(get("/short", (struct fetch){ 0 }, &got), E_BAD_GATEWAY,
	    "a truncated answer fails");
	is_int(get("/rubbish", (struct fetch){ 0 }, &got), E_BAD_GATEWAY,
	    "rubbish");
}

static void
test_addresses(void)
{
	static const char *const bad[] = { "", "github.com", "ftp://a/",
		"file:///etc/passwd", "https://a/", "https://a?b", "https://" };
	struct fetch_answer got;
	struct fetch f = { .deadline_ns = clock_mono_ns() + 10 * NS_PER_S,
		.max = 1000 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(fetch_url_problem(bad[i]) != NULL, "'%s' is refused",
		    bad[i]);
	ok(!fetch_url_problem("https://github.example.com:8443/api/v3"),
	    "a valid URL is accepted");
	f.url = "file:///etc/passwd";
	is_int(fetch(mem, &f, &got), E_BAD_GATEWAY, "a file URL fails");
	f.url = "http://localhost:1/secret?code=secret";
	is_int(fetch(mem, &f, &got), E_BAD_GATEWAY,
	    "a refused connection fails");
	ok(!strstr(got.trouble, "secret"),
	    "the reason does not contain the path");
	f.url = "http://nobody.invalid/";
	is_int(fetch(mem, &f, &got), E_BAD_GATEWAY, "an unknown host fails");
}

/* The filter allows threads, and no process; a sanitizer has no filter. */
static void
test_filter(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_UNDEFINED__)
	errno = 0;
	ok(fork() < 0 && errno == EPERM, "fork() is refused");
	errno = 0;
	ok(syscall(SYS_clone, SIGCHLD | CLONE_VM, NULL, NULL, NULL, 0) < 0 &&
		errno == EPERM,
	    "vfork() is refused");
	errno = 0;
	ok(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS,
	    "clone3() is reported as missing");
#endif
}

int
main(void)
{
	int listener = listen_somewhere();
	pid_t server = fork();

	if (server == 0) {
		signal(SIGPIPE, SIG_IGN);
		serve(listener);
	}
	close(listener);
	mem = arena_new(1 << 20);
	ok(sandbox_filter(), "the system call filter is applied");
	test_answers();
	test_redirects();
	test_failures();
	test_addresses();
	test_filter();
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	arena_free(mem);
	return tap_done();
}
