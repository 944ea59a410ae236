#!/usr/bin/perl
# Two hosts with one queue. Runners are killed in the middle of their work: no item is
# lost, and none runs twice without being marked as a retry. Limits hold over both hosts,
# and users take turns.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Process;
use Io7::Service;
use Io7::Test;

use constant { ITEMS => 200, KILLS => 5, LEASE_S => 2 };

my $stack = private_stack(io7 => tested_program,
	set => { IO7_WORK_LEASE => LEASE_S . 's' });

# Another supervisor with the same databases and the same Redis.
my $run = $stack->dir . '/run/other';
mkdir $run or die "$run: $!\n";
spew("$run/conf", join '', (grep { !/^IO7_(?:RUN_DIR|LOG)=/ }
	split /^/m, slurp($stack->conf_file)),
	"IO7_RUN_DIR=$run\nIO7_LOG=" . $stack->dir . "/log/other.log\n");
my $host = Io7::Service->new(conf => "$run/conf", folder => $run,
	program => tested_program);
$host->start;
eventually { $host->heard(qr/^READY=1$/m) } 'another host starts';

sub value
{
	my ($sql) = @_;

	return $stack->psql($sql) =~ s/\n\z//r;
}

# Adds items with SQL: kind, user, number, arguments. They are due at once.
sub add
{
	my ($kind, $user, $n, $args) = @_;

	$stack->psql("INSERT INTO io7.work (kind, user_id, mode, args, state, due_at,
			run_at, attempts_max)
		SELECT '$kind', '$user', 'live', '$args', 'ready', now(), now(), 5
		FROM generate_series(1, $n)");
}

