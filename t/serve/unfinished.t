#!/usr/bin/perl
# Fairness between clients: requests whose body does not arrive do not block others, the
# concurrent requests of one address are limited, a full pool does not block other
# pools, and a thousand connections are served.

use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::SSL;
use Io7::Test;
use Time::HiRes qw(time);

use constant { BALANCER => '127.0.0.9', LIMIT => 8, STREAM_WORKERS => 2 };

my $stack = private_stack(io7 => tested_program, workers => 2,
	balancer => BALANCER, set => {
		IO7_CLIENT_REQUESTS => LIMIT,
		IO7_QUEUE_TIMEOUT => '60s',
		IO7_STREAM_WORKERS => STREAM_WORKERS,
	});
my @pools = (
	['the live pool', PUT => '/t/value/a', 'Bearer live_io7_'],
	['the test pool', PUT => '/t/value/a', 'Bearer test_io7_'],
	['the stream pool', POST => '/kv/a/transform', 'Bearer live_io7_'],
);

# Sends the header of a request from that address, and reads the first answer of nginx:
# 100 Continue, or a refusal.
sub begin
{
	my ($address, $method, $target, $credential) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $stack->port, LocalAddr => BALANCER)
		or die "connect: $!\n";

	syswrite $socket, "$method $target HTTP/1.1\r\nHost: localhost\r\n"
		. "Authorization: $credential\r\nX-Forwarded-For: $address\r\n"
		. "Content-Type: application/json\r\nContent-Length: 100\r\n"
		. "Expect: 100-continue\r\n\r\n";
	sysread $socket, my $answer, 4096;
	return ($socket, $answer);
}

sub begun
{
	my ($n, @request) = @_;

	return map {
		my ($socket, $answer) = begin(@request);
		like($answer, qr{^HTTP/1\.1 100 }, 'nginx waits for the body');
		$socket } 1 .. $n;
}

sub ask_from
{
	my ($address) = @_;

	return $stack->http(from => BALANCER)->get('/t/time?ms=0',
		headers => ['X-Forwarded-For' => $address]);
}

# --- HTTP/2 -----------------------------------------------------------------

use constant { H2_DATA => 0, H2_HEADERS => 1, H2_SETTINGS => 4, H2_PING => 6,
	H2_ACK => 1, H2_END_HEADERS => 4 };

sub frame
{
	my ($type, $flags, $stream, $payload) = @_;

	return substr(pack('N', length $payload), 1)
		. pack('CCN', $type, $flags, $stream) . $payload;
}

# Literal header fields that are not indexed.
sub fields
{
	my $text = '';

	while (my ($name, $value) = splice @_, 0, 2) {
		$text .= pack 'C C/a* C/a*', 0, $name, $value;
	}
	return $text;
}

sub read_exactly
{
	my ($socket, $n) = @_;
	my $bytes = '';

	while (length $bytes < $n) {
		sysread $socket, $bytes, $n - length $bytes, length $bytes
			or die "the connection is closed\n";
	}
	return $bytes;
}

# Opens one connection with that number of requests, and sends one byte of each body.
# nginx handles frames in order: its answer to a ping says that it has them all.
sub begin_h2
{
	my ($n, $method, $target, $credential) = @_;
	my $socket = IO::Socket::SSL->new(PeerAddr => '127.0.0.1',
		PeerPort => $stack->tls_port, SSL_verify_mode => SSL_VERIFY_NONE,
		SSL_alpn_protocols => ['h2']) or die "connect: $!\n";
	my $head = fields(':method' => $method, ':scheme' => 'https',
		':path' => $target, ':authority' => 'localhost',
		'authorization' => $credential, 'content-length' => 100,
		'content-type' => 'application/json');

	$socket->print("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		frame(H2_SETTINGS, 0, 0, ''),
		(map { my $stream = 2 * $_ + 1;
			frame(H2_HEADERS, H2_END_HEADERS, $stream, $head),
			frame(H2_DATA, 0, $stream, '{') } 0 .. $n - 1),
		frame(H2_PING, 0, 0, 'complete'));
	for (;;) {
		my ($high, $low, $type, $flags) = unpack 'n C C C',
			read_exactly($socket, 9);
		my $payload = read_exactly($socket, $high << 8 | $low);
		return $socket if $type == H2_PING && $flags & H2_ACK;
	}
}

