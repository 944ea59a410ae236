#!/usr/bin/perl
# Queued work: how items are added, run, repeated and buried; what an operator sees of
# them and does with them.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;
use Time::HiRes qw(time);

my $stack = private_stack(io7 => tested_program);
my $account = new_account($stack);
my $http = $stack->http;

# Adds items and returns the id of the last one.
sub add
{
	my (%order) = @_;
	my $answer = $http->post('/t/work', headers => $account->auth('live'),
		body => encode_json(\%order));

	die "$answer->{status}: $answer->{body}" if $answer->{status} != 200;
	return $answer->{json}{id};
}

sub value
{
	my ($sql) = @_;

	return $stack->psql($sql) =~ s/\n\z//r;
}

# The columns of an item, joined by |.
sub item
{
	my ($id, $columns) = @_;

	return value("SELECT $columns FROM io7.work WHERE id = $id");
}

sub is_finished
{
	my ($id) = @_;

	return item($id, 'finished_at IS NOT NULL') eq 't';
}

# The log lines of the runs of an item, in their order.
sub runs
{
	my ($id, $event) = @_;

	return grep { $_->{item} == $id } $stack->events($event // 'test_work');
}

# A command of the program that has the kinds of the tests.
sub command
{
	local %ENV = map { ($_, $ENV{$_}) } grep { !/^IO7_/ } keys %ENV;
	return run(tested_program, @_, '-c', $stack->conf_file);
}

sub work
{
	return command('work', @_);
}

# --- One item -----------------------------------------------------------------

for my $kind (qw(test.here test.apart)) {
	my $done = add(kind => $kind);
	eventually { is_finished($done) } "$kind: an item runs";
	is(item($done, 'state, attempt, error IS NULL'), 'done|1|t',
		'... in one attempt');
	my @runs = runs($done);
	is(scalar @runs, 1, '... once');
	is($runs[0]{user}, $account->user_id, '... for its user');
	my ($runner) = grep { $_->{pid} == $runs[0]{pid} } $stack->workers('runner');
	is(!!$runner, $kind eq 'test.here', $kind eq 'test.here'
		? '... in the runner' : '... in a process of its own');

	my $failing = add(kind => $kind, args => { fails => 2 });
	eventually { is_finished($failing) } "$kind: an item that fails is tried again";
	is(item($failing, 'state, attempt'), 'done|3', '... until it succeeds');
	is_deeply([map { $_->{attempt} } runs($failing)], [1, 2, 3],
		'... each attempt is marked with its number');
	is_deeply([map { $_->{last} } runs($failing)], [qw(no no yes)],
		'... and the last one as such');
	is((runs($failing))[1]{before}, 'It failed as it was asked to.',
		'... and is told why the one before failed');

	my $dead = add(kind => $kind, args => { fails => 9 });
	eventually { is_finished($dead) } "$kind: attempts are limited";
	is(item($dead, 'state, attempt, error'),
		'dead|3|It failed as it was asked to.', '... then the item is dead');
	is(scalar runs($dead, 'test_work_dead'), 1, '... which its room is told');

	my $refused = add(kind => $kind, args => { how => 'refuse' });
	eventually { is_finished($refused) } "$kind: an item can fail for good";
	is(item($refused, 'state, attempt, error'),
		'dead|1|It refused as it was asked to.', '... in its first attempt');

	my $later = add(kind => $kind, args => { how => 'later' });
	eventually { is_finished($later) } "$kind: an item can ask for another time";
	is(item($later, 'state, attempt'), 'done|1',
		'... which does not count as an attempt');
	ok(runs($later) > 1, '... although it ran before');
}

my $crashing = add(kind => 'test.apart', args => { how => 'crash' });
my $hanging = add(kind => 'test.apart', args => { how => 'hang' });
my $denied = add(kind => 'test.apart', args => { n => 'denied' });
eventually { is_finished($crashing) } 'an item whose process crashes ends';
is(item($crashing, 'state, attempt, error'),
	'dead|3|Its process died: signal 6 (Aborted).',
	'... after all attempts, with the signal as its error');
eventually { is_finished($hanging) } 'an item that never ends is ended', 60;
is(item($hanging, 'state, attempt, error'), 'dead|3|It took longer than 1 s.',
	'... with its time limit as its error');
is(item($denied, 'state, error'), 'dead|It was denied.',
	'a room can refuse an item before its process starts');
is(scalar runs($denied), 0, '... which is not started');

# --- Adding -------------------------------------------------------------------

my $answer = $http->post('/t/work', headers => $account->auth('live'),
	body => '{"kind":"test.none","count":7,"fail":true}');
is($answer->{status}, 409, 'a transaction that adds items fails');
is(value("SELECT count(*) FROM io7.work WHERE kind = 'test.none'"), 0,
	'... and adds none');

my $first = add(kind => 'test.long', args => { ms => 60_000 }, key => 'one');
ok($first, 'an item with a key is added');
is(add(kind => 'test.long', key => 'one'), 0, '... and no second one while it waits');
eventually { item($first, 'state') eq 'running' } '... it runs';
is(add(kind => 'test.long', key => 'one'), 0, '... and no second one while it runs');
ok(add(kind => 'test.here', key => 'one'), '... but one of another kind');
my $keyed = add(kind => 'test.here', key => 'two');
eventually { is_finished($keyed) } 'an item with a key ends';
ok(add(kind => 'test.here', key => 'two'), '... and its key can be used again');

my $delayed = add(kind => 'test.here', delay_ms => 1500);
is(item($delayed, 'state'), 'waiting', 'an item for later waits');
eventually { is_finished($delayed) } '... and runs when its time has come';
is(item($delayed, 'started_at >= due_at'), 't', '... not before');
is_within(item($delayed, 'extract(epoch FROM started_at - due_at)'), 0.5,
	'... and soon after');

my $slow = add(kind => 'test.here', args => { ms => 800 });
add(kind => 'test.here', count => 20);
eventually { value("SELECT count(*) FROM io7.work WHERE kind = 'test.here'
	AND finished_at IS NULL") eq 0 } 'items beside a slow one end';
is(value("SELECT count(*) FROM io7.work WHERE kind = 'test.here'
	AND state = 'done' AND attempt <> 1 AND id > $slow"), 0,
	'... and giving items back is not an attempt');

# --- Pauses -------------------------------------------------------------------

# Each pause is 50 ms, then 100 ms, each a quarter more or less.
my $last = add(kind => 'test.here', args => { fails => 9 }, count => 40);
eventually { value("SELECT count(*) FROM io7.work WHERE id > $last - 40
	AND state = 'dead'") eq 40 } 'many items fail at the same time';
my (%pauses, %before);
for my $run (grep { $_->{item} > $last - 40 } $stack->events('test_work')) {
	my $item = $run->{item};
	push @{$pauses{$run->{attempt}}}, $run->{late_us} - $before{$item}
		if defined $before{$item};
	$before{$item} = $run->{late_us};
}
my ($soonest) = sort { $a <=> $b } @{$pauses{2}};
cmp_ok($soonest, '>=', 37_000, 'no pause is shorter than three quarters of the rule');
($soonest) = sort { $a <=> $b } @{$pauses{3}};
cmp_ok($soonest, '>=', 75_000, '... and the next one is twice as long');
cmp_ok(value("SELECT extract(epoch FROM max(run_at) - min(run_at)) FROM io7.work
	WHERE id > $last - 40 AND id <= $last"), '>', 0.02, '... and they vary');

# --- The operator -------------------------------------------------------------

my $kinds = command('work', 'kinds')->{out};
like($kinds, qr/^test\.limited +apart +60s +5 +0\.05s +0\.4s +1 +3  runs once/m,
	'io7 work kinds prints the rules of a kind');
like(work('list', '--state', 'dead')->{out}, qr/^ *$crashing +test\.apart .* 3\/3 /m,
	'io7 work list has dead items');
unlike(work('list', '--state', 'dead')->{out}, qr/\bdone\b/, '... and only those');
like(work('list', '--kind', 'test.long')->{out}, qr/^ *$first /m, '... of one kind');
my $other = new_account($stack);
is(scalar(split /\n/, work('list', '--user', $other->name)->{out}), 1,
	'... of one user');
my @listed = split /\n/, work('list', '--limit', 5, '--json')->{out};
is(scalar @listed, 5, '... as many as asked for');
is(decode_json($listed[0])->{kind}, 'test.here', '... as JSON');
my $shown = decode_json(work('show', $crashing)->{out});
is_deeply([@$shown{qw(state attempt attempts_max args)}],
	['dead', 3, 3, { how => 'crash' }], 'io7 work show prints an item');
isnt(work('show', 10 ** 12)->{exit}, 0, '... but none that does not exist');

my $again = add(kind => 'test.here', args => { fails => 3 });
eventually { is_finished($again) } 'an item is dead';
is(work('retry', $again)->{exit}, 0, 'io7 work retry gives it one more attempt');
eventually { item($again, 'state') eq 'done' } '... with which it succeeds';
is(item($again, 'attempt'), 4, '... marked as another attempt');
isnt(work('retry', $again)->{exit}, 0, '... and nothing is left to retry');
my $far = add(kind => 'test.here', delay_ms => 3_600_000);
is(work('retry', $far)->{exit}, 0, 'io7 work retry lets a waiting item run');
eventually { is_finished($far) } '... at once';
like(work('retry', '--kind', 'test.apart', '--state', 'dead')->{out},
	qr/^[1-9]\d* items are ready$/, 'io7 work retry takes filters');
$stack->psql("INSERT INTO io7.work (kind, user_id, mode, args, key, state, due_at, run_at,
		attempt, attempts_max, finished_at)
	SELECT 'test.here', gen_random_uuid(), 'test', '{}', 'same', 'dead', now(), now(), 1, 1,
		now()
	FROM generate_series(1, 2)");
my $of_key = work('retry', '--kind', 'test.here', '--state', 'dead');
is($of_key->{exit}, 0, '... also if two dead items have the same key')
	or diag($of_key->{err});
eventually { $stack->psql("SELECT string_agg(state, ' ' ORDER BY id) FROM io7.work
	WHERE key = 'same'") eq "dead done\n" } '... of which the newer one is run';

my $unwanted = add(kind => 'test.here', delay_ms => 3_600_000);
is(work('drop', $unwanted)->{exit}, 0, 'io7 work drop deletes an item');
is(item($unwanted, 'count(*)'), 0, '... it is gone');
isnt(work('drop', $first)->{exit}, 0, '... but none that runs');
isnt(work('drop', '--kind', 'test.here')->{exit}, 0, '... nor all without a state');
like(work('drop', '--state', 'done', '--kind', 'test.here')->{out},
	qr/^[1-9]\d* items are deleted$/, '... all of a state');
isnt(work(@$_)->{exit}, 0, "io7 work @$_ is refused")
	for ['retry'], ['drop'], ['show'], ['list', '--state', 'lost'],
	['retry', 'x'], ['drop', $first, '--kind', 'test.here'];

# --- Metrics ------------------------------------------------------------------

cmp_ok($stack->metric('io7_work_attempts_total', kind => 'test.here',
	outcome => 'done'), '>', 10, '/metrics counts attempts by outcome');
cmp_ok($stack->metric('io7_work_attempts_total', kind => 'test.here',
	outcome => 'retried'), '>', 4, '... also those that failed');
cmp_ok($stack->metric('io7_work_seconds_total', kind => 'test.apart'), '>', 1,
	'... and their time');
eventually { $stack->metric('io7_work_items', kind => 'test.long',
	state => 'running') == 1 } '... and items by state';
my ($status) = grep { $_->{kind} eq 'test.long' } @{$http->get('/status')->{json}{work}};
is($status->{running}, 1, '/status has them, too');
like(command('status')->{out}, qr/^test\.long +0 +0 +1 +0 /m,
	'... and io7 status');

# --- Deleting -----------------------------------------------------------------

my $waiting = add(kind => 'test.here', delay_ms => 3_600_000);
is(io7('user', 'delete', $account->name, '--yes', '-c', $stack->conf_file)->{exit}, 0,
	'an account is deleted');
eventually { value("SELECT count(*) FROM io7.work
	WHERE user_id = '@{[$account->user_id]}'") eq 0 } '... and its items with it';

# Ten thousand old items, a thousand new ones, and dead ones.
$stack->psql("INSERT INTO io7.work (kind, user_id, mode, args, state, due_at, run_at,
		attempts_max, finished_at)
	SELECT 'test.none', '00000000-0000-0000-0000-000000000000', 'live', '{}',
		CASE WHEN n % 100 = 0 THEN 'dead' ELSE 'done' END, now(), now(), 1,
		now() - n * interval '1 ms'
			- CASE WHEN n > 1000 THEN interval '2 days' ELSE '0' END
	FROM generate_series(1, 11000) AS n");
my $kept = "SELECT count(*) FROM io7.work WHERE kind = 'test.none' AND state =";
eventually { value("$kept 'done'") eq 990 } 'old items are deleted', 60;
is(value("$kept 'dead'"), 110, '... but not yet those that are dead');
$stack->reconfigure(IO7_WORK_DONE_MAX => 100, IO7_WORK_DEAD_MAX => 10);
eventually { value("$kept 'done'") eq 100 && value("$kept 'dead'") eq 10 }
	'... and those beyond a number', 60;

# --- An idle queue ------------------------------------------------------------

# Both runners of a host together look once a second.
my $looks = "SELECT sum(calls) FROM pg_stat_statements
	WHERE query LIKE 'SELECT t.kind_no%'";
my $before = value($looks);
eventually { value($looks) >= $before + 3 } 'an idle runner looks for items';
my ($again_from, $since) = (value($looks), time);
eventually { value($looks) >= $again_from + 5 } '... again and again';
cmp_ok(time - $since, '>=', 3, '... once a second');

finish;
