/*
 * The filter is a void pointer, so that only .c files need libseccomp.
 */
#include "lib/sandbox/filter.h"

#include <seccomp.h>

bool
filter_add(void *filter, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
			return false;
	return true;
}
