#!/usr/bin/perl
# Two hundred concurrent streams on two hundred workers, from a slow model: all of them
# are complete and in order, and each worker uses little memory.

use strict;
use warnings;

use IO::Select;
use Io7::Account;
use Io7::Model;
use Io7::Process qw(family);
use Io7::Test;
use Io7::Transform;
use Time::HiRes qw(time);

use constant STREAMS => 200;

my $model = Io7::Model->new(key => '');
my $stack = private_stack(set => { IO7_MODEL_URL => $model->url,
	IO7_MODELS => 'm', IO7_STREAM_WORKERS => STREAMS });
$model->behave('trickle');

# Seven accounts, since each can have 32 streams.
my @accounts = map { new_account($stack) } 1 .. 7;
for (@accounts) {
	Io7::Transform->new($_, 'test', $stack->http)->put('a', '{"n":1}');
}

my %streams;
my $select = IO::Select->new;
for my $i (0 .. STREAMS - 1) {
	my $http = $stack->http;
	$http->send($http->compose(POST => '/kv/a/transform',
		headers => $accounts[$i % @accounts]->auth('test'),
		body => '{"engine":"model","prompt":"Count."}'));
	$select->add($http->socket);
	$streams{fileno $http->socket} = { http => $http, got => '' };
}

# The proportional set size of a process in kilobytes.
sub pss
{
	open my $in, '<', "/proc/$_[0]/smaps_rollup" or return 0;
	my ($kb) = join('', <$in>) =~ /^Pss:\s+(\d+)/m;
	return $kb // 0;
}

my (@pss, $most);
my $measure_at = time + 6;
my $end = time + 120;
while ($select->count && time < $end) {
	if (!@pss && time > $measure_at) {
		my @workers = map { $_->{pid} } grep { $_->{pid} }
			$stack->workers('stream');
		$most = grep { ($_->{route} // '') =~ /transform/ }
			$stack->workers('stream');
		# A worker has a spawner.
		for my $worker (@workers) {
			my $sum = 0;
			$sum += pss($_) for family($worker);
			push @pss, $sum;
		}
	}
	for my $socket ($select->can_read(0.5)) {
		my $stream = $streams{fileno $socket};
		my $n = sysread $socket, $stream->{got}, 65536, length $stream->{got};
		$select->remove($socket)
			if !$n || $stream->{got} =~ /\r\n0\r\n\r\n\z/;
	}
}
is($select->count, 0, 'all streams come to their end');
is($most, STREAMS, '... after all were open at once');

my ($whole, $ordered) = (0, 0);
for my $stream (values %streams) {
	my (undef, $body) = split /\r\n\r\n/, $stream->{got}, 2;
	$body =~ s/(?:\A|\r\n)[0-9a-f]+\r\n//g;
	my @events = Io7::Transform::parse($body =~ s/\r\n.*\z//sr);
	my @words = map { $_->{json}{delta} }
		Io7::Transform::named('chunk', @events);
	$ordered++ if "@words" eq join ' ', map { "$_ " } 1 .. 40;
	$whole++ if $events[-1]{event} eq 'done';
}
is($whole, STREAMS, '... all of them whole');
is($ordered, STREAMS, '... and in order');

@pss = sort { $a <=> $b } @pss;
is(scalar @pss, STREAMS, 'the workers are measured');
cmp_ok($pss[-1], '<', 4096, '... none has 4 MB');
diag sprintf 'PSS of a stream worker with its spawner: %d KB, %d at most',
	$pss[@pss / 2], $pss[-1];

finish;
