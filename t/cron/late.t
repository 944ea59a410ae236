#!/usr/bin/perl
# Times that io7 could not keep: a database server that was stopped, a clock that jumps,
# changes of daylight saving, heartbeats that do not come. Each is late or missed by the
# rule of its job, and the history says so.

use strict;
use warnings;

use Io7::Account;
use Io7::Clock;
use Io7::Cron;
use Io7::Json;
use Io7::Test;

my $clock = Io7::Clock->new;
my $stack = private_stack(set => { IO7_CLOCK => $clock->file });
$clock->set('2026-03-10T11:30:00Z');
my $account = new_account($stack);
my $cron = cron_of($account, 'test');
my %next;

# Waits until all times of the jobs up to an hour are decided, and the runs have ended.
sub settle
{
	my (@jobs) = @_;

	eventually {
		my @open = grep {
			my $job = $cron->job($_);
			my @runs = $cron->runs($_);
			$job->{next_at} eq $next{$_->{name}} || !@runs
				|| grep { $_->{status} =~ /^(queued|running)$/ } @runs;
		} @jobs;
		!@open;
	} '... all times are decided', 60;
	return;
}

sub remember
{
	$next{$_->{name}} = $cron->job($_)->{next_at} for @_;
	return;
}

# The history of a job since a time, as "HH:MM status trigger".
sub history
{
	my ($job, $since) = @_;

	return join ', ', map {
		my ($at) = $_->{due_at} =~ /T(\d\d:\d\d)/;
		my $word = $_->{status} eq 'missed' ? 'missed' : "$_->{status} $_->{trigger}";
		"$at $word"
	} grep { $_->{due_at} ge $since } $cron->runs($job);
}

# --- PostgreSQL is stopped while jobs are due ----------------------------------

my %job = map { ($_ => $cron->add(name => $_, schedule => '0 * * * *',
	catch_up => $_, command => 'sql SELECT 1')) } qw(none one all);
my @jobs = values %job;
remember(@jobs);
$stack->pause('postgres');
$clock->set('2026-03-10T14:20:00Z');
# A second passes for the chores; they wait for an answer.
$stack->resume('postgres');
settle(@jobs);
my $since = '2026-03-10T12';
is(history($job{none}, $since), '12:00 missed, 13:00 missed, 14:00 missed',
	'after an outage, a job that does not catch up has missed all times');
is(history($job{one}, $since), '12:00 missed, 13:00 missed, 14:00 ok catch_up',
	'... one that catches up once has run late, for the last time');
is(history($job{all}, $since), '12:00 ok catch_up, 13:00 ok catch_up, 14:00 ok catch_up',
	'... and one that catches up has run for each');
my ($missed) = $cron->runs($job{none});
is($missed->{error}, 'io7 could not start the run at its time.',
	'... and a missed time says why');
is($cron->job($job{none})->{next_at}, '2026-03-10T15:00:00.000000Z',
	'... and the schedule goes on');

my %times = map { ($_ => $stack->metric('io7_cron_times_total', outcome => $_)) }
	qw(missed late);
cmp_ok($times{missed}, '>=', 5, '... and the metrics count missed times');
cmp_ok($times{late}, '>=', 4, '... and late ones');

# --- PostgreSQL goes away altogether -------------------------------------------

remember(@jobs);
$stack->stop('postgres');
$clock->set('2026-03-10T15:30:00Z');
$stack->up;
settle(@jobs);
$since = '2026-03-10T15';
is(history($job{none}, $since), '15:00 missed', 'the same after a restart: none');
is(history($job{one}, $since), '15:00 ok catch_up', '... one');
is(history($job{all}, $since), '15:00 ok catch_up', '... all');

# --- The clock jumps -----------------------------------------------------------

remember(@jobs);
$clock->set('2026-03-10T16:00:01Z');
settle(@jobs);
$clock->set('2026-03-10T15:00:01Z');
$since = '2026-03-10T15';
my $before = join '; ', map { history($_, $since) } @jobs;
my $probe = $cron->add(name => 'probe', schedule => '1 15 * * *', command => 'sql SELECT 1');
remember($probe);
$clock->set('2026-03-10T15:01:01Z');
settle($probe);
is(join('; ', map { history($_, $since) } @jobs), $before,
	'a clock that is set back by an hour repeats no run');
is($cron->job($job{one})->{next_at}, '2026-03-10T17:00:00.000000Z',
	'... and the schedule goes on after what has run');
remember(@jobs);
$clock->set('2026-03-10T18:00:01Z');
settle(@jobs);
is(history($job{$_->[0]}, '2026-03-10T17'), $_->[1],
	"a clock that is set forward is an outage: $_->[0]")
	for ['none', '17:00 missed, 18:00 ok schedule'],
		['one', '17:00 missed, 18:00 ok schedule'],
		['all', '17:00 ok catch_up, 18:00 ok schedule'];

