#!/usr/bin/perl
# Databases in which the jobs can be read slowly or never delay the jobs of others only
# for a while.

use strict;
use warnings;

use Io7::Account;
use Io7::Cron;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = private_stack;

# Reading the names takes minutes.
my @slow_table = ('DROP TABLE cron_jobs',
	q{CREATE TABLE cron_jobs (name TEXT AS
		(length(replace(hex(zeroblob(4000000)), '0', 'ab'))), }
	. join(', ', qw(id user_id schedule command enabled created_at updated_at timezone
		overlap retries catch_up)) . ')',
	q{INSERT INTO cron_jobs (id) WITH RECURSIVE n (i) AS
		(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n});

sub compared_at
{
	my ($account) = @_;

	return $stack->psql("SELECT extract(epoch FROM jobs_compared_at)
		FROM io7.user_databases
		WHERE mode = 'test' AND user_id = '@{[$account->user_id]}'") + 0;
}

my @slow = map { new_account($stack) } 1 .. 3;
for my $account (@slow) {
	my $db = database_of($account, 'test');
	my $answer = $db->post('v2/pipeline', { requests => [(map { { type => 'execute',
		stmt => { sql => $_ } } } 'BEGIN', @slow_table, 'COMMIT'),
		{ type => 'close' }] });

	unlike($answer->{body}, qr/"type":"error"/, 'the jobs of an account are slow to read');
}
my $first = compared_at($slow[0]);
eventually { compared_at($slow[0]) > $first && compared_at($slow[$_]) > 0 }
	'... which io7 tries to read' for 0 .. 2;

is($stack->psql("SELECT count(*) FROM io7.work WHERE kind = 'cron.compare'
	AND key = '@{[$_->user_id]}/test' AND finished_at IS NULL") + 0 <= 1, 1,
	'... in an item of the queue, of which there is one at a time') for @slow;

my $broken = new_account($stack);
database_of($broken, 'test')->execute($_) for 'DROP TABLE cron_jobs',
	'CREATE VIEW cron_jobs AS SELECT 1 AS id';
my $user = $broken->user_id;
eventually { slurp($stack->dir . '/log/io7.log')
		=~ /"cron_not_compared".*\b$user, test mode: the table cannot be read: \w+"/ }
	'the log says whose jobs could not be read, and no names of the user', 60;

my $account = new_account($stack);
database_of($account, 'test')->execute(q{INSERT INTO cron_jobs
	(id, user_id, name, schedule, command)
	VALUES ('a', 'u', 'a', '@daily', 'sql SELECT 1')});
eventually { $stack->psql("SELECT count(*) FROM io7.cron_due
	WHERE user_id = '@{[$account->user_id]}'") == 1 }
	'a job that the SQL of another account adds is found', 60;

$stack->psql("UPDATE io7.user_databases
	SET jobs_changed_at = now() - interval '1 hour', jobs_compared_at = now()
	WHERE user_id = '@{[$slow[0]->user_id]}'");
$first = compared_at($slow[0]);
my @others = map { compared_at($_) } @slow[1, 2];
eventually { compared_at($slow[1]) > $others[0] && compared_at($slow[2]) > $others[1] }
	'databases that were changed lately are tried again';
is(compared_at($slow[0]), $first, '... but not one that could not be read for an hour');

finish;
