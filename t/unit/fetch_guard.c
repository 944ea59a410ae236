/*
 * Fetching from URLs of tenants: the address that is connected to decides. The
 * getaddrinfo() of this file stands in for the resolver, so that a name can
 * have several addresses, and others at the next lookup.
 */
#include "lib/net/fetch.h"
#include "lib/os/clock.h"
#include "t/unit/tap.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A server listens at each of them, at the same port. */
#define ALLOWED   "127.0.0.9"
#define FORBIDDEN "127.0.0.1"

static const char allow[] = ALLOWED "/32";
static int port;
static struct arena *mem;

/* --- The resolver. -------------------------------------------------------- */

/* The answers to one lookup after another, each a list of addresses. */
static const char *lookups[4];
static size_t n_lookups;

static void
resolve_to(const char *first, const char *second)
{
	lookups[0] = first;
	lookups[1] = second;
	n_lookups = 0;
}

static struct addrinfo *
new_address(const char *text, uint16_t wire_port, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof(*a));
	struct sockaddr_in *in = calloc(1, sizeof(*in));

	if (!a || !in)
		exit(EXIT_FAILURE);
	in->sin_family = AF_INET;
	in->sin_port = wire_port;
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
		exit(EXIT_FAILURE);
	*a = (struct addrinfo){ .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof(*in),
		.ai_addr = (struct sockaddr *)in,
		.ai_next = next };
	return a;
}

/* The addresses in reverse order: each is put before the others. */
int
getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
    struct addrinfo **pai)
{
	struct str list = str_of(lookups[n_lookups]), one;
	char text[INET_ADDRSTRLEN];

	(void)req;
	*pai = NULL;
	if (strcmp(name, "target.example") != 0 || !lookups[n_lookups])
		return EAI_NONAME;
	n_lookups++;
	while (str_split(&list, ' ', &one)) {
		snprintf(text, sizeof(text), "%.*s", STR_ARGS(one));
		*pai = new_address(text,
		    htons((uint16_t)strtoul(service, NULL, 10)), *pai);
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	while (ai) {
		struct addrinfo *next = ai->ai_next;

		free(ai->ai_addr);
		free(ai);
		ai = next;
	}
}

/* --- The servers. --------------------------------------------------------- */

/* How often each was connected to, in memory that they share. */
struct connections {
	int allowed, forbidden;
};
static struct connections *connections;

static void
answer(int fd)
{
	char asked[4096] = "", text[256];

	if (read(fd, asked, sizeof(asked) - 1) <= 0)
		return;
	if (strstr(asked, " /again"))
		snprintf(text, sizeof(text),
		    "HTTP/1.1 302 Found\r\nConnection: close\r\n"
		    "Location: http://%s:%d/\r\nContent-Length: 0\r\n\r\n",
		    strstr(asked, "/again-there") ? FORBIDDEN
						  : "target.example",
		    port);
	else
		snprintf(text, sizeof(text),
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	(void)!write(fd, text, strlen(text));
}

/* A listener at the port, or -1 if another program has it. */
static int
listen_at(const char *address, int at_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)at_port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = inet_addr(address);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, 16) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
port_of(int listener)
{
	struct sockaddr_in at = { 0 };
	socklen_t n = sizeof(at);

	(void)getsockname(listener, (struct sockaddr *)&at, &n);
	return ntohs(at.sin_port);
}

static void
serve(int listener, int *count)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		++*count;
		answer(fd);
		close(fd);
	}
}

static pid_t
start(int listener, int *count)
{
	pid_t pid = fork();

	if (pid == 0)
		serve(listener, count);
	close(listener);
	return pid;
}

static void
start_servers(pid_t servers[2])
{
	int first, second = -1;

	while (second < 0) {
		first = listen_at(ALLOWED, 0);
		port = port_of(first);
		second = listen_at(FORBIDDEN, port);
		if (second < 0)
			close(first);
	}
	servers[0] = start(first, &connections->allowed);
	servers[1] = start(second, &connections->forbidden);
}

