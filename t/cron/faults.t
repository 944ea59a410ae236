#!/usr/bin/perl
# Databases that are locked, missing or damaged, accounts that are suspended, jobs that
# are deleted in between, and runs that overlap.

use strict;
use warnings;

use Io7::Account;
use Io7::Cron;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = private_stack(set => { IO7_DATABASE_LOCK_TIMEOUT => '500ms',
	IO7_DATABASE_STREAM_IDLE => '60s', IO7_DATABASE_IDLE => '200ms' });

# Starts a run, and waits for its end.
sub run_of
{
	my ($cron, $job) = @_;
	my $answer = $cron->post("/jobs/$job->{id}/run");

	is($answer->{status}, 202, '... a run is queued') or diag($answer->{body});
	return eventually {
		my $run = $cron->get("/runs/$answer->{json}{id}")->{json};
		$run->{status} =~ /^(queued|running)$/ ? undef : $run;
	} '... and ends', 60;
}

sub file_of
{
	my ($account) = @_;

	my $name = 'test-' . ($account->user_id =~ tr/-//dr);
	my $found = run('find', $stack->env('IO7_DIR'), '-path', "*/$name/*",
		'-type', 'f');
	return split /\n/, $found->{out};
}

# --- A locked database ---------------------------------------------------------

my $account = new_account($stack);
my $cron = cron_of($account, 'test');
my $db = database_of($account, 'test');
$db->execute('CREATE TABLE t (a)');
my $job = $cron->add(name => 'write', schedule => '@yearly',
	command => 'sql INSERT INTO t VALUES (1)');
$db->post_in(1, 'v2/pipeline', { requests => [map { { type => 'execute',
	stmt => { sql => $_ } } } 'BEGIN IMMEDIATE', 'INSERT INTO t VALUES (2)'] });
my $run = run_of($cron, $job);
is($run->{status}, 'failed', 'a run in a locked database fails');
like($run->{error}, qr/locked|busy/i, '... with its reason');
is($cron->get('/jobs')->{status}, 200, 'jobs in a locked database can be listed');
my $refused = $cron->post('/jobs', { name => 'x', schedule => '@daily',
	command => 'sql SELECT 1' });
is($refused->{status}, 503, '... but not changed');
like($refused->{json}{error}{message}, qr/locked|busy/i, '... and the answer says why');
$db->post_in(1, 'v2/pipeline', { requests => [{ type => 'execute',
	stmt => { sql => 'COMMIT' } }, { type => 'close' }] });
is(run_of($cron, $job)->{status}, 'ok', 'after the transaction a run succeeds');

# --- Jobs that are changed in between -------------------------------------------

my $slow = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n'
	. ' WHERE i < 300000) SELECT max(i) FROM n';
my %overlap = map { ($_ => $cron->add(name => $_, schedule => '@yearly', overlap => $_,
	command => "sql $slow")) } qw(skip queue parallel);
my %answers = map { my $of = $_; ($of => [map { $cron->post("/jobs/$overlap{$of}{id}/run") }
	1 .. 3]) } qw(skip queue parallel);
is_deeply([map { $_->{status} } @{$answers{queue}}], [202, 202, 202],
	'queue: runs wait for an earlier one');
is_deeply([map { $_->{status} } @{$answers{parallel}}], [202, 202, 202],
	'parallel: runs go side by side');
is($answers{skip}[0]{status}, 202, 'skip: a run starts');
like($_->{json}{error}{message} // 'it ended', qr/^An earlier run has not ended\.$|^it ended$/,
	'... and another one only after its end') for @{$answers{skip}}[1, 2];
my @queued = map { $_->{json}{id} } @{$answers{queue}};
eventually { (grep { $_->{status} eq 'ok' } $cron->runs($overlap{queue})) == 3 }
	'runs that waited run';
my @order = map { $cron->get("/runs/$_")->{json} } @queued;
ok($order[0]{finished_at} le $order[1]{started_at}
	&& $order[1]{finished_at} le $order[2]{started_at}, '... one after another')
	or diag(explain(\@order));
eventually { (grep { $_->{status} eq 'ok' } $cron->runs($overlap{parallel})) == 3 }
	'... and so do parallel ones'
	or diag(explain($cron->runs($overlap{parallel})));

$cron->post("/jobs/$overlap{queue}{id}/run") for 1 .. 2;
my ($waiting) = reverse $cron->runs($overlap{queue});
is($cron->delete("/jobs/$overlap{queue}{id}")->{status}, 204,
	'a job whose runs wait is deleted');
eventually { $run = $cron->get("/runs/$waiting->{id}")->{json};
	$run->{status} !~ /^(queued|running)$/ } '... and they end', 60;
is_deeply([@$run{qw(status error)}], ['skipped', 'The job was deleted.'],
	'... as skipped, with the reason');
is($cron->get("/jobs/$overlap{queue}{id}")->{status}, 404, '... and the job is gone');

# --- A suspended account ---------------------------------------------------------

my $suspended = new_account($stack);
my $theirs = cron_of($suspended, 'test');
my $each = $theirs->add(name => 'each', schedule => '* * * * *', command => 'sql SELECT 1');
my $user = $suspended->user_id;
is(io7('user', 'suspend', $suspended->name, '-c', $stack->conf_file)->{exit}, 0,
	'an account is suspended');
$stack->psql("UPDATE io7.cron_due SET next_at = now() - interval '1 second',
	decided_at = now() - interval '1 hour' WHERE user_id = '$user'");
eventually { $stack->psql("SELECT count(*) FROM io7.cron_runs
	WHERE user_id = '$user' AND status = 'skipped'
	AND error = 'The account is suspended.'") > 0 } '... and its jobs are skipped';
is($stack->psql("SELECT count(*) FROM io7.cron_runs WHERE user_id = '$user'
	AND status IN ('queued', 'running', 'ok')"), "0\n", '... and none runs');
is($theirs->get('/jobs')->{status}, 401, '... nor can they be listed');

# --- A missing and a damaged database --------------------------------------------

for my $case (['missing', sub { unlink $_[0] or die "$_[0]: $!\n" }],
	['damaged', sub { spew($_[0], 'x' x 8192) }]) {
	my ($what, $break) = @$case;
	my $owner = new_account($stack);
	my $jobs = cron_of($owner, 'test');
	my $broken = $jobs->add(name => 'b', schedule => '@yearly',
		command => 'sql SELECT 1');
	my $http = $jobs->add(name => 'k', schedule => '@yearly',
		command => 'kv transform missing .');
	# The keeper has to close it.
	eventually { !grep { /-(wal|shm)$/ } file_of($owner) } '... it is closed';
	my ($file) = file_of($owner);
	ok($file, "the file of the $what database") or diag(explain([file_of($owner)]));
	$break->($file) if $file;
	my $listed = $jobs->get('/jobs');
	cmp_ok($listed->{status}, '>=', 500, "jobs in a $what database are not listed");
	like($listed->{json}{error}{message}, qr/\w/, '... with a clear error');
	$stack->psql("UPDATE io7.cron_due SET next_at = now() - interval '1 second',
		decided_at = now() - interval '2 years'
		WHERE user_id = '@{[$owner->user_id]}' AND job_id = '$broken->{id}'");
	eventually { ($run) = grep { $_->{trigger} eq 'catch_up'
			&& $_->{status} !~ /^(queued|running)$/ } $jobs->runs($broken) }
		'... but a job that is due is run', 60;
	is($run->{status}, 'failed', '... and fails') or diag(encode_json($run));
	ok($run->{error}, '... with its reason');
}

expect_alerts(qr/damaged|malformed|not a database/);
finish;
