#!/usr/bin/perl
# deploy/stack: two stacks are separate, data is kept when a stack is stopped, and no
# process is left.

use strict;
use warnings;

use Io7::Test;

my ($one, $other) = map { private_stack(demo => $_ == 1) } 1 .. 2;

isnt($one->port, $other->port, 'each has its own port');
for my $stack ($one, $other) {
	is($stack->http->get('/health')->{json}{status}, 'ok', '/health says ok');
	is($stack->http(tls => 1)->get('/health')->{json}{status}, 'ok',
		'... also over TLS');
	is($stack->http->get('/status')->{json}{supervisor}, $stack->pid,
		'... and its supervisor is its own');
}

# --- Demo users -------------------------------------------------------------

# Returns what the API answers to each key in the stack's env file.
sub demo
{
	my ($stack) = @_;

	my %said;
	for my $plan (qw(STARTER PRO BUSINESS)) {
		for my $mode (qw(TEST LIVE)) {
			my $key = $stack->env("IO7_DEMO_${plan}_${mode}_KEY");
			my $answer = $stack->http->get('/api/keys',
				headers => [Authorization => "Bearer $key"]);
			$said{"$plan $mode"} = "$answer->{status}"
				. " $answer->{headers}{'io7-mode'}";
		}
	}
	return \%said;
}

my $each = { map { ("$_ TEST" => '200 test', "$_ LIVE" => '200 live') }
	qw(STARTER PRO BUSINESS) };
is_deeply(demo($one), $each, 'the keys of three demo users work');
is($one->psql("SELECT string_agg(auth_sub || ' ' || plan_id, ', '
	ORDER BY auth_sub) FROM io7.users;"), 'demo-business business,'
	. " demo-pro pro, demo-starter starter\n", '... one user for each plan');
is($other->psql('SELECT count(*) FROM io7.users;'), "0\n",
	'... and none in a stack without demo users');
is((stat $one->dir . "/$_")[2] & 0777, 0600, "only its owner can read $_")
	for qw(demo env);
is((stat $one->dir . "/log/$_.log")[2] & 0007, 0, "other users cannot read $_.log")
	for qw(io7 migrate postgres redis nginx access);

# --- Stacks are separate ----------------------------------------------------

$one->psql("CREATE TABLE public.mark AS SELECT 'one' AS word;");
is($one->psql('SELECT word FROM public.mark;'), "one\n", 'one stack has a table');
is($other->psql("SELECT to_regclass('public.mark') IS NULL;"), "t\n",
	'... which the other does not have');
$one->redis(SET => 'mark', 'one');
is($other->redis(GET => 'mark'), "\n", 'each has its own Redis');
$one->http->get('/nowhere') for 1 .. 10;
is($other->metric('io7_requests_total', pool => 'live'), 0,
	'requests to one do not reach the other');

