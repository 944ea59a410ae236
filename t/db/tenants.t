#!/usr/bin/perl
# io7 tenant: provisioning is atomic and idempotent, also if it is killed. Upgrades
# continue after an interruption. reset-test deletes test data only.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;
use Io7::Json;

my $stack = private_stack(workers => 1);
my $dir = tempdir(CLEANUP => 1);
my $now = () = glob 'sql/tenant/[0-9]*.sql';

sub tenant
{
	return io7('tenant', @_, '-c', $stack->conf_file);
}

sub query
{
	my ($sql) = @_;

	return join ' ', map { $stack->psql($sql, "io7_$_") =~ s/\n\z//r }
		qw(live test);
}

# Adds users and returns their ids.
sub users
{
	my ($n) = @_;

	return split /\n/, $stack->psql("INSERT INTO io7.users
		(github_username, ready_at) SELECT 'u' || n, now()
		FROM generate_series(1, $n) AS n RETURNING id;");
}

sub schema_of
{
	return 'user_' . $_[0] =~ tr/-//dr;
}

# The number of relations of a schema and its version, in both databases.
sub state_of
{
	my ($schema) = @_;

	return query("SELECT count(*) || '/' || coalesce((SELECT version
		FROM io7.tenants WHERE schema_name = '$schema')::text, '-')
		FROM pg_class WHERE relnamespace = to_regnamespace('$schema');");
}

# --- Provisioning -----------------------------------------------------------

my ($first) = users(1);
my $made = tenant('provision', $first);
is($made->{exit}, 0, 'provision creates a tenant') or diag($made->{err});
is($made->{out}, schema_of($first) . "\n", '... and prints its name');
my $whole = state_of(schema_of($first));
like($whole, qr{^([1-9]\d*/$now) \1$}, '... in the same way in both databases');
is(tenant('provision', $first)->{exit}, 0, 'provision can be repeated');
is(state_of(schema_of($first)), $whole, '... and changes nothing');

my $stranger = '00000000-0000-4000-8000-000000000000';
my $unknown = tenant('provision', $stranger);
is($unknown->{exit}, 1, 'provision fails for an unknown user');
like($unknown->{err}, qr/^io7: live database: user_0{12}4\w+: 23503: /,
	'... with an error message');
is(state_of(schema_of($stranger)), '0/- 0/-', '... and creates nothing');

# Whether a statement of io7 waits for a lock in a database.
sub waits
{
	my ($database) = @_;

	return $stack->psql("SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'io7 tenant' AND state = 'active'
		AND datname = 'io7_$database' AND wait_event_type = 'Lock';") > 0;
}

my ($popular) = users(1);
my @ends = map { await($_) } map { start_io7('tenant', 'provision', $popular,
	'-c', $stack->conf_file) } 1 .. 8;
is_deeply([map { $_->{exit} } @ends], [(0) x 8], 'eight concurrent calls succeed');
is(state_of(schema_of($popular)), $whole, '... and create one tenant');

# --- Interruptions ----------------------------------------------------------

# A session that holds a transaction open until its handle is closed.
sub hold
{
	my ($database, $sql) = @_;
	my $dsn = $stack->env('IO7_SUPER_DSN') =~ s/io7_live/io7_$database/r;

	my $pid = open my $session, '|-', 'psql', '-XqAt', '-o', '/dev/null', $dsn
		or die "psql: $!\n";
	$session->autoflush;
	print $session "BEGIN; $sql;\n";
	eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
		WHERE datname = 'io7_$database'
		AND state = 'idle in transaction';") > 0 } 'a session keeps its transaction open';
	return ($session, $pid);
}

for my $database (qw(live test)) {
	my ($user) = users(1);
	$stack->psql("SELECT io7.provision('$user');") if $database eq 'test';
	my ($session, $pid) = hold($database, "SELECT io7.provision('$user')");

	kill KILL => $pid;
	close $session;
	eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
		WHERE state = 'idle in transaction';") == 0 } 'the session is killed';
	is(state_of(schema_of($user)),
		$database eq 'live' ? '0/- 0/-' : $whole =~ s{ .*}{ 0/-}r,
		"killed in the $database database, it leaves nothing there");
	tenant('provision', $user);
	is(state_of(schema_of($user)), $whole, '... and the next call completes the tenant');
}

for my $database (qw(live test)) {
	my ($user) = users(1);
	my ($session) = hold($database, 'LOCK TABLE io7.tenants');
	my $client = start_io7('tenant', 'provision', $user,
		'-c', $stack->conf_file);

	eventually { waits($database) } "io7 waits for the $database database";
	kill KILL => $client->{pid};
	is(await($client)->{exit}, 128 + 9, '... and is killed');
	close $session;
	is(tenant('provision', $user)->{exit}, 0, '... the next call succeeds');
	is(state_of(schema_of($user)), $whole, '... and the tenant is complete');
}

# --- Listing ----------------------------------------------------------------

$stack->psql("SELECT io7.tenant_drop('$popular');", 'io7_test');
my $n = query('SELECT count(*) FROM io7.tenants') =~ s/ .*//r;
my $list = tenant('list');
is(() = $list->{out} =~ /^user_/mg, $n, 'list prints every tenant');
like($list->{out}, qr/^@{[schema_of($first)]} +$now +$now  \d{4}-/m, '... with versions');
like($list->{out}, qr/^@{[schema_of($popular)]} +$now +-  /m,
	'... and shows that one is missing');
my %listed = map { $_->{schema} => $_ }
	@{decode_json(tenant('list', '--json')->{out})->{tenants}};
is(scalar keys %listed, $n, 'list --json prints them too');
is($listed{schema_of($first)}{test}, $now, '... with versions');
is($listed{schema_of($popular)}{test}, undef, '... or null');

for my $name ($first, schema_of($first), $first =~ tr/-//dr) {
	my $shown = tenant('show', $name, '--json');
	is(decode_json($shown->{out})->{live}{version}, $now, "show $name");
}
like(tenant('show', $popular)->{out}, qr/^live +version $now,.*\ntest +does not exist/m,
	'show prints text');
is(tenant('show', $stranger)->{exit}, 1, '... and fails for an unknown user');

# --- Upgrading --------------------------------------------------------------

# Adds a step, as `io7 migrate up` of a newer io7 would do.
my $version = $now;
run_ok('cp', '-r', 'sql/tenant', "$dir/tenant");
sub make_newer
{
	my ($sql) = @_;

	spew(sprintf('%s/tenant/%03d_step.sql', $dir, ++$version),
		"-- A step.\n$sql\n");
	run_ok('sql/gen', 'provision', $dir, "$dir/tenant");
	run_ok('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/provision.sql",
		$stack->env($_)) for qw(IO7_LIVE_DSN IO7_TEST_DSN);
}

sub at_newest
{
	my @counts = split / /, query("SELECT count(*) FROM io7.tenants
		WHERE version = $version");
	return $counts[0] + $counts[1];
}

for my $user (users(50)) {
	$stack->psql("SELECT io7.provision('$user');", "io7_$_") for qw(live test);
}
my ($live, $test) = split / /, query('SELECT count(*) FROM io7.tenants');
my $all = $live + $test;

is(tenant('upgrade')->{out}, "No tenant is outdated.\n", 'upgrade reports that no tenant is outdated');
$stack->psql('SET ROLE io7_owner; CREATE OR REPLACE FUNCTION
	io7.provision_version() RETURNS int LANGUAGE sql IMMUTABLE RETURN 0;');
like(tenant('upgrade')->{err}, qr/^io7: live database: .* run `io7 migrate up`/,
	'upgrade refuses if the functions are those of an older io7');
make_newer("CREATE TABLE {tenant}.more ();\nSELECT pg_sleep(0.01);");
my $upgrade = start_io7('tenant', 'upgrade', '-c', $stack->conf_file);
eventually { at_newest() >= 5 } 'an upgrade is running';
kill KILL => $upgrade->{pid};
is(await($upgrade)->{exit}, 128 + 9, '... and is killed');
eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
	WHERE application_name = 'io7 tenant upgrade'") == 0 } '... with all its sessions';
my $left = $all - at_newest();
ok($left > 0, "$left of $all tenants remain");
my $rest = tenant('upgrade');
is($rest->{exit}, 0, 'the next run succeeds') or diag($rest->{err});
like($rest->{out}, qr/^$left upgraded, 0 failed$/m, '... and upgrades the rest');
is(at_newest(), $all, '... so that none is outdated');
is(query(q{SELECT count(*) FROM pg_class WHERE relname = 'more'}),
	"$live $test", '... and each tenant is changed');

my $odd = schema_of($first);
$stack->psql("CREATE TABLE $odd.later ();", 'io7_test');
make_newer('CREATE TABLE {tenant}.later ();');
my $failing = tenant('upgrade', '--jobs', 3);
is($failing->{exit}, 1, 'a tenant that fails sets the exit code');
is($failing->{err}, qq{io7: test database: $odd: 42P07: }
	. qq{relation "later" already exists\n}, '... and is named');
is(at_newest(), $all - 1, '... and all others are upgraded');
$stack->psql("DROP TABLE $odd.later;", 'io7_test');
my $mended = tenant('upgrade');
is($mended->{exit}, 0, 'after a repair the upgrade succeeds');
like($mended->{out}, qr/^1 upgraded, 0 failed$/m, '... for that tenant only');

make_newer('CREATE TABLE {tenant}.both ();');
my @two = map { await($_) } map { start_io7('tenant', 'upgrade',
	'-c', $stack->conf_file) } 1 .. 2;
is_deeply([map { $_->{exit} } @two], [0, 0], 'two concurrent upgrades succeed')
	or diag(map { $_->{err} } @two);
is(at_newest(), $all, '... and upgrade all tenants');

make_newer('CREATE TABLE {tenant}.shown ();');
{
	delete local @ENV{grep { /^IO7_/ } keys %ENV};
	like(run_ok('script', '-qec', io7_program() . ' tenant upgrade -c '
		. $stack->conf_file, '/dev/null'),
		qr/\r\[#{40}\] $all of $all\r?\n/, 'a terminal gets a progress bar');
}

# --- Resetting test data ----------------------------------------------------

my $relations = "SELECT count(*) FROM pg_class JOIN pg_namespace n
	ON n.oid = relnamespace WHERE nspname IN ('io7', 'app')";
my $before = query($relations);
is(tenant('reset-test')->{exit}, 64, 'reset-test requires a confirmation');
is(query('SELECT count(*) FROM io7.tenants'), "$live $test", '... and deletes nothing without it');

$stack->psql("CREATE SCHEMA @{[schema_of($stranger)]} AUTHORIZATION io7_owner;",
	'io7_test');
my $wiped = tenant('reset-test', '--yes');
is($wiped->{exit}, 0, 'reset-test --yes succeeds') or diag($wiped->{err});
is(query('SELECT count(*) FROM io7.tenants'), "$live 0", '... and deletes test data only');
is(query(q{SELECT count(*) FROM pg_namespace WHERE nspname ~ '^user_'}),
	"$live 0", '... including schemas without a record');
is(query($relations), $before, '... and recreates the schemas of io7');
is(query('SELECT io7.provision_version()'), "$version $now",
	'... at the version of this io7');
$stack->psql('DROP SCHEMA io7 CASCADE;', 'io7_test');
is(tenant('reset-test', '--yes')->{exit}, 0, 'reset-test repairs a database without schema io7');
is(query($relations), $before, '... completely');
my ($after) = users(1);
is($stack->psql("SET ROLE io7_app; SELECT io7.provision('$after');", 'io7_test'),
	schema_of($after) . "\n", '... and provisioning works');

# A wrong DSN must not delete anything.
sub refuses
{
	my ($what, $database, $pattern) = @_;
	my $dsn = 'host=' . $stack->dir . "/run/pg dbname=$database";
	my $count = 'SELECT count(*) FROM io7.users';
	my ($users, $tenants) = map { $stack->psql("$_;") }
		$count, 'SELECT count(*) FROM io7.tenants';
	my $refused = io7({ env => { IO7_TEST_DSN => $dsn } }, 'tenant',
		'reset-test', '--yes', '-c', $stack->conf_file);

	is($refused->{exit}, 1, "reset-test refuses $what");
	like($refused->{err}, $pattern, '... and prints the reason');
	is($stack->psql("$count;"), $users, '... no user is deleted');
	is($stack->psql('SELECT count(*) FROM io7.tenants;'), $tenants,
		'... and no tenant');
}

refuses('the live database', 'io7_live',
	qr/^io7: IO7_TEST_DSN names the live database: nothing was deleted$/m);
refuses('the live database under another DSN',
	'io7_live target_session_attrs=read-write',
	qr/^io7: IO7_TEST_DSN names the live database: nothing was deleted$/m);
$stack->psql('CREATE TABLE io7.users ();', 'io7_test');
refuses('a database with users', 'io7_test',
	qr/^io7: IO7_TEST_DSN names a database that holds users, as only/m);
$stack->psql('DROP TABLE io7.users;', 'io7_test');

# --- Wrong usage ------------------------------------------------------------

for my $arguments ([], ['dance'], ['show'], ['show', 'nobody'],
	['provision', "$first$first"], ['list', $first], ['list', '--yes'],
	['upgrade', '--jobs', 0], ['upgrade', '--json']) {
	is(tenant(@$arguments)->{exit}, 64, "tenant @$arguments: wrong usage");
}

finish;
