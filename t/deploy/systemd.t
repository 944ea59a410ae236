#!/usr/bin/perl
# io7 in production: installed in a container with systemd, started by the first
# connection to its socket, behind the container's nginx, with passwords for PostgreSQL
# and Redis.

use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Container;
use Io7::Install;
use Io7::Test;
use Io7::Json;

my $obstacle = Io7::Container->obstacle
	// (is_sanitized() ? 'the unit forbids system calls that sanitizers need' : undef);
plan(skip_all => $obstacle) if $obstacle;

# --- Databases and files ----------------------------------------------------

# The databases of a private stack, which require passwords from here on.
my $stack = private_stack();
my $account = new_account($stack);
my $key = $account->test_key;
$stack->stop('io7');
my $hba = $stack->dir . '/pg/pg_hba.conf';
run_ok('sed', '-i', '1i local all io7_app,io7_chore,io7_owner scram-sha-256',
	$hba);
$stack->psql("ALTER ROLE $_ PASSWORD 'secret of $_';")
	for qw(io7_app io7_chore io7_owner);
$stack->psql('SELECT pg_reload_conf();');
$stack->redis(qw(CONFIG SET requirepass), 'secret of redis');

my $files = tempdir('io7-systemd-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub put
{
	my ($file, $text) = @_;

	make_path("$files/$file" =~ s{/[^/]+$}{}r);
	spew("$files/$file", $text);
}

# The files that an operator edits.
install_below($files, 'SYSTEMDDIR=/usr/lib/systemd/system');
put('etc/io7/io7.conf', <<'END');
IO7_LIVE_WORKERS=3
IO7_TEST_WORKERS=1
IO7_STREAM_WORKERS=1
IO7_DATABASE_WORKERS=1
END
put('etc/systemd/system/io7.service.d/test.conf', <<'END');
[Service]
SupplementaryGroups=redis
Environment=IO7_REDIS_PASSWORD_FILE=%d/redis-password
WatchdogSec=3s
END
put('etc/credstore/io7.pgpass', <<'END');
*:*:*:io7_app:secret of io7_app
*:*:*:io7_chore:secret of io7_chore
END
put('etc/credstore/io7-owner.pgpass', "*:*:*:io7_owner:secret of io7_owner\n");
put('etc/credstore/io7.redis-password', "secret of redis\n");
run_ok('chmod', '-R', 'go=', "$files/etc/credstore");
run_ok('cp', '-r', $stack->dir . '/tls', "$files/etc/io7/tls");
make_path("$files/etc/nginx/sites-enabled");
symlink '../sites-available/io7', "$files/etc/nginx/sites-enabled/io7";

my $box = eval { Io7::Container->boot(files => $files, bind => [
	$stack->dir . '/run/pg/.s.PGSQL.5432' =>
		'/run/postgresql/.s.PGSQL.5432',
	$stack->dir . '/run/redis/redis.sock' => '/run/redis/redis-server.sock',
]) } or plan(skip_all => $@ =~ s/\s+/ /gr);

# The container has to end before the stack with its databases.
END {
	local $?;
	if ($box) {
		diag(map { $box->enter(@$_)->{out} }
			[qw(journalctl -b --no-hostname --no-pager)],
			[qw(cat /var/log/nginx/error.log)])
			unless Test::More->builder->is_passing;
		$box->end;
	}
}

# --- Queries ----------------------------------------------------------------

sub systemctl
{
	return $box->enter_ok('systemctl', @_);
}

# Returns a property of the service, or of another unit.
sub show
{
	my ($property, $unit) = @_;

	return systemctl('show', '--value', '-p', $property,
		$unit // 'io7.service') =~ s/\n$//r;
}

# Returns the status code of a request through nginx, 000 after 20 seconds.
sub status_of
{
	my ($path) = @_;

	return $box->enter_ok(qw(curl -sk -m 20 -o /dev/null -w %{http_code}),
		"https://localhost$path");
}

# Returns the children of the supervisor.
sub workers
{
	my $main = show('MainPID') or return;

	return split /\n/, $box->enter('pgrep', '-P', $main)->{out};
}

# The sockets that nginx connects to.
sub sockets
{
	return $box->enter_ok('sh', '-c',
		'stat -c "%n %U:%G %a" /run/io7/*.sock')
		=~ s/^\S+keepers\.sock .*\n//mr;
}

# --- Socket activation ------------------------------------------------------

systemctl(qw(enable --quiet io7.service io7-migrate.service));
systemctl(qw(start io7.socket nginx.service));
my $sockets = join '', map { "/run/io7/$_.sock root:www-data 660\n" }
	sort qw(database live status stream test);
is(sockets(), $sockets, 'systemd holds the sockets');
is(show('ActiveState'), 'inactive', '... and io7 does not run');

is(status_of('/health'), 200, 'the first request is answered');
eventually { show('ActiveState') eq 'active' } '... and has started io7';
is(show('Result', 'io7-migrate.service'), 'success', '... after migrating');

# --- User databases ---------------------------------------------------------

my $answer = $box->enter_ok(qw(curl -sk -m 20),
	'-H', "Authorization: Bearer $key", '--json', encode_json({ requests => [
		{ type => 'execute', stmt => { sql => 'CREATE TABLE a (b)' } },
		{ type => 'close' }] }),
	'https://localhost/db/test-' . $account->user_id =~ tr/-//dr
		. '/v2/pipeline');
like($answer, qr/"type":"execute"/, 'a user database is served');
is($box->enter_ok(qw(stat -c), '%U %a', '/var/lib/io7/databases'), "io7 700\n",
	'... from the state directory, which is for io7 alone');
unlike($box->enter_ok(qw(journalctl -b -u io7 --no-pager)),
	qr/"no_(?:landlock|filter|keeper)"/, '... by a process in its sandbox');
like(show('StatusText'), qr/^io7 \S+ serves with 13 processes$/,
	'... and io7 has reported that it is ready');
is(sockets(), $sockets, 'io7 does not change the sockets');
is(status_of('/nowhere'), 404, 'a request to another pool is answered');

my $main = show('MainPID');
my %kept = $box->enter_ok('cat', "/proc/$main/status")
	=~ /^(CapEff|CapBnd|NoNewPrivs|Seccomp):\s+(\S+)$/mg;
is_deeply(\%kept, { CapEff => '0' x 16, CapBnd => '0' x 16, NoNewPrivs => 1,
	Seccomp => 2 }, 'the supervisor has no privileges');
is($box->enter_ok('stat', '-c', '%U', "/proc/$main"), "io7\n",
	'... and runs as the user io7');

# The unit's restrictions allow the sandbox of jq.
sub ask
{
	return $box->enter_ok(qw(curl -sk -m 20 -H), "Authorization: Bearer $key",
		@_);
}
ask('-X', 'PUT', '-d', '{"n":[1,2]}', 'https://localhost/kv/a');
like(ask('-H', 'Accept: application/json', '-d',
	'{"engine":"jq","program":".n | add"}',
	'https://localhost/kv/a/transform'), qr/"value":3/,
		'jq runs under the restrictions of the unit');

# --- Reload and upgrade -----------------------------------------------------

for (['a reload', qw(reload io7.service)],
	['an upgrade', qw(kill --signal=USR2 --kill-whom=main io7.service)]) {
	my ($what, @how) = @$_;
	my %old = map { $_ => 1 } workers();

	is(scalar keys %old, 13, 'there are thirteen workers');
	systemctl(@how);
	eventually { my @new = workers(); @new == 13 && !grep { $old{$_} } @new }
		"$what replaces them";
	is(show('MainPID'), $main, '... and not the supervisor');
	is(status_of('/health'), 200, '... and requests are served');
}

# --- Crashes ----------------------------------------------------------------

# Sends a signal to the supervisor and expects that systemd replaces it.
sub comes_back
{
	my ($signal, $seconds) = @_;
	my ($was, @were) = (show('MainPID'), workers());

	systemctl('kill', "--signal=$signal", '--kill-whom=main', 'io7.service');
	eventually { !grep { show('MainPID') eq $_ } 0, $was }
		"systemd replaces a supervisor after SIG$signal", $seconds;
	is(status_of('/health'), 200, '... and requests are served');
	my %now = map { $_ => 1 } workers();
	is_deeply([grep { $now{$_} } @were], [],
		'... and no worker of the old one is left');
}

comes_back(KILL => 10);
comes_back(STOP => 30);
like($box->enter_ok(qw(journalctl -b -o cat -u io7.service)),
	qr/Watchdog timeout/, 'the watchdog has ended the stopped supervisor');

# --- An invalid configuration -----------------------------------------------

my $conf = '/etc/io7/io7.conf';
$box->enter_ok('sh', '-c', "echo IO7_LIVE_WORKERS=none >>$conf");
isnt($box->enter(qw(systemctl restart io7.service))->{exit}, 0,
	'io7 does not start with an invalid configuration');
my $tried = show('NRestarts');
eventually { show('NRestarts') > $tried + 1 } '... systemd tries again';
$box->enter_ok('sed', '-i', '$d', $conf);
is(status_of('/health'), 200, '... and io7 starts when the fault is removed');

# --- Stop -------------------------------------------------------------------

systemctl(qw(stop io7.service));
is(show('Result'), 'success', 'io7 stops without an error');
is($box->enter(qw(pgrep -u io7))->{out}, '', '... and leaves no process');
is(sockets(), $sockets, '... the sockets stay');
is(status_of('/health'), 200, 'the next request starts io7 again');
systemctl(qw(stop io7.socket io7.service));
is($box->enter_ok('ls', '/run/io7'), '',
	'after the stop of both units no file is left');

my @said = grep { /"level":"alert"|\bBUG\b/ } split /^/,
	$box->enter_ok(qw(journalctl -b -o cat -u io7.service));
is_deeply(\@said, [], 'there is no alert in the journal');

finish;
