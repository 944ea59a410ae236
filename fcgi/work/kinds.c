/*
 * The list of kinds.
 */
#include "fcgi/work/kinds.h"

#include "lib/base/panic.h"

static const struct work_kind *kinds[WORK_KINDS];

size_t kinds_count;

static void
check_kind(const struct work_kind *kind)
{
	if (kind->attempts < 1 || kind->timeout_ns <= 0 ||
	    (!kind->apart && kind->timeout_ns > WORK_HERE_NS) ||
	    (!kind->apart && kind->begin))
		BUG("kind %s has impossible rules", kind->name);
}

void
kinds_add(const struct work_kind *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kinds_count == WORK_KINDS)
			BUG("more than %d kinds of work", WORK_KINDS);
		check_kind(&rows[i]);
		kinds[kinds_count++] = &rows[i];
	}
}

const struct work_kind *
kind_at(size_t i)
{
	return kinds[i];
}

size_t
kind_number(const struct work_kind *kind)
{
	for (size_t i = 0; i < kinds_count; i++)
		if (kinds[i] == kind)
			return i;
	BUG("kind %s is not in the list", kind->name);
}