# --- Bodies that do not arrive ----------------------------------------------

my $net = 0;
my @open = map {
	my (undef, @request) = @$_;
	$net++;
	my $of_address = $request[1] =~ /transform/ ? STREAM_WORKERS : 6;
	(begin_h2(87, @request),
		map { begun($of_address, "198.18.$net.$_", @request) }
			1 .. 48 / $of_address) } @pools;
for (@pools) {
	my ($pool, $method, $target, $credential) = @$_;
	my $answer = $stack->http->request($method, $target, body => '{}',
		headers => [Authorization => $credential,
			'Content-Type' => 'application/json']);
	cmp_ok($answer->{status}, '<', 500,
		"135 bodies that do not arrive leave $pool to others");
}
is($stack->http->get($_)->{status}, 200, "... and $_") for '/health', '/status';
is((grep { $_->{stage} ne 'idle' } map { $stack->workers($_) }
	qw(live test stream)), 0, '... and occupy no worker');
$_->close for @open;

# --- One address ------------------------------------------------------------

for (['203.0.113.7', '203.0.113.7', '203.0.113.8'],
	['2001:db8:1:2::7', '2001:db8:1:2:3::8', '2001:db8:1:3::7'],
	['2001:db8::7', '2001:db8::8', '2001:db8:0:1::7']) {
	my ($address, $same, $other) = @$_;
	my @held = begun(LIMIT, $address, @{$pools[0]}[1 .. 3]);
	my $refused = ask_from($same);
	is($refused->code, 'rate_limited',
		"$address has @{[LIMIT]} requests at once: $same gets 429");
	is($refused->{headers}{'retry-after'}, 1, '... with Retry-After');
	is(ask_from($other)->{status}, 200, "... and $other is served");
	(shift @held)->close;
	eventually { ask_from($same)->{status} == 200 }
		'... and so is the first, when one of them has ended';
	$_->close for @held;
}

# --- Full pools -------------------------------------------------------------

sub ask_later
{
	my ($n, $target, @headers) = @_;

	return map { my $http = $stack->http;
		$http->send($http->compose(GET => $target, headers => \@headers));
		$http } 1 .. $n;
}

my @workers = map { $_->{pid} } map { $stack->workers($_) } qw(live test stream);
kill STOP => @workers;
my @waiting = (ask_later(40, '/t/time?ms=0'),
	ask_later(40, '/t/time?ms=0', Authorization => 'Bearer test_io7_'));
my @streams = ask_later(STREAM_WORKERS, '/api/kv/export');
my $full;
eventually { $full = $stack->http(timeout => 1);
	$full->send($full->compose(GET => '/api/kv/export'));
	my $answer = eval { $full->receive('GET') };
	$answer && ($full = $answer)->code eq 'unavailable' }
	'a stream that no worker can serve gets 503';
is($full->{headers}{'retry-after'}, 1, '... with Retry-After');
for my $target (qw(/health /health/live /status)) {
	my $began = time;
	is($stack->http->get($target)->{status}, 200,
		"while all other pools are full, $target answers");
	is_within(time - $began, 1, '... at once');
}
kill CONT => @workers;
is((grep { $_->receive('GET')->{status} != 200 } @waiting), 0,
	'waiting requests are served when a worker is free');
is((grep { $_->receive('GET')->{status} != 401 } @streams), 0,
	'... also in the stream pool');

# --- A thousand connections -------------------------------------------------

my @thousand = map {
	IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $stack->port)
		or die "connect: $!\n" } 1 .. 1000;
syswrite $_, "GET /t/time?ms=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for @thousand;
my %statuses;
for my $socket (@thousand) {
	sysread $socket, my $answer, 4096;
	$statuses{substr $answer // '', 9, 3}++;
}
is_deeply(\%statuses, { 200 => 1000 },
	'a thousand concurrent requests are served');

finish;
