/*
 * Checks of URLs. libcurl parses them, so that a URL means here what it means
 * when it is fetched: 0x7f.1 is 127.0.0.1, too.
 */
#include "lib/net/fetch.h"

#include "lib/net/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

enum { HOST_TEXT = 256 }; /* a longer name cannot be resolved */

const char *
fetch_url_problem(const char *url)
{
	static const char problem[] = "must be an http or https URL"
				      " without a query and a final slash";
	CURLU *parts = curl_url();
	char *scheme = NULL, *query = NULL;
	bool good = parts &&
	    curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
	    curl_url_get(parts, CURLUPART_QUERY, &query, 0) ==
		CURLUE_NO_QUERY &&
	    url[strlen(url) - 1] != '/';

	curl_free(scheme);
	curl_free(query);
	curl_url_cleanup(parts);
	return good ? NULL : problem;
}

/* Writes a part of a URL; empty if it has none, and cut if it is long. */
static void
get_part(CURLU *url, CURLUPart what, char *to, size_t size)
{
	char *text = NULL;

	to[0] = '\0';
	if (curl_url_get(url, what, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
		snprintf(to, size, "%s", text);
	curl_free(text);
}

/* RFC 6761: localhost and the names below it are loopback addresses. */
static bool
is_localhost(struct str host)
{
	struct str name = STR("localhost");

	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n > name.n && host.p[host.n - name.n - 1] == '.') {
		host.p += host.n - name.n;
		host.n = name.n;
	}
	return str_eq_nocase(host, name);
}

static bool
read_ipv4(const char *text, in_port_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };

	if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
		return false;
	memcpy(to, &in, sizeof(in));
	return true;
}

static bool
read_ipv6(const char *text, in_port_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = port };
	char plain[HOST_TEXT];

	if (text[0] != '[')
		return false;
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(text + 1, "%]"),
	    text + 1);
	if (inet_pton(AF_INET6, plain, &in6.sin6_addr) != 1)
		return false;
	memcpy(to, &in6, sizeof(in6));
	return true;
}

static bool
is_refused(const char *host, unsigned port, const char *allow)
{
	struct sockaddr_storage to;
	in_port_t wire = htons((uint16_t)port);

	if (is_localhost(str_of(host)))
		return !(read_ipv4("127.0.0.1", wire, &to) &&
			   !address_refusal((struct sockaddr *)&to, allow)) &&
		    !(read_ipv6("[::1]", wire, &to) &&
			!address_refusal((struct sockaddr *)&to, allow));
	return (read_ipv4(host, wire, &to) || read_ipv6(host, wire, &to)) &&
	    address_refusal((struct sockaddr *)&to, allow);
}

/* The sentence of libcurl's verdict on a whole URL. */
static const char *
parse_problem(CURLUcode code)
{
	switch (code) {
	case CURLUE_OK:
		return NULL;
	case CURLUE_OUT_OF_MEMORY:
		return "There is no memory to read the URL.";
	case CURLUE_USER_NOT_ALLOWED:
		return "The URL must not contain a user name or a password.";
	case CURLUE_BAD_SCHEME:
	case CURLUE_UNSUPPORTED_SCHEME:
		return "The URL must begin with http:// or https://.";
	case CURLUE_BAD_PORT_NUMBER:
		return "The URL's port must be a number from 1 to 65535.";
	default:
		return "The URL is not valid.";
	}
}

static const char *
parts_problem(CURLU *url, const char *allow)
{
	char scheme[sizeof("https:")], host[HOST_TEXT], port[sizeof("65535")];
	unsigned number;

	get_part(url, CURLUPART_SCHEME, scheme, sizeof(scheme));
	get_part(url, CURLUPART_HOST, host, sizeof(host));
	get_part(url, CURLUPART_PORT, port, sizeof(port));
	number = (unsigned)strtoul(port, NULL, 10);
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		return parse_problem(CURLUE_UNSUPPORTED_SCHEME);
	if (address_port_refusal(number))
		return "The URL's port is not allowed: use 80, 443 or a port"
		       " from 1024 that belongs to no other protocol.";
	if (is_refused(host, number, allow))
		return "The URL's address is not public. Use a public one, or"
		       " ask the operator to allow this one.";
	return NULL;
}

const char *
fetch_url_refusal(const char *url, const char *allow)
{
	CURLU *parts = curl_url();
	const char *problem = parse_problem(parts
		? curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER)
		: CURLUE_OUT_OF_MEMORY);

	if (!problem)
		problem = parts_problem(parts, allow);
	curl_url_cleanup(parts);
	return problem;
}
