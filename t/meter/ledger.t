#!/usr/bin/perl
# The ledger counts the use of each request once, by day, key and mode, also if
# processes are killed, paused, reloaded or replaced meanwhile.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Io7::Account;
use Io7::Clients;
use Io7::Clock;
use Io7::Test;

use constant CLIENTS => 4;

my $clock = Io7::Clock->new;
my $stack = private_stack(io7 => tested_program, workers => 6,
	set => { IO7_CLOCK => $clock->file, IO7_TEST_WORKERS => 1 });
my $http = $stack->http;

# Other tests test the limits.
new_plan($stack, 'endless');

sub account
{
	return new_account($stack, plan => 'endless');
}

# A value of an account's rows of the ledger.
sub ledger
{
	my ($account, $what, $where) = @_;
	$where //= 'true';

	my $value = $stack->psql(<<"END");
		SELECT $what FROM io7.daily_usage d
		WHERE user_id = '@{[$account->user_id]}' AND $where;
END
	chomp $value;
	return $value;
}

sub eventually_ledger
{
	my ($account, $what, $is, $about) = @_;
	my $was;

	eventually { ($was = ledger($account, $what)) eq $is } $about
		or diag("the ledger has $was, not $is");
}

sub pid_of
{
	my ($pool) = @_;

	return wait_until(30, sub { ($stack->workers($pool))[0]{pid} });
}

# --- One row per key, mode and day --------------------------------------------

my $someone = account();
my $made = $stack->psql(<<"END");
	SELECT updated_at FROM io7.users WHERE id = '@{[$someone->user_id]}'
	UNION ALL SELECT updated_at FROM io7.api_keys
	WHERE user_id = '@{[$someone->user_id]}';
END
$stack->psql(<<"END");
	UPDATE io7.api_keys SET scopes = '{read}'
	WHERE user_id = '@{[$someone->user_id]}' AND mode = 'test';
END

is($http->get('/t/use', headers => $someone->auth('live'))->{status}, 200,
	'a request') for 1 .. 3;
is($http->put('/t/use', headers => $someone->auth('live'), body => 'x' x 100)
	->{status}, 200, 'a request that costs more');
is($http->get('/t/fault', headers => $someone->auth('live'))->{status}, 500,
	'a request that fails with 500') for 1 .. 2;
is($http->get('/t/use', headers => $someone->auth('test'))->{status}, 200,
	'a request in test mode');
is($http->put('/t/use', headers => $someone->auth('test'), body => 'x')
	->{status}, 403, '... and a request without the scope, which costs nothing');
is($http->get('/t/use')->{status}, 401, 'a request without a credential');

my $row = 'requests, credits, ok, client_error, server_error, rate_limited,
	quota_exceeded, bytes_in';
eventually_ledger($someone, "string_agg(concat_ws(' ', mode, $row), ', '
	ORDER BY mode)", 'live 6 8 4 0 2 0 0 100, test 2 1 1 1 0 0 0 0',
	'the ledger has each with its cost');
is(ledger($someone, 'count(api_key_id)'), 2, '... under its key');
cmp_ok(ledger($someone, 'min(bytes_out)'), '>', 0, '... with its outcome');
is($stack->psql(<<"END"), "6|2\n", 'both sums of the user are right');
	SELECT live_request_count, test_request_count FROM io7.users
	WHERE id = '@{[$someone->user_id]}';
END
is($stack->psql(<<"END"), "t\nt\n", 'the last use of each key is recorded');
	SELECT now() - last_used_at < interval '60 seconds' FROM io7.api_keys
	WHERE user_id = '@{[$someone->user_id]}';
END
is($stack->psql(<<"END"), "1|1\n", 'a use is not a change of the key');
	SELECT (SELECT count(*) FROM io7.users WHERE id = k.user_id
			AND updated_at = any('{@{[join ',', map { qq("$_") }
				split /\n/, $made]}}')),
		count(*)
	FROM io7.api_keys k
	WHERE user_id = '@{[$someone->user_id]}' AND mode = 'live'
		AND updated_at = any('{@{[join ',', map { qq("$_") }
			split /\n/, $made]}}')
	GROUP BY user_id;
