#!/usr/bin/perl
# Malformed FastCGI requests, sent to the socket because nginx would not pass them
# on: the worker answers with an error or closes the connection, and does not die.

use strict;
use warnings;

use Io7::FastCgi qw(record begin params stdin parameters);
use Io7::Test;

# One worker, so that each request reaches the worker that got the last one.
my $stack = private_stack(workers => 1, set => { IO7_READ_TIMEOUT => '60s',
	IO7_QUEUE_TIMEOUT => '60s' });
my $socket = $stack->socket('live');
my $worker = worker();

sub worker
{
	return ($stack->workers('live'))[0]{pid};
}

# On a busy machine this test may be slower than the read timeout, so it tries
# again.
sub lives
{
	eventually { Io7::FastCgi->ask($socket, GET => '/health/live')->{status}
		== 200 } '... and the worker still serves';
}

# Sends records and expects this answer; '' means that the connection is closed.
sub is_answer
{
	my ($what, $expected, @records) = @_;

	my $client = Io7::FastCgi->connect($socket);
	$client->send(@records);
	my $answer = $client->answer;
	is($answer ? "$answer->{status} " . ($answer->code // '') : '',
		$expected, $what);
	lives();
}

# --- Wrong lengths -----------------------------------------------------------

sub request
{
	my ($method, $target, %changes) = @_;

	return (begin, params(parameters($method, $target, %changes)));
}

# A route without a body does not read one, so a wrong length has no effect.
my @nowhere = (PUT => '/nowhere');
is_answer('a body', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 5), stdin('12345'), stdin(''));
is_answer('a body shorter than Content-Length', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 50), stdin('12345'), stdin(''));
is_answer('a body longer than Content-Length', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 5), stdin('1' x 70_000), stdin(''));
is_answer('a body that never arrives', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 50));
is_answer('a body that stops halfway', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 50), stdin('12345'));
for my $length ('-1', 'many', '5 ', '1e3', '18446744073709551616', '5, 5') {
	is_answer("a length of $length", '400 bad_request',
		request(@nowhere, CONTENT_LENGTH => $length), stdin(''));
}

# --- Invalid requests --------------------------------------------------------

is_answer('no parameters', '400 bad_request', begin, params, stdin(''));
is_answer('another role', '400 bad_request', record(1, pack 'nCx5', 2, 0),
	params, stdin(''));

# --- Large requests ----------------------------------------------------------

is_answer('ten thousand parameters', '404 not_found', begin,
	params(parameters(@nowhere, map { ("HTTP_X_$_", 'x' x 20) } 1 .. 10_000)),
	stdin(''));
is_answer('a parameter of a megabyte', '404 not_found',
	request(@nowhere, HTTP_X => 'x' x 1_000_000), stdin(''));
is_answer('a path of a megabyte', '404 not_found',
	request(GET => '/' . 'a' x 1_000_000), stdin(''));
is_answer('a body of ten megabytes', '404 not_found',
	request(@nowhere, CONTENT_LENGTH => 10_000_000),
	stdin('x' x 10_000_000), stdin(''));
is_answer('one byte at a time', '404 not_found', begin,
	(map { record(4, $_) } split //, params_content()), record(4, ''),
	stdin(''));

sub params_content
{
	my $stream = params(parameters(@nowhere));

	return substr $stream, 8, length($stream) - 16;
}

# --- Paths and methods that nginx would change or refuse ---------------------

for my $bad ('', 'nowhere', '*', '/%00', '/%zz') {
	is_answer("the path '$bad'", '400 bad_request', request(GET => $bad),
		stdin(''));
}
for my $method ('', 'get', 'BREW', 'G' x 1000) {
	is_answer("the method '@{[substr $method, 0, 9]}'", '405 method_not_allowed',
		request($method => '/health'), stdin(''));
}
is_answer('a client that claims to be an operator', '403 forbidden',
	request(GET => '/status', HTTP_IO7_OPERATOR => 1), stdin(''));

my $long = Io7::FastCgi->ask($socket, @nowhere, REQUEST_ID => 'x' x 5000);
cmp_ok(length $long->{json}{error}{request_id}, '<=', 64,
	'a request id that is too long is replaced');
my $strange = Io7::FastCgi->ask($socket, @nowhere,
	REQUEST_ID => qq(a"b\\c\n\xff));
is($strange->code, 'not_found', 'a strange request id does not break the answer');

is(worker(), $worker, 'one worker has answered all requests');

# --- Incomplete and malformed records ----------------------------------------

$stack->reconfigure(IO7_READ_TIMEOUT => '500ms');
$worker = worker();

is_answer('silence', '');
is_answer('half a record', '', substr begin, 0, 5);
is_answer('a record without its content', '', substr record(1, 'x' x 100), 0, 20);
is_answer('parameters that do not end', '', begin,
	substr params(parameters(GET => '/health')), 0, -8);
is_answer('a parameter longer than its record', '', begin,
	record(4, pack('CNa*', 4, 0x80000000 | 1_000_000, 'NAME')), record(4, ''));
is_answer('HTTP', '', "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" . ' ' x 99);
is_answer('noise', '', pack 'C*', map { ($_ * 167 + 13) % 256 } 1 .. 5000);
is_answer('zeros', '', "\0" x 5000);
is_answer('another version', '', "\x09" . substr begin, 1);
is_answer('an unknown type', '', begin, record(77, 'x' x 10),
	params(parameters(@nowhere)), stdin(''));
is_answer('an abort', '', begin, record(2, ''));

# --- Clients that disconnect -------------------------------------------------

for my $part ([begin], [request(GET => '/health')],
	[request(GET => '/health'), stdin('')]) {
	my $client = Io7::FastCgi->connect($socket);
	$client->send(@$part);
	$client->close;
	lives();
}

# A stream, because a short answer fits the socket buffer.
my $reader = Io7::FastCgi->connect($socket);
$reader->send(request(GET => '/status/stream', IO7_OPERATOR => 1), stdin(''));
ok($reader->read_some, 'an answer begins');
$reader->close;
lives();

my @crowd = map { Io7::FastCgi->connect($socket) } 1 .. 2;
lives();

is(worker(), $worker, 'the worker has survived');

finish;
