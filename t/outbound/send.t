#!/usr/bin/perl
# Requests that io7 sends to URLs of tenants: what it sends, what it keeps of the
# answer, where it refuses to connect, and how it stands hostile targets.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Json;
use Io7::Target;
use Io7::Test;
use POSIX qw(strftime);

# One address of loopback is allowed and another one is not; a server listens at both.
my $target = Io7::Target->new(address => '127.0.0.9');
my $inside = Io7::Target->new(address => '127.0.0.1');
my $stack = private_stack(io7 => tested_program, workers => 2,
	set => { IO7_OUTBOUND_ALLOW => '127.0.0.9/32' });
my $http = $stack->http;

sub encoded
{
	return $_[0] =~ s/([^A-Za-z0-9.~-])/sprintf '%%%02X', ord $1/ger;
}

# Sends a request: body, and the query of the test room's route.
sub ask
{
	my ($url, %how) = @_;
	my $body = delete $how{body} // '';
	my $query = join '&', map { "$_=" . encoded($how{$_}) } sort keys %how;

	my $answer = $http->post('/t/send?url=' . encoded($url) . "&$query",
		body => $body, headers => [ 'Content-Type' => 'text/plain' ]);
	return $answer->{status} == 200 ? decode_json($answer->{body})
		: { outcome => "io7 answered $answer->{status}" };
}

# --- The option -------------------------------------------------------------

my $folder = tempdir(CLEANUP => 1);
for my $row (['10.0.0.1', 'has an address without a prefix length'],
		['10.1.2.3/16', 'has an address with bits after its prefix'],
		['10.0.0.0/33', 'has a prefix length that is no number from 0'],
		['localhost/8', 'has a range that does not begin with an IPv4']) {
	my ($list, $problem) = @$row;
	spew("$folder/conf", "IO7_RUN_DIR=$folder\nIO7_OUTBOUND_ALLOW=$list\n");
	like(io7('check', '-c', "$folder/conf")->{err},
		qr/: IO7_OUTBOUND_ALLOW: \Q$problem/, "'$list' is no list of ranges");
}

# --- What is sent -----------------------------------------------------------

my $answer = ask($target->url('/echo', 'a=b'));
is($answer->{outcome}, 'answered', 'a request is answered');
is($answer->{status}, 200, '... with a status');
is($answer->{type}, 'application/json; charset=utf-8', '... and a type');
ok($answer->{is_success}, '... which is a success');
is($answer->{sentence} . $answer->{detail}, '', '... and has no problem');
ok($answer->{duration_ms} >= 0 && $answer->{duration_ms} < 20000,
	'... and took its time');
my $asked = decode_json($answer->{body});
is("$asked->{method} $asked->{path} $asked->{query}", 'GET /echo a=b',
	'it has the method, the path and the query');
is_deeply([sort keys %{$asked->{headers}}], [qw(accept host user-agent)],
	'... and no header that was not asked for');

for my $method (qw(POST PUT PATCH DELETE)) {
	ask($target->url('/echo'), method => $method, body => '{"a": 1}');
	$asked = $target->asked;
	is("$asked->{method} $asked->{body}", "$method {\"a\": 1}",
		"$method is sent with its body");
	is($asked->{headers}{'content-type'}, 'application/json',
		'... of type JSON');
}
ask($target->url('/echo'), method => 'POST', body => 'a=b',
	type => 'application/x-www-form-urlencoded');
is($target->asked->{headers}{'content-type'},
	'application/x-www-form-urlencoded', '... or of another type');
ask($target->url('/echo'), method => 'POST');
$asked = $target->asked;
is($asked->{headers}{'content-length'}, 0, 'a POST without a body is empty');
ok(!$asked->{headers}{'content-type'}, '... and has no type');
$answer = ask($target->url('/echo'), method => 'HEAD', body => 'x');
is("$answer->{status} $answer->{bytes}", '200 0', 'HEAD gets no body');
is($target->asked->{body}, '', '... and sends none');

