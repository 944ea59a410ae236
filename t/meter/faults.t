#!/usr/bin/perl
# Eight clients with three keys, while workers, flusher, listener and janitor are
# killed and Redis is restarted: in the end the ledger equals what the clients saw,
# except the answers that a kill cut off, which count once or not at all. Then the
# same near a daily limit: of R + n requests exactly R are charged.

use strict;
use warnings;

use Io7::Account;
use Io7::Clients;
use Io7::Test;
use List::Util qw(shuffle sum0);

use constant { CLIENTS => 8, LEASES => 64 };

my $requests = $ENV{TEST_REQUESTS} // 3000;
my $kills = $ENV{TEST_KILLS} // 6;
my $restarts = $ENV{TEST_RESTARTS} // 1;
my $seed = $ENV{TEST_SEED} // time ^ $$;
srand $seed;

my $stack = private_stack(io7 => tested_program, workers => 6);

new_plan($stack, 'endless');
new_plan($stack, 'short', requests => 300);

# Two keys that are never refused, one of them in test mode, and one that often is.
my $free = new_account($stack, plan => 'endless');
my $short = new_account($stack, plan => 'short');
my @keys = (
	[live => $free->auth('live')],
	[test => $free->auth('test')],
	[short => $short->auth('live')],
);

sub ask
{
	my ($http) = @_;
	my ($name, $auth) = @{$keys[rand @keys]};

	return ("$name-1", $http->get('/t/use', headers => $auth))
		if rand() < 0.8;
	return ("$name-5", $http->put('/t/use', headers => $auth, body => 'x'));
}

# --- Kills --------------------------------------------------------------------

my $clients = Io7::Clients->start($stack, CLIENTS, \&ask,
	most => int $requests / CLIENTS);

sub answered
{
	return scalar $clients->answers;
}

# Kills a process of one of the pools, if it has one at the moment.
sub kill_one_of
{
	my $pool = $_[rand @_];
	my @pids = map { $_->{pid} } grep { $_->{pid} } $stack->workers($pool);

	return @pids && kill KILL => $pids[rand @pids];
}

sub kill_one
{
	return kill_one_of(qw(live live test janitor flusher listener));
}

sub restart_redis
{
	$stack->stop('redis');
	my $so_far = answered();
	wait_until(60, sub { answered() > $so_far + 20
		|| answered() == CLIENTS * int $requests / CLIENTS });
	$stack->up;
}

# Each kill comes when its share of the requests is answered.
my @happens = shuffle(('kill') x $kills, ('restart') x $restarts);
my $killed = 0;
for my $i (0 .. $#happens) {
	my $enough = $requests * ($i + 1) / (@happens + 2);
	wait_until(300, sub { answered() >= $enough }) or last;
	if ($happens[$i] eq 'restart') {
		restart_redis();
	} else {
		$killed++ if wait_until(30, \&kill_one);
	}
}
ok($clients->wait, 'the clients end');
is(answered(), CLIENTS * int $requests / CLIENTS, '... after every request');
is($killed, $kills, "$kills processes were killed");

# --- The ledger -------------------------------------------------------------

my $users = join ',', map { "'" . $_->user_id . "'" } $free, $short;

# Per key: the outcomes of its requests, and their cost.
sub ledger
{
	return map { my ($name, @counts) = split /\|/; $name => \@counts }
		split /\n/, $stack->psql(<<"END");
		SELECT CASE WHEN user_id = '@{[$short->user_id]}' THEN 'short'
			ELSE mode END, sum(ok), sum(rate_limited), sum(credits)
		FROM io7.daily_usage WHERE user_id IN ($users) GROUP BY 1;
END
}

sub of_key
{
	my ($status, $key) = @_;

	return map { $clients->count($status, "$key-$_") } 1, 5;
}

my %ledger;
my $missing;

