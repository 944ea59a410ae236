/*
 * A zygote compiles one program, then forks a run for each value.
 *
 * It has no environment, no files, no way to open any, and limited memory and
 * time; a run has less. The kernel ends a run that takes too long, by a timer
 * that the run cannot change, and a run that its worker has given up, by the
 * leash.
 */
#include "lib/jq/jqx_impl.h"
#include "lib/os/proc.h"
#include "lib/sandbox/sandbox_jq.h"

#include <fcntl.h>
#include <jq.h>
#include <jv.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct jqx_hello hello;

/* The messages of the compiler. */
static char message_bytes[JQX_TROUBLE_MAX];
static struct buf messages;

static void
read_all(int fd, void *to, size_t n)
{
	char *p = to;

	while (n) {
		ssize_t got = read(fd, p, n);

		if (got <= 0)
			_exit(EXIT_SUCCESS);
		p += got;
		n -= (size_t)got;
	}
}

static void
write_all(int fd, const void *from, size_t n)
{
	const char *p = from;

	while (n) {
		ssize_t put = write(fd, p, n);

		if (put <= 0)
			_exit(EXIT_FAILURE);
		p += put;
		n -= (size_t)put;
	}
}

static void
say(int fd, enum jqx_kind kind, struct str text)
{
	struct jqx_frame frame = { (uint32_t)kind, (uint32_t)text.n };

	write_all(fd, &frame, sizeof(frame));
	write_all(fd, text.p, text.n);
}

/*
 * By default jq would print a line and abort. It keeps the first argument that
 * was set for the handler, so that the descriptor is a variable of ours.
 */
static int report_to = JQX_ORDERS;

static void
on_no_memory(void *nothing)
{
	(void)nothing;
	say(report_to, JQX_SAYS_MEMORY, STR(""));
	_exit(EXIT_FAILURE);
}

/* The kernel ends this process (SIGIO) at any event on that descriptor. */
static void
end_with(int fd, bool wanted)
{
	fcntl(fd, F_SETOWN, wanted ? getpid() : 0);
	fcntl(fd, F_SETFL, wanted ? O_ASYNC : 0);
}

static void
set_limit(int what, uint64_t most)
{
	struct rlimit limit = { most, most };

	setrlimit((__rlimit_resource_t)what, &limit);
}