my $hits = $target->hits;
for my $method ('', 'get', 'CONNECT', 'TRACE', 'GE T', "GET / HTTP/1.1\r\nX: y") {
	$answer = ask($target->url('/echo'), method => $method);
	is($answer->{outcome}, 'refused', 'another method is refused');
	like($answer->{sentence}, qr/^The method must be GET/, '... and named');
}
$answer = ask($target->url('/echo'), method => 'POST', body => 'x',
	type => "text/plain\r\nX-More: 1");
is($answer->{outcome}, 'failed', 'a type with a line break is not sent');
is($target->hits, $hits, '... nor is any of these');

# --- What is kept -----------------------------------------------------------

for my $status (204, 301, 400, 404, 408, 409, 410, 425, 429, 500, 503, 599) {
	$answer = ask($target->url('/status', $status));
	is("$answer->{outcome} $answer->{status}", "answered $status",
		"a status of $status is an answer");
	is($answer->{is_success}, $status == 204 ? 1 : 0, '... a success or not');
	is($answer->{may_retry},
		$status >= 500 || $status =~ /^4(08|25|29)$/ ? 1 : 0,
		'... that may be different later or not');
}
is(ask($target->url('/later', 120))->{retry_after_s}, 120,
	'Retry-After may be seconds');
my $date = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time + 7200));
my $pause = ask($target->url('/later', encoded($date)))->{retry_after_s};
ok($pause > 3600 && $pause <= 7200, '... or a date') or diag("$date: $pause");
for my $bad ('soon', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT', '') {
	is(ask($target->url('/later', encoded($bad)))->{retry_after_s}, 0,
		"Retry-After '$bad' is none");
}

$answer = ask($target->url('/bytes', 1024));
is("$answer->{bytes} $answer->{is_cut}", '1024 0',
	'an answer as long as allowed is kept whole');
$answer = ask($target->url('/bytes', 1025));
is("$answer->{outcome} $answer->{bytes} $answer->{is_cut}", 'answered 1024 1',
	'... a longer one is cut');
$answer = ask($target->url('/bytes', 1025), how => 'whole');
is("$answer->{outcome} $answer->{status}", 'too_large 200',
	'... or is a failure, if it must be whole');
is($answer->{sentence}, "The target's answer is too large.", '... that says so');
$answer = ask($target->url('/bytes', 3), keep => 0);
is("$answer->{outcome} $answer->{bytes} $answer->{is_cut}", 'answered 0 1',
	'no byte is kept if none is wanted');
$answer = ask($target->url('/bytes', 0), keep => 0);
is("$answer->{outcome} $answer->{is_cut}", 'answered 0', '... and none is cut');

# --- Redirects --------------------------------------------------------------

$answer = ask($target->url('/loop', 2));
is("$answer->{status}", 302, 'a redirect is not followed');
$answer = ask($target->url('/loop', 5), how => 'follow');
is("$answer->{status} $answer->{body}", '200 arrived',
	'... but up to five are, if asked for');
$answer = ask($target->url('/loop', 6), how => 'follow');
is($answer->{outcome}, 'redirected', '... and not six');
is($answer->{sentence}, 'The target redirects too often.', '... which is said');
$answer = ask($target->url('/loop', 1), how => 'follow', method => 'POST',
	body => '1');
is($answer->{status}, 302, 'a redirect of a POST is never followed');

# --- Forbidden addresses ----------------------------------------------------

my $port = $inside->port;
my $reached = $inside->hits;
for my $host ('127.0.0.1', 'localhost', 'LOCALHOST.', '127.1', '0x7f.1',
		'0x7f000001', '2130706433', '017700000001', '[::ffff:127.0.0.1]',
		'[::ffff:7f00:1]', '[::127.0.0.1]', '[::1]', '[::]', '0', '0.0.0.0',
		'%31%32%37.0.0.1', '127.0.0.10',
		'user:pass@127.0.0.9') {
	$answer = ask("http://$host:$port/echo");
	is($answer->{outcome}, 'refused', "http://$host is refused");
	is($answer->{may_retry}, 0, '... for good');
	like($answer->{sentence}, qr/\A(?!.*127)[A-Z].*\.\z/, '... with a sentence');
}
for my $url ("http://localhost:$port/", "http://[::ffff:127.0.0.9]:$port/",
		"http://0x7f.1:$port/", "http://2130706433:$port/",
		"http://017700000001:$port/", 'http://169.254.169.254/latest/',
		'http://10.0.0.1/', 'http://127.0.0.9:25/', 'http://a:b@127.0.0.9/',
		'file:///etc/passwd', 'gopher://127.0.0.9/', 'ftp://127.0.0.9/') {
	$answer = ask($target->url('/to', encoded($url)), how => 'follow');
	is($answer->{outcome}, 'refused', "a redirect to $url is refused");
	is($answer->{sentence}, "The target's address is not allowed.",
		'... with a sentence');
}
is($inside->hits, $reached, 'nothing has reached the forbidden server');