# Counts the requests in the ledger without an answer; no answered request may be
# missing there.
sub compare
{
	my $more = 0;

	%ledger = ledger();
	$missing = '';
	for my $key (map { $_->[0] } @keys) {
		my ($ok, $limited) = @{$ledger{$key} // [0, 0]};
		my @seen = (sum0(of_key(200, $key)), sum0(of_key(429, $key)));
		$missing .= " $key: $ok of $seen[0], $limited of $seen[1]"
			if $ok < $seen[0] || $limited < $seen[1];
		$more += $ok - $seen[0] + $limited - $seen[1];
	}
	return $more;
}

eventually { compare(); $missing eq '' } 'every answer is in the ledger'
	or diag($missing);

# Entries are flushed in order: wait for one that is made after all others.
my $mark = new_account($stack, plan => 'endless');
is($stack->http->get('/t/use', headers => $mark->auth('live'))->{status}, 200,
	'one more request is answered');
eventually { $stack->psql("SELECT count(*) FROM io7.daily_usage
	WHERE user_id = '@{[$mark->user_id]}'") == 1 } '... and in the ledger';

my $more = compare();
cmp_ok($more, '<=', $kills, '... and at most the cut-off answers are extra');
for my $key (map { $_->[0] } @keys) {
	my ($one, $five) = of_key(200, $key);
	my $credits = $ledger{$key}[2] - $one - 5 * $five;
	cmp_ok($credits, '>=', 0, "$key: each request cost its credits");
	cmp_ok($credits, '<=', 5 * $more, '... and none was charged twice');
}

my %statuses = map { $_->[0] => 1 } $clients->answers;
delete @statuses{200, 429, 0, 502};
is(join(' ', sort keys %statuses), '', 'there were no other statuses');

# --- Near the limit ---------------------------------------------------------

# A limit of as many credits as there were requests before: leases are large in the
# beginning, and in the end each credit is asked for by itself.
new_plan($stack, 'daily', credits => $requests);
my $daily = new_account($stack, plan => 'daily');

sub ask_daily
{
	return ('', $_[0]->get('/t/use', headers => $daily->auth('live')));
}

sub of_day
{
	return split /\|/, $stack->psql(<<"END") =~ s/\n//r;
		SELECT coalesce(sum(ok), 0), coalesce(sum(credits), 0),
			coalesce(sum(quota_exceeded), 0)
		FROM io7.daily_usage WHERE user_id = '@{[$daily->user_id]}';
END
}

# Each client would ask for all of the credits, and stops soon after it is refused.
$clients = Io7::Clients->start($stack, CLIENTS, \&ask_daily);
for my $i (1 .. $kills) {
	my $enough = $requests * $i / ($kills + 1);
	wait_until(300, sub { $clients->count(200) >= $enough }) or last;
	$killed++ if wait_until(30, sub {
		kill_one_of(qw(live live flusher listener)) });
}
is($killed, 2 * $kills, "$kills more processes were killed, near a limit");
eventually { $clients->count(429) > 100 } 'the credits are used up', 300;
ok($clients->stop, '... and the clients end');

my ($passed, $cut) = ($clients->count(200),
	$clients->count(0) + $clients->count(502));
cmp_ok($passed, '<=', $requests, "no more than $requests requests passed");
# A worker that is killed after Redis has granted it a lease, and before the other
# workers can see it, takes the lease with it.
cmp_ok($passed, '>=', $requests - $kills - $requests / LEASES,
	'... and only those fewer that a killed worker had been granted');
cmp_ok($cut, '<=', $kills, 'a kill cuts off one answer at most');

eventually { (of_day())[0] >= $passed
	&& (of_day())[2] >= $clients->count(429) } 'every answer is in the ledger';
my ($ok, $credits, $refused) = of_day();
cmp_ok($ok, '<=', $passed + $cut, '... once');
is($credits, $ok, '... with its credit');
cmp_ok($refused, '<=', $clients->count(429) + $cut, '... as are the refusals');

expect_losses(scalar $stack->events('worker_died'));
cmp_ok(scalar $stack->events('worker_died'), '<=', $killed,
	'no process died by itself');
diag("TEST_SEED=$seed") unless Test::More->builder->is_passing;

finish;
