/*
 * The errors table: every row is complete, and no code stands in it twice.
 */
#include "lib/base/err.h"
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
	for (int other = 0; other < (int)e; other++)
		if (strcmp(err_row(e)->code, err_row((enum err)other)->code) ==
		    0)
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
	for (int i = 0; i < ERR_COUNT; i++) {
		const struct err_row *row = err_row((enum err)i);

		ok(is_snake(row->code), "%s is snake case", row->code);
		ok(is_unique((enum err)i), "%s stands there once", row->code);
		ok(is_sentence(row->sentence), "%s says a sentence", row->code);
		ok(i == OK ? row->status == 200
			   : row->status >= 400 && row->status < 600,
		    "%s has a status, %d", row->code, row->status);
	}
	return tap_done();
}
