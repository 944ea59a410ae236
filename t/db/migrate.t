#!/usr/bin/perl
# io7 migrate: up and down are exact inverses, only one migrator runs at a time,
# files that fail or were changed are reported, and check finds every kind of drift.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;
use Io7::Json;

my @databases = qw(io7_live io7_test);
my $stack = private_stack(workers => 1);
my $dir = tempdir(CLEANUP => 1);

sub migrate
{
	my $options = ref $_[0] ? shift : {};
	return io7($options, 'migrate', @_, '-c', $stack->conf_file);
}

# Copies sql/ into a folder of this test.
sub copy_of_files
{
	my ($name) = @_;

	run_ok('cp', '-r', top() . '/sql', "$dir/$name");
	return "$dir/$name";
}

# The schemas of both databases, without the random parts of a dump.
sub dump_of_both
{
	return join '', map {
		my $dsn = $stack->env('IO7_SUPER_DSN') =~ s/io7_live/$_/r;
		run_ok('pg_dump', '-s', $dsn) =~ s/^\\(un)?restrict .*\n//gmr
	} @databases;
}

sub query
{
	my ($sql) = @_;

	return join ' ', map { $stack->psql($sql, $_) =~ s/\n\z//r } @databases;
}

sub status_of
{
	my ($options) = @_;
	my $told = migrate($options // {}, 'status', '--json');

	return decode_json($told->{out});
}

# --- Up, down, up -----------------------------------------------------------

my $status = status_of();
my @numbers = map { $_->{number} } @{$status->{migrations}};
my $newest = $numbers[-1];
my ($newest_of_both) = map { $_->{number} }
	grep { $_->{test} ne '-' } reverse @{$status->{migrations}};

is("@numbers", join(' ', 1 .. $newest), 'the numbers form one sequence');
is($status->{live}, $newest, 'the stack is up to date');
is($status->{test}, $newest_of_both, '... in both databases');
is_deeply([grep { $_->{live} ne 'applied' } @{$status->{migrations}}], [],
	'every migration is applied');
like(migrate('status')->{out},
	qr{^both/001_ground +applied +applied +\d{4}-}m,
	'status prints a table');
is(query('SELECT count(*) FROM io7.migrations'), "$newest 1",
	'the test database records only the newest number');

my $up = dump_of_both();
is(migrate('down', '--to', 0)->{exit}, 0, 'down --to 0 undoes everything');
my $down = dump_of_both();
unlike($down, qr/io7\.|app\./, '... completely');
is(migrate('up')->{exit}, 0, 'up applies everything again');
is(dump_of_both(), $up, '... with the same result');
is(migrate('down', '--to', 0)->{exit}, 0, 'down undoes it again');
is(dump_of_both(), $down, '... completely');

for my $number (1, $newest - 1, $newest) {
	is(migrate('up', '--to', $number)->{exit}, 0, "up to $number");
	is(status_of()->{live}, $number, '... stops there');
}
is(dump_of_both(), $up, 'single steps have the same result');
migrate('down', '--to', $_) for reverse 1 .. $newest - 1;
is(query('SELECT number FROM io7.migrations'), '1 1', 'single steps down work too');

# --- Concurrent migrators ---------------------------------------------------

migrate('down', '--to', 0);
my @both = map { start_io7('migrate', 'up', '-c', $stack->conf_file) } 1 .. 2;
my @ends = map { await($_) } @both;
is_deeply([map { $_->{exit} } @ends], [0, 0], 'two concurrent migrators succeed')
	or diag(map { $_->{err} } @ends);
my @applied = map { /^(\w+\/\d{3}_\w+)/mg } map { $_->{out} } @ends;
is(scalar @applied, $newest, '... and apply each file once');
is(dump_of_both(), $up, '... completely');

my $waiting = q{SELECT count(*) FROM pg_locks
	WHERE locktype = 'advisory' AND NOT granted};
open my $holder, '|-', 'psql', '-XqAt', '-o', '/dev/null',
	$stack->env('IO7_SUPER_DSN') or die "psql: $!\n";
$holder->autoflush;
print $holder
	"BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('io7 migrate', 0));\n";
eventually { query(q{SELECT count(*) FROM pg_locks
	WHERE locktype = 'advisory' AND granted}) =~ /1/ } 'the lock is held';
my $late = start_io7('migrate', 'down', '--to', $newest - 1, '-c',
	$stack->conf_file);
eventually { query($waiting) =~ /1/ } 'a migrator waits';
is(status_of()->{live}, $newest, '... and changes nothing');
close $holder;
is(await($late)->{exit}, 0, '... until the lock is released');
is(status_of()->{live}, $newest - 1, '... and then migrates');
migrate('up');

# --- Files that fail --------------------------------------------------------

my $next = sprintf '%03d', $newest + 1;

# Runs `up` with a faulty migration, which must leave nothing behind.
sub fails
{
	my ($what, $folder, $sql, $pattern) = @_;
	my $files = copy_of_files("fails-$what" =~ s/ /-/gr);

	spew("$files/$folder/${next}_bad.up.sql", $sql);
	spew("$files/$folder/${next}_bad.down.sql", "-- Nothing.\n");
	my $result = migrate({ env => { IO7_SQL_DIR => $files } }, 'up');
	is($result->{exit}, 1, "up fails: $what");
	like($result->{err}, $pattern, '... with position and reason');
	is(dump_of_both(), $up, '... and leaves nothing behind');
	is(status_of({ env => { IO7_SQL_DIR => $files } })
		->{migrations}[$newest]{live}, 'pending', '... and no record');
}

fails('an unknown name', 'both',
	"-- Füße.\nCREATE TABLE app.half ();\n\nSELECT 1,\n\tnowhere;\n",
	qr{/both/${next}_bad\.up\.sql:5: live database: 42703: column "nowhere"});
fails('a syntax error', 'live', "-- One.\n-- Two.\nCREATE TABEL app.half ();\n",
	qr{/live/${next}_bad\.up\.sql:3: live database: 42601: });
fails('a violated constraint', 'live',
	"CREATE TABLE app.half (n int);\nINSERT INTO io7.plans (id) VALUES ('x');\n",
	qr{/live/${next}_bad\.up\.sql: live database: 23502: });
fails('an error in the test database only', 'both',
	"CREATE TABLE app.half ();\nDO \$\$ BEGIN\n"
	. "IF current_database() = 'io7_test' THEN RAISE 'no'; END IF;\n"
	. "END \$\$;\n",
	qr{/both/${next}_bad\.up\.sql: test database: P0001: no});
fails('a file that ends the transaction', 'live', "SELECT 1;\nROLLBACK;\n",
	qr{/live/${next}_bad\.up\.sql: live database: a script});

# --- Files that were changed ------------------------------------------------

my $changed = copy_of_files('changed');
my $env = { env => { IO7_SQL_DIR => $changed } };

open my $out, '>>', "$changed/both/001_ground.up.sql" or die;
print $out "-- One more word.\n";
close $out;
for my $command (['up'], ['down', '--to', 0]) {
	my $result = migrate($env, @$command);
	is($result->{exit}, 1, "@$command refuses a changed file");
	like($result->{err}, qr{^io7: live database: both/001_ground was changed$}m,
		'... and names it');
}
is(dump_of_both(), $up, '... and changes nothing');
is(status_of($env)->{migrations}[0]{live}, 'changed', 'status shows it');
like(migrate($env, 'check')->{out},
	qr{^live  changed +migration both/001_ground$}m, 'check reports it');

# --- Records of unknown files -----------------------------------------------

my $newer = copy_of_files('newer');
spew("$newer/both/${next}_more.up.sql", "CREATE TABLE app.more ();\n");
spew("$newer/both/${next}_more.down.sql", "DROP TABLE app.more;\n");
is(migrate({ env => { IO7_SQL_DIR => $newer } }, 'up')->{exit}, 0,
	'a newer io7 applies its migration');
is(query('SELECT count(*) FROM app.more'), '0 0', '... in both databases');
my $older = migrate('up');
is($older->{exit}, 1, 'an older io7 refuses');
like($older->{err}, qr{^io7: test database: has both/${next}_more, which}m,
	'... and prints the reason');
is(migrate({ env => { IO7_SQL_DIR => $newer } }, 'down', '--to', $newest)
	->{exit}, 0, 'the newer io7 undoes it');
is(dump_of_both(), $up, '... completely');

# --- Faulty folders ---------------------------------------------------------

my %folders = (
	'a gap' => ["both/@{[sprintf '%03d', $newest + 2]}_late", qr{no number $next}],
	'a number twice' => ['live/001_again', qr{number 001 is both/001_ground}],
	'number zero' => ['both/000_zero', qr{000_zero\.up\.sql: the first}],
	'a wrong name' => ['both/12_x', qr{12_x\.up\.sql: is not named}],
);
for my $what (sort keys %folders) {
	my ($name, $pattern) = @{$folders{$what}};
	my $files = copy_of_files("folder-$what" =~ s/ /-/gr);

	spew("$files/$name.$_.sql", "SELECT 1;\n") for qw(up down);
	my $result = migrate({ env => { IO7_SQL_DIR => $files } }, 'up');
	is($result->{exit}, 1, "up fails: $what");
	like($result->{err}, $pattern, '... and it is named');
}
my $alone = copy_of_files('alone');
unlink "$alone/both/002_tenants.down.sql", "$alone/live/005_users.up.sql";
my $result = migrate({ env => { IO7_SQL_DIR => $alone } }, 'up');
is($result->{exit}, 1, 'a file without its counterpart is an error');
like($result->{err}, qr{both/002_tenants\.down\.sql is missing}, '... and is named');
like($result->{err}, qr{live/005_users\.up\.sql is missing}, '... and so is the other');
is(migrate({ env => { IO7_SQL_DIR => "$dir/nowhere" } }, 'up')->{exit}, 1,
	'a missing folder is an error');
is(dump_of_both(), $up, 'nothing was executed');

# --- Wrong usage ------------------------------------------------------------

for my $arguments ([], ['sideways'], ['down'], ['up', '--to', 'top'],
	['up', '--to', $newest + 1], ['status', '--to', 1], ['up', '--json'],
	['up', 'more']) {
	is(migrate(@$arguments)->{exit}, 64, "migrate @$arguments: wrong usage");
}

# --- Drift ------------------------------------------------------------------

my $fine = migrate('check');
is($fine->{exit}, 0, 'an unchanged database has no drift')
	or diag($fine->{out}, $fine->{err});

# Changes of a tenant's schema, and the drift that check reports.
my @harms = (
	['DROP INDEX %s.kv_store_expires_at',
		'missing index {tenant}.kv_store_expires_at'],
	['ALTER TABLE %s.kv_store DROP COLUMN replaced_bytes',
		'missing column {tenant}.kv_store.replaced_bytes'],
	['REVOKE SELECT ON %s.kv_store FROM io7_app',
		'missing grant {tenant}.kv_store'],
	['ALTER TABLE %s.kv_slot ALTER version TYPE int',
		'changed column {tenant}.kv_slot.version'],
	['CREATE VIEW %s.odd AS SELECT FROM %1$s.kv_store',
		'extra view {tenant}.odd'],
	['DROP SCHEMA %s CASCADE', 'missing schema'],
	['ALTER TABLE %s.kv_store RENAME TO kv_old; ALTER TABLE %1$s.kv_slot
		RENAME TO kv_odd', 'more tenant'],
);

# Creates a tenant in the test database, which needs no user.
sub new_tenant
{
	return $stack->psql('SELECT io7.provision(gen_random_uuid());',
		'io7_test') =~ s/\n//r;
}

new_tenant() for 1 .. 3;
my $behind = new_tenant();
$stack->psql("DROP TABLE $behind.kv_slot; UPDATE io7.tenants SET version = 0
	WHERE schema_name = '$behind';", 'io7_test');
my $alike = migrate('check');
is($alike->{exit}, 0, 'unchanged tenants have no drift, outdated ones are skipped')
	or diag($alike->{out}, $alike->{err});

my %harmed;
for my $harm (@harms) {
	my ($sql, $told) = @$harm;
	my $tenant = new_tenant();
	$stack->psql(sprintf("$sql;", $tenant), 'io7_test');
	$harmed{$tenant} = $told =~ s/^(?:more tenant|missing schema)\K$/ $tenant/r;
}
my @of_tenants = @{decode_json(migrate('check', '--json')->{out})->{drift}};
for my $tenant (sort { $harmed{$a} cmp $harmed{$b} } keys %harmed) {
	my @own = map { "$_->{what} $_->{kind} $_->{name}" }
		grep { $_->{tenant} eq $tenant } @of_tenants;
	ok((grep { $_ eq $harmed{$tenant} } @own), "a tenant: $harmed{$tenant}")
		or diag(explain(\@own));
	ok(@own <= 21, '... in at most 21 lines');
}
is_deeply([grep { !$harmed{$_->{tenant}} } @of_tenants], [],
	'... and nothing about other tenants');
my $in_words = migrate('check');
is($in_words->{exit}, 1, '... check exits with 1');
like($in_words->{out},
	qr/^test  missing  index \{tenant\}\.kv_store_expires_at\n +tenant +user_\w{32}\n +should be +CREATE INDEX/m,
	'... and prints the differences');
like($in_words->{out}, qr/^ +is +\d\d objects differ$/m, '... and how many there are');
$stack->psql("DROP SCHEMA IF EXISTS $_ CASCADE; DELETE FROM io7.tenants
	WHERE schema_name = '$_';", 'io7_test') for keys %harmed;

# Database, SQL, and the drift that check reports.
my @drifts = (
	[io7_live => 'CREATE TABLE io7.stranger ()', 'extra table io7.stranger'],
	[io7_live => 'ALTER TABLE io7.users ADD COLUMN odd text',
		'extra column io7.users.odd'],
	[io7_live => 'ALTER TABLE io7.users DROP COLUMN github_avatar_url CASCADE',
		'missing column io7.users.github_avatar_url',
		'missing view io7.users_with_keys'],
	[io7_live => 'ALTER TABLE io7.plans ALTER streams TYPE bigint',
		'changed column io7.plans.streams'],
	[io7_live => "ALTER TABLE io7.users ALTER status SET DEFAULT 'suspended'",
		'changed column io7.users.status'],
	[io7_live => 'DROP INDEX io7.users_plan_id', 'missing index io7.users_plan_id'],
	[io7_live => 'CREATE INDEX odd ON io7.users (plan_id)', 'extra index io7.odd'],
	[io7_live => 'ALTER TABLE io7.plans DROP CONSTRAINT plans_streams_check',
		'missing constraint io7.plans plans_streams_check'],
	[io7_live => 'DROP TRIGGER touch ON io7.api_keys',
		'missing trigger io7.api_keys touch'],
	[io7_live => 'ALTER TABLE io7.plans DISABLE TRIGGER touch',
		'changed trigger io7.plans touch'],
	[io7_live => 'DROP POLICY own_update ON app.user_profiles',
		'missing policy app.user_profiles own_update'],
	[io7_live => 'ALTER TABLE app.user_profiles NO FORCE ROW LEVEL SECURITY',
		'changed table app.user_profiles'],
	[io7_live => 'GRANT DELETE ON io7.users TO io7_app', 'extra grant io7.users'],
	[io7_live => 'REVOKE SELECT ON io7.plans FROM io7_chore',
		'missing grant io7.plans'],
	[io7_test => 'ALTER TABLE io7.tenants OWNER TO postgres',
		'changed table io7.tenants'],
	[io7_test => 'CREATE OR REPLACE FUNCTION io7.touch() RETURNS trigger '
		. q{LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'},
		'changed function io7.touch()'],
	[io7_test => 'DROP FUNCTION io7.tenant_drop(uuid)',
		'missing function io7.tenant_drop(uuid)'],
	[io7_test => 'CREATE TYPE app.mood AS ENUM ()', 'extra type app.mood'],
);
my %expected;
for my $drift (@drifts) {
	my ($database, $sql, @told) = @$drift;
	$stack->psql("$sql;", $database);
	$expected{($database =~ s/io7_//r) . " $_"} = $sql for @told;
}
my $drifted = migrate('check', '--json');
is($drifted->{exit}, 1, 'check exits with 1 on drift');
my %told = map { ("$_->{database} $_->{what} $_->{kind} $_->{name}" => 1) }
	@{decode_json($drifted->{out})->{drift}};
ok($told{$_}, $_) or diag("after: $expected{$_}") for sort keys %expected;
like(migrate('check')->{out},
	qr/^live  changed  column io7\.plans\.streams\n +is +bigint .*\n +should be +integer /m,
	'check prints the actual and the expected definition');

$stack->psql('ALTER SCHEMA app OWNER TO postgres;', 'io7_test');
like(migrate('check')->{out},
	qr/^test  refused  file q.*\n +is +42501: must be owner of schema app$/m,
	'check reports objects that it may not read');
is(query(q{SELECT count(*) FROM pg_namespace WHERE nspname ~ 'aside'}), '0 0',
	'check leaves nothing behind');

finish;
