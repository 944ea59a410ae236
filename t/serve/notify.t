#!/usr/bin/perl
# The messages of io7 to a service manager, and the sockets that it inherits from one.
# The test is the manager: it has a datagram socket and forks io7.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::FastCgi;
use Io7::Service;
use Io7::Test;
use Io7::Json;

# Creates a configuration without databases: workers connect only when needed.
sub folder
{
	my $dir = tempdir('io7-test-XXXXXX', TMPDIR => 1, CLEANUP => 1);

	mkdir "$dir/run";
	spew("$dir/io7.conf", join '', map { "$_\n" } "IO7_RUN_DIR=$dir/run",
		"IO7_LOG=$dir/log",
		'IO7_LIVE_DSN=host=/nowhere dbname=none',
		'IO7_TEST_DSN=host=/nowhere dbname=none',
		'IO7_REDIS=unix:/nowhere', 'IO7_LIVE_WORKERS=2',
		'IO7_TEST_WORKERS=1', 'IO7_STREAM_WORKERS=1',
		'IO7_STATUS_WORKERS=1', 'IO7_DATABASE_WORKERS=1',
		'IO7_DRAIN_TIMEOUT=2s');
	return $dir;
}

sub events
{
	my ($dir, $event) = @_;

	open my $in, '<', "$dir/log" or return;
	return grep { $_->{event} eq $event }
		map { eval { decode_json($_) } // () } <$in>;
}

sub answers
{
	my ($socket) = @_;

	my $answer = Io7::FastCgi->ask($socket, GET => '/health/live');
	return $answer && $answer->{status} == 200;
}

# --- Own sockets, with a manager that listens -------------------------------

my $dir = folder();
my $service = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir);
$service->start(WATCHDOG_USEC => 200_000);
eventually { $service->heard(qr/^READY=1$/m) } 'io7 reports that it is ready';
my ($ready) = $service->heard(qr/^READY=1$/m);
like($ready, qr/^MAINPID=@{[$service->pid]}$/m, '... with its process id');
like($ready, qr/^STATUS=io7 \S+ serves with 12 processes$/m,
	'... and a status line');
ok(answers("$dir/run/$_.sock"), "... the pool $_ answers")
	for qw(live test stream status database);
eventually { $service->heard(qr/^WATCHDOG=1$/) >= 5 }
	'io7 notifies the watchdog repeatedly';
my @family = family($service->pid);
is(scalar @family, 14,
	'there are a supervisor, twelve processes and a spawner');

$service->forget;
$service->signal('HUP');
eventually { $service->heard(qr/^READY=1$/m) } 'io7 is ready again after a reload';
like(($service->heard(qr/^RELOADING=1$/m))[0] // '',
	qr/^MONOTONIC_USEC=\d+$/m, '... and was announced');
my %new = map { $_ => 1 } family($service->pid);
eventually { !alive(grep { $_ != $service->pid } @family) }
	'... with other workers';

$service->forget;
$service->signal('STOP');
my $quiet = $service->heard(qr/WATCHDOG/);
$service->signal('CONT');
eventually { $service->heard(qr/^WATCHDOG=1$/) > $quiet }
	'a stopped and continued io7 notifies the watchdog again';

$service->signal('TERM');
my $end;
eventually { $end = $service->ended } 'io7 stops';
is($end, 'exit 0', '... with exit code 0');
is(scalar $service->heard(qr/^STOPPING=1$/m), 1, '... and was announced');
is("@{[glob qq($dir/run/*)]}", '', 'the run directory is empty');
ok(!alive(keys %new), 'no process is left');

# --- An abstract socket, and the watchdog of another process ----------------

$dir = folder();
my $other = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir,
	abstract => 1);
$other->start(WATCHDOG_USEC => 20_000, WATCHDOG_PID => 1);
eventually { $other->heard(qr/^READY=1$/m) } 'io7 notifies an abstract socket';
is(scalar $other->heard(qr/WATCHDOG/), 0,
	'io7 ignores the watchdog of another process');

# A second supervisor with the same run directory.
my $second = io7('serve', '-c', "$dir/io7.conf");
is($second->{exit}, 71, 'a second supervisor of the run directory does not start');
like($second->{err}, qr/board: Address already in use/,
	'... and reports the reason');
ok(answers("$dir/run/live.sock"), '... the first one keeps running');

# A supervisor that is killed.
my @orphans = family($other->pid);
my ($before) = map { $_->{requests} } grep { $_->{name} eq 'live' }
	@{decode_json(io7('status', '--json', '-c', "$dir/io7.conf")->{out})
		->{pools}};
is($before, 1, 'one request is counted');
$other->signal('KILL');
eventually { $other->ended } 'the supervisor is killed';
eventually { !alive(@orphans) } '... and its children exit';
$other->forget;
$other->start;
eventually { $other->heard(qr/^READY=1$/m) } 'the next supervisor starts';
my $status = decode_json(
	io7('status', '--json', '-c', "$dir/io7.conf")->{out});
is((grep { $_->{name} eq 'live' } @{$status->{pools}})[0]{requests}, 1,
	'... and keeps the counters');
is((grep { $_->{name} eq 'live' } @{$status->{pools}})[0]{by_class}{'2xx'}, 1,
	'... by class, too');
eventually {
	join(' ', sort map { s{.*/|\.\w{32}$}{}gr } glob "$dir/run/*") eq
		'board database.sock keepers.sock live.sock status.sock'
			. ' stream.sock test.sock usage'
} '... with one scoreboard, one journal and the sockets';
$other->signal('TERM');
eventually { $other->ended } 'io7 stops';

# --- Inherited sockets ------------------------------------------------------

$dir = folder();
my $kept = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir);
$kept->listen(qw(status odd live));
my $waiting = Io7::FastCgi->connect("$dir/live.sock");
$waiting->send(Io7::FastCgi::begin(),
	Io7::FastCgi::params(Io7::FastCgi::parameters(GET => '/health/live')),
	Io7::FastCgi::stdin(''));
$kept->start;
is($waiting->answer->{status}, 200, 'a request waits until io7 has started');
eventually { $kept->heard(qr/^READY=1$/m) } 'io7 is ready';
ok(answers("$dir/status.sock"), 'a socket is recognized by its name');
ok(answers("$dir/run/test.sock"), 'io7 binds the missing sockets');
ok(!-e "$dir/run/live.sock", '... and only those');
is(scalar events($dir, 'odd_socket'), 1, 'a socket without a pool is logged');

my @waiting = map { Io7::FastCgi->connect("$dir/live.sock") } 1 .. 20;
$kept->signal('TERM');
$_->send(Io7::FastCgi::begin(),
	Io7::FastCgi::params(Io7::FastCgi::parameters(GET => '/health/live')),
	Io7::FastCgi::stdin('')) for @waiting;
eventually { $kept->ended } 'io7 stops';
ok(-e "$dir/live.sock", 'an inherited socket is kept');
is("@{[glob qq($dir/run/*)]}", '', '... and its own sockets are removed');
$kept->forget;
$kept->start;
is(scalar(grep { $_ && $_->{status} == 200 } map { $_->answer } @waiting), 20,
	'requests sent in between are answered by the next io7');
$kept->signal('TERM');
eventually { $kept->ended } 'io7 stops again';

finish;
