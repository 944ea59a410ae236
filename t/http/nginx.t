#!/usr/bin/perl
# nginx in front of the workers: TLS, HTTP/2, headers, CORS, gzip, pages.

use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::SSL;
use Io7::Test;

my $origin = 'https://app.example.com';
my $stack = private_stack(origin => $origin);
my $http = $stack->http;
my $https = $stack->http(tls => 1);

# --- TLS --------------------------------------------------------------------

# The TLS version that is negotiated, or '' if the handshake fails.
sub tls_version
{
	my (%options) = @_;

	my $socket = IO::Socket::SSL->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $stack->tls_port,
		SSL_hostname => 'localhost',
		SSL_ca_file => $stack->env('IO7_TLS_CERT'),
		%options,
	) or return '';
	return $socket->get_sslversion;
}

is(tls_version(SSL_version => 'TLSv1_3'), 'TLSv1_3', 'TLS 1.3 is accepted');
is(tls_version(SSL_version => 'TLSv1_2'), 'TLSv1_2', 'TLS 1.2 is accepted');
for my $version ('TLSv1_1', 'TLSv1') {
	is(tls_version(SSL_version => $version,
		SSL_cipher_list => 'ALL:@SECLEVEL=0'), '',
		"$version is refused");
}
for my $weak ('AES128-SHA', 'ECDHE-ECDSA-AES128-SHA') {
	is(tls_version(SSL_version => 'TLSv1_2',
		SSL_cipher_list => "$weak:\@SECLEVEL=0"), '',
		"the cipher $weak is refused");
}

for my $protocol ('h2', 'http/1.1') {
	my $socket = IO::Socket::SSL->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $stack->tls_port,
		SSL_verify_mode => SSL_VERIFY_NONE,
		SSL_alpn_protocols => [$protocol],
	);
	is($socket->alpn_selected, $protocol, "$protocol is chosen by ALPN");
}
my $h2 = run('curl', '-s', '--http2', '--cacert', $stack->env('IO7_TLS_CERT'),
	'-w', '%{http_version} %{http_code}', '-o', '/dev/null',
	$stack->env('IO7_TLS_URL') . '/health');
is($h2->{out}, '2 200', 'HTTP/2 works, with a certificate for localhost');

my $plain = $stack->http;
$plain->{port} = $stack->tls_port;
my $refused = $plain->get('/health');
is($refused->{status}, 403, 'plain HTTP on the TLS port is refused');
is($refused->code, 'https_required', '... with a JSON error');

# --- Headers ----------------------------------------------------------------

my %security = (
	'content-security-policy' => qr/^default-src 'self'(?!.*unsafe)/,
	'x-content-type-options' => qr/^nosniff$/,
	'x-frame-options' => qr/^DENY$/,
	'referrer-policy' => qr/^no-referrer$/,
);
my %kinds = (
	'an answer of a worker' => [GET => '/health'],
	"a worker's error" => [GET => '/nowhere'],
	"a worker's refusal" => [POST => '/health', body => '{}'],
	'a page' => [GET => '/'],
	'a file' => [GET => '/robots.txt'],
	"nginx's own error" => [GET => '/%zz'],
	'a missing page' => [GET => '/docs/nothing',
		headers => [Accept => 'text/html']],
	'a preflight' => [OPTIONS => '/health', headers => [Origin => $origin,
		'Access-Control-Request-Method' => 'GET']],
);
for my $kind (sort keys %kinds) {
	my $answer = $https->request(@{$kinds{$kind}});
	for my $name (sort keys %security) {
		like($answer->{headers}{$name} // '', $security{$name},
			"$kind has $name");
	}
	like($answer->{headers}{'x-request-id'} // '', qr/^[0-9a-f]{32}$/,
		'... and X-Request-Id');
	is($answer->{headers}{server}, 'nginx', '... and Server without a version');
	ok(!$answer->{headers}{'strict-transport-security'},
		'... and no HSTS, which would affect other ports of localhost');
}

# --- X-Request-Id -----------------------------------------------------------

my %ids;
my @answers = $http->pipeline(map { [GET => '/nowhere',
	headers => ['X-Request-Id' => 'f' x 32]] } 1 .. 50);
$ids{$_->{headers}{'x-request-id'}}++ for @answers;
is(scalar keys %ids, 50, 'each request has its own id');
ok(!$ids{'f' x 32}, '... which the client cannot choose');
eventually {
	50 == grep { $ids{$_->{id}} } $stack->events('request')
} "io7's log contains each id";
eventually {
	50 == grep { $ids{$_->{request_id}} } $stack->events(undef, 'access')
} "nginx's log too";

