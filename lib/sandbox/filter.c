/*
 * The filter is a void pointer, so that only .c files need libseccomp.
 */
#include "lib/sandbox/filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { STEPS_MAX = 1024 };

struct filter_program {
	struct sock_fprog program;
	struct sock_filter steps[STEPS_MAX];
};

bool
filter_add(void *filter, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
			return false;
	return true;
}

bool
filter_add_memory(void *filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	const struct scmp_arg_cmp plain =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
			plain) != 0)
			return false;
	return true;
}

/* libseccomp exports a filter to a descriptor only. */
struct filter_program *
filter_compile(void *filter)
{
	struct filter_program *compiled = calloc(1, sizeof(*compiled));
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t n = -1;

	if (compiled && fd >= 0 && seccomp_export_bpf(filter, fd) == 0)
		n = pread(fd, compiled->steps, sizeof(compiled->steps), 0);
	if (fd >= 0)
		close(fd);
	seccomp_release(filter);
	if (n <= 0 || (size_t)n == sizeof(compiled->steps)) {
		free(compiled);
		return NULL;
	}
	compiled->program = (struct sock_fprog){
		.len = (unsigned short)((size_t)n / sizeof(compiled->steps[0])),
		.filter = compiled->steps,
	};
	return compiled;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)

bool
filter_enter(const struct filter_program *compiled)
{
	return compiled != NULL;
}

#else

/* By prctl(): the systemd unit may forbid the call seccomp(). */
bool
filter_enter(const struct filter_program *compiled)
{
	return compiled &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &compiled->program, 0,
		0) == 0;
}

#endif
