/*
 * The errors: each has a code that no other one has, a status and a sentence.
 */
#include "lib/base/err.h"
#include "fcgi/http/err_row.h"
#include "t/unit/tap.h"

static bool
is_snake(const char *code)
{
	size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyz_");

	return n > 0 && code[n] == '\0' && code[0] != '_' &&
	    code[n - 1] != '_' && !strstr(code, "__");
}

static bool
is_unique(enum err e)
{
	for (enum err other = OK; other < e; other++)
		if (strcmp(err_code(e), err_code(other)) == 0)
			return false;
	return true;
}

static bool
is_sentence(const char *s)
{
	size_t n = strlen(s);

	return n > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[n - 1] == '.';
}

int
main(void)
{
	for (enum err e = OK; e < ERR_COUNT; e++) {
		const struct err_row *row = err_row(e);
		const char *code = err_code(e);

		ok(is_snake(code), "%s is snake case", code);
		ok(is_unique(e), "%s is unique", code);
		ok(is_sentence(row->sentence), "%s has a sentence", code);
		ok(e == OK ? row->status == 200
			   : row->status >= 400 && row->status < 600,
		    "%s has a status: %d", code, row->status);
	}
	return tap_done();
}