static void
limit_zygote(void)
{
	static const int plain[] = { SIGALRM, SIGIO, SIGCHLD, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		signal(plain[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	proc_name(JQX_ZYGOTE);
	proc_no_new_privileges();
	/* Workers get the CPU first. */
	setpriority(PRIO_PROCESS, 0, 10);
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_FSIZE, 0);
	set_limit(RLIMIT_NOFILE, JQX_LEASH + 1);
#ifndef __SANITIZE_ADDRESS__
	set_limit(RLIMIT_AS, hello.memory);
#endif
}

static void
on_error(void *fd, jv text)
{
	size_t n, space;

	(void)fd;
	text = jq_format_error(text);
	if (messages.n)
		buf_putc(&messages, '\n');
	n = (size_t)jv_string_length_bytes(jv_copy(text));
	space = sizeof(message_bytes) - messages.n;
	buf_add(&messages, jv_string_value(text), n < space ? n : space);
	jv_free(text);
}

/* `debug` and `stderr` of a program are ignored. */
static void
on_debug(void *nothing, jv text)
{
	(void)nothing;
	jv_free(text);
}

static jq_state *
compile(const char *program)
{
	jq_state *jq = jq_init();

	if (!jq)
		_exit(EXIT_FAILURE);
	buf_init_fixed(&messages, message_bytes, sizeof(message_bytes));
	jq_set_nomem_handler(jq, on_no_memory, NULL);
	jq_set_error_cb(jq, on_error, NULL);
	jq_set_debug_cb(jq, on_debug, NULL);
	/* No imports. If it were unset, jq would fail an assertion. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_attr(jq, jv_string("JQ_ORIGIN"), jv_string("/"));
	jq_set_attr(jq, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
	if (!jq_compile(jq, program)) {
		say(JQX_ORDERS, JQX_SAYS_TROUBLE, buf_view(&messages));
		_exit(EXIT_SUCCESS);
	}
	return jq;
}

/* --- A run ---------------------------------------------------------------- */

static void
say_trouble(jv message)
{
	jv text = jv_get_kind(message) == JV_KIND_STRING
	    ? message
	    : jv_dump_string(message, 0);
	size_t n = (size_t)jv_string_length_bytes(jv_copy(text));

	say(JQX_DATA, JQX_SAYS_TROUBLE,
	    (struct str){ jv_string_value(text),
		n < JQX_TROUBLE_MAX ? n : JQX_TROUBLE_MAX });
	_exit(EXIT_SUCCESS);
}

static void
say_output(jv value, uint64_t *said)
{
	jv text = jv_dump_string(value, 0);
	size_t n = (size_t)jv_string_length_bytes(jv_copy(text));

	*said += n + sizeof(struct jqx_frame);
	if (*said > hello.output || n > UINT32_MAX) {
		say(JQX_DATA, JQX_SAYS_TOO_MUCH, STR(""));
		_exit(EXIT_SUCCESS);
	}
	say(JQX_DATA, JQX_SAYS_OUTPUT,
	    (struct str){ jv_string_value(text), n });
	jv_free(text);
}

static void
say_end(jq_state *jq, jv last)
{
	jv code = jq_halted(jq) ? jq_get_exit_code(jq) : jv_invalid();

	if (jv_get_kind(code) == JV_KIND_NUMBER && jv_number_value(code) != 0)
		say_trouble(jq_get_error_message(jq));
	if (jv_invalid_has_msg(jv_copy(last)))
		say_trouble(jv_invalid_get_msg(last));
	say(JQX_DATA, JQX_SAYS_DONE, STR(""));
	_exit(EXIT_SUCCESS);
}

/*
 * Ends this process when the worker closes the leash. Check once more after
 * watching begins: no signal comes for a leash that was closed before.
 */
static void
watch_leash(void)
{
	char byte;

	end_with(JQX_LEASH, true);
	fcntl(JQX_LEASH, F_SETFL, O_ASYNC | O_NONBLOCK);
	if (read(JQX_LEASH, &byte, sizeof(byte)) == 0)
		_exit(EXIT_SUCCESS);
}

/* From here on the run can reach no orders, files or other processes. */
static void
enter_run(const struct filter_program *filter)
{
	proc_end_after(hello.wall_ns);
	watch_leash();
	close_range(0, JQX_ORDERS, 0);
	set_limit(RLIMIT_NOFILE, 0);
	set_limit(RLIMIT_CPU, (uint64_t)(hello.wall_ns / NS_PER_S + 1));
	if (!filter_enter(filter))
		_exit(EXIT_FAILURE);
}

/* Waits for its order. A worker that drops the zygote closes the socket. */
static void
receive_order(void)
{
	int fds[2];

	if (!proc_receive_fds(JQX_ORDERS, fds, ARRAY_LEN(fds)))
		_exit(EXIT_SUCCESS);
	if (fds[0] != JQX_DATA || fds[1] != JQX_LEASH)
		_exit(EXIT_FAILURE);
}

static void NORETURN
run(jq_state *jq, const struct filter_program *filter)
{
	struct jqx_task task;
	uint64_t said = 0;
	char *text;
	jv value;

	receive_order();
	report_to = JQX_DATA;
	proc_end_after(hello.wall_ns);
	read_all(JQX_DATA, &task, sizeof(task));
	text = malloc(task.value_bytes + 1);
	if (!text)
		on_no_memory(NULL);
	read_all(JQX_DATA, text, task.value_bytes);
	enter_run(filter);
	value = jv_parse_sized(text, (int)task.value_bytes);
	if (!jv_is_valid(value))
		say_trouble(jv_invalid_get_msg(value));
	jq_start(jq, value, 0);
	while (jv_is_valid(value = jq_next(jq)))
		say_output(value, &said);
	say_end(jq, value);
	_exit(EXIT_FAILURE);
}

/*
 * The run is forked before its order comes, and reads the order itself: a value
 * waits neither for the fork nor for this process.
 */
static void
serve_run(jq_state *jq, const struct filter_program *filter)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		run(jq, filter);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(EXIT_FAILURE);
	write_all(JQX_ORDERS, &status, sizeof(status));
}

/* The limits of the compiler only; each run sets its own. */
static void
limit_compiler(bool wanted)
{
	proc_end_after(wanted ? hello.wall_ns : 0);
	end_with(JQX_ORDERS, wanted);
}

void
jqx_zygote(void)
{
	struct filter_program *zygote_filter, *run_filter;
	char *program;
	jq_state *jq;

	read_all(JQX_ORDERS, &hello, sizeof(hello));
	program = calloc(1, hello.program_bytes + 1);
	if (!program || hello.program_bytes > JQX_PROGRAM_MAX)
		_exit(EXIT_FAILURE);
	read_all(JQX_ORDERS, program, hello.program_bytes);
	zygote_filter = sandbox_jq_for_zygote();
	run_filter = sandbox_jq_for_run(JQX_DATA);
	limit_zygote();
	if (!run_filter || !sandbox_jq_leave_root() ||
	    !filter_enter(zygote_filter))
		_exit(EXIT_FAILURE);
	limit_compiler(true);
	jq = compile(program);
	limit_compiler(false);
	free(program);
	say(JQX_ORDERS, JQX_SAYS_DONE, STR(""));
	for (;;)
		serve_run(jq, run_filter);
}
