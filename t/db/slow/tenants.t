#!/usr/bin/perl
# A thousand tenants in both databases are upgraded within a minute.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;
use Time::HiRes qw(time);

my ($tenants, $seconds) = (1000, 60);
my $stack = private_stack(workers => 1);
my $dir = tempdir(CLEANUP => 1);

my @users = split /\n/, $stack->psql("INSERT INTO io7.users (github_username)
	SELECT 'u' || n FROM generate_series(1, $tenants) AS n RETURNING id;");
my $sql = join '', map { "SELECT io7.provision('$_');\n" } @users;
$stack->psql($sql, $_) for qw(io7_live io7_test);

# The next step of a newer io7, with a table, an index and rows.
run_ok('cp', '-r', 'sql/tenant', "$dir/tenant");
my $version = 1 + (() = glob 'sql/tenant/[0-9]*.sql');
open my $out, '>', sprintf('%s/tenant/%03d_step.sql', $dir, $version) or die;
print $out <<'END';
-- A step.
CREATE TABLE {tenant}.more (id int PRIMARY KEY, word text NOT NULL);
CREATE INDEX more_word ON {tenant}.more (word);
INSERT INTO {tenant}.more SELECT n, 'word' FROM generate_series(1, 100) AS n;
ALTER TABLE {tenant}.kv_store ADD COLUMN more int REFERENCES {tenant}.more;
END
close $out;
run_ok('sql/gen', 'provision', $dir, "$dir/tenant");
run_ok('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/provision.sql",
	$stack->env($_)) for qw(IO7_LIVE_DSN IO7_TEST_DSN);

my $began = time;
my $upgrade = io7({ timeout => 10 * $seconds }, 'tenant', 'upgrade',
	'-c', $stack->conf_file);
my $took = time - $began;
is($upgrade->{exit}, 0, 'the upgrade succeeds') or diag($upgrade->{err});
like($upgrade->{out}, qr/^@{[2 * $tenants]} upgraded, 0 failed$/m,
	'... for every tenant');
cmp_ok($took, '<', $seconds, sprintf '... in %.1f s', $took);
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT count(*) FROM io7.tenants
		WHERE version = $version;", $database), "$tenants\n",
		"... in $database");
}

finish;
