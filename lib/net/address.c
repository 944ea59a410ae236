/*
 * The ranges of the IANA registries of special-purpose addresses that are not
 * reachable from everywhere, and those that clouds use for their metadata.
 * Few connections are made, so the ranges are kept as text and read each time.
 */
#include "lib/net/address.h"

#include "lib/base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { IPV4_BYTES = 4, IPV6_BYTES = 16 };

struct address {
	int family;
	uint8_t bytes[IPV6_BYTES]; /* of IPv4 the first four */
};

struct range {
	struct address first;
	unsigned bits;
};

/* Where an IPv6 address carries an IPv4 address. */
enum carries {
	NO_IPV4,
	IPV4_AT_2,
	IPV4_AT_12,
	IPV4_INVERTED_AT_12,
};

struct special {
	const char *range;
	const char *why;
	enum carries carries;
};

/* The first row that contains an address decides. */
static const struct special specials[] = {
	/* RFC 791: this network; Linux connects to itself. */
	{ "0.0.0.0/8", "unspecified", NO_IPV4 },
	/* RFC 1918. */
	{ "10.0.0.0/8", "private", NO_IPV4 },
	/* RFC 6598; also 100.100.100.200, the metadata of Alibaba Cloud. */
	{ "100.64.0.0/10", "carrier-grade NAT", NO_IPV4 },
	/* RFC 1122. */
	{ "127.0.0.0/8", "loopback", NO_IPV4 },
	/* Azure's metadata and agent, at a public address. */
	{ "168.63.129.16/32", "metadata", NO_IPV4 },
	/* RFC 3927; also 169.254.169.254, the metadata of most clouds. */
	{ "169.254.0.0/16", "link-local", NO_IPV4 },
	/* RFC 1918. */
	{ "172.16.0.0/12", "private", NO_IPV4 },
	/* RFC 6890: protocol assignments; also 192.0.0.192, Oracle's metadata. */
	{ "192.0.0.0/24", "reserved", NO_IPV4 },
	/* RFC 5737: TEST-NET-1. */
	{ "192.0.2.0/24", "documentation", NO_IPV4 },
	/* RFC 7526: relays of 6to4, deprecated. */
	{ "192.88.99.0/24", "6to4", NO_IPV4 },
	/* RFC 1918. */
	{ "192.168.0.0/16", "private", NO_IPV4 },
	/* RFC 2544. */
	{ "198.18.0.0/15", "benchmark", NO_IPV4 },
	/* RFC 5737: TEST-NET-2 and TEST-NET-3. */
	{ "198.51.100.0/24", "documentation", NO_IPV4 },
	{ "203.0.113.0/24", "documentation", NO_IPV4 },
	/* RFC 1112. */
	{ "224.0.0.0/4", "multicast", NO_IPV4 },
	/* RFC 1112: for future use; also 255.255.255.255, the broadcast. */
	{ "240.0.0.0/4", "reserved", NO_IPV4 },

	/* RFC 4291. */
	{ "::/128", "unspecified", NO_IPV4 },
	{ "::1/128", "loopback", NO_IPV4 },
	/* RFC 4291: Linux connects to the IPv4 address. */
	{ "::ffff:0:0/96", "IPv4-mapped", IPV4_AT_12 },
	/* RFC 2765: deprecated. */
	{ "::ffff:0:0:0/96", "IPv4-translated", IPV4_AT_12 },
	/* RFC 4291: deprecated. */
	{ "::/96", "IPv4-compatible", IPV4_AT_12 },
	/* RFC 6052: a gateway connects to the IPv4 address. */
	{ "64:ff9b::/96", "NAT64", IPV4_AT_12 },
	/* RFC 8215: the same within one network, in a form of its choice. */
	{ "64:ff9b:1::/48", "NAT64", NO_IPV4 },
	/* RFC 6666. */
	{ "100::/64", "discard-only", NO_IPV4 },
	/* RFC 4380: the address of the client behind its NAT. */
	{ "2001::/32", "Teredo", IPV4_INVERTED_AT_12 },
	/* RFC 5180. */
	{ "2001:2::/48", "benchmark", NO_IPV4 },
	/* RFC 2928: protocol assignments, such as ORCHID. */
	{ "2001::/23", "reserved", NO_IPV4 },
	/* RFC 3849. */
	{ "2001:db8::/32", "documentation", NO_IPV4 },
	/* RFC 3056: a relay sends to the IPv4 address. */
	{ "2002::/16", "6to4", IPV4_AT_2 },
	/* RFC 9637. */
	{ "3fff::/20", "documentation", NO_IPV4 },
	/* RFC 4193; also fd00:ec2::254, Amazon's metadata. */
	{ "fc00::/7", "unique local", NO_IPV4 },
	/* RFC 4291. */
	{ "fe80::/10", "link-local", NO_IPV4 },
	/* RFC 3879: deprecated. */
	{ "fec0::/10", "site-local", NO_IPV4 },
	/* RFC 4291. */
	{ "ff00::/8", "multicast", NO_IPV4 },
	/* All but 2000::/3, the only block of which addresses are assigned. */
	{ "::/3", "reserved", NO_IPV4 },
	{ "4000::/2", "reserved", NO_IPV4 },
	{ "8000::/1", "reserved", NO_IPV4 },
};

/*
 * Ports from 1024 at which other protocols listen, as in the Fetch standard's
 * list of bad ports: a body could be read there as commands.
 */