/* --- The client. ---------------------------------------------------------- */

static enum fetch_outcome
get(const char *host, const char *path, const char *ranges,
    struct fetch_answer *got)
{
	char url[256];
	struct fetch f = {
		.url = url,
		.deadline_ns = clock_mono_ns() + 20 * NS_PER_S,
		.max = 1000,
		.redirects = 3,
		.allow = ranges,
	};

	snprintf(url, sizeof(url), "http://%s:%d%s", host, port, path);
	*connections = (struct connections){ 0 };
	arena_reset(mem);
	(void)!fetch(mem, &f, got);
	return got->outcome;
}

static void
is_outcome(enum fetch_outcome got, enum fetch_outcome want, const char *what)
{
	is_str(fetch_outcome_name(got), fetch_outcome_name(want), what);
}

static void
test_names(void)
{
	struct fetch_answer got;

	resolve_to(ALLOWED, NULL);
	is_outcome(get("target.example", "/", allow, &got), FETCH_ANSWERED,
	    "a name with an allowed address is fetched");
	is_slice(got.body, "ok", "... and its answer kept");
	resolve_to(FORBIDDEN, NULL);
	is_outcome(get("target.example", "/", allow, &got), FETCH_REFUSED,
	    "a name with a forbidden address is refused");
	is_str(got.trouble, "the address is refused: loopback",
	    "... and the log says why");
	is_int(connections->forbidden, 0, "... without a connection");
	resolve_to(FORBIDDEN, NULL);
	is_outcome(get("target.example", "/", NULL, &got), FETCH_ANSWERED,
	    "a URL of the operator has no such rule");

	resolve_to(ALLOWED " " FORBIDDEN, NULL);
	is_outcome(get("target.example", "/", allow, &got), FETCH_ANSWERED,
	    "a name with a forbidden and then an allowed address is fetched");
	is_int(connections->forbidden, 0, "... only from the allowed one");
	is_outcome(get("nobody.example", "/", allow, &got), FETCH_UNKNOWN_HOST,
	    "an unknown name has an outcome of its own");
}

static void
test_changes(void)
{
	struct fetch_answer got;

	resolve_to(ALLOWED, FORBIDDEN);
	is_outcome(get("target.example", "/", allow, &got), FETCH_ANSWERED,
	    "a name is fetched at its first address");
	is_int((long long)n_lookups, 1, "... which is looked up once");
	is_outcome(get("target.example", "/", allow, &got), FETCH_REFUSED,
	    "... and refused once it has another one");
	is_int(connections->forbidden, 0, "... without a connection");

	resolve_to(ALLOWED, FORBIDDEN);
	is_outcome(get("target.example", "/again", allow, &got), FETCH_ANSWERED,
	    "a redirect to the same name is followed");
	is_int(connections->allowed, 2, "... to the address that was checked");
	is_int(connections->forbidden, 0, "... and no other");
	resolve_to(ALLOWED, NULL);
	is_outcome(get("target.example", "/again-there", allow, &got),
	    FETCH_REFUSED, "a redirect to a forbidden address is refused");
	is_int(connections->forbidden, 0, "... without a connection");
	is_int(connections->allowed, 1, "... after the first answer");
}

