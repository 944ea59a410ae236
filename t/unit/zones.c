/*
 * Zones by name: names that are refused, files that change, and no tzdata.
 */
#include "lib/time/zones.h"
#include "lib/os/clock.h"
#include "t/unit/tap.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/io7-zones-XXXXXX";

#define ADVICE " Use a name of the IANA database, such as Europe/Rome."

static const char not_iana[] =
    "The time zone is not a name of the IANA database, such as "
    "Europe/Rome.";
static const char bad_character[] =
    "The time zone has a character that no time zone has." ADVICE;
static const char unknown[] = "The time zone is not known." ADVICE;
static const struct {
	struct str name;
	const char *problem;
} refused[] = {
	{ STR(""), "The time zone is empty." ADVICE },
	{ STR("../../../etc/passwd"), bad_character },
	{ STR("Europe/../UTC"), bad_character },
	{ STR("."), bad_character },
	{ STR("/etc/localtime"), not_iana },
	{ STR("/usr/share/zoneinfo/UTC"), not_iana },
	{ STR("localtime"), not_iana },
	{ STR("posixrules"), not_iana },
	{ STR("right/Europe/Rome"), not_iana },
	{ STR("posix/Europe/Rome"), not_iana },
	{ STR("right//Europe/Rome"), not_iana },
	{ STR("Europe/Rome "), bad_character },
	{ STR(" UTC"), bad_character },
	{ STR("Europe/Rome\n"), bad_character },
	{ STR("Europe/Rome\0"), bad_character },
	{ STR("\0"), bad_character },
	{ STR("Europe\\Rome"), bad_character },
	{ STR("Europe/Roma%00"), bad_character },
	{ STR("Europe/Z\xC3\xBCrich"), bad_character },
	{ STR("CET-1CEST,M3.5.0,M10.5.0/3"), bad_character },
	{ STR(":Europe/Rome"), bad_character },
	{ STR("tzdata.zi"), bad_character },
	{ STR("zone.tab"), bad_character },
	{ STR("Europe"), unknown },
	{ STR("Europe/"), unknown },
	{ STR("leapseconds"), unknown },
	{ STR("Europe/Atlantis"), unknown },
	{ STR("europe/rome"), unknown },
	{ STR("Rome"), unknown },
	{ STR("Europe/Rome/Centre"), unknown },
	{ STR("+01"), unknown },
	{ STR("-"), unknown },
	{ STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	      "aaaaaaaa"),
	    unknown },
	{ STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	      "aaaaaaaaa"),
	    "The time zone is longer than 64 characters." ADVICE },
};

static void
test_names(void)
{
	struct zones *zones = zones_new(NULL);

	for (size_t i = 0; zones && i < ARRAY_LEN(refused); i++) {
		const struct zone *z;
		const char *problem;
		char what[128];
		struct buf b;
		enum err e = zones_find(zones, refused[i].name, &z, &problem);

		buf_init_fixed(&b, what, sizeof(what) - 1);
		buf_json(&b, refused[i].name);
		what[b.n] = '\0';
		is_str(e == E_BAD_REQUEST ? problem : err_code(e),
		    refused[i].problem, what);
	}
	zones_free(zones);
	zones_free(NULL);
}

static void
path_of(const char *name, char to[64])
{
	snprintf(to, 64, "%s/%s", folder, name);
}

/* Puts a file in its place as a package does: by renaming. */
static void
install(const char *name, const char *from)
{
	char path[64], new[64], bytes[32 * 1024];
	FILE *in = fopen(from, "r"), *out;
	size_t n;

	path_of("new", new);
	path_of(name, path);
	out = fopen(new, "w");
	if (!in || !out)
		abort();
	n = fread(bytes, 1, sizeof(bytes), in);
	fwrite(bytes, 1, n, out);
	fclose(in);
	fclose(out);
	if (rename(new, path) != 0)
		abort();
}

static void
write_text(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	path_of(name, path);
	file = fopen(path, "w");
	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
}

/* The offset in hours in January 2026, or the sentence. */
static const char *
offset_of(struct zones *zones, const char *name)
{
	static char text[16];
	const struct zone *z;
	const char *problem;
	struct zone_span span;

	if (zones_find(zones, str_of(name), &z, &problem) != OK)
		return problem;
	zone_span(z, INT64_C(1767225600) * US_PER_S, &span);
	snprintf(text, sizeof(text), "%+d", span.offset / 3600);
	return text;
}

#define ZONEINFO "/usr/share/zoneinfo/"

static void
test_change(void)
{
	struct zones *zones = zones_new(folder);
	char path[64];

	if (!zones)
		abort();
	path_of("Here", path);
	is_str(offset_of(zones, "Here"), "The time zone is not known." ADVICE,
	    "a missing file");
	install("Here", ZONEINFO "Europe/Rome");
	is_str(offset_of(zones, "Here"), "+1", "the file has come");
	install("Here", ZONEINFO "America/New_York");
	is_str(offset_of(zones, "Here"), "+1",
	    "a change is not seen immediately");
	zones_expire(zones);
	is_str(offset_of(zones, "Here"), "-5", "a change is seen");
	write_text("Here", "TZif2 and no more");
	zones_expire(zones);
	is_str(offset_of(zones, "Here"), "-5",
	    "a damaged file leaves the rules as they were");
	unlink(path);
	zones_expire(zones);
	is_str(offset_of(zones, "Here"), "-5",
	    "a removed file leaves the rules as they were");
	install("Here", ZONEINFO "Asia/Tokyo");
	zones_expire(zones);
	is_str(offset_of(zones, "Here"), "+9", "a repaired file is read");
	write_text("There", "TZif2 and no more");
	is_str(offset_of(zones, "There"),
	    "The file of the time zone is damaged. Install the package tzdata "
	    "again.",
	    "a damaged file is no zone");
	zones_free(zones);
	unlink(path);
	path_of("There", path);
	unlink(path);
}

static void
test_no_tzdata(void)
{
	struct zones *zones = zones_new("/nowhere/at/all");
	const struct zone *z = NULL;
	const char *problem;

	if (!zones)
		abort();
	ok(zones_find(zones, STR("Europe/Rome"), &z, &problem) == E_UNAVAILABLE,
	    "without tzdata a zone is not available");
	is_str(problem,
	    "The host has no time zone data. Install the package tzdata.",
	    "... and the sentence says why");
	ok(zones_find(zones, STR("UTC"), &z, &problem) == OK && z == zone_utc(),
	    "UTC works without tzdata");
	zones_free(zones);
}

/* More zones than are kept, several times. */
static void
test_many(void)
{
	struct zones *zones = zones_new(folder);
	char name[16], path[64];
	int good = 0;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "Zone%d", i);
		install(name,
		    i % 2 ? ZONEINFO "Europe/Rome" : ZONEINFO "Asia/Tokyo");
	}
	for (int i = 0; zones && i < 300; i++) {
		snprintf(name, sizeof(name), "Zone%d", i % 100);
		good +=
		    strcmp(offset_of(zones, name), i % 2 ? "+1" : "+9") == 0;
	}
	is_int(good, 300, "100 zones are found three times");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "Zone%d", i);
		path_of(name, path);
		unlink(path);
	}
	zones_free(zones);
}

int
main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	test_names();
	test_change();
	test_no_tzdata();
	test_many();
	rmdir(folder);
	return tap_done();
}
