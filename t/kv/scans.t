#!/usr/bin/perl
# Requests that read many keys (scans): one account cannot occupy all workers with them,
# and the cost of a count grows with the number of keys that it reads.

use strict;
use warnings;

use Io7::Account;
use Io7::Psql;
use Io7::Test;

use constant WORKERS => 4;

my $stack = private_stack(workers => WORKERS,
	set => { IO7_STATEMENT_TIMEOUT => '25s' });
# Before any worker connects: scans that wait for a lock wait as long as this test.
$stack->psql("ALTER ROLE io7_app IN DATABASE io7_live SET $_ = '25s'")
	for qw(lock_timeout statement_timeout);
my ($scanner, $other) = map { new_account($stack, plan => 'business') } 1 .. 2;
for ($scanner, $other) {
	$stack->http->put('/kv/a', headers => $_->auth('live'), body => 1);
}

sub begin
{
	my ($method, $target) = @_;
	my $http = $stack->http;

	$http->send($http->compose($method, $target,
		headers => $scanner->auth('live')));
	return $http;
}

sub ask
{
	my ($account, $method, $target) = @_;

	return $stack->http->request($method, $target,
		headers => $account->auth('live'));
}

# According to the ledger.
sub credits
{
	my ($account) = @_;

	return int $stack->psql(<<"END");
		SELECT coalesce(sum(credits), 0) FROM io7.daily_usage
		WHERE user_id = '@{[$account->user_id]}';
END
}

# --- Concurrent scans -------------------------------------------------------

my @scans = (
	[GET => '/kv?count=true'],
	[GET => '/kv?pattern=*a'],
	[DELETE => '/kv?pattern=zz*&confirm=true'],
);
my $schema = $scanner->schema;
my $lock = Io7::Psql->new($stack->env('IO7_LIVE_DSN'));
$lock->ask("BEGIN; LOCK TABLE $schema.kv_store IN ACCESS EXCLUSIVE MODE;");
my @open = map { begin(@$_) } @scans[0, 1];
eventually { $stack->psql("SELECT count(*) FROM pg_locks JOIN pg_stat_activity
	USING (pid) WHERE NOT granted AND usename = 'io7_app'
	AND relation = '$schema.kv_store'::regclass") == 2 }
	'two of four workers scan for an account';
for (@scans) {
	my ($method, $target) = @$_;
	my $refused = ask($scanner, $method, $target);
	is($refused->code, 'rate_limited', "$method $target gets 429");
	is_deeply($refused->{json}{error}{details},
		{ field => 'scans', problem => 'the limit is 2 at once' },
		'... which names the limit');
	is($refused->{headers}{'retry-after'}, 1, '... and the time to wait');
	is(ask($other, $method, $target)->{status}, 200,
		'... but not for another account');
}
is(ask($scanner, GET => '/api/me')->{status}, 200,
	'other requests are served meanwhile');
$lock->ask('COMMIT;');
is($_->receive('GET')->{status}, 200, 'a scan ends') for @open;
for (@scans) {
	my ($method, $target) = @$_;
	eventually { ask($scanner, $method, $target)->{status} == 200 }
		"then $method $target is served";
}

# --- The cost ---------------------------------------------------------------

my $counter = new_account($stack, plan => 'business');
my $store = $counter->schema . '.kv_store';
my $charged = 0;
$stack->psql("INSERT INTO $store (key, value, version)
	SELECT 'n' || i, '1', 1 FROM generate_series(1, 20000) AS i");
for (['*', 20000, 3], ['n1*', 11111, 2], ['*x', 0, 3], ['n1', 1, 2], ['x', 0, 1]) {
	my ($pattern, $keys, $cost) = @$_;
	is(ask($counter, GET => "/kv?count=true&pattern=$pattern")->{json}{count},
		$keys, "$keys keys match $pattern");
	$charged += $cost;
	eventually { credits($counter) == $charged } "... and the count costs $cost";
}

finish;
