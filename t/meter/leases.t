#!/usr/bin/perl
# Requests that are counted in advance: few calls to Redis, exact limits, and
# changes of credentials that still hold at once.

use strict;
use warnings;

use Io7::Account;
use Io7::Clients;
use Io7::Test;
use Time::HiRes qw(time);

use constant { CLIENTS => 8, DAILY => 3000, EXTRA => 400, LEASE => 256,
	KILLS => 8 };

my $stack = private_stack(io7 => tested_program, workers => 4);
my $http = $stack->http;

new_plan($stack, 'endless');
new_plan($stack, 'daily', credits => DAILY);

sub credits_in_redis
{
	my ($account) = @_;
	my $key = 'io7q' . ($account->user_id =~ tr/-//dr) . ':'
		. int(time / 86_400);

	return $stack->redis('GET', $key) =~ /(\d+)/ ? $1 : 0;
}

sub credits_in_ledger
{
	my ($account) = @_;

	return $stack->psql(<<"END") + 0;
		SELECT coalesce(sum(credits), 0) FROM io7.daily_usage
		WHERE user_id = '@{[$account->user_id]}' AND mode = 'live';
END
}

# Both agree once all leases have expired.
sub agree
{
	my ($account, $credits, $what) = @_;

	eventually { credits_in_redis($account) == $credits
		&& credits_in_ledger($account) == $credits } $what
		or diag('Redis: ' . credits_in_redis($account) . ', ledger: '
			. credits_in_ledger($account) . ", not $credits");
}

# How often each status came, of n requests by CLIENTS at once.
sub ask_many
{
	my ($account, $n) = @_;
	my $clients = Io7::Clients->start($stack, CLIENTS, sub {
		return ('', $_[0]->get('/t/use', headers => $account->auth('live')));
	}, most => $n / CLIENTS);
	my %seen;

	$clients->wait;
	$seen{$_->[0]}++ for $clients->answers;
	return \%seen;
}

# --- Exact ------------------------------------------------------------------

my $exact = new_account($stack, plan => 'daily');
is_deeply(ask_many($exact, DAILY + EXTRA), { 200 => DAILY, 429 => EXTRA },
	'exactly the daily credits are granted');
agree($exact, DAILY, 'Redis and the ledger agree');

# --- Headers ----------------------------------------------------------------

my $busy = new_account($stack, plan => 'daily');
my @left = map { $http->get('/t/use', headers => $busy->auth('live'))
	->{headers}{ratelimit} =~ /"daily";r=(\d+)/ } 1 .. 300;
is(scalar @left, 300, 'each response says how many credits are left');
is_deeply([grep { $left[$_] > DAILY - 1 - $_ } 0 .. $#left], [],
	'... never too many');
is_deeply([grep { $left[$_] < DAILY - 1 - $_ - LEASE } 0 .. $#left], [],
	'... and too few by one lease at most');
agree($busy, 300, 'unused requests of leases are returned');
my (undef, $before, $here) = split ' ',
	$stack->redis('GET', 'io7ra' . ($busy->user_id =~ tr/-//dr));
is($before + $here, 300, "... to the account's count of requests too");

# --- Workers that die -------------------------------------------------------

# Kills a worker, but not while it asks Redis, in the stage reading: then it would lose
# the lease that Redis grants it. Returns its process id.
sub kill_worker
{
	my $worker = ($stack->workers('live'))[0]{pid} or return;

	kill STOP => $worker;
	wait_until(60, sub { slurp("/proc/$worker/stat") =~ /\) T / });
	my ($slot) = grep { $_->{pid} == $worker } $stack->workers('live');
	my $may_die = $slot->{stage} ne 'reading';
	kill +($may_die ? 'KILL' : 'CONT') => $worker;
	return $may_die && $worker;
}

my $victim = new_account($stack, plan => 'endless');
my $load = Io7::Clients->start($stack, CLIENTS, sub {
	return ('', $_[0]->get('/t/use', headers => $victim->auth('live')));
});
for my $credits (map { $_ * 50 } 1 .. KILLS) {
	wait_until(60, sub { credits_in_redis($victim) >= $credits });
	my $worker = wait_until(60, \&kill_worker);
	wait_until(60, sub { !grep { $_->{pid} == $worker }
		$stack->workers('live') });
}
$load->stop;
eventually { credits_in_redis($victim) <= credits_in_ledger($victim) + KILLS }
	'killed workers leave at most their own requests in the count'
	or diag(credits_in_redis($victim) . ' and ' . credits_in_ledger($victim));

# --- Changes ----------------------------------------------------------------

# Requests go on all the time. Those sent after the change was done must see it.
sub holds_at_once
{
	my ($what, $account, $change) = @_;
	my $load = Io7::Clients->start($stack, 2, sub {
		my $sent = time;
		return ($sent, $_[0]->get('/t/use',
			headers => $account->auth('live')));
	});

	eventually { credits_in_redis($account) > 500 } "$what: under load";
	$change->();
	my $done = time;
	my @after;
	eventually { (@after = grep { $_->[1] > $done } $load->answers) >= 20 }
		'... requests are sent after it';
	$load->stop;
	is_deeply([grep { $_->[0] != 401 } @after], [],
		'... and none of them is served');
}

sub operate
{
	my $said = io7(@_, '-c', $stack->conf_file);

	is($said->{exit}, 0, "io7 $_[0] $_[1]") or diag($said->{err});
}

my $first = new_account($stack, plan => 'endless');
holds_at_once('a suspension', $first, sub {
	operate('user', 'suspend', $first->name);
});

my $second = new_account($stack, plan => 'endless');
my ($key) = map { $_->{id} } grep { $_->{mode} eq 'live' }
	@{$http->get('/api/keys', headers => $second->auth('live'))
		->{json}{items}};
holds_at_once('a revocation', $second, sub {
	is($http->delete("/api/keys/$key", headers => $second->auth('live'))
		->{status}, 204, 'a key revokes itself');
});

# Without the listener no lease is used, and a change waits until that is so.
my $third = new_account($stack, plan => 'endless');
my ($listener) = map { $_->{pid} } $stack->workers('listener');
holds_at_once('a suspension while the listener stands still', $third, sub {
	kill STOP => $listener;
	operate('user', 'suspend', $third->name);
	kill CONT => $listener;
});
kill KILL => $listener;
eventually { my ($now) = map { $_->{pid} } $stack->workers('listener');
	$now && $now != $listener } 'a listener that dies is replaced';
my $fourth = new_account($stack, plan => 'endless');
holds_at_once('a suspension after that', $fourth, sub {
	operate('user', 'suspend', $fourth->name);
});

# --- Redis ------------------------------------------------------------------

my $last = new_account($stack, plan => 'endless');
ask_many($last, 400);
$stack->redis('FLUSHALL');
is_deeply(ask_many($last, 400), { 200 => 400 },
	'requests go on when Redis has lost its data');
eventually { credits_in_ledger($last) == 800 }
	'... and the ledger has each of them once';

expect_losses(KILLS + 1);
finish;
