#!/usr/bin/perl
# What io7 tells a service manager, and the sockets that one hands to it. No
# manager is needed: a datagram socket and a fork are all that it is.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::FastCgi;
use Io7::Service;
use Io7::Test;
use Io7::Json;

# A configuration without databases: the workers open those when first asked.
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
		'IO7_STATUS_WORKERS=1', 'IO7_DRAIN_TIMEOUT=2s');
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

# --- Bound by itself, with a manager that listens ---------------------------

my $dir = folder();
my $service = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir);
$service->start(WATCHDOG_USEC => 200_000);
eventually { $service->heard(qr/^READY=1$/m) } 'the manager hears that it is ready';
my ($ready) = $service->heard(qr/^READY=1$/m);
like($ready, qr/^MAINPID=@{[$service->pid]}$/m, '... as which process');
like($ready, qr/^STATUS=io7 \S+ serves with 8 processes$/m,
	'... and what it does');
ok(answers("$dir/run/$_.sock"), "... the pool $_ answers")
	for qw(live test stream status);
eventually { $service->heard(qr/^WATCHDOG=1$/) >= 5 }
	'the watchdog hears of it, again and again';
my @family = family($service->pid);
is(scalar @family, 10, 'it has eight processes, one of them with a spawner');

$service->forget;
$service->signal('HUP');
eventually { $service->heard(qr/^READY=1$/m) } 'after a reload it is ready again';
like(($service->heard(qr/^RELOADING=1$/m))[0] // '',
	qr/^MONOTONIC_USEC=\d+$/m, '... which it had announced');
my %new = map { $_ => 1 } family($service->pid);
eventually { !alive(grep { $_ != $service->pid } @family) }
	'... with other workers';

$service->forget;
$service->signal('STOP');
my $quiet = $service->heard(qr/WATCHDOG/);
$service->signal('CONT');
eventually { $service->heard(qr/^WATCHDOG=1$/) > $quiet }
	'one that stood still is heard again';

$service->signal('TERM');
my $end;
eventually { $end = $service->ended } 'it stops';
is($end, 'exit 0', '... without a complaint');
is(scalar $service->heard(qr/^STOPPING=1$/m), 1, '... which it had announced');
is("@{[glob qq($dir/run/*)]}", '', 'nothing is left in its folder');
ok(!alive(keys %new), 'no process is left');

# --- A socket without a file, and a watchdog that is somebody else's --------

$dir = folder();
my $other = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir,
	abstract => 1);
$other->start(WATCHDOG_USEC => 20_000, WATCHDOG_PID => 1);
eventually { $other->heard(qr/^READY=1$/m) } 'an abstract socket will do';
is(scalar $other->heard(qr/WATCHDOG/), 0, "another's watchdog hears nothing");

# A second supervisor in the same folder.
my $second = io7('serve', '-c', "$dir/io7.conf");
is($second->{exit}, 71, 'a second one of that folder does not start');
like($second->{err}, qr/board: Address already in use/, '... and says why');
ok(answers("$dir/run/live.sock"), '... the first serves on');

# Its death, and what it leaves.
my @orphans = family($other->pid);
my ($before) = map { $_->{requests} } grep { $_->{name} eq 'live' }
	@{decode_json(io7('status', '--json', '-c', "$dir/io7.conf")->{out})
		->{pools}};
is($before, 1, 'one request is counted');
$other->signal('KILL');
eventually { $other->ended } 'it is killed';
eventually { !alive(@orphans) } '... its children leave';
$other->forget;
$other->start;
eventually { $other->heard(qr/^READY=1$/m) } 'another takes its place';
my $status = decode_json(
	io7('status', '--json', '-c', "$dir/io7.conf")->{out});
is((grep { $_->{name} eq 'live' } @{$status->{pools}})[0]{requests}, 1,
	'... and goes on counting where it was');
is((grep { $_->{name} eq 'live' } @{$status->{pools}})[0]{by_class}{'2xx'}, 1,
	'... by class too');
eventually {
	join(' ', sort map { s{.*/|\.\w{32}$}{}gr } glob "$dir/run/*") eq
		'board live.sock status.sock stream.sock test.sock usage'
} '... with one board, one journal and its sockets';
$other->signal('TERM');
eventually { $other->ended } 'it stops';

# --- Sockets that the manager keeps -----------------------------------------

$dir = folder();
my $kept = Io7::Service->new(conf => "$dir/io7.conf", folder => $dir);
$kept->listen(qw(status odd live));
my $waiting = Io7::FastCgi->connect("$dir/live.sock");
$waiting->send(Io7::FastCgi::begin(),
	Io7::FastCgi::params(Io7::FastCgi::parameters(GET => '/health/live')),
	Io7::FastCgi::stdin(''));
$kept->start;
is($waiting->answer->{status}, 200, 'a request waits for the program to come');
eventually { $kept->heard(qr/^READY=1$/m) } 'it is ready';
ok(answers("$dir/status.sock"), 'each socket is known by its name');
ok(answers("$dir/run/test.sock"), 'those that are missing it binds');
ok(!-e "$dir/run/live.sock", '... and no other');
is(scalar events($dir, 'odd_socket'), 1, 'one that is no pool\'s is told of');

my @waiting = map { Io7::FastCgi->connect("$dir/live.sock") } 1 .. 20;
$kept->signal('TERM');
$_->send(Io7::FastCgi::begin(),
	Io7::FastCgi::params(Io7::FastCgi::parameters(GET => '/health/live')),
	Io7::FastCgi::stdin('')) for @waiting;
eventually { $kept->ended } 'it stops';
ok(-e "$dir/live.sock", 'a socket of the manager stays');
is("@{[glob qq($dir/run/*)]}", '', '... those of its own do not');
$kept->forget;
$kept->start;
is(scalar(grep { $_ && $_->{status} == 200 } map { $_->answer } @waiting), 20,
	'what came in between is answered by the next');
$kept->signal('TERM');
eventually { $kept->ended } 'it stops again';

finish;
