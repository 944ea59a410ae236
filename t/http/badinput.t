#!/usr/bin/perl
# Malformed requests through nginx: each gets an error of the table as JSON, and no
# worker dies.

use strict;
use warnings;

use Io7::Test;

my $http = stack->http;
my $workers = "@{[map { $_->{pid} } stack->workers]}";

sub refused
{
	my ($what, $status, $code, $answer) = @_;

	is($answer->{status}, $status, "$what: $status");
	is($answer->code, $code, '... in JSON');
}

# --- The path ---------------------------------------------------------------

for my $path ('/%zz', '/%', '/%4', '/kv/%00', '/kv/a%00b', '/%00',
	'/..%2F..%2Fetc%2Fpasswd', '/../../etc/passwd',
	'/assets/%2e%2e/%2e%2e/health') {
	refused($path, 400, 'bad_request', $http->get($path));
}
for my $path ('/nowhere', '/nowhere/%2e%2e', '//health', '/health//live',
	'/health%2Flive', '/healt%68/', '/a' x 40, '/%ff%fe', "/h\xc3\xa4") {
	refused($path, 404, 'not_found', $http->get($path));
}
is($http->get('/healt%68')->{status}, 200, 'a percent-encoded letter is decoded');

refused('a path of 40 KB', 414, 'uri_too_long', $http->get('/' . 'a' x 40_000));
refused('a query of 40 KB', 414, 'uri_too_long',
	$http->get('/health?' . 'a' x 40_000));
is($http->get('/health?' . 'a' x 8000)->{status}, 200, 'a query of 8 KB is accepted');

# --- The method -------------------------------------------------------------

for my $method (qw(BREW PROPFIND TRACE)) {
	my $answer = $http->request($method, '/health');
	refused($method, 405, 'method_not_allowed', $answer);
	ok($answer->{headers}{allow}, '... and the answer has Allow');
}
refused('a method in lower case', 400, 'bad_request',
	$http->request('get', '/health'));
refused('CONNECT', 400, 'bad_request',
	$http->request('CONNECT', 'localhost:80'));

# --- Headers ----------------------------------------------------------------

refused('a header of 40 KB', 400, 'bad_request',
	$http->get('/health', headers => ['X-Long' => 'a' x 40_000]));
refused('headers of 100 KB', 400, 'bad_request', $http->get('/health',
	headers => [map { ("X-Long-$_", 'a' x 1000) } 1 .. 100]));
is($http->get('/nowhere', headers => [map { ("X-N-$_", $_) } 1 .. 500])
	->{status}, 404, 'five hundred small headers are accepted');
refused('two lengths', 400, 'bad_request', $http->get('/health',
	headers => ['Content-Length' => 1, 'Content-Length' => 2]));
refused('a Content-Length that is not a number', 400, 'bad_request', $http->get('/health',
	headers => ['Content-Length' => 'many']));
refused('a negative Content-Length', 400, 'bad_request', $http->get('/health',
	headers => ['Content-Length' => -1]));
refused('Content-Length together with chunks', 400, 'bad_request', $http->post('/health',
	headers => ['Transfer-Encoding' => 'chunked'], body => "0\r\n\r\n"));
is($http->get('/nowhere', headers => ['Content-Type' => "\x01\xff",
	Authorization => "Bearer \xc3\x28"])->{status}, 404,
	'header bytes that are not UTF-8');

# --- The request line -------------------------------------------------------

sub raw
{
	my ($what, $bytes, $status, $code) = @_;

	my $client = stack->http;
	$client->send($bytes);
	my $answer = $client->receive;
	refused($what, $status, $code, $answer);
	is($answer->{json}{error}{status}, $status, '... twice');
}

raw('no host', "GET /health HTTP/1.1\r\n\r\n", 400, 'bad_request');
raw('two hosts', "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	400, 'bad_request');
raw('an unknown HTTP version', "GET /health HTTP/9.9\r\nHost: a\r\n\r\n",
	400, 'bad_request');
raw('a request that is not HTTP', "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, 'bad_request');

my $absolute = stack->http;
$absolute->send("GET http://localhost/health HTTP/1.1\r\nHost: a\r\n\r\n");
is($absolute->receive->{json}{status} // '', 'ok', 'an absolute URL is accepted');

my $old = stack->http;
$old->send("GET /health HTTP/1.0\r\n\r\n");
is($old->receive->{json}{status} // '', 'ok', 'HTTP/1.0 is accepted');

# --- The body ---------------------------------------------------------------

my $limit = 1024 * 1024;
my $full = 'a' x $limit;

is($http->put('/nowhere', body => $full)->{status}, 404,
	'a body of 1 MiB reaches the worker');
refused('one byte more', 413, 'too_large',
	$http->put('/nowhere', body => "${full}a"));

sub chunked
{
	my ($bytes) = @_;

	return join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
		unpack('(a50000)*', $bytes), '';
}

sub put_chunked
{
	my ($body) = @_;

	my $client = stack->http;
	$client->send($client->compose(PUT => '/nowhere',
		headers => ['Transfer-Encoding' => 'chunked']) . $body);
	return $client->receive('PUT');
}

is(put_chunked(chunked($full))->{status}, 404, 'a body of 1 MiB in chunks reaches the worker');
refused('one byte more in chunks', 413, 'too_large',
	put_chunked(chunked("${full}a")));
refused('a malformed chunk size', 400, 'bad_request', put_chunked("size\r\n"));

# A body for a route that reads none.
is($http->request(GET => '/health', body => 'x' x 5000)->{json}{status}, 'ok',
	'a body for a route that reads none is dropped');
is($http->get('/health')->{json}{status}, 'ok', '... and is not parsed as the next request');

# --- Good and bad requests on one connection ---------------------------------

my @mixed = map { ([GET => '/health'], [GET => '/nowhere'],
	[POST => '/health', body => 'x' x 300]) } 1 .. 10;
is("@{[map { $_->{status} } $http->pipeline(@mixed)]}",
	"@{[(200, 404, 405) x 10]}", 'good and bad requests alternate');

is("@{[map { $_->{pid} } stack->workers]}", $workers, 'no worker has died');

finish;
