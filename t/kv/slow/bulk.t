#!/usr/bin/perl
# A million keys go in by one import and come out by one export, and the worker
# that does it stays small.

use strict;
use warnings;

use Digest::SHA;
use Io7::Account;
use Io7::Test;

use constant { KEYS => 1_000_000, MEMORY => 30 << 20 };

my $stack = private_stack(set => { IO7_STREAM_WORKERS => 1 });
my $account = new_account($stack);
my @auth = @{$account->auth('test')};

sub worker
{
	my ($worker) = $stack->workers('stream');
	return $worker->{pid};
}

# The most memory that it ever had.
sub peak
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/status" or die "$pid: $!\n";
	my ($kib) = join('', <$in>) =~ /^VmHWM:\s+(\d+) kB/m;
	return $kib << 10;
}

sub line
{
	my ($n) = @_;

	return sprintf '{"key":"user:%07d","value":{"id": %d, "name": "n%d"}',
		$n, $n, $n;
}

my $pid = worker();
my $http = $stack->http(timeout => 300);
my $answer = $http->post('/api/kv/import', headers => \@auth,
	body => join '', map { line($_) . "}\n" } 0 .. KEYS - 1);
is($answer->{status}, 200, 'a million keys are imported') or diag($answer->{body});
is($answer->{json}{imported}, KEYS, '... all of them');
cmp_ok(peak($pid), '<', MEMORY, '... by a worker of '
	. (peak($pid) >> 10) . ' KiB');

# --- And back ---------------------------------------------------------------

my $expected = Digest::SHA->new(256);
$expected->add(line($_) . "\n") for 0 .. KEYS - 1;

$http->send("GET /api/kv/export HTTP/1.1\r\nHost: localhost\r\n$auth[0]: "
	. "$auth[1]\r\n\r\n");
$http->{deadline} = time + 300;
like($http->take_until("\r\n\r\n"), qr{^HTTP/1.1 200}, 'and exported');
my ($got, $rest, $n) = (Digest::SHA->new(256), '', 0);
while (defined(my $chunk = $http->receive_chunk)) {
	$rest .= $chunk;
	while ($rest =~ s/\A(.*),"version":\d+\}\n//) {
		$got->add("$1\n");
		$n++;
	}
}
is($n, KEYS, '... all of them');
is($got->hexdigest, $expected->hexdigest, '... in order, and the same');
is(worker(), $pid, 'it was one worker');
cmp_ok(peak($pid), '<', MEMORY, '... of ' . (peak($pid) >> 10) . ' KiB');

finish;
