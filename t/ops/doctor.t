#!/usr/bin/perl
# io7 doctor: a fresh stack passes all checks; each fault is found, reported, and
# gone after its repair.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;
use Io7::Json;

my $stack = private_stack(workers => 1);
my $dir = tempdir(CLEANUP => 1);

# Returns the exit code, and the checks by name, such as "live roles" or "redis".
# The arguments override options of the stack.
sub doctor
{
	my (%env) = @_;
	my $result = io7({ env => \%env }, 'doctor', '--json',
		'-c', $stack->conf_file);

	my %checks = map { ("$_->{database} $_->{check}" =~ s/^ //r => $_) }
		@{decode_json($result->{out})->{checks}};
	return ($result->{exit}, \%checks);
}

sub all_pass
{
	my ($what) = @_;
	my ($exit, $checks) = doctor();

	is_deeply([grep { $checks->{$_}{verdict} ne 'ok' } sort keys %$checks], [],
		$what) or diag(explain($checks));
	return ($exit, $checks);
}

# Expects that verdict of one check, and the exit code that goes with it.
sub finds
{
	my ($what, $env, $check, $verdict, $pattern) = @_;
	my ($exit, $checks) = doctor(%$env);

	is($checks->{$check}{verdict}, $verdict, "$what: $verdict");
	like($checks->{$check}{says}, $pattern, '... with a reason');
	is($exit, $verdict eq 'fail' ? 1 : 0, '... and a matching exit code');
}

# --- A fresh stack ----------------------------------------------------------

my ($exit, $checks) = all_pass('a fresh stack passes all checks');
is($exit, 0, '... and io7 doctor exits with 0');
my @per_database = qw(server clock connections extensions roles io7_app
	io7_chore migrations tenants);
is_deeply([sort keys %$checks], [sort 'redis', 'run dir', 'sockets',
	'backlog', 'landlock', 'databases', 'secrets', 'tokens', map { ("live $_", "test $_") } @per_database],
	'... each check is listed');
like($checks->{'live server'}{says}, qr/^PostgreSQL \d+/,
	'the version of the server is shown');
my $text = io7('doctor', '-c', $stack->conf_file);
is(() = $text->{out} =~ /^ok +(?:live|test|) +\S.*\S$/mg, scalar keys %$checks,
	'without --json each check is a line');

# --- Faults in the databases ------------------------------------------------

my $stray = 'user_00000000000040008000000000000000';

# For each fault: the database, a statement that causes it, one that removes it, and
# the check, the verdict and the reason expected in between.
my @harms = (
	(map { my ($right, $word) = @$_;
		[live => "ALTER ROLE io7_app $right",
			"ALTER ROLE io7_app NO$right",
			'test roles', 'fail', qr/^io7_app may $word/] }
		['SUPERUSER', 'do everything'],
		['CREATEDB', 'create databases'],
		['CREATEROLE', 'create roles'],
		['REPLICATION', 'replicate'],
		['BYPASSRLS', 'bypass row-level security']),
	(map { [live => "ALTER ROLE $_ NOBYPASSRLS", "ALTER ROLE $_ BYPASSRLS",
		'live roles', 'fail', qr/^$_ may not bypass/] }
		qw(io7_chore io7_backup)),
	[live => 'GRANT io7_chore TO io7_app', 'REVOKE io7_chore FROM io7_app',
		'live roles', 'fail', qr/^io7_app is a member of "io7_chore"/],
	[live => 'CREATE TABLE public.own (); ALTER TABLE public.own OWNER TO io7_app',
		'DROP TABLE public.own',
		'live roles', 'fail', qr/^io7_app owns 1 objects/],
	[test => 'SELECT lo_create(7); ALTER LARGE OBJECT 7 OWNER TO io7_app',
		'SELECT lo_unlink(7)',
		'test roles', 'fail', qr/^io7_app owns 1 objects/],
	[test => q{CREATE FUNCTION public.own() RETURNS int LANGUAGE sql RETURN 1;
			ALTER FUNCTION public.own() OWNER TO io7_app},
		'DROP FUNCTION public.own()',
		'test roles', 'fail', qr/^io7_app owns 1 functions/],
	[live => 'GRANT EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) TO io7_app',
		'REVOKE EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) FROM io7_app',
		'live roles', 'fail', qr/^io7_app may create large objects/],
	[test => 'GRANT CREATE ON SCHEMA app TO io7_app',
		'REVOKE CREATE ON SCHEMA app FROM io7_app',
		'test roles', 'fail', qr/^io7_app may create in 1 schemas/],
	[test => 'GRANT CREATE ON DATABASE io7_test TO io7_app',
		'REVOKE CREATE ON DATABASE io7_test FROM io7_app',
		'test roles', 'fail', qr/^io7_app may create schemas/],
	[live => 'GRANT SELECT ON pg_authid TO io7_app',
		'REVOKE SELECT ON pg_authid FROM io7_app',
		'live roles', 'fail', qr/^io7_app may read pg_authid/],
	[live => 'ALTER ROLE io7_backup RENAME TO nobody',
		'ALTER ROLE nobody RENAME TO io7_backup',
		'live roles', 'fail', qr/^there is no role io7_backup/],
	(map { [live => "ALTER ROLE $_ SET search_path = public",
		"ALTER ROLE $_ SET search_path = ''",
		"test $_", 'fail', qr/search_path is public/] }
		qw(io7_app io7_chore)),
	(map { [live => "ALTER ROLE $_ RESET plan_cache_mode",
		"ALTER ROLE $_ SET plan_cache_mode = force_generic_plan",
		"live $_", 'warn', qr/plan_cache_mode is auto, .*sql.cluster\.sql/] }
		qw(io7_app io7_chore)),
	(map { [live => "ALTER ROLE $_ NOLOGIN", "ALTER ROLE $_ LOGIN",
		"live $_", 'fail', qr/^cannot connect: .*not permitted to log in/] }
		qw(io7_app io7_chore)),
	[live => 'ALTER ROLE io7_app IN DATABASE io7_live RESET statement_timeout',
		"ALTER ROLE io7_app IN DATABASE io7_live SET statement_timeout = '5s'",
		'live io7_app', 'fail', qr/no statement_timeout/],
	[test => 'DROP EXTENSION pg_stat_statements',
		'CREATE EXTENSION pg_stat_statements',
		'test extensions', 'warn', qr/pg_stat_statements is missing/],
	[test => 'INSERT INTO io7.tenants (user_id, version)
			VALUES (gen_random_uuid(), io7.provision_version())',
		'DELETE FROM io7.tenants',
		'test tenants', 'fail', qr/1 have lost their schema/],
	[test => 'SELECT io7.provision(gen_random_uuid());
			UPDATE io7.tenants SET version = 0',
		'SELECT io7.tenant_drop(user_id) FROM io7.tenants',
		'test tenants', 'warn', qr/1 are outdated: run `io7 tenant upgrade`/],
	[live => "CREATE SCHEMA $stray", "DROP SCHEMA $stray",
		'live tenants', 'warn', qr/1 schemas belong to no tenant/],
	[live => 'UPDATE io7.migrations SET number = 999 WHERE number = 1',
		'UPDATE io7.migrations SET number = 1 WHERE number = 999',
		'live migrations', 'fail', qr/newer than/],
	[live => "UPDATE io7.migrations SET file = 'x' WHERE number = 1",
		"UPDATE io7.migrations SET file = 'both/001_ground' WHERE number = 1",
		'live migrations', 'fail', qr/see `io7 migrate status`/],
	(map { [test => "CREATE OR REPLACE FUNCTION io7.provision_version()
			RETURNS int LANGUAGE sql IMMUTABLE RETURN $_->[0]",
		"SET ROLE io7_owner; CREATE OR REPLACE FUNCTION
			io7.provision_version() RETURNS int LANGUAGE sql IMMUTABLE
			PARALLEL SAFE RETURN @{[scalar(() = glob 'sql/tenant/[0-9]*')]}",
		'test tenants', 'fail', $_->[1]] }
		[0, qr/run `io7 migrate up`/], [99, qr/install the newer/]),
);
for my $harm (@harms) {
	my ($database, $do, $undo, @found) = @$harm;
	$stack->psql("$do;", "io7_$database");
	finds($do =~ s/\s+/ /gr, {}, @found);
	$stack->psql("$undo;", "io7_$database");
}
all_pass('all checks pass after the repairs');

for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT proname FROM pg_proc
			WHERE pronamespace = 'pg_catalog'::regnamespace
			AND proname IN ('lo_create', 'lo_creat', 'lo_from_bytea',
				'lo_import', 'lo_export', 'lo_put', 'lowrite')
			AND has_function_privilege('io7_app', oid, 'EXECUTE');",
		$database), '', "io7_app cannot create large objects in $database");
}