static void
test_refused_urls(void)
{
	static const struct {
		const char *url, *part;
	} bad[] = {
		{ "", "http:// or https://" },
		{ "example.com", "http:// or https://" },
		{ "//example.com/", "http:// or https://" },
		{ "ftp://example.com/", "http:// or https://" },
		{ "file:///etc/passwd", "http:// or https://" },
		{ "gopher://example.com/", "http:// or https://" },
		{ "javascript:alert(1)", "http:// or https://" },
		{ "http://", "not valid" },
		{ "http://exa mple.com/", "not valid" },
		{ "http://user@example.com/", "user name" },
		{ "http://user:pass@example.com/", "user name" },
		{ "http://:pass@example.com/", "user name" },
		{ "http://@example.com/", "user name" },
		{ "http://example.com:0/", "port" },
		{ "http://example.com:22/", "port" },
		{ "http://example.com:25/", "port" },
		{ "http://example.com:6000/", "port" },
		{ "http://example.com:65536/", "port" },
		{ "http://example.com:a/", "port" },
		{ "http://localhost/", "not public" },
		{ "http://LocalHost./", "not public" },
		{ "http://a.b.localhost/", "not public" },
		{ "http://127.0.0.1/", "not public" },
		{ "https://127.1/", "not public" },
		{ "http://0/", "not public" },
		{ "http://0x7f.1/", "not public" },
		{ "http://0177.0.0.1:8080/", "not public" },
		{ "http://2130706433/", "not public" },
		{ "http://0xA9FEA9FE/", "not public" },
		{ "http://169.254.169.254/latest/meta-data/", "not public" },
		{ "http://%31%32%37.0.0.1/", "not public" },
		{ "http://[::1]/", "not public" },
		{ "http://[::ffff:127.0.0.1]/", "not public" },
		{ "http://[::ffff:7f00:1]/", "not public" },
		{ "http://[fe80::1%25eth0]/", "not public" },
		{ "http://[64:ff9b::7f00:1]/", "not public" },
		{ "http://[fd00:ec2::254]/", "not public" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *why = fetch_url_refusal(bad[i].url, allow);

		if (!ok(why && strstr(why, bad[i].part), "'%s' is refused: %s",
			bad[i].url, bad[i].part))
			printf("#   got: %s\n", why ? why : "(allowed)");
	}
}

static void
test_allowed_urls(void)
{
	static const char *const good[] = { "http://example.com",
		"https://example.com/", "HTTPS://example.com/a?b=c#d",
		"http://8.8.8.8/", "http://134744072/",
		"http://example.com:8443/", "http://[2606:4700::1111]/",
		"http://notlocalhost/", "http://localhost.example.com/",
		"http://127.0.0.9/", "http://0x7f.9/" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(!fetch_url_refusal(good[i], allow), "'%s' is allowed",
		    good[i]);
	ok(!fetch_url_refusal("http://localhost/", "127.0.0.0/8"),
	    "localhost is allowed where its address is");
	ok(!fetch_url_refusal("http://localhost/", "::1/128"),
	    "... that of IPv6, too");
}

static void
test_requests(void)
{
	struct fetch_answer got;
	struct fetch f = {
		.url = "http://user:pass@" ALLOWED "/",
		.deadline_ns = clock_mono_ns() + 20 * NS_PER_S,
		.max = 1000,
		.allow = allow,
	};

	is_int(fetch(mem, &f, &got), E_BAD_GATEWAY,
	    "a URL with a password is not fetched");
	is_outcome(got.outcome, FETCH_REFUSED, "... but refused");
	f.url = "file:///etc/passwd";
	is_int(fetch(mem, &f, &got), E_BAD_GATEWAY, "nor is a file");
	is_outcome(got.outcome, FETCH_REFUSED, "... but refused");
	f.url = "http://" ALLOWED "/";
	f.headers[0] = "X-One: 1\r\nX-Two: 2";
	is_int(fetch(mem, &f, &got), E_BAD_REQUEST,
	    "a header with a line break is not sent");
	is_outcome(got.outcome, FETCH_FAILED, "... and fails");
}

int
main(void)
{
	pid_t servers[2];

	signal(SIGPIPE, SIG_IGN);
	connections = mmap(NULL, sizeof(*connections), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	start_servers(servers);
	mem = arena_new(1 << 20);
	test_names();
	test_changes();
	test_refused_urls();
	test_allowed_urls();
	test_requests();
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		kill(servers[i], SIGKILL);
		waitpid(servers[i], NULL, 0);
	}
	arena_free(mem);
	return tap_done();
}
