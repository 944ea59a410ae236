/*
 * Which addresses and ports a request to a tenant's URL may connect to. Every
 * notation is read by getaddrinfo(), as it is before a connection is made.
 */
#include "lib/net/address.h"
#include "t/unit/tap.h"

#include <arpa/inet.h>
#include <netdb.h>

/* Why an address is refused, "" if it is allowed, or "?" if it is none. */
static const char *
verdict(const char *text, const char *port, const char *allow)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	const char *why;

	if (getaddrinfo(text, port, &hints, &found) != 0)
		return "?";
	why = address_refusal(found->ai_addr, allow);
	freeaddrinfo(found);
	return why ? why : "";
}

struct expected {
	const char *text, *why;
};

static const struct expected ipv4[] = {
	/* The first, the last and the next address of each range. */
	{ "0.0.0.0", "unspecified" },
	{ "0.255.255.255", "unspecified" },
	{ "1.0.0.0", "" },
	{ "9.255.255.255", "" },
	{ "10.0.0.0", "private" },
	{ "10.255.255.255", "private" },
	{ "11.0.0.0", "" },
	{ "100.63.255.255", "" },
	{ "100.64.0.0", "carrier-grade NAT" },
	{ "100.100.100.200", "carrier-grade NAT" },
	{ "100.127.255.255", "carrier-grade NAT" },
	{ "100.128.0.0", "" },
	{ "126.255.255.255", "" },
	{ "127.0.0.0", "loopback" },
	{ "127.0.0.1", "loopback" },
	{ "127.255.255.255", "loopback" },
	{ "128.0.0.0", "" },
	{ "168.63.129.15", "" },
	{ "168.63.129.16", "metadata" },
	{ "168.63.129.17", "" },
	{ "169.253.255.255", "" },
	{ "169.254.0.0", "link-local" },
	{ "169.254.169.254", "link-local" },
	{ "169.254.255.255", "link-local" },
	{ "169.255.0.0", "" },
	{ "172.15.255.255", "" },
	{ "172.16.0.0", "private" },
	{ "172.31.255.255", "private" },
	{ "172.32.0.0", "" },
	{ "191.255.255.255", "" },
	{ "192.0.0.0", "reserved" },
	{ "192.0.0.192", "reserved" },
	{ "192.0.0.255", "reserved" },
	{ "192.0.1.0", "" },
	{ "192.0.2.0", "documentation" },
	{ "192.0.2.255", "documentation" },
	{ "192.0.3.0", "" },
	{ "192.88.98.255", "" },
	{ "192.88.99.1", "6to4" },
	{ "192.88.100.0", "" },
	{ "192.167.255.255", "" },
	{ "192.168.0.0", "private" },
	{ "192.168.255.255", "private" },
	{ "192.169.0.0", "" },
	{ "198.17.255.255", "" },
	{ "198.18.0.0", "benchmark" },
	{ "198.19.255.255", "benchmark" },
	{ "198.20.0.0", "" },
	{ "198.51.99.255", "" },
	{ "198.51.100.7", "documentation" },
	{ "198.51.101.0", "" },
	{ "203.0.112.255", "" },
	{ "203.0.113.7", "documentation" },
	{ "203.0.114.0", "" },
	{ "223.255.255.255", "" },
	{ "224.0.0.0", "multicast" },
	{ "239.255.255.255", "multicast" },
	{ "240.0.0.0", "reserved" },
	{ "255.255.255.255", "reserved" },

	/* Other notations of IPv4. */
	{ "127.1", "loopback" },
	{ "0", "unspecified" },
	{ "0x7f.1", "loopback" },
	{ "0x7f000001", "loopback" },
	{ "0177.0.0.1", "loopback" },
	{ "017700000001", "loopback" },
	{ "2130706433", "loopback" },
	{ "10.1", "private" },
	{ "0xa9fea9fe", "link-local" },
	{ "2852039166", "link-local" },
	{ "0300.0250.1", "private" },
	{ "134744072", "" },
};

