#!/usr/bin/perl
# Runs: by the schedule, by hand, one after another, with retries and without credits.

use strict;
use warnings;

use Io7::Account;
use Io7::Clock;
use Io7::Cron;
use Io7::Database;
use Io7::Json;
use Io7::Psql;
use Io7::Test;
use POSIX ();

my $clock = Io7::Clock->new;
my $stack = private_stack(set => { IO7_CLOCK => $clock->file });
$clock->set('2026-03-10T11:30:00Z');
my $account = new_account($stack);
my $cron = cron_of($account, 'test');
my $db = database_of($account, 'test');

# Waits for the last run of a job, with a status.
sub ended
{
	my ($job, $status, $of) = @_;
	my $found;

	eventually {
		($found) = reverse(($of // $cron)->runs($job));
		$found && $found->{status} eq $status;
	} "... ends as $status" or diag(encode_json($found // {}));
	return ($of // $cron)->get("/runs/$found->{id}")->{json} if $found;
}

# --- By the schedule ----------------------------------------------------------

$db->execute('CREATE TABLE seen (n)');
my $job = $cron->add(name => 'noon', schedule => '0 12 * * *',
	command => 'sql INSERT INTO seen VALUES (1) RETURNING n');
is($job->{next_at}, '2026-03-10T12:00:00.000000Z', 'a job is due at noon');
$clock->set('2026-03-10T12:00:00Z');
my $run = ended($job, 'ok');
is_deeply({ map { ($_ => $run->{$_}) } qw(trigger due_at attempt attempts error missed
	job_id job_name failures output_cut) },
	{ trigger => 'schedule', due_at => '2026-03-10T12:00:00.000000Z', attempt => 1,
		attempts => 1, error => undef, missed => 0, job_id => $job->{id},
		job_name => 'noon', failures => [], output_cut => false },
	'... and runs once, on time');
like($run->{output}, qr/1/, '... with its output');
cmp_ok($run->{duration_ms}, '>=', 0, '... and its duration');
is_deeply([$db->query('SELECT n FROM seen')], [[1]], '... in the database of the user');
my $seen = $cron->job($job);
is($seen->{next_at}, '2026-03-11T12:00:00.000000Z', 'the next time is tomorrow');
is($seen->{last_run}{id}, $run->{id}, '... and the last run is known');
is_deeply($seen->{recent}, [{ status => 'ok', due_at => $run->{due_at} }],
	'... also among the recent ones');

# --- By hand ------------------------------------------------------------------

my $paused = $cron->add(name => 'by hand', schedule => '@yearly', enabled => false,
	command => 'sql INSERT INTO seen VALUES (2)');
my $answer = $cron->post("/jobs/$paused->{id}/run");
is($answer->{status}, 202, 'a paused job can be run') or diag($answer->{body});
is_deeply([@{$answer->{json}}{qw(status trigger)}], ['queued', 'manual'],
	'... and its run is queued');
is(ended($paused, 'ok')->{id}, $answer->{json}{id}, '... and runs');
is($cron->post('/jobs/none/run')->{status}, 404, 'an unknown job cannot be run');
is(cron_of(new_account($stack), 'test')->post("/jobs/$paused->{id}/run")->{status}, 404,
	'... nor that of another account');
is(cron_of(new_account($stack), 'test')->get("/runs/$run->{id}$_")->{status}, 404,
	"another account does not see the run$_") for '', '/stream';

# Another request or the schedule may start a run of the job at the same moment.
my $other = Io7::Psql->new($stack->env('IO7_SUPER_DSN'));
my $of_job = "mode = 'test' AND job_id = '$paused->{id}'";
$other->ask("BEGIN; SELECT name FROM io7.cron_due WHERE $of_job FOR UPDATE;");
my $pid = fork // die "fork: $!\n";
POSIX::_exit($cron->post("/jobs/$paused->{id}/run")->{status} == 409 ? 0 : 1)
	if $pid == 0;
eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
	WHERE usename = 'io7_app' AND wait_event_type = 'Lock'") > 0 }
	'a request waits for the job';
$other->ask("INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, attempts, work_id)
	SELECT user_id, mode, job_id, name, 'queued', 'manual', now(), 1, 0
	FROM io7.cron_due WHERE $of_job; COMMIT;");
waitpid $pid, 0;
is($?, 0, '... and sees the run that was added meanwhile');
$stack->psql("UPDATE io7.cron_runs SET status = 'failed' WHERE $of_job AND work_id = 0");

# --- The stream of a run ------------------------------------------------------

my $streamed = $cron->post("/jobs/$paused->{id}/run")->{json};
my $stream = $cron->get("/runs/$streamed->{id}/stream");
is($stream->{status}, 200, 'a run can be followed');
like($stream->{body}, qr/event: done\ndata: \{"id":"$streamed->{id}".*"status":"ok"/,
	'... to its end');

# A further attempt may begin and end between two looks at the run.
my ($retried) = $stack->psql("INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name,
		status, trigger, due_at, started_at, attempt, attempts, work_id, output,
		output_bytes)
	SELECT user_id, mode, job_id, name, 'running', 'manual', now(), now(), 1, 2, 0,
		'first', 5
	FROM io7.cron_due WHERE $of_job RETURNING id") =~ /^([0-9a-f-]{36})$/m;
my $follower = $stack->http;
is($follower->open_stream("/api/cron/runs/$retried/stream", headers => $account->auth('test'))
	->{status}, 200, 'a run that will be retried can be followed');
my $event;
do { $event = $follower->next_event } while $event && $event->{event} ne 'output';
is($event->{json}{text}, 'first', '... with the output of its first attempt');
$stack->psql("UPDATE io7.cron_runs SET status = 'ok', attempt = 2, finished_at = now(),
	output = 'second', output_bytes = 6 WHERE id = '$retried'");
my @rest;
while ($event = $follower->next_event) {
	push @rest, $event;
}
is_deeply([map { $_->{event} eq 'output' ? $_->{json} : $_->{event} } @rest],
	[{ text => 'second', at => 0 }, 'done'],
	'... and of a second one that has ended when it is seen, to its end');
is($rest[-1]{json}{attempt}, 2, '... which is that of the second attempt') if @rest;

# --- Failures -----------------------------------------------------------------

my $bad = $cron->add(name => 'bad', schedule => '@yearly', retries => 1,
	command => 'sql SELECT * FROM missing');
$cron->post("/jobs/$bad->{id}/run");
$run = ended($bad, 'failed');
like($run->{error}, qr/no such table/, '... with the reason');
is($run->{attempt}, 1, '... and what cannot succeed is not tried again');

# --- Credits ------------------------------------------------------------------

my $poor = new_account($stack, plan => new_plan($stack, 'poor', credits => 3));
my $live = cron_of($poor, 'live');
my $costly = $live->add(name => 'costly', schedule => '@yearly', command => 'sql SELECT 1');
for my $n (1 .. 3) {
	$live->post("/jobs/$costly->{id}/run");
	eventually { my @runs = $live->runs($costly);
		@runs == $n && $runs[-1]{status} eq 'ok' } "run $n has a credit";
}
$live->post("/jobs/$costly->{id}/run");
$run = ended($costly, 'out_of_credits', $live);
like($run->{error}, qr/no credits/, 'without credits a run says so');
is($stack->http->get('/api/usage/today', headers => $poor->auth('live'))
	->{json}{credits}, 3, '... and the ledger has the others');
is($stack->psql("SELECT sum(credits), sum(quota_exceeded) FROM io7.daily_usage
	WHERE user_id = '@{[$poor->user_id]}'"), "3|1\n", '... each once');

finish;
