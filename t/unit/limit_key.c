/*
 * The names of limits by address.
 */
#include "fcgi/meter/limit.h"
#include "t/unit/tap.h"

static void
is_key(struct str address, const char *want, const char *what)
{
	struct limit_key key;

	limit_key_of_address(address, &key);
	is_slice((struct str){ key.text, key.n }, want, what);
}

int
main(void)
{
	is_key(STR("192.0.2.7"), "io7r4c0000207", "an IPv4 address");
	is_key(STR("::ffff:192.0.2.7"), "io7r4c0000207",
	    "a mapped IPv4 address is the same");
	is_key(STR("2001:db8::7"), "io7r620010db800000000",
	    "IPv6 addresses are limited by their /64");
	is_key(STR("unix:"), "io7r?", "an unparseable address");
	is_key((struct str){ 0 }, "io7r?", "no address is limited like that");
	return tap_done();
}