# --- Wrong options ----------------------------------------------------------

sub clock_of
{
	my ($seconds) = @_;
	my $file = "$dir/clock-$seconds";

	spew($file, pack 'q', $seconds * 1_000_000_000);
	return $file;
}

run_ok('cp', '-r', 'sql', "$dir/sql");
my ($newest) = reverse sort map { m{/(\d{3})_[^/]*$} } glob 'sql/*/*.up.sql';
for my $way (qw(up down)) {
	open my $out, '>', sprintf('%s/sql/both/%03d_more.%s.sql', $dir,
		$newest + 1, $way) or die;
	print $out "SELECT 1;\n";
	close $out;
}
mkdir "$dir/open" or die;
chmod 0777, "$dir/open";

my @settings = (
	[{ IO7_LIVE_WORKERS => 1000 }, 'live connections', 'fail',
		qr/^up to 2[01]\d\d are needed.*raise max_connections/],
	[{ IO7_STATEMENT_TIMEOUT => '4s' }, 'test io7_app', 'fail',
		qr/its statement_timeout is 5000 ms/],
	[{ IO7_CLOCK => clock_of(-5) }, 'live clock', 'warn', qr/^.*\+(?:4\.9|5\.\d)\d* s from ours/],
	[{ IO7_CLOCK => clock_of(60) }, 'test clock', 'fail', qr/-(?:59\.9|60\.\d)\d* s from ours/],
	[{ IO7_SQL_DIR => "$dir/sql" }, 'test migrations', 'fail',
		qr/1 are pending: run `io7 migrate up`/],
	[{ IO7_SQL_DIR => "$dir/nowhere" }, 'live migrations', 'fail', qr/have faults/],
	[{ IO7_RUN_DIR => "$dir/nowhere" }, 'run dir', 'fail', qr/No such file/],
	[{ IO7_RUN_DIR => "$dir/open" }, 'run dir', 'fail', qr/everybody may write/],
	[{ IO7_RUN_DIR => $dir }, 'sockets', 'warn',
		qr/^live\.sock: .*is `io7 serve` running\?/],
	[{ IO7_DATABASES => "$dir/nowhere" }, 'databases', 'warn',
		qr/^there is no folder IO7_DATABASES/],
	[{ IO7_SEAL_KEYS_FILE => '' }, 'secrets', 'warn',
		qr/^requests of cron jobs are not signed.*set IO7_SEAL_KEYS_FILE/],
	[{ IO7_JWT_ISSUER => 'https://a.example' }, 'tokens', 'warn',
		qr/^no JWT is accepted: set IO7_JWT_JWKS_URL/],
	[{ IO7_JWT_JWKS_URL => 'https://a.example/jwks' }, 'tokens', 'warn',
		qr/^no JWT is accepted: IO7_JWT_ISSUER is not set/],
	[{ IO7_JWT_ISSUER => 'https://a.example',
		IO7_JWT_JWKS_URL => 'https://a.example/jwks' },
		'tokens', 'fail', qr/^no keys were fetched yet/],
	[{ IO7_REDIS => "unix:$dir/nowhere" }, 'redis', 'fail', qr/does not answer/],
	[{ IO7_TEST_DSN => 'host=' . $stack->dir . '/run/pg dbname=nowhere' },
		'test server', 'fail', qr/^io7_owner cannot connect: .*nowhere/],
	[{ IO7_TEST_DSN => 'host=' . $stack->dir . '/run/pg dbname=io7_live' },
		'test server', 'fail',
		qr/IO7_TEST_DSN names the live database: name another database/],
);
finds("@{[%{$_->[0]}]}", @$_) for @settings;

my (undef, $half) = doctor(IO7_TEST_DSN => "host=$dir dbname=io7_test");
is_deeply([sort grep { /^test/ } keys %$half], ['test server'],
	'a database that does not answer is reported once');
is($half->{'live migrations'}{verdict}, 'ok',
	'... and the other database is checked');

# A network namespace has its own limit. Unix sockets are reached by their path.
SKIP: {
	skip 'only root can limit a backlog', 2 if $>;
	local %ENV = (PATH => $ENV{PATH});
	my $small = run('unshare', '--net', 'sh', '-c',
		'echo 128 >/proc/sys/net/core/somaxconn && exec "$@"', 'sh',
		io7_program(), 'doctor', '-c', $stack->conf_file);
	is($small->{exit}, 0, 'a small net.core.somaxconn is no failure');
	like($small->{out}, qr/^warn +backlog +net\.core\.somaxconn is 128: .*4096/m,
		'... but a warning, with the value to set');
}

is(io7('doctor', 'more')->{exit}, 64, 'an argument is wrong usage');

finish;