# --- CORS -------------------------------------------------------------------

sub cors
{
	my ($answer) = @_;

	return { map { /^access-control-(.*)/ ? ($1, $answer->{headers}{$_}) : () }
		keys %{$answer->{headers}} };
}

sub preflight
{
	my ($from) = @_;

	return $https->options('/kv/some%2Fkey', headers => [Origin => $from,
		'Access-Control-Request-Method' => 'PUT',
		'Access-Control-Request-Headers' => 'authorization']);
}

my $preflight = preflight($origin);
is($preflight->{status}, 204, 'a preflight is answered');
my $allowed = cors($preflight);
is($allowed->{'allow-origin'}, $origin, '... for the listed origin');
for my $method (qw(GET HEAD POST PUT PATCH DELETE OPTIONS)) {
	like($allowed->{'allow-methods'}, qr/\b$method\b/, "... and $method");
}
for my $header (qw(Authorization Content-Type Content-Encoding Cache-Control
	If-Match If-None-Match If-Unmodified-Since Idempotency-Key Last-Event-ID
	X-CSRF-Token Io7-Mode traceparent tracestate)) {
	like($allowed->{'allow-headers'}, qr/\b$header\b/, "... and $header");
}
like($preflight->{headers}{vary}, qr/\bOrigin\b/, '... and caches keep it apart');

# A worker's answer, a worker's error, nginx's error.
for my $request ([GET => '/health'], [GET => '/nowhere'],
	[PUT => '/nowhere', body => 'x' x (1024 * 1024 + 1)]) {
	my ($method, $path, @rest) = @$request;
	my $answer = $https->request($method, $path,
		headers => [Origin => $origin], @rest);
	my $cors = cors($answer);
	is($cors->{'allow-origin'}, $origin,
		"a listed origin may read the $answer->{status}");
	like($cors->{'expose-headers'}, qr/\b$_\b/, "... with $_")
		for qw(X-Request-Id ETag Allow WWW-Authenticate);
	like($answer->{headers}{vary}, qr/\bOrigin\b/, '... and Vary says so');
}

for my $other ('https://evil.example.com', 'http://app.example.com', 'null',
	"$origin.evil.example.com", "x$origin") {
	is_deeply(cors($https->get('/health', headers => [Origin => $other])), {},
		"$other may not read answers");
	is_deeply(cors(preflight($other)), {}, '... and gets no preflight');
}

# --- Gzip -------------------------------------------------------------------

my @accept = (headers => ['Accept-Encoding' => 'gzip']);
my $small = $http->get('/status', @accept);
is($small->{headers}{'content-encoding'}, 'gzip', 'JSON is compressed');
ok($small->{json}{workers}, '... and complete');
like($small->{headers}{vary}, qr/Accept-Encoding/, '... and Vary says so');
ok(!$http->get('/status')->{headers}{'content-encoding'},
	'... only if the client accepts gzip');

# --- Pages ------------------------------------------------------------------

my $page = $https->get('/');
is($page->{status}, 200, 'the front page is served');
is($page->{headers}{'content-type'}, 'text/html; charset=utf-8',
	'... as HTML');
unlike($page->{body}, qr/<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=/,
	'... without anything that the policy forbids');
is($https->get('/', headers => ['If-None-Match' => $page->{headers}{etag}])
	->{status}, 304, '... and revalidated with its ETag');
my %linked = map { $_ => 1 } $page->{body} =~ /(?:href|src)="(\/[^"#]*)"/g;
for my $path (sort keys %linked) {
	is($https->get($path)->{status}, 200, "... and $path, which it refers to");
}

my @html = (headers => [Accept => 'text/html,*/*;q=0.8']);
my $missing = $https->get('/docs/nothing', @html);
is($missing->{status}, 404, 'an unknown page gets 404');
is($missing->{type}, 'text/html', '... with an HTML page for a browser');
is($https->get('/docs/nothing')->code, 'not_found',
	'... and with JSON for a program');
is($https->get('/nowhere', @html)->{type}, 'application/json',
	'an unknown path outside of the pages gets JSON, even for a browser');
is($https->post('/', body => 'x=1')->code, 'method_not_allowed',
	'a POST to a page is refused');
is($https->get('/openapi.json')->{type}, 'application/json',
	'openapi.json is served');

finish;
