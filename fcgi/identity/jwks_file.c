/*
 * The file: one line with a mark, both times and the digest of the URL, then
 * the set as it was fetched. A set of another URL is ignored.
 */
#include "fcgi/identity/jwks_impl.h"

#include "fcgi/options.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/os/conf_type.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = "io7-jwks";

enum { HEAD_MAX = 160, DIGITS = 2 * CRYPT_SHA256 };

bool
jwks_is_wanted(const struct conf *conf)
{
	const struct identity_options *o = ROOM_OPTIONS(identity, conf);

	return o->jwt_issuer[0] && o->jwt_jwks_url[0];
}

void
jwks_path(const struct conf *conf, const char *rest, char to[JWKS_PATH])
{
	snprintf(to, JWKS_PATH, "%s/jwks%s", options_of(conf)->run_dir, rest);
}

static bool
url_digits(const struct conf *conf, char to[DIGITS])
{
	uint8_t digest[CRYPT_SHA256];

	if (!crypt_sha256(str_of(ROOM_OPTIONS(identity, conf)->jwt_jwks_url),
		digest))
		return false;
	crypt_hex(digest, sizeof(digest), to);
	return true;
}

static bool
next_time(struct str *head, int64_t *to)
{
	struct str piece;
	uint64_t n;

	if (!str_split(head, ' ', &piece) || !str_to_u64(piece, &n) ||
	    n > INT64_MAX)
		return false;
	*to = (int64_t)n;
	return true;
}

struct jwks
jwks_read(const struct conf *conf, struct arena *mem)
{
	struct jwks found = { 0 };
	struct str text, head, piece;
	char path[JWKS_PATH], digits[DIGITS];

	jwks_path(conf, "", path);
	if (conf_slurp(mem, path, HEAD_MAX + JWKS_TEXT_MAX, S_IRWXO, &text) ||
	    !str_split(&text, '\n', &head) || !str_split(&head, ' ', &piece) ||
	    !str_eq(piece, str_of(mark)) ||
	    !next_time(&head, &found.at.tried_us) ||
	    !next_time(&head, &found.at.fetched_us) ||
	    !url_digits(conf, digits) ||
	    !str_eq(head, (struct str){ digits, sizeof(digits) }))
		return (struct jwks){ 0 };
	found.text = text;
	return found;
}

struct jwks_times
jwks_times(const struct conf *conf, struct arena *mem)
{
	return jwks_read(conf, mem).at;
}

static bool
write_all(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

bool
jwks_write(const struct conf *conf, struct arena *mem, const struct jwks *j)
{
	char path[JWKS_PATH], temporary[JWKS_PATH], digits[DIGITS];
	struct buf b;
	bool fine;
	int fd;

	jwks_path(conf, "", path);
	jwks_path(conf, ".new", temporary);
	if (!url_digits(conf, digits))
		return false;
	buf_init(&b, mem);
	buf_printf(&b, "%s %lld %lld ", mark, (long long)j->at.tried_us,
	    (long long)j->at.fetched_us);
	buf_add(&b, digits, sizeof(digits));
	buf_putc(&b, '\n');
	buf_str(&b, j->text);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	fine = fd >= 0 && !b.failed && write_all(fd, buf_view(&b));
	if (fd >= 0)
		close(fd);
	return fine && rename(temporary, path) == 0;
}

/* A time in the future means that the clock was set back: not fresh. */
bool
jwks_is_fresh(struct jwks_times at)
{
	int64_t age = clock_wall_us() - at.tried_us;

	return age >= 0 && age < JWKS_PAUSE_US;
}
