/*
 * Reports go out in one write(2) from a buffer on the stack: this must work
 * when the heap is exhausted or damaged.
 */
#include "lib/base/panic.h"

#include <stdarg.h>
#include <unistd.h>

enum { SENTENCE = 4096 };

static void
print(const char *before, const char *sentence)
{
	char line[SENTENCE + 512];
	int n = snprintf(line, sizeof(line), "io7: %s%s\n", before, sentence);

	if (n > 0)
		(void)!write(STDERR_FILENO, line, (size_t)n);
}

void
die(int code, const char *format, ...)
{
	char sentence[SENTENCE];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	print("", sentence);
	exit(code);
}

static void
print_bug(const char *where, const char *sentence)
{
	char before[256];

	snprintf(before, sizeof(before), "BUG at %.200s: ", where);
	print(before, sentence);
}

static void (*report_bug)(const char *where, const char *sentence) = print_bug;

void
panic_report_to(void (*report)(const char *where, const char *sentence))
{
	report_bug = report;
}

void
panic_bug(const char *file, int line, const char *format, ...)
{
	char where[256], sentence[SENTENCE];
	va_list args;

	snprintf(where, sizeof(where), "%s:%d", file, line);
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	report_bug(where, sentence);
	abort();
}