for my $url ('', 'example.com', 'file:///etc/passwd', 'gopher://127.0.0.9/',
		'ftp://127.0.0.9/', 'http://', $target->url('/echo', 'x' x 2048),
		$target->url("/echo\nX: y"), $target->url("/e\0cho"),
		"http://127.0.0.9:22/", "http://127.0.0.9:6000/") {
	$answer = ask($url);
	is($answer->{outcome}, 'refused', 'a URL that is not valid is refused');
	like($answer->{sentence}, qr/^The URL/, '... with a sentence');
}

# --- Targets that are not there, or hostile ---------------------------------

$answer = ask("http://127.0.0.9:$port/");
is($answer->{outcome}, 'unreachable', 'a closed port is unreachable');
is($answer->{may_retry}, 1, '... but may be open later');
$answer = ask('http://nobody.invalid/');
is($answer->{outcome}, 'unknown_host', 'an unknown name has its own outcome');
$answer = ask('https://127.0.0.9:' . $target->port . '/echo');
is($answer->{outcome}, 'untrusted', 'a server without TLS is not trusted');
my $unsigned = Io7::Target->new(address => '127.0.0.9', tls => 1);
$answer = ask($unsigned->url('/echo'));
is($answer->{outcome}, 'untrusted', '... nor one whose certificate no CA signed');
is($answer->{sentence}, "The target's certificate is not valid, or TLS failed.",
	'... which is said');
is($unsigned->hits, 0, '... and no request is sent');

my $left = $target->left;
for my $how (qw(silent stuck trickle)) {
	$answer = ask($target->url("/$how"), timeout_ms => 300);
	is($answer->{outcome}, 'timed_out', "a target that is $how times out");
	is($answer->{sentence}, 'The target did not answer in time.',
		'... which is said');
}
eventually { $target->left == $left + 3 } 'io7 closes their connections';
$answer = ask($target->url('/silent'), stop_ms => 100);
is($answer->{outcome}, 'stopped', 'the caller can stop a request');
$answer = ask($target->url('/trickle'), stop_ms => 100);
is($answer->{outcome}, 'stopped', '... also in the middle of the answer');

for my $how (qw(short chunk hang_up rubbish half_head)) {
	$answer = ask($target->url("/$how"));
	is($answer->{outcome}, 'broken', "an answer that is $how is broken");
	is($answer->{may_retry}, 1, '... and may be whole later');
}
$answer = ask($target->url('/short'));
is("$answer->{status} $answer->{body}", '200 half',
	'what arrived of a broken answer is kept');

my $finished = $target->finished;
$answer = ask($target->url('/flood'), keep => 65536);
is("$answer->{outcome} $answer->{bytes} $answer->{is_cut}", 'answered 65536 1',
	'of 100 MB only the beginning is kept');
$answer = ask($target->url('/flood'), how => 'whole');
is($answer->{outcome}, 'too_large', '... or they are too large');
$answer = ask($target->url('/bomb'), keep => 1 << 20);
is("$answer->{outcome} $answer->{is_cut}", 'answered 0',
	'a compressed answer is not inflated');
ok($answer->{bytes} > 50_000 && $answer->{bytes} < 200_000,
	'... and kept as it was sent');
for my $how (qw(many_heads long_head continues)) {
	$answer = ask($target->url("/$how"));
	is($answer->{outcome}, 'too_large', "endless headers are too large: $how");
}
is($target->finished, $finished, 'no endless answer was read to its end');

finish;
