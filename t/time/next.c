/*
 * Prints the next times of schedules, to be compared with those of others.
 *
 * Reads lines of ZONE, SCHEDULE, AFTER and COUNT, separated by tabs, and prints
 * the times of each on a line, or "refused" and the sentence.
 */
#include "lib/os/clock.h"
#include "lib/time/schedule.h"
#include "lib/time/zones.h"

static void
print_times(const struct schedule *s, const struct zone *z, int64_t us,
    uint64_t count)
{
	const char *separator = "";

	for (; count && schedule_next(s, z, us, &us); count--) {
		char text[CLOCK_TEXT];

		clock_text(us, text);
		printf("%s%.19sZ", separator, text);
		separator = " ";
	}
	putchar('\n');
}

/* False if the line is not such a line. */
static bool
answer(struct zones *zones, struct str line)
{
	char problem[SCHEDULE_PROBLEM];
	struct str zone, schedule, after;
	const struct zone *z;
	const char *fault;
	struct schedule s;
	uint64_t count;
	int64_t us;

	if (!str_split(&line, '\t', &zone) ||
	    !str_split(&line, '\t', &schedule) ||
	    !str_split(&line, '\t', &after) || !clock_read(after, &us) ||
	    !str_to_u64(str_trim(line), &count))
		return false;
	if (zones_find(zones, zone, &z, &fault) != OK)
		printf("refused %s\n", fault);
	else if (!schedule_parse(schedule, &s, problem))
		printf("refused %s\n", problem);
	else
		print_times(&s, z, us, count);
	return true;
}

int
main(void)
{
	struct zones *zones = zones_new(NULL);
	char line[1024];

	if (!zones)
		return EXIT_FAILURE;
	while (fgets(line, sizeof(line), stdin))
		if (!answer(zones, str_of(line)))
			return EXIT_FAILURE;
	zones_free(zones);
	return EXIT_SUCCESS;
}