END
$stack->psql(<<"END");
	UPDATE io7.users SET status = 'active'
	WHERE id = '@{[$someone->user_id]}';
END
is($stack->psql(<<"END"), "t\n", '... but a change still is');
	SELECT updated_at > '@{[(split /\n/, $made)[0]]}' FROM io7.users
	WHERE id = '@{[$someone->user_id]}';
END

# --- Days -------------------------------------------------------------------

my $days = "string_agg(concat_ws(' ', date, ok), ', ' ORDER BY date)";
my $calendar = account();

sub use_at
{
	my ($moment, $times) = @_;

	$clock->set($moment);
	is($http->get('/t/use', headers => $calendar->auth('live'))->{status},
		200, "at $moment") for 1 .. $times;
}

use_at('2028-02-27T12:00:00Z', 1);
use_at('2028-02-28T23:59:50Z', 2);
use_at('2028-02-29T00:00:00Z', 3);
use_at('2028-02-29T23:59:50Z', 4);
use_at('2028-03-01T00:00:01Z', 5);
use_at('2028-12-31T23:59:50Z', 6);
use_at('2029-01-02T00:00:00Z', 7);
eventually_ledger($calendar, $days, '2028-02-27 1, 2028-02-28 2, 2028-02-29 7,'
	. ' 2028-03-01 5, 2028-12-31 6, 2029-01-02 7',
	'requests count for the day they began, also a leap day');

my $night = account();
$clock->set('2029-03-04T23:59:59Z');
my $clients = Io7::Clients->start($stack, CLIENTS, sub {
	my ($client) = @_;
	return (night => $client->get('/t/use', headers => $night->auth('live')));
});
eventually { ledger($night, 'count(*)') == 2 } 'midnight passes under load';
ok($clients->stop, '... without a failed request');
eventually_ledger($night, 'sum(ok)', $clients->count(200),
	'every request counts for one of both days');
is(ledger($night, 'min(date)'), '2029-03-04', '... some for the old one');
is(ledger($night, 'max(date)'), '2029-03-05', '... some for the new one');
$clock->shift_by(0);

# --- Exactly once -------------------------------------------------------------

my $busy = account();
my ($asked, $cut) = (0, 0);

# Causes a fault under load. Afterwards the ledger has every answer, and at most as many
# more as were cut off.
sub under_load
{
	my ($what, $most_cut, $happen) = @_;
	my $load = Io7::Clients->start($stack, CLIENTS, sub {
		my ($client) = @_;
		return (use => $client->get('/t/use',
			headers => $busy->auth('live')));
	});

	eventually { $load->count(200) > 50 } "$what: the load begins";
	$happen->($load);
	my $so_far = $load->count(200);
	eventually { $load->count(200) > $so_far + 50 } '... continues';
	ok($load->stop, '... and ends');
	$asked += $load->count(200);
	if (!$most_cut) {
		eventually_ledger($busy, 'coalesce(sum(ok), 0) - ' . $cut,
			$asked, '... and each answer is counted once');
		return;
	}
	eventually { ledger($busy, 'sum(ok)') - $cut >= $asked }
		'... and each answer is counted';
	settle();
	my $more = ledger($busy, 'sum(ok)') - $cut - $asked;
	cmp_ok($more, '<=', $most_cut, '... once, except the answers that were cut off');
	$cut += $more;
}

# Waits until everything counted so far is flushed: the flusher works in order.
sub settle
{
	my $mark = account();

	$http->get('/t/use', headers => $mark->auth('live'));
	eventually { ledger($mark, 'count(*)') == 1 } '... the journals are flushed';
}

