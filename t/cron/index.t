#!/usr/bin/perl
# The index of what is due follows the databases: after an import and a restored backup,
# after triggers of the user, and when its rows are lost. History is pruned, and deleted
# with its account.

use strict;
use warnings;

use File::Temp ();
use Io7::Account;
use Io7::Cron;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = private_stack(set => { IO7_CRON_OUTPUT_MAX => '64K' });
my $account = new_account($stack);
my $user = $account->user_id;
my $cron = cron_of($account, 'test');
my $db = database_of($account, 'test');
my $of_user = "WHERE user_id = '$user' AND mode = 'test'";

# The names in the index, with a mark for those that will run.
sub index_of
{
	return join ' ', split /\n/, $stack->psql("SELECT name
		|| CASE WHEN next_at IS NULL THEN '' ELSE '!' END
		FROM io7.cron_due $of_user ORDER BY name");
}

# --- Import ---------------------------------------------------------------------

my $first = $cron->add(name => 'first', schedule => '@daily', command => 'sql SELECT 1');
is(index_of(), 'first!', 'a new job is in the index at once');
my $export = $stack->http->get('/api/database/export', headers => $account->auth('test'));
is($export->{status}, 200, 'the database is exported');
$cron->delete("/jobs/$first->{id}");
is(index_of(), '', 'a job that is deleted is not');
$cron->add(name => 'second', schedule => '@daily', command => 'sql SELECT 1');
my $import = $stack->http->request(POST => '/api/database/import',
	headers => $account->auth('test'), type => 'application/vnd.sqlite3',
	body => $export->{body});
is($import->{status}, 200, 'the export is imported') or diag($import->{body});
eventually { index_of() eq 'first!' } '... and the index has its jobs, and no others';

# --- Restore ----------------------------------------------------------------------

my $backup = File::Temp::tempdir(CLEANUP => 1) . '/backup';
is(io7('userdb', 'backup', $account->name, '--mode', 'test', '--to', $backup,
	'-c', $stack->conf_file)->{exit}, 0,
	'an operator saves the database');
$db->execute('DELETE FROM cron_jobs');
eventually { index_of() eq '' } 'SQL deletes the jobs';
is(io7('userdb', 'restore', $account->name, '--mode', 'test', '--from', $backup,
	'-c', $stack->conf_file)->{exit}, 0,
	'the operator restores the database');
eventually { index_of() eq 'first!' } '... and the index follows';

# --- SQL that does not name the table ----------------------------------------------

$db->execute('CREATE TABLE toggles (a)');
$db->execute('CREATE TRIGGER toggle AFTER INSERT ON toggles BEGIN
	UPDATE cron_jobs SET enabled = NOT enabled; END');
eventually { $stack->psql("SELECT jobs_changed_at IS NULL FROM io7.user_databases
	$of_user") eq "t\n" } 'all changes are compared', 60;
$db->execute('INSERT INTO toggles VALUES (1)');
is($cron->get('/jobs')->{json}{items}[0]{next_at}, undef,
	'a job that a trigger paused is paused when it is listed');
is(index_of(), 'first', '... and in the index');
$db->execute('INSERT INTO toggles VALUES (1)');
$stack->psql("UPDATE io7.user_databases SET jobs_compared_at = now() - interval '2 days'
	$of_user");
eventually { index_of() eq 'first!' } 'or at the latest after a day';

# --- Transactions of the user --------------------------------------------------------

$db->post_in(1, 'v2/pipeline', { requests => [map { { type => 'execute',
	stmt => { sql => $_ } } } 'BEGIN', "UPDATE cron_jobs SET name = 'renamed'"] });
is(index_of(), 'first!', 'an open transaction is not seen');
$db->post_in(1, 'v2/pipeline', { requests => [{ type => 'execute',
	stmt => { sql => 'COMMIT' } }, { type => 'close' }] });
eventually { index_of() eq 'renamed!' } '... and is after its commit';

# --- Rows that are lost ---------------------------------------------------------------

$stack->psql("DELETE FROM io7.cron_due $of_user");
$cron->get('/jobs');
is(index_of(), 'renamed!', 'a row of the index that is lost comes back');
$stack->psql("UPDATE io7.cron_due SET schedule = '5 5 5 5 5', next_at = NULL $of_user");
$cron->get('/jobs');
is(index_of(), 'renamed!', '... and so does one that differs');

# --- History ---------------------------------------------------------------------------

my ($job) = @{$cron->get('/jobs')->{json}{items}};
sub fill
{
	my ($n, $age) = @_;

	$stack->psql("INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status,
			trigger, due_at, finished_at, attempts, output, output_bytes)
		SELECT '$user', 'test', '$job->{id}', 'x', 'ok', 'manual',
			now() - interval '$age' - i * interval '1 second',
			now() - interval '$age' - i * interval '1 second', 1, 'x', 1
		FROM generate_series(1, $n) AS i");
	return;
}

fill(150, '1 hour');
fill(5, '31 days');
is($cron->post("/jobs/$job->{id}/run")->{status}, 202, 'a run is added to many');
is($stack->psql("SELECT count(*) FROM io7.cron_runs $of_user") <= 101, 1,
	'... of which 100 are kept');
fill(5, '31 days');
eventually { $stack->psql("SELECT count(*) FROM io7.cron_runs $of_user
	AND due_at < now() - interval '30 days'") == 0 } 'old runs are deleted', 90;
$stack->psql("INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, finished_at, attempts)
	SELECT '$user', 'test', 'deleted ' || i % 2000, 'x', 'skipped', 'schedule',
		now() - interval '1 day' - i * interval '1 second', now(), 0
	FROM generate_series(1, 101000) AS i");
eventually { $stack->psql("SELECT count(*) FROM io7.cron_runs $of_user") <= 100_000 }
	'the runs of deleted jobs are bounded', 120;
$stack->psql("DELETE FROM io7.cron_runs $of_user AND job_id LIKE 'deleted %'");
$stack->psql("UPDATE io7.cron_runs SET output = repeat('x', 60000)::bytea,
	output_bytes = 60000 $of_user AND status = 'ok'");
eventually { $stack->psql("SELECT sum(output_bytes) FROM io7.cron_runs $of_user")
	<= 65536 } 'the outputs of an account are bounded', 90;
my ($kept) = grep { $_->{status} eq 'ok' } reverse $cron->runs($job);
my ($dropped) = grep { $_->{status} eq 'ok' } $cron->runs($job);
is($cron->get("/runs/$dropped->{id}")->{json}{output}, '', '... by the oldest ones');
is($cron->get("/runs/$dropped->{id}")->{json}{output_cut}, true, '... which say so');

# --- The end of an account ---------------------------------------------------------------

is(io7('user', 'delete', $account->name, '--yes', '-c', $stack->conf_file)->{exit}, 0,
	'the account is deleted') or diag('');
eventually { $stack->psql("SELECT (SELECT count(*) FROM io7.cron_due $of_user)
	+ (SELECT count(*) FROM io7.cron_runs $of_user)
	+ (SELECT count(*) FROM io7.work WHERE user_id = '$user')") == 0 }
	'... with its jobs, runs and items';

finish;