static const struct expected ipv6[] = {
	{ "::", "unspecified" },
	{ "::1", "loopback" },
	{ "0:0:0:0:0:0:0:1", "loopback" },
	{ "::0001", "loopback" },
	{ "::2", "IPv4-compatible" },
	{ "::127.0.0.1", "IPv4-compatible" },
	{ "::8.8.8.8", "IPv4-compatible" },
	{ "::ffff:127.0.0.1", "IPv4-mapped" },
	{ "::ffff:7f00:1", "IPv4-mapped" },
	{ "0:0:0:0:0:FFFF:169.254.169.254", "IPv4-mapped" },
	{ "::ffff:8.8.8.8", "IPv4-mapped" },
	{ "::ffff:0:127.0.0.1", "IPv4-translated" },
	{ "64:ff9b::8.8.8.8", "NAT64" },
	{ "64:ff9b::7f00:1", "NAT64" },
	{ "64:ff9b:1::1", "NAT64" },
	{ "64:ff9b:2::1", "reserved" },
	{ "100::1", "discard-only" },
	{ "100:0:0:1::1", "reserved" },
	{ "1fff:ffff::1", "reserved" },
	{ "2000::1", "" },
	{ "2001::1", "Teredo" },
	{ "2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo" },
	{ "2001:2::1", "benchmark" },
	{ "2001:20::1", "reserved" },
	{ "2001:1ff:ffff::1", "reserved" },
	{ "2001:200::1", "" },
	{ "2001:4860:4860::8888", "" },
	{ "2001:db7:ffff::1", "" },
	{ "2001:db8::1", "documentation" },
	{ "2001:0DB8:ffff::1", "documentation" },
	{ "2001:db9::1", "" },
	{ "2002:7f00:1::1", "6to4" },
	{ "2002:808:808::1", "6to4" },
	{ "2003::1", "" },
	{ "2606:4700:4700::1111", "" },
	{ "3ffe:ffff::1", "" },
	{ "3fff::1", "documentation" },
	{ "3fff:fff:ffff::1", "documentation" },
	{ "3fff:1000::1", "" },
	{ "4000::1", "reserved" },
	{ "5f00::1", "reserved" },
	{ "8000::1", "reserved" },
	{ "fbff::1", "reserved" },
	{ "fc00::1", "unique local" },
	{ "fd00:ec2::254", "unique local" },
	{ "fdff:ffff::1", "unique local" },
	{ "fe00::1", "reserved" },
	{ "fe80::1", "link-local" },
	{ "fe80::a9fe:a9fe", "link-local" },
	{ "febf:ffff::1", "link-local" },
	{ "fec0::1", "site-local" },
	{ "ff02::1", "multicast" },
	{ "ffff::1", "multicast" },
};

static void
test_ranges(const struct expected *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_str(verdict(rows[i].text, "80", ""), rows[i].why,
		    rows[i].text);
}