sub left
{
	my ($kind) = @_;

	return value("SELECT count(*) FROM io7.work WHERE kind = '$kind'
		AND finished_at IS NULL");
}

# The runs that both hosts logged, in the order of time.
sub runs
{
	my ($kind) = @_;

	return sort { $a->{time} cmp $b->{time} } grep { $_->{kind} eq $kind }
		map { $stack->events('test_work', $_) } qw(io7 other);
}

sub user
{
	return sprintf '00000000-0000-4000-8000-%012x', $_[0];
}

# The runners of supervisors, by the names of their processes.
sub runners
{
	return grep { (eval { slurp("/proc/$_/comm") } // '') eq "io7-runner\n" }
		map { family($_) } @_ ? @_ : ($stack->pid, $host->pid);
}

# --- Killed runners -----------------------------------------------------------

# Both kinds at once: half of the items run in the runners, half in processes.
my ($killed, $killed_here) = (0, 0);
add('test.here', user(1), ITEMS / 2, '{"ms": 300}');
add('test.long', user(1), ITEMS / 2, '{"ms": 3000}');
for my $round (1 .. KILLS) {
	my $before = left('test.here') + left('test.long');
	wait_until(60, sub {
		left('test.here') + left('test.long') <= $before - 5
	}) or last;
	my $victim = wait_until(60, sub {
		my ($busy) = grep { value("SELECT count(*) FROM io7.work
			WHERE state = 'running' AND claimed_by LIKE '%/$_'") > 0 }
			runners();
		$busy;
	}) or last;
	$killed_here += grep { $_ == $victim } runners($stack->pid);
	kill KILL => $victim;
	$killed++;
	eventually { !alive($victim) } "runner $round is killed";
}
eventually { runners() == 4 } 'they are replaced';
is($killed, KILLS, 'runners were killed in the middle of their work');
eventually { left('test.here') + left('test.long') == 0 } 'all items end';
my %seen;
push @{$seen{$_->{item}}}, $_->{attempt} for runs('test.here'), runs('test.long');
is(value("SELECT count(*) FROM io7.work"), ITEMS, 'none is lost');
is_deeply([grep { !$seen{$_} } split /\n/, value("SELECT id FROM io7.work
	WHERE state = 'done'")], [], '... each that is done has run');
is(value("SELECT count(*) FROM io7.work WHERE state = 'done'
	AND kind = 'test.here'"), ITEMS / 2,
	'... of a batch that is lost, all items end well');
is(value("SELECT count(*) FROM io7.work WHERE state NOT IN ('done', 'dead')
	OR state = 'dead' AND error IS NULL"), 0, '... others are recorded as failed');
my @twice = grep { my %n; grep { $n{$_}++ } @{$seen{$_}} } keys %seen;
is_deeply(\@twice, [], '... and none ran twice in the same attempt');
my @again = grep { @{$seen{$_}} > 1 } keys %seen;
is_deeply([grep { (sort { $a <=> $b } @{$seen{$_}})[1] < 2 } @again], [],
	'... so each further run is marked as a retry');
cmp_ok(value("SELECT count(*) FROM io7.work WHERE error = 'The runner was lost.'"),
	'>', 0, '... and says that the runner was lost');

# --- Limits -------------------------------------------------------------------

# Of test.limited one item of a user runs at a time, and three in all.
add('test.limited', user($_), 3, '{"ms": 60}') for 1 .. 6;
my ($most, $most_of_one) = (0, 0);
eventually {
	my ($all, $one) = split /\|/, value("SELECT coalesce(sum(n), 0),
		coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM io7.work
		WHERE kind = 'test.limited' AND state = 'running' GROUP BY user_id) AS r");
	$most = $all if $all > $most;
	$most_of_one = $one if $one > $most_of_one;
	left('test.limited') == 0
} 'items of a limited kind end';
cmp_ok($most, '<=', 3, '... never more than three at once, on both hosts');
cmp_ok($most, '>', 1, '... but several');
is($most_of_one, 1, '... and one of each user');

# --- Fairness -----------------------------------------------------------------

# The other user's single item is added last.
add('test.none', user(1), 100_000, '{}');
my $since = value('SELECT clock_timestamp()');
add('test.none', user(2), 1, '{}');
my $single = "kind = 'test.none' AND user_id = '@{[user(2)]}'";
eventually { value("SELECT state FROM io7.work WHERE $single") eq 'done' }
	'a single item runs beside 100,000 of another user';
my $ahead = value("SELECT count(*) FROM io7.work WHERE kind = 'test.none'
	AND user_id = '@{[user(1)]}' AND finished_at
	BETWEEN '$since' AND (SELECT started_at FROM io7.work WHERE $single)");
cmp_ok($ahead, '<', 10_000, '... before most of those');
my $wait = value("SELECT extract(epoch FROM started_at - created_at)
	FROM io7.work WHERE $single");
is_within($wait, 2, '... within two seconds');
value("DELETE FROM io7.work WHERE kind = 'test.none' AND state <> 'running'");

# --- Another host -------------------------------------------------------------

# The runners of the first host are stopped: the other one finds the items by itself.
my @mine = runners($stack->pid);
kill STOP => @mine;
# A turn that PostgreSQL has begun could still claim the item.
eventually { value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'
	AND query LIKE '%work_turn%' AND pid <> pg_backend_pid()") == 0 }
	'the runners of a host are stopped between two turns';
add('test.here', user(3), 1, '{"n": "elsewhere"}');
my $there = "kind = 'test.here' AND user_id = '@{[user(3)]}'";
eventually { value("SELECT state FROM io7.work WHERE $there") eq 'done' }
	'an item that another host added runs';
is_within(value("SELECT extract(epoch FROM started_at - created_at)
	FROM io7.work WHERE $there"), 2, '... within a second or so');
kill CONT => @mine;

# --- A stop -------------------------------------------------------------------

add('test.long', user(40), 6, '{"ms": 700}');
eventually { value("SELECT count(*) FROM io7.work WHERE kind = 'test.long'
	AND user_id = '@{[user(40)]}' AND state = 'running'") == 6 } 'items run';
$host->signal('TERM');
eventually { $host->ended } 'a host stops';
eventually { left('test.long') == 0 } '... and its items end';
is(value("SELECT count(*) FROM io7.work WHERE user_id = '@{[user(40)]}'
	AND attempt = 1 AND state = 'done'"), 6,
	'... without a retry: it waits for what runs');

expect_losses($killed_here);
finish;