# Returns the addresses that processes listen on.
sub listeners
{
	my (@pids) = @_;
	my %inode;

	for (map { glob "/proc/$_/fd/*" } @pids) {
		$inode{$1} = 1 if (readlink // '') =~ /^socket:\[(\d+)\]$/;
	}
	my @found;
	for my $table ('/proc/net/tcp', '/proc/net/tcp6') {
		open my $in, '<', $table or next;
		for (<$in>) {
			my (undef, $local, undef, $state, $inode)
				= (split)[0 .. 3, 9];
			push @found, $local if $state eq '0A' && $inode{$inode};
		}
	}
	return @found;
}

my $loopback = qr/^(0100007F|0{24}01000000):/;
for my $part (qw(postgres redis io7)) {
	is_deeply([listeners($one->processes($part))], [],
		"$part listens on no port");
}
my @open = listeners($one->processes('nginx'));
ok(scalar @open, 'nginx listens');
is_deeply([grep { !/$loopback/ } @open], [], '... only on loopback');

# --- Down and up again ------------------------------------------------------

my @all = map { $one->processes($_) } qw(postgres redis io7 nginx);
my $port = $one->port;
like(run('deploy/stack', 'status', '--dir', $one->dir)->{out},
	qr/^ *io7 +running, process \d+$/m, 'status lists the running parts');
$one->down;
# A worker's spawner exits once it sees that the worker has.
eventually { !alive(@all) } 'down leaves no process';
is(run('deploy/stack', 'status', '--dir', $one->dir)->{exit}, 1,
	'... and status fails');
is($other->http->get('/health')->{json}{status}, 'ok',
	'the other stack keeps running');
is(run('deploy/stack', 'down', '--dir', $one->dir)->{exit}, 0,
	'a second down succeeds');

$one->up;
is($one->port, $port, 'up uses the same port again');
is($one->http->get('/health')->{json}{status}, 'ok', '... /health says ok');
is($one->psql('SELECT word FROM public.mark;'), "one\n", '... the data is kept');
is_deeply(demo($one), $each, '... and so are the keys');

my $pid = $one->pid;
$one->up;
is($one->pid, $pid, 'up does not restart a running stack');

my $key = $one->env('IO7_DEMO_PRO_LIVE_KEY');
$one->down;
unlink $one->dir . '/demo' or die;
$one->up;
is_deeply(demo($one), $each, 'lost demo keys are replaced');
isnt($one->env('IO7_DEMO_PRO_LIVE_KEY'), $key, '... by new ones');

# --- In the foreground ------------------------------------------------------

$one->down;
my $link = $one->dir . '/link';
my $run = start('deploy/stack', 'run', '--fast', '--dir', $one->dir,
	'--io7', io7_program(), '--www', www(), '--link', $link);
eventually { slurp($run->{out}->filename) =~ /Press Ctrl-C to stop/ }
	'run says how to stop it', 120 or diag(slurp($run->{err}->filename));
my $said = slurp($run->{out}->filename);
like($said, qr{^ +http://localhost:$port }m, '... and prints its address');
like($said, qr/^ +\Q@{[$one->env('IO7_DEMO_PRO_TEST_KEY')]}\E$/m,
	'... and a test key');
is(readlink $link, $one->dir . '/env', '... and links the env file');
my ($running) = slurp($link) =~ /^IO7_PID=(\d+)$/m;
SKIP: {
	skip 'only root can serve as another user', 2 if $> != 0;
	isnt((stat "/proc/$running")[4], 0, 'io7 does not serve as root');
	is((stat $one->dir . '/log/io7.log')[2] & 0007, 0,
		'... and other users cannot read its log');
}
kill TERM => $run->{pid};
is(await($run)->{exit}, 0, 'a signal stops it');
is(run('deploy/stack', 'status', '--dir', $one->dir)->{exit}, 1,
	'... and with it all parts');
$one->up;

# --- Invalid arguments ------------------------------------------------------

sub refused
{
	my ($what, $said, @arguments) = @_;

	my $result = run('deploy/stack', @arguments);
	isnt($result->{exit}, 0, "$what is refused");
	like($result->{err}, $said, '... with the reason');
}

my $new = $one->dir . '/new';
refused('a port that is taken', qr/port \d+/, 'up', '--dir', $new,
	'--io7', io7_program(), '--www', www(), '--port', $port);
run('deploy/stack', 'down', '--dir', $new);
refused('a path that is too long', qr/too long/, 'up',
	'--dir', '/tmp/' . 'x' x 100);
refused('a folder with a blank', qr/characters/, 'up', '--dir', '/tmp/a b');
SKIP: {
	skip 'only root can create another user\'s folder', 11 if $> != 0;
	my $planted = $one->dir . '/planted';
	my $victim = $one->dir . '/victim';

	spew($victim, "precious\n");
	mkdir $planted or die;
	symlink $victim, "$planted/$_" for qw(lock env io7.conf);
	mkdir "$planted/run" or die;
	chown +(getpwnam 'nobody')[2], -1, $planted;
	symlink $one->dir, "$planted/own";
	refused("$_ in another user's folder", qr/belongs to another user/,
		$_, '--dir', $planted) for qw(up down pages status);
	is(slurp($victim), "precious\n", '... and links in it are not followed');
	refused('a link to a folder', qr/belongs to another user/, 'down',
		'--dir', "$planted/own");
}

# A process whose command line looks like that of an io7 of this stack.
my $older = start('bash', '-c', 'exec -a "$0" sleep 600', $one->dir . '/io7');
$one->down;
spew($one->dir . '/run/io7.pid', "$older->{pid}\n");
refused("$_ beside an io7 of an earlier version", qr/kill $older->{pid}$/m,
	$_, '--dir', $one->dir) for qw(up run down);
kill TERM => $older->{pid};
await($older);
$one->up;
is_deeply(demo($one), $each, '... and up works once it has stopped');
ok(!-e $one->dir . '/run/io7.pid', '... and removes its pid file');

refused('a missing folder', qr/--dir DIR/, 'up');
refused('an unknown command', qr/--dir DIR/, 'dance', '--dir', $new);

finish;