# Keeps an outage going for a time.
sub last_long
{
	my $end = time + ($ENV{TEST_OUTAGE} // 0);

	eventually { time >= $end } '... for long enough', 600;
}

# How many of the flusher's statements wait for a lock.
sub waiting
{
	return $stack->psql(<<'END') + 0;
		SELECT count(*) FROM pg_stat_activity
		WHERE wait_event_type = 'Lock' AND query LIKE '%usage_flushes%';
END
}

sub kill_some
{
	my ($pool, $times) = @_;

	for (1 .. $times) {
		my $pid = pid_of($pool);
		kill KILL => $pid;
		expect_losses(1);
		wait_until(30, sub { my $now = pid_of($pool); $now != $pid })
			or die "no other of $pool comes\n";
	}
}

# The flusher's statement waits for a lock while the flusher is killed: the server
# completes what was sent, and the next flusher sends the same batch.
under_load('a batch is sent twice', 0, sub {
	open my $psql, '|-', 'psql', '-XqAt', $stack->env('IO7_SUPER_DSN')
		or die "psql: $!\n";
	$psql->autoflush;
	print $psql "BEGIN; LOCK TABLE io7.usage_flushes IN EXCLUSIVE MODE;\n";
	eventually { waiting() == 1 } '... for a lock';
	kill_some('flusher', 1);
	eventually { waiting() == 2 } '... and both wait';
	print $psql "COMMIT;\n";
	close $psql;
});
under_load('the flusher is killed', 0, sub { kill_some('flusher', 4) });
under_load('workers are killed', 5, sub { kill_some('live', 5) });
under_load('Redis stops', 0, sub {
	my ($load) = @_;
	$stack->stop('redis');
	my $so_far = $load->count(200);
	eventually { $load->count(200) > $so_far + 50 } '... and is not needed';
	last_long();
	$stack->up;
});
under_load('Redis is flushed', 0, sub { $stack->redis('flushall') });
under_load('PostgreSQL stops', 0, sub {
	my ($load) = @_;
	$stack->stop('postgres');
	eventually { $stack->events('usage_waits') } '... which is logged';
	last_long();
	$stack->up;
	eventually { $stack->events('usage_written') } '... as is its end';
});
is(scalar $stack->events('usage_waits'), 1, 'each outage is logged once');
under_load('PostgreSQL is paused', 0, sub {
	my ($load) = @_;
	$stack->pause('postgres');
	eventually { $stack->events('usage_waits') > 1 } '... for a while';
	kill_some('flusher', 1);
	$stack->resume('postgres');
});
under_load('io7 reloads', 0, sub {
	my $flusher = pid_of('flusher');
	kill HUP => $stack->pid;
	eventually { pid_of('flusher') != $flusher } '... and has another flusher';
});
under_load('io7 is replaced by a new program', 0, sub {
	my $flusher = pid_of('flusher');
	kill USR2 => $stack->pid;
	eventually { !alive($flusher) } '... and the old flusher ends';
});
eventually { journals() == 1 } 'the old journal is deleted';
# Each worker may have been answering.
under_load('the supervisor is killed', 6, sub {
	my @family = $stack->processes('io7');
	kill KILL => $stack->pid;
	eventually { !alive(@family) } '... and so is every process';
	is(journals(), 1, '... but its journal stays');
	$stack->up;
});
eventually { journals() == 1 } '... and the next supervisor flushes it';

sub journals
{
	return scalar(() = glob $stack->dir . '/run/usage.*');
}

# --- Shutdown -----------------------------------------------------------------

is($http->get('/t/use', headers => $busy->auth('live'))->{status}, 200,
	'a request, then io7 is stopped');
$asked++;
my @family = $stack->processes('io7');
kill TERM => $stack->pid;
eventually { !alive(@family) } 'io7 ends';
is(ledger($busy, 'sum(ok)'), $asked + $cut,
	'the ledger is complete after the shutdown');
is(journals(), 0, '... and no journal is left');
$stack->up;

# Nothing is lost if PostgreSQL stops before io7.
kill STOP => pid_of('flusher');
my $last = pid_of('flusher');
is($http->get('/t/use', headers => $busy->auth('live'))->{status}, 200,
	'a request, then PostgreSQL stops before io7');
$asked++;
$stack->stop('postgres');
@family = $stack->processes('io7');
kill TERM => $stack->pid;
kill CONT => $last;
eventually { !alive(@family) } 'io7 ends';
is(journals(), 1, '... and its journal stays');
$stack->up;
eventually_ledger($busy, 'sum(ok)', $asked + $cut, '... the next start flushes it');
eventually { journals() == 1 } '... and deletes it';

# --- A slow chore -------------------------------------------------------------

my $janitor = pid_of('janitor');
kill STOP => $janitor;
settle();
kill CONT => $janitor;

# --- Many keys, one worker ----------------------------------------------------

# Keys of the same form as io7's, of as many users.
my @crowd = map {
	my $text = 'test_io7_' . substr sha256_hex("crowd $_"), 0, 26;
	$text . substr sha256_hex($text), 0, 6;
} 1 .. 300;
my $hashes = join ',', map { "('" . sha256_hex($_) . "')" } @crowd;
$stack->psql(<<"END");
	WITH hashes AS (
		SELECT decode(hash, 'hex') AS hash, row_number() OVER () AS n
		FROM (VALUES $hashes) AS v (hash)
	), users AS (
		INSERT INTO io7.users (auth_iss, auth_sub, plan_id, ready_at)
		SELECT 'crowd', n::text, 'endless', now() FROM hashes
		RETURNING id, auth_sub
	)
	INSERT INTO io7.api_keys (user_id, hash, prefix, last4, label, mode,
		scopes)
	SELECT u.id, h.hash, 'test_io7_aaa', 'aaaa', 'one', 'test', '{read}'
	FROM users u JOIN hashes h ON h.n = u.auth_sub::int;
END

sub use_by
{
	my (@keys) = @_;

	return map { $http->get('/t/use',
		headers => [Authorization => "Bearer $_"])->{status} } @keys;
}

# The number of keys with use, and the sum of their use.
sub crowd
{
	return $stack->psql(<<'END') =~ s/\n//r;
		SELECT count(*), coalesce(sum(ok), 0) FROM io7.daily_usage d
		JOIN io7.users u ON u.id = d.user_id AND u.auth_iss = 'crowd';
END
}

is((grep { $_ == 200 } use_by(@crowd)), 300,
	'one worker serves three hundred keys');
eventually { crowd() eq '300|300' } '... and the ledger has each';

my $flusher = pid_of('flusher');
kill STOP => $flusher;
my $began = time;
my @fewer = use_by(@crowd[0 .. 127]);
is((grep { $_ == 200 } @fewer), 128, 'without a flusher a worker has room for 128 keys');
is((use_by($crowd[200]))[0], 503, '... and refuses the next one');
is_within(time - $began, 10, '... within seconds');
is((use_by($crowd[0]))[0], 200, '... but not those that have an entry');

# --- Deleted users and keys ---------------------------------------------------

my $gone = account();
my $keyless = account();
is($http->get('/t/use', headers => $_->auth('live'))->{status}, 200,
	'somebody') for $gone, $keyless;
$stack->psql(<<"END");
	DELETE FROM io7.tenants WHERE user_id = '@{[$gone->user_id]}';
	DELETE FROM io7.user_databases WHERE user_id = '@{[$gone->user_id]}';
	DELETE FROM io7.users WHERE id = '@{[$gone->user_id]}';
	DELETE FROM io7.api_keys WHERE user_id = '@{[$keyless->user_id]}';
END
kill CONT => $flusher;
eventually { crowd() eq '300|429' } 'the flusher continues';
eventually_ledger($keyless, 'sum(ok)', 1, 'the use of a deleted key stays');
is(ledger($gone, 'count(*)'), 0, 'a deleted user has no rows');
is($http->get('/t/use', headers => [Authorization => "Bearer $crowd[299]"])
	->{status}, 200, 'requests are still served');
eventually { crowd() eq '300|430' } '... and recorded';

# --- Unreadable journals ------------------------------------------------------

my $foreign = 'usage.' . 'a' x 32;
spew($stack->dir . "/run/$foreign", 'something else');
expect_alerts(qr/usage_unreadable/);
eventually { -e $stack->dir . "/run/unreadable-$foreign" }
	'an unreadable journal is renamed';
is(scalar $stack->events('usage_unreadable'), 1, '... with one alert');

finish;
