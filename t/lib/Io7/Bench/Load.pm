# Io7::Bench::Load: puts load on a server and says what came of it.
#
#     my $file = requests("$dir/get", map { [GET => "/kv/$_", $key] } @keys);
#     my $figures = load($url, $file, connections => 16, seconds => 3);
#
# The figures: rate (good answers a second), p50 and p99 (in ms), requests, refused
# (answers with a status above 399) and broken (connections that failed). wrk adds to a
# request that took long those which its connection could not send meanwhile.
package Io7::Bench::Load;

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use Io7::Bench::Figures;
use Io7::Command;
use Time::HiRes qw(time);

our @EXPORT = qw(requests load load_with_slow idle_connections);

# Writes requests, each [METHOD, TARGET, KEY, BODY], for requests.lua.
sub requests
{
	my ($file, @requests) = @_;

	open my $out, '>', $file or die "$file: $!\n";
	for (@requests) {
		my ($method, $target, $key, $body) = @$_;
		$body //= '';
		printf $out "%s %s %s %d\n%s\n", $method, $target, $key // '-',
			length $body, $body;
	}
	close $out or die "$file: $!\n";
	return $file;
}

# Options: connections, seconds. Some answers may be refused: on a busy machine requests
# take so long that io7 protects those of other accounts from them.
sub load
{
	my ($url, $file, %options) = @_;

	my $said = run_ok({ timeout => $options{seconds} + 60 }, 'wrk',
		'-t', 1, '-c', $options{connections}, '-d', "$options{seconds}s",
		'--timeout', '20s', '-s', top() . '/t/bench/requests.lua', $url,
		'--', $file);
	my ($line) = $said =~ /^figures: (.*)/m or die "wrk: $said";
	my %figures = $line =~ /(\w+)=(\d+)/g;
	die "$file: $line\n" if !$figures{requests} || $figures{broken}
		|| $figures{refused} > $figures{requests} / 2;
	$figures{$_} /= 1000 for qw(p50 p99);
	$figures{rate} = ($figures{requests} - $figures{refused})
		/ $figures{us} * 1e6;
	return \%figures;
}

# --- Slow requests ----------------------------------------------------------

# Keeps connections busy with one request after another; every `every`-th is a slow one.
# Figures are of the others: wrk has one distribution for all requests. The connections
# share the pairs, each [QUICK, SLOW].
sub load_with_slow
{
	my ($port, $pairs, %options) = @_;
	my $select = IO::Select->new;
	my (%pair, %began, @ms);
	my $sent = 0;
	my $send = sub {
		my ($socket) = @_;
		my $is_slow = ++$sent % $options{every} == 0;
		$began{$socket} = $is_slow ? 0 : time;
		syswrite $socket, $pair{$socket}[$is_slow];
	};

	for my $n (1 .. $options{connections}) {
		my $socket = connection($port);
		$pair{$socket} = $pairs->[$n % @$pairs];
		$select->add($socket);
		$send->($socket);
	}
	my $until = time + $options{seconds};
	while (time < $until) {
		for my $socket ($select->can_read(1)) {
			read_answer($socket);
			my $since = $began{$socket};
			push @ms, (time - $since) * 1000 if $since;
			$send->($socket);
		}
	}
	return { rate => @ms / $options{seconds}, requests => scalar @ms,
		p50 => quantile(0.5, @ms), p99 => quantile(0.99, @ms) };
}

sub connection
{
	my ($port) = @_;

	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
		// die "connect: $!\n";
}

# Dies unless the answer is a 200 that arrives whole. It is small enough for one read,
# but for an unlucky one.
sub read_answer
{
	my ($socket) = @_;
	my $got = '';

	until ($got =~ /\r\n\r\n/
		&& length($got) - $+[0] >= ($got =~ /^Content-Length: (\d+)/mi)[0]) {
		sysread $socket, $got, 65536, length $got
			or die "an answer was cut off\n";
	}
	die "refused: $got\n" unless $got =~ m{^HTTP/1\.1 200 };
}

# Connections that were used once and then stay open.
sub idle_connections
{
	my ($port, $n, $request) = @_;
	my @sockets = map { connection($port) } 1 .. $n;

	for my $socket (@sockets) {
		syswrite $socket, $request;
		read_answer($socket);
	}
	return @sockets;
}

1;
