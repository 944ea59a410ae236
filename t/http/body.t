#!/usr/bin/perl
# The body of a request arrives unchanged, up to the limit. A body that does not
# match its Content-Length, or that is not received, gets an error.

use strict;
use warnings;

use Io7::FastCgi qw(begin params stdin parameters);
use Io7::Test;

my $stack = private_stack(io7 => tested_program, workers => 1,
	set => { IO7_READ_TIMEOUT => '60s' });
my $http = $stack->http;
my $socket = $stack->socket('live');
my ($worker) = map { $_->{pid} } $stack->workers('live');

# --- Through nginx ----------------------------------------------------------

my $all_bytes = join '', map { chr } 0 .. 255;
for my $body ('', 'x', $all_bytes, $all_bytes x 4096) {
	my $answer = $http->post('/t/echo', body => $body);
	is($answer->{status}, 200, length($body) . ' bytes are accepted');
	ok($answer->{body} eq $body, '... and are unchanged');
	is($http->post('/t/count', body => $body)->{body}, length $body,
		'... also when read in pieces');
}
is($http->post('/t/echo', body => 'x' x (1 << 20 | 1))->code, 'too_large',
	'one byte more than the limit is refused');

$http->send("POST /t/echo HTTP/1.1\r\nHost: localhost\r\n"
	. "Transfer-Encoding: chunked\r\n\r\n"
	. "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
is($http->receive('POST')->{body}, 'abcdefg', 'chunks are joined');

# --- To the socket ----------------------------------------------------------

# Sends records and expects this answer, and the same status from a handler that reads
# the body in pieces.
sub is_answer
{
	my ($what, $expected, $length, @records) = @_;

	my $whole = asked('/t/echo', $length, @records);
	is("$whole->{status} " . ($whole->code // $whole->{body}), $expected,
		$what);
	return if $expected =~ /^413/;
	is(asked('/t/count', $length, @records)->{status}, $whole->{status},
		'... also when read in pieces');
}

sub asked
{
	my ($path, $length, @records) = @_;

	my $client = Io7::FastCgi->connect($socket);
	$client->send(begin, params(parameters(POST => $path,
		CONTENT_LENGTH => $length)), @records);
	return $client->answer;
}

is_answer('a body', '200 12345', 5, stdin('12345'), stdin(''));
is_answer('a body in several records', '200 12345', 5, stdin('12'), stdin('345'), stdin(''));
is_answer('a body shorter than Content-Length', '400 bad_request', 50, stdin('12345'),
	stdin(''));
is_answer('a body longer than Content-Length', '400 bad_request', 5, stdin('123456'),
	stdin(''));
is_answer('a body much longer than Content-Length', '400 bad_request', 5,
	stdin('1' x 300_000), stdin(''));
is_answer('a body without Content-Length', '400 bad_request', '',
	stdin('1'), stdin(''));
is_answer('a Content-Length over the limit', '413 too_large', 1 << 40, stdin(''));
is(($stack->workers('live'))[0]{pid}, $worker, 'it is the same worker');

# --- Bodies that are not received -------------------------------------------

$stack->reconfigure(IO7_READ_TIMEOUT => '500ms');
($worker) = map { $_->{pid} } $stack->workers('live');
is_answer('a body that never arrives', '504 timeout', 50);
is_answer('a body that stops halfway', '504 timeout', 50, stdin('12345'));
is_answer('a body whose end never arrives', '504 timeout', 5, stdin('12345'));
is(($stack->workers('live'))[0]{pid}, $worker, 'it is the same worker');

finish;