static const struct {
	unsigned first, last;
} bad_ports[] = {
	{ 1719, 1720 },   /* H.323 */
	{ 1723, 1723 },   /* PPTP */
	{ 2049, 2049 },   /* NFS */
	{ 3659, 3659 },   /* Apple SASL */
	{ 4045, 4045 },   /* NFS locks */
	{ 4190, 4190 },   /* ManageSieve */
	{ 5060, 5061 },   /* SIP */
	{ 6000, 6000 },   /* X11 */
	{ 6566, 6566 },   /* SANE */
	{ 6665, 6669 },   /* IRC */
	{ 6679, 6679 },   /* IRC with TLS */
	{ 6697, 6697 },   /* IRC with TLS */
	{ 10080, 10080 }, /* Amanda */
};

static size_t
length_of(const struct address *a)
{
	return a->family == AF_INET ? IPV4_BYTES : IPV6_BYTES;
}

static bool
address_read(struct str text, struct address *a)
{
	char terminated[INET6_ADDRSTRLEN];

	if (text.n >= sizeof(terminated))
		return false;
	memcpy(terminated, text.p, text.n);
	terminated[text.n] = '\0';
	*a = (struct address){
		.family = memchr(text.p, ':', text.n) ? AF_INET6 : AF_INET,
	};
	return inet_pton(a->family, terminated, a->bytes) == 1;
}

/* True if both have the same first bits. */
static bool
is_same(const struct address *a, const struct address *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xFF00 >> rest);

	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, whole) == 0 &&
	    (rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0);
}

static bool
is_prefix(const struct range *range)
{
	struct address masked = { .family = range->first.family };
	unsigned whole = range->bits / 8, rest = range->bits % 8;

	memcpy(masked.bytes, range->first.bytes, whole);
	if (rest)
		masked.bytes[whole] =
		    range->first.bytes[whole] & (uint8_t)(0xFF00 >> rest);
	return memcmp(masked.bytes, range->first.bytes, IPV6_BYTES) == 0;
}

/* Returns what is wrong with the text, or NULL. */
static const char *
range_read(struct str text, struct range *range)
{
	struct str address;
	uint64_t bits;

	if (!memchr(text.p, '/', text.n))
		return "has an address without a prefix length: write"
		       " 192.0.2.1/32 or 2001:db8::1/128 for a single address";
	(void)str_split(&text, '/', &address);
	if (!address_read(address, &range->first))
		return "has a range that does not begin with an IPv4 or IPv6"
		       " address: write ranges such as 10.1.0.0/16 fd00::/8";
	if (text.n > 3 || !str_to_u64(text, &bits) ||
	    bits > 8 * length_of(&range->first))
		return "has a prefix length that is no number from 0 to 32, or"
		       " to 128 for IPv6";
	range->bits = (unsigned)bits;
	if (!is_prefix(range))
		return "has an address with bits after its prefix: write"
		       " 10.1.0.0/16, not 10.1.2.3/16";
	return NULL;
}

static bool
next_range(struct str *list, struct str *text)
{
	static const char separators[] = " ,";
	size_t n = 0;

	while (list->n && strchr(separators, list->p[0]))
		list->p++, list->n--;
	while (n < list->n && !strchr(separators, list->p[n]))
		n++;
	*text = (struct str){ list->p, n };
	list->p += n;
	list->n -= n;
	return n > 0;
}

const char *
address_list_problem(const char *text)
{
	struct str list = str_of(text), one;
	const char *problem = NULL;
	struct range range;

	while (!problem && next_range(&list, &one))
		problem = range_read(one, &range);
	return problem;
}

static bool
is_in(struct str text, const struct address *a)
{
	struct range range;

	return !range_read(text, &range) &&
	    is_same(&range.first, a, range.bits);
}

static bool
is_allowed(const struct address *a, const char *allow)
{
	struct str list = str_of(allow), one;

	while (next_range(&list, &one))
		if (is_in(one, a))
			return true;
	return false;
}

static const struct special *
special_of(const struct address *a)
{
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		if (is_in(str_of(specials[i].range), a))
			return &specials[i];
	return NULL;
}

static struct address
carried(const struct address *a, enum carries carries)
{
	struct address ipv4 = { .family = AF_INET };
	size_t at = carries == IPV4_AT_2 ? 2 : 12;
	uint8_t flip = carries == IPV4_INVERTED_AT_12 ? 0xFF : 0;

	for (size_t i = 0; i < IPV4_BYTES; i++)
		ipv4.bytes[i] = a->bytes[at + i] ^ flip;
	return ipv4;
}

/* An allowed range of IPv6 does not allow all of IPv4 through it. */
static const char *
judge(const struct address *a, const char *allow)
{
	const struct special *special = special_of(a);
	struct address ipv4;

	if (!special)
		return NULL;
	if (!is_allowed(a, allow))
		return special->why;
	if (special->carries == NO_IPV4)
		return NULL;
	ipv4 = carried(a, special->carries);
	special = special_of(&ipv4);
	return special && !is_allowed(&ipv4, allow) ? special->why : NULL;
}

const char *
address_port_refusal(unsigned port)
{
	if (port < 1024 && port != 80 && port != 443)
		return "a port below 1024 other than 80 and 443";
	for (size_t i = 0; i < ARRAY_LEN(bad_ports); i++)
		if (port >= bad_ports[i].first && port <= bad_ports[i].last)
			return "a port of another protocol";
	return NULL;
}

const char *
address_refusal(const struct sockaddr *to, const char *allow)
{
	struct address a = { .family = to->sa_family };
	const char *why = NULL;

	if (to->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, to, sizeof(in));
		memcpy(a.bytes, &in.sin_addr, IPV4_BYTES);
		why = address_port_refusal(ntohs(in.sin_port));
	} else if (to->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, to, sizeof(in6));
		memcpy(a.bytes, &in6.sin6_addr, IPV6_BYTES);
		why = address_port_refusal(ntohs(in6.sin6_port));
	} else {
		return "not an IP address";
	}
	return why ? why : judge(&a, allow);
}