# --- A year on, and back -------------------------------------------------------

remember(@jobs);
$clock->set('2027-03-10T18:30:00Z');
settle(@jobs);
my @runs = $cron->runs($job{one});
is(scalar @runs, 101, 'an outage of a year has a history of 100 rows and the run');
$clock->set('2026-03-10T19:10:00Z');
eventually { $cron->job($job{one})->{next_at} eq '2026-03-10T20:00:00.000000Z' }
	'a clock that is set back by a year lets the jobs start anew';
$cron->delete("/jobs/$_->{id}") for @jobs, $probe;

# --- Daylight saving -----------------------------------------------------------

$clock->set('2026-03-29T00:50:00Z');
my %dst = map { ($_->[0] => $cron->add(name => $_->[0], schedule => $_->[1],
	timezone => 'Europe/Rome', command => 'sql SELECT 1')) }
	['skipped', '30 2 * * *'], ['other', '30 4 * * *'], ['any', '0,30 * * * *'];
is($cron->job($dst{skipped})->{next_at}, '2026-03-29T01:00:00.000000Z',
	'a time in the hour that is skipped is right after it');
remember(values %dst);
$clock->set('2026-03-29T01:00:01Z');
settle(@dst{qw(skipped any)});
is(history($dst{skipped}, '2026-03-29'), '01:00 ok schedule', '... and runs');
is($cron->job($dst{skipped})->{next_at}, '2026-03-30T00:30:00.000000Z',
	'... and the next day at its time');
is(history($dst{any}, '2026-03-29'), '01:00 ok schedule',
	'a job of every half hour runs as the time falls');
$cron->delete("/jobs/$_->{id}") for values %dst;
$clock->set('2026-10-25T00:20:00Z');
my $repeated = $cron->add(name => 'repeated', schedule => '30 2 * * *',
	timezone => 'Europe/Rome', command => 'sql SELECT 1');
remember($repeated);
$clock->set('2026-10-25T00:30:01Z');
settle($repeated);
is($cron->job($repeated)->{next_at}, '2026-10-26T01:30:00.000000Z',
	'a time in the hour that is repeated is over after the first');
$cron->delete("/jobs/$repeated->{id}");

# --- Heartbeats ----------------------------------------------------------------

$clock->set('2026-11-01T02:30:00Z');
my $beat = $cron->add(name => 'nightly backup', schedule => '0 3 * * *',
	command => 'heartbeat 30m');
is($beat->{next_at}, '2026-11-01T03:00:00.000000Z', 'a heartbeat is expected at three');
$clock->set('2026-11-01T03:10:00Z');
my $answer = $cron->post('/heartbeats/nightly%20backup');
is($answer->{status}, 200, 'a heartbeat is recorded') or diag($answer->{body});
is($answer->{json}{job_id}, $beat->{id}, '... for its job');
is($answer->{json}{next_expected_at}, '2026-11-02T03:00:00.000000Z',
	'... and the next one is expected at a time that is to come');
my $unknown = $cron->post('/heartbeats/other');
is($unknown->{status}, 404, 'an unknown heartbeat is 404');
is($unknown->{json}{error}{message}, 'There is no job of this name.', '... and says so');
$cron->add(name => 'plain', schedule => '@yearly', command => 'sql SELECT 1');
$unknown = $cron->post('/heartbeats/plain');
is($unknown->{status}, 404, 'so is a job that is no heartbeat');
is($unknown->{json}{error}{message}, 'The job of this name is not a heartbeat.',
	'... and says so');
is($cron->post('/heartbeats/%00')->{status} =~ /^40[04]$/ ? 1 : 0, 1,
	'... and so is one that can be no name');
is(cron_of(new_account($stack), 'test')->post('/heartbeats/nightly%20backup')->{status},
	404, '... and that of another account');
is($cron->post("/jobs/$beat->{id}/run")->{status}, 409, 'a heartbeat cannot be run');
remember($beat);
$clock->set('2026-11-01T03:30:02Z');
eventually { $cron->job($beat)->{next_at} eq '2026-11-02T03:00:00.000000Z' }
	'at the end of the grace the next one is expected';
is(history($beat, '2026-11-01'), '03:10 ok heartbeat', '... and the one that came counts');
$clock->set('2026-11-02T03:30:02Z');
eventually { history($beat, '2026-11-02') eq '03:00 missed' }
	'one that does not come is a missed run';
my ($silent) = grep { $_->{status} eq 'missed' } $cron->runs($beat);
is($silent->{error}, 'No heartbeat came in time.', '... and says so');
is($cron->get("/jobs/$beat->{id}/runs?status=missed")->{json}{items}[0]{id},
	$silent->{id}, '... and is found by its status');

finish;
