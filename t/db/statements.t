#!/usr/bin/perl
# io7 statements prints a row for each file of sql/q. With --check it compares the
# declared types with both databases and reports every difference.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(workers => 1);

sub check
{
	return io7('statements', '--check', '-c', $stack->conf_file);
}

my $table = io7('statements');
is($table->{exit}, 0, 'io7 statements prints a table') or diag($table->{err});
my @files = map { m{^sql/q/(\w+)/(\w+)\.sql$} ? "$2 $1" : () }
	glob 'sql/q/*/*.sql';
my @printed = $table->{out} =~ /^(\w+ +\w+) .*\S$/mg;
is_deeply([sort map { s/ +/ /r } @printed[1 .. $#printed]], [sort @files],
	'... with a row for each file');
like($table->{out}, qr/^kv_get +kv +tenant +maybe-one +reads one value/m,
	'... with its description');

my $fine = check();
is($fine->{exit}, 0, 'both databases agree with all statements') or diag($fine->{out});
like($fine->{out}, qr/ all @{[scalar @files]} statements/, '... and the number is printed');
is($stack->psql(q{SELECT count(*) FROM io7.tenants}, 'io7_test'), "0\n",
	'... and no tenant is left behind');

# A changed column has the same effect as a wrong type in a statement's comment. Each
# row: database, change, and the expected report.
my @changes = (
	[live => 'ALTER TABLE io7.tenants ALTER version TYPE bigint',
		'db/tenant_find.sql: column version is declared int4,'
		. ' on the server it is int8'],
	[live => 'ALTER TABLE io7.migrations ALTER applied_at TYPE date',
		'ops/migration_list.sql: column applied_at is declared'
		. ' timestamptz, on the server it is date'],
	[live => 'ALTER TABLE io7.users DROP COLUMN ready_at',
		'identity/signup_finish.sql: column "ready_at"'],
	[test => 'ALTER TABLE io7.migrations ALTER number TYPE text',
		'ops/migration_list.sql: column number is declared int4,'
		. ' on the server it is text'],
	[test => 'ALTER TABLE io7.migrations ALTER number TYPE varchar(9)',
		'ops/migration_list.sql: column number is declared int4,'
		. ' on the server it is another type'],
	[test => q{DO $$ BEGIN EXECUTE replace(pg_get_functiondef(
		'io7.tenant_step'::regproc), 'value jsonb', 'value json'); END $$},
		'kv/kv_get.sql: column value is declared jsonb,'
		. ' on the server it is json'],
);
$stack->psql('ALTER TABLE io7.migrations DROP CONSTRAINT migrations_number_check;',
	'io7_test');
for my $change (@changes) {
	my ($database, $sql, $said) = @$change;
	$stack->psql("$sql;", "io7_$database");
	my $wrong = check();
	is($wrong->{exit}, 1, ($sql =~ s/\s+/ /gr) . ': is reported');
	like($wrong->{out}, qr{^$database database: sql/q/\Q$said\E}m,
		'... with file, column and types');
}

is(io7('statements', 'more')->{exit}, 64, 'a wrong argument exits with 64');

finish;
