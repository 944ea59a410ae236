#!/usr/bin/perl
# Runners that are killed in the middle of 200 due jobs, five times, with two
# supervisors on one database: each run ran or is recorded as failed, none is lost, and
# none ran twice without being marked as a retry.

use strict;
use warnings;

use File::Temp ();
use Io7::Account;
use Io7::Clock;
use Io7::Cron;
use Io7::Database;
use Io7::Server;
use Io7::Service;
use Io7::Test;

use constant { JOBS => 200, KILLS => 5 };

# Counts the requests of each run, in a file that grows by whole lines.
package Counter {
	use parent -norequire, 'Io7::Server';

	sub serve
	{
		my ($self, $client) = @_;
		my $request = Io7::Server::read_request($client);
		my ($id) = ($request->{headers}{'webhook-id'} // '?');

		open my $out, '>>', "$self->{dir}/runs" or die "runs: $!\n";
		syswrite $out, "$id\n";
		select undef, undef, undef, 0.05;
		Io7::Server::answer($client, 200, 'counted');
	}

	sub counts
	{
		my ($self) = @_;
		my %count;

		open my $in, '<', "$self->{dir}/runs" or return {};
		$count{s/\n//r}++ while <$in>;
		return \%count;
	}
}

my $counter = Io7::Server::new('Counter');
$counter->start;
my $clock = Io7::Clock->new;
my $keys = File::Temp->new;
print $keys '1 ' . 'ab' x 32 . "\n";
close $keys;
my $stack = private_stack(set => { IO7_CLOCK => $clock->file, IO7_WORK_LEASE => '5s',
	IO7_OUTBOUND_ALLOW => '127.0.0.0/8', IO7_SEAL_KEYS_FILE => $keys->filename });
$clock->set('2026-03-10T11:30:00Z');
my $account = new_account($stack);
my $cron = cron_of($account, 'test');

# A second host: its own run directory and databases, the same PostgreSQL and Redis.
my $dir = $stack->dir;
my %own = (IO7_RUN_DIR => "$dir/second", IO7_DATABASES => "$dir/second-databases",
	IO7_DATABASE_HOST => 'second', IO7_LOG => "$dir/log/second.log");
my $conf = join '', grep { !/^(\w+)=/ || !exists $own{$1} }
	split /^/m, slurp($stack->conf_file);
spew("$dir/second.conf", $conf . join '', map { "$_=$own{$_}\n" } sort keys %own);
mkdir $_ for @own{qw(IO7_RUN_DIR IO7_DATABASES)};
my $second = Io7::Service->new(conf => "$dir/second.conf", folder => $own{IO7_RUN_DIR});
$second->start;
eventually { $second->heard(qr/^READY=1$/m) } 'a second supervisor serves the database';

my $url = "http://127.0.0.1:$counter->{port}/";
my $db = database_of($account, 'test');
$db->execute("INSERT INTO cron_jobs (id, user_id, name, schedule, command, retries,
	overlap)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @{[JOBS]})
	SELECT 'j' || i, 'u', 'j' || i, '0 * * * *', 'http POST $url', i % 3, 'parallel'
	FROM n");
my $due = "FROM io7.cron_due WHERE user_id = '@{[$account->user_id]}'";
eventually { $stack->psql("SELECT count(*) $due") == JOBS } 'all jobs are in the index';

sub name_of
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/comm" or return '';
	return (<$in> // '') =~ s/\n//r;
}

# The descendants of a supervisor that have a name.
sub named
{
	my ($supervisor, $name) = @_;

	return grep { name_of($_) eq $name } family($supervisor);
}

my $runs = "FROM io7.cron_runs WHERE user_id = '@{[$account->user_id]}'";
for my $round (1 .. KILLS) {
	my $hour = 11 + $round;
	$clock->set(sprintf '2026-03-10T%02d:00:00Z', $hour);
	my $before = keys %{$counter->counts};
	# In the middle: some have run, and some have not.
	eventually { scalar(keys %{$counter->counts}) > $before + 20 }
		"round $round: jobs run", 60;
	my @runners = named($stack->pid, 'io7-runner');
	kill KILL => @runners, named($second->pid, 'io7-runner');
	expect_losses(scalar @runners);
	is(scalar @runners, 2, '... and the runners are killed');
	eventually { $stack->psql("SELECT count(*) $runs
			AND status IN ('queued', 'running')") == 0
		&& $stack->psql("SELECT count(*) $runs") == JOBS * $round }
		'... and all runs end', 120;
}

my %status = map { split /\|/ } split /\n/,
	$stack->psql("SELECT status, count(*) $runs GROUP BY 1");
is(($status{ok} // 0) + ($status{failed} // 0), JOBS * KILLS,
	'each run ran or is recorded as failed')
	or diag(explain(\%status));
is($stack->psql("SELECT count(*) $runs AND status = 'failed'
	AND error NOT LIKE '%lost%' AND error NOT LIKE '%died%'"), "0\n",
	'... and failed only because a runner was lost');
is($stack->psql("SELECT count(*) FROM (SELECT 1 $runs GROUP BY job_id, due_at
	HAVING count(*) <> 1) AS r"), "0\n", '... and each time has one run');
my %attempt = map { split /\|/ } split /\n/,
	$stack->psql("SELECT id, attempt $runs");
my $counts = $counter->counts;
my @unmarked = grep { $counts->{$_} > ($attempt{$_} // 0) } keys %$counts;
is(scalar @unmarked, 0, 'none ran twice without being marked as a retry')
	or diag(join ' ', map { "$_: $counts->{$_} of $attempt{$_}" } @unmarked);
my %ok = map { ($_ => 1) } split /\n/, $stack->psql("SELECT id $runs AND status = 'ok'");
is(scalar(grep { !$counts->{$_} } keys %ok), 0, 'none that is recorded as ok did not run');
is($stack->psql("SELECT count(*) $runs AND attempt > 1
	AND failures->0->>'error' IS NULL"), "0\n",
	'a retry says how the attempt before it ended');
is($stack->psql("SELECT sum(credits) FROM io7.daily_usage
	WHERE user_id = '@{[$account->user_id]}' AND api_key_id IS NULL"),
	$stack->psql("SELECT count(*) $runs AND is_charged"),
	'each run that was charged is in the ledger once');

# A database is on one host; a runner of the other one leaves its runs to that.
$db->execute('CREATE TABLE ran (n)');
my $sql = $cron->add(name => 'sql', schedule => '@yearly', overlap => 'parallel',
	command => 'sql INSERT INTO ran VALUES (1)');
is($cron->post("/jobs/$sql->{id}/run")->{status}, 202, 'SQL is queued') for 1 .. 20;
eventually { (grep { $_->{status} eq 'ok' } $cron->runs($sql)) == 20 }
	'... and runs on the host that has the database', 120;
is_deeply([$db->query('SELECT count(*) FROM ran')], [[20]], '... once each');
is($stack->psql("SELECT count(*) $runs AND job_id = '$sql->{id}' AND failures <> '[]'"),
	"0\n", '... and being on the wrong host counts as no attempt');

kill TERM => $second->pid;
wait_until(30, sub { !alive($second->pid) });
$counter->stop;
finish;
