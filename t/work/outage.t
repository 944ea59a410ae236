#!/usr/bin/perl
# Runners while PostgreSQL is away, during a reload, and beside an item that never ends.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;

my $stack = private_stack(io7 => tested_program, durable => 1,
	set => { IO7_WORK_LEASE => '4s', IO7_RUNNERS => 1,
		IO7_CONNECT_TIMEOUT => '1s' });
my $number = 0;

sub value
{
	my ($sql) = @_;

	return $stack->psql($sql) =~ s/\n\z//r;
}

# Adds items of a new user, due after some seconds, and returns a condition for them.
sub add
{
	my ($kind, $n, $args, $after_s) = @_;
	my $user = sprintf '00000000-0000-4000-8000-%012x', ++$number;
	my $state = $after_s ? 'waiting' : 'ready';

	$stack->psql("INSERT INTO io7.work (kind, user_id, mode, args, state, due_at,
			run_at, attempts_max)
		SELECT '$kind', '$user', 'live', '$args', '$state',
			t.at, t.at, 3
		FROM generate_series(1, $n), (SELECT now()
			+ make_interval(secs => @{[$after_s // 0]}) AS at) AS t");
	return "user_id = '$user'";
}

sub count
{
	my ($of, $state) = @_;

	return value("SELECT count(*) FROM io7.work WHERE ($of) AND ($state)");
}

sub runs
{
	my ($of) = @_;
	my ($user) = $of =~ /'(.*)'/;

	return grep { $_->{user} eq $user } $stack->events('test_work');
}

# --- PostgreSQL is away ---------------------------------------------------------

# Items that are due while it is stopped, and some that run then.
my $due = add('test.here', 20, '{}', 2);
my $running = add('test.long', 3, '{"ms": 30000}');
my $short = add('test.long', 3, '{"ms": 1500}');
eventually { count("$running OR $short", "state = 'running'") == 6 } 'items run';
$stack->stop('postgres');
eventually { $stack->events('work_paused') } 'PostgreSQL stops, and runners pause';
eventually { $stack->events('work_process_died') >= 3 }
	'items whose lease cannot be renewed are ended';
$stack->up;
eventually { $stack->events('work_resumed') } 'PostgreSQL is back, and runners go on';
is(scalar(() = $stack->events('work_paused')), 1, '... which is logged once');
eventually { count($due, "state = 'done'") == 20 } 'items that were due meanwhile run';
is(count($due, 'attempt = 1'), 20, '... in their first attempt');
eventually { count("$running OR $short", 'attempt >= 2 OR finished_at IS NOT NULL')
	== 6 } 'items that ran are tried again';
eventually { count($short, "state = 'done'") == 3 } '... to their end';
is(count($running, "error = 'The runner was lost.'"), 3, '... marked as retries');
value("DELETE FROM io7.work WHERE $running AND state <> 'running'");

# --- A reload -------------------------------------------------------------------

my $slow = add('test.long', 4, '{"ms": 1500}');
my $more = add('test.here', 30, '{"ms": 100}');
eventually { count($slow, "state = 'running'") == 4 } 'items run';
$stack->reconfigure(IO7_RUNNER_PROCESSES => 6);
eventually { count("$slow OR $more", "state = 'done'") == 34 }
	'a reload does not interrupt them';
is(count("$slow OR $more", 'attempt = 1'), 34, '... none is tried twice');
is(scalar runs($more), 30, '... nor runs twice');

# --- An item that never ends ------------------------------------------------------

# In the runner itself it ends the runner; the other items go on.
my $hanging = add('test.here', 1, '{"how": "hang"}');
eventually { runs($hanging) } 'an item of the runner itself hangs';
my $others = add('test.here', 20, '{}');
eventually { count($others, "state = 'done'") == 20 } 'others run nevertheless', 60;
eventually { count($hanging, "state = 'dead'") } '... until it is dead', 120;
is(value("SELECT error FROM io7.work WHERE $hanging"), 'The runner was lost.',
	'... because its runners were lost');
my @attempts = map { $_->{attempt} } runs($hanging);
is_deeply(\@attempts, [1 .. @attempts], '... in as many attempts as are marked');
is(count($others, 'attempt > 2'), 0, '... and no other item suffered more than once');

expect_losses(scalar @attempts);
finish;
