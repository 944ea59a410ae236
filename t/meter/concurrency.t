#!/usr/bin/perl
# Slow requests: an account cannot occupy all workers of a pool with them while other
# accounts send requests too, which take less time. Alone, it may.

use strict;
use warnings;

use Io7::Account;
use Io7::Psql;
use Io7::Test;

use constant { WORKERS => 6, MOST => 3, SLOW_MS => 150 };

my $stack = private_stack(workers => WORKERS, set => {
	IO7_TEST_WORKERS => WORKERS, IO7_STATEMENT_TIMEOUT => '25s' });
# Before any worker connects: requests that wait for a lock wait as long as this test.
$stack->psql("ALTER ROLE io7_app IN DATABASE $_ SET lock_timeout = '25s';
	ALTER ROLE io7_app IN DATABASE $_ SET statement_timeout = '25s'", $_)
	for qw(io7_live io7_test);
my ($slow, $other) = map { new_account($stack, plan => 'business') } 1 .. 2;

sub ask
{
	my ($account, $mode) = @_;

	return $stack->http->get('/kv/a', headers => $account->auth($mode));
}

# How many workers of the mode's pool are in a stage.
sub workers_in
{
	my ($stage, $mode) = @_;

	return scalar grep { $_->{stage} eq $stage } $stack->workers($mode);
}

sub working
{
	return workers_in('working', @_);
}

# How many requests are slow, by their time.
sub slow
{
	my ($mode) = @_;

	return scalar grep { $_->{stage} eq 'working' && $_->{for_ms} > SLOW_MS }
		$stack->workers($mode);
}

# A transaction that locks the table of an account until its COMMIT.
sub lock_table
{
	my ($account, $mode) = @_;
	my $psql = Io7::Psql->new($stack->env("IO7_\U${mode}_DSN"));

	$psql->ask("BEGIN; LOCK TABLE @{[$account->schema]}.kv_store
		IN ACCESS EXCLUSIVE MODE;");
	return $psql;
}

# Sends requests that wait for the lock, one after another.
sub wait_for_lock
{
	my ($account, $mode, $n) = @_;
	my $before = working($mode);

	return map {
		my $http = $stack->http;
		$http->send($http->compose(GET => '/kv/a',
			headers => $account->auth($mode)));
		my $i = $before + $_;
		wait_until(20, sub { working($mode) == $i })
			or diag("request $i does not run");
		$http } 1 .. $n;
}

# --- Beside others --------------------------------------------------------------

is(ask($_, 'live')->{status}, 404, 'a request that is not slow') for $slow, $other;
my $lock = lock_table($slow, 'live');
my @waiting = wait_for_lock($slow, 'live', WORKERS - 1);
eventually { slow('live') == WORKERS - 1 } 'slow requests occupy all workers but one';
is(ask($other, 'live')->{status}, 404, 'another account is served');
my $refused = ask($slow, 'live');
is($refused->code, 'rate_limited', '... and one more slow request gets 429');
is_deeply($refused->{json}{error}{details}, { field => 'slow_requests',
	problem => "the limit is @{[MOST]} at once" }, '... which names the limit');
is($refused->{headers}{'retry-after'}, 1, '... with Retry-After');
is(ask($other, 'live')->{status}, 404, 'the other account is still served');
$lock->ask('COMMIT;');
is((grep { $_->receive('GET')->{status} != 404 } @waiting), 0,
	'the slow requests are answered');
is(ask($slow, 'live')->{status}, 404, '... and the account is served again');
eventually { $stack->psql(<<"END") eq "7 0\n" }
	SELECT sum(ok + client_error) || ' ' || sum(rate_limited)
	FROM io7.daily_usage WHERE user_id = '@{[$slow->user_id]}'
END
	'a refused request is not charged, nor counted';

# --- On a slow machine ----------------------------------------------------------

# Requests of the other account take as long. Its quick ones above are forgotten after
# two seconds.
my $others_lock = lock_table($other, 'live');
my ($others) = wait_for_lock($other, 'live', 1);
$lock = lock_table($slow, 'live');
@waiting = wait_for_lock($slow, 'live', WORKERS - 2);
eventually { grep { $_->{stage} eq 'working' && $_->{for_ms} > 3000 }
		$stack->workers('live') }
	'a request of another account is slow';
$others_lock->ask('COMMIT;');
is($others->receive('GET')->{status}, 404, '... and is answered');
eventually { workers_in('idle', 'live') == 2 && slow('live') == WORKERS - 2 }
	'... by a worker that is idle again';
push @waiting, wait_for_lock($slow, 'live', 2);
is(working('live'), WORKERS, 'requests that take no longer are not slow');
$lock->ask('COMMIT;');
is((grep { $_->receive('GET')->{status} != 404 } @waiting), 0, '... and are served');

# --- Alone ----------------------------------------------------------------------

is(ask($slow, 'test')->{status}, 404, 'in test mode nobody else sends requests');
$lock = lock_table($slow, 'test');
@waiting = wait_for_lock($slow, 'test', WORKERS - 1);
eventually { slow('test') == WORKERS - 1 } '... who would have to wait';
push @waiting, wait_for_lock($slow, 'test', 1);
is(working('test'), WORKERS, 'there an account may occupy all workers');
$lock->ask('COMMIT;');
is((grep { $_->receive('GET')->{status} != 404 } @waiting), 0,
	'... and is served');

finish;
