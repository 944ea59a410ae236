/*
 * The check of JSON against t/data/json/cases, which follows RFC 8259.
 */
#include "lib/json/json.h"
#include "t/unit/tap.h"

/* The limits of a stored value. */
enum { TEXT_MAX = 1 << 20, DIGITS = 1000, DEPTH = 1000, FEWEST = 450 };

static const char file[] = "t/data/json/cases";

/* %XX is a byte, %(N*X) is X, N times. */
static size_t
take_percent(const char *at, struct buf *to)
{
	char *end;
	unsigned long n;

	if (at[1] != '(') {
		buf_putc(to,
		    (char)(str_hex_digit(at[1]) * 16 + str_hex_digit(at[2])));
		return 3;
	}
	n = strtoul(at + 2, &end, 10);

	size_t length = strcspn(end + 1, ")");
	struct buf once;
	char room[256];

	buf_init_fixed(&once, room, sizeof(room));
	for (const char *p = end + 1; p < end + 1 + length;)
		if (*p == '%')
			p += take_percent(p, &once);
		else
			buf_putc(&once, *p++);
	while (n--)
		buf_str(to, buf_view(&once));
	return (size_t)(end + 1 + length + 1 - at);
}

static void
unfold(const char *from, struct buf *to)
{
	while (*from)
		if (*from == '%')
			from += take_percent(from, to);
		else
			buf_putc(to, *from++);
}

/* The verdict of the check, in the terms of the file. */
static const char *
verdict_of(struct str text)
{
	struct json_facts facts;
	struct json_fault fault;

	if (!json_check(text, DEPTH, &facts, &fault))
		return strcmp(fault.reason, "too many levels") == 0 ? "depth"
								    : "no";
	if (facts.has_nul)
		return "nul";
	if (facts.has_lone_surrogate)
		return "surrogate";
	return facts.digits > DIGITS ? "digits" : "yes";
}

static void
test_line(char *line, char *room)
{
	char *text = line, *verdict, *name;
	struct buf b;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || line[0] == '\0')
		return;
	verdict = strsep(&text, "\t");
	name = strsep(&text, "\t");
	text += strspn(text, "\t");
	buf_init_fixed(&b, room, TEXT_MAX);
	unfold(text, &b);

	const char *said = verdict_of(buf_view(&b));

	/* Where brackets are never closed, it may see only how many there are. */
	if (strcmp(verdict, "no") == 0 && strcmp(said, "depth") == 0)
		said = "no";
	is_str(said, verdict, name);
}

int
main(void)
{
	static char line[4096], room[TEXT_MAX];
	FILE *in = fopen(file, "r");

	ok(in != NULL, "%s can be read", file);
	if (!in)
		return tap_done();
	while (fgets(line, sizeof(line), in))
		test_line(line, room);
	fclose(in);
	ok(tap_count > FEWEST, "it has its %d rows and more", FEWEST);
	return tap_done();
}