static void
test_allow(void)
{
	static const struct {
		const char *allow, *text, *why;
	} rows[] = {
		{ "10.1.0.0/16", "10.1.2.3", "" },
		{ "10.1.0.0/16", "10.2.0.0", "private" },
		{ "10.1.0.0/16", "127.0.0.1", "loopback" },
		{ "127.0.0.1/32", "127.0.0.1", "" },
		{ "127.0.0.1/32", "127.0.0.2", "loopback" },
		{ " 10.0.0.0/8,  ::1/128 ", "::1", "" },
		{ "10.0.0.0/8,::1/128", "10.9.9.9", "" },
		{ "192.168.4.0/23", "192.168.5.255", "" },
		{ "192.168.4.0/23", "192.168.6.0", "private" },
		{ "0.0.0.0/0", "169.254.169.254", "" },
		{ "0.0.0.0/0", "::1", "loopback" },
		{ "::/0", "fd00::1", "" },
		{ "::/0", "10.0.0.1", "private" },
		{ "fd00:1::/32", "fd00:1:2::3", "" },
		{ "fd00:1::/32", "fd00:2::3", "unique local" },
		/* An IPv4 address within an IPv6 address needs both. */
		{ "127.0.0.0/8", "::ffff:127.0.0.1", "IPv4-mapped" },
		{ "::ffff:0:0/96", "::ffff:127.0.0.1", "loopback" },
		{ "::ffff:0:0/96", "::ffff:8.8.8.8", "" },
		{ "::ffff:0:0/96 127.0.0.0/8", "::ffff:127.0.0.1", "" },
		{ "64:ff9b::/96", "64:ff9b::8.8.8.8", "" },
		{ "64:ff9b::/96", "64:ff9b::10.0.0.1", "private" },
		{ "64:ff9b::/96", "64:ff9b::a9fe:a9fe", "link-local" },
		{ "2002::/16", "2002:808:808::1", "" },
		{ "2002::/16", "2002:c0a8:1::1", "private" },
		{ "2001::/32", "2001::f7f7:f7f7", "" },
		{ "2001::/32", "2001::80ff:fffe", "loopback" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!ok(strcmp(verdict(rows[i].text, "80", rows[i].allow),
			    rows[i].why) == 0,
			"%s, where '%s' is allowed: %s", rows[i].text,
			rows[i].allow, rows[i].why))
			printf("#   got: %s\n",
			    verdict(rows[i].text, "80", rows[i].allow));
}

static void
test_ports(void)
{
	static const unsigned good[] = { 80, 443, 1024, 3000, 8080, 8443,
		65535 };
	static const unsigned bad[] = { 0, 1, 22, 25, 53, 79, 81, 442, 444, 465,
		587, 1023, 2049, 5061, 6000, 6667, 10080 };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(!address_port_refusal(good[i]), "port %u is allowed",
		    good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(address_port_refusal(bad[i]), "port %u is refused", bad[i]);
	is_str(verdict("8.8.8.8", "25", ""),
	    "a port below 1024 other than 80 and 443",
	    "a public address is refused on such a port");
	is_str(verdict("10.0.0.1", "6000", "10.0.0.0/8"),
	    "a port of another protocol", "... and so is an allowed one");
	is_str(verdict("2001:4860::1", "22", "::/0"),
	    "a port below 1024 other than 80 and 443", "... of IPv6, too");
}

static void
test_families(void)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	is_str(address_refusal(&local, "0.0.0.0/0 ::/0"), "not an IP address",
	    "a Unix socket is refused");
	ok(address_refusal(&none, ""), "an address of no family is refused");
}

static void
test_lists(void)
{
	static const char *const good[] = { "", " ", " , ", "10.0.0.0/8",
		"10.0.0.0/8 fd00::/8", "10.0.0.0/8,fd00::/8,",
		" 1.2.3.4/32 , ::1/128 ", "0.0.0.0/0", "::/0", "128.0.0.0/1",
		"8000::/1" };
	static const struct {
		const char *text, *part;
	} bad[] = {
		{ "10.0.0.1", "without a prefix length" },
		{ "fd00::", "without a prefix length" },
		{ "10.0.0.0/8;fd00::/8", "is no number" },
		{ "10.0.0/8", "IPv4 or IPv6 address" },
		{ "10/8", "IPv4 or IPv6 address" },
		{ "/8", "IPv4 or IPv6 address" },
		{ "/", "IPv4 or IPv6 address" },
		{ "localhost/8", "IPv4 or IPv6 address" },
		{ "0x7f.0.0.0/8", "IPv4 or IPv6 address" },
		{ "256.0.0.0/8", "IPv4 or IPv6 address" },
		{ "fe80::1%eth0/64", "IPv4 or IPv6 address" },
		{ "[::1]/128", "IPv4 or IPv6 address" },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8",
		    "IPv4 or IPv6 address" },
		{ "10.0.0.0/", "is no number" },
		{ "10.0.0.0/-8", "is no number" },
		{ "10.0.0.0/ 8", "is no number" },
		{ "10.0.0.0/33", "is no number" },
		{ "10.0.0.0/8/8", "is no number" },
		{ "::/129", "is no number" },
		{ "::/18446744073709551616", "is no number" },
		{ "10.1.2.3/16", "bits after its prefix" },
		{ "10.0.0.0/0", "bits after its prefix" },
		{ "192.168.5.0/23", "bits after its prefix" },
		{ "fd00::1/64", "bits after its prefix" },
		{ "10.0.0.0/8 10.0.0.1", "without a prefix length" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(!address_list_problem(good[i]), "'%s' is a list", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *problem = address_list_problem(bad[i].text);

		ok(problem && strstr(problem, bad[i].part),
		    "'%s' is none: it has %s", bad[i].text, bad[i].part);
	}
}

int
main(void)
{
	test_ranges(ROWS(ipv4));
	test_ranges(ROWS(ipv6));
	test_allow();
	test_ports();
	test_families();
	test_lists();
	return tap_done();
}
