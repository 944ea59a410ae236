#!/usr/bin/perl
# deploy/stack: two side by side do not meet, data outlives a stop, and a stop
# leaves nothing behind.

use strict;
use warnings;

use Io7::Test;

my ($one, $other) = map { private_stack(demo => $_ == 1) } 1 .. 2;

isnt($one->port, $other->port, 'each has its own port');
for my $stack ($one, $other) {
	is($stack->http->get('/health')->{json}{status}, 'ok', 'it is healthy');
	is($stack->http(tls => 1)->get('/health')->{json}{status}, 'ok',
		'... over TLS too');
	is($stack->http->get('/status')->{json}{supervisor}, $stack->pid,
		'... and its own');
}

# --- The users to try it with -----------------------------------------------

# What the API says to each key of the stack's environment.
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
is_deeply(demo($one), $each, 'three users, whose keys work');
is($one->psql("SELECT string_agg(auth_sub || ' ' || plan_id, ', '
	ORDER BY auth_sub) FROM io7.users;"), 'demo-business business,'
	. " demo-pro pro, demo-starter starter\n", '... one a plan');
is($other->psql('SELECT count(*) FROM io7.users;'), "0\n",
	'... and none where it is to be empty');
is((stat $one->dir . "/$_")[2] & 0777, 0600, "nobody else may read $_")
	for qw(demo env);
is((stat $one->dir . "/log/$_.log")[2] & 0007, 0, "others may not read $_.log")
	for qw(io7 migrate postgres redis nginx access);

# --- They do not meet -------------------------------------------------------

$one->psql("CREATE TABLE public.mark AS SELECT 'one' AS word;");
is($one->psql('SELECT word FROM public.mark;'), "one\n", 'one has a table');
is($other->psql("SELECT to_regclass('public.mark') IS NULL;"), "t\n",
	'... that the other has not');
$one->redis(SET => 'mark', 'one');
is($other->redis(GET => 'mark'), "\n", 'each has its own Redis');
$one->http->get('/nowhere') for 1 .. 10;
is($other->metric('io7_requests_total', pool => 'live'), 0,
	'requests to one do not reach the other');

# Nothing listens but nginx, and that on loopback.
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
is_deeply([grep { !/$loopback/ } @open], [], '... on loopback alone');

# --- Down and up again ------------------------------------------------------

my @all = map { $one->processes($_) } qw(postgres redis io7 nginx);
my $port = $one->port;
like(run('deploy/stack', 'status', '--dir', $one->dir)->{out},
	qr/^ *io7 +running, process \d+$/m, 'status tells what runs');
$one->down;
# A worker's spawner exits once it sees that the worker has.
eventually { !alive(@all) } 'down leaves no process';
is(run('deploy/stack', 'status', '--dir', $one->dir)->{exit}, 1,
	'... and status says so');
is($other->http->get('/health')->{json}{status}, 'ok',
	'the other does not notice');
is(run('deploy/stack', 'down', '--dir', $one->dir)->{exit}, 0,
	'a second down does no harm');

$one->up;
is($one->port, $port, 'up again: the same port');
is($one->http->get('/health')->{json}{status}, 'ok', '... healthy');
is($one->psql('SELECT word FROM public.mark;'), "one\n", '... with its data');
is_deeply(demo($one), $each, '... and the same keys');

my $pid = $one->pid;
$one->up;
is($one->pid, $pid, 'up while it is up changes nothing');

my $key = $one->env('IO7_DEMO_PRO_LIVE_KEY');
$one->down;
unlink $one->dir . '/demo' or die;
$one->up;
is_deeply(demo($one), $each, 'keys that were lost are made anew');
isnt($one->env('IO7_DEMO_PRO_LIVE_KEY'), $key, '... and others');

# --- In the foreground ------------------------------------------------------

$one->down;
my $link = $one->dir . '/link';
my $run = start('deploy/stack', 'run', '--fast', '--dir', $one->dir,
	'--io7', io7_program(), '--link', $link);
eventually { slurp($run->{out}->filename) =~ /Press Ctrl-C to stop/ }
	'run says how to stop it', 120;
my $said = slurp($run->{out}->filename);
like($said, qr{^ +http://localhost:$port }m, '... and where it is');
like($said, qr/^ +\Q@{[$one->env('IO7_DEMO_PRO_TEST_KEY')]}\E$/m,
	'... and a key');
is(readlink $link, $one->dir . '/env', '... and links the environment');
my ($running) = slurp($link) =~ /^IO7_PID=(\d+)$/m;
SKIP: {
	skip 'only root can serve as somebody else', 2 if $> != 0;
	isnt((stat "/proc/$running")[4], 0, 'io7 does not serve as root');
	is((stat $one->dir . '/log/io7.log')[2] & 0007, 0,
		'... and its log is its own');
}
kill TERM => $run->{pid};
is(await($run)->{exit}, 0, 'a signal stops it');
is(run('deploy/stack', 'status', '--dir', $one->dir)->{exit}, 1,
	'... and all of its parts');
$one->up;

# --- What cannot be ---------------------------------------------------------

sub refused
{
	my ($what, $said, @arguments) = @_;

	my $result = run('deploy/stack', @arguments);
	isnt($result->{exit}, 0, "$what is refused");
	like($result->{err}, $said, '... and told why');
}

my $new = $one->dir . '/new';
refused('a port that is taken', qr/port \d+/, 'up', '--dir', $new,
	'--io7', io7_program(), '--www', www(), '--port', $port);
run('deploy/stack', 'down', '--dir', $new);
refused('a folder with too long a name', qr/too long/, 'up',
	'--dir', '/tmp/' . 'x' x 100);
refused('a folder with a blank', qr/characters/, 'up', '--dir', '/tmp/a b');
SKIP: {
	skip 'only root can be given another user\'s folder', 11 if $> != 0;
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
	is(slurp($victim), "precious\n", '... which follows no link');
	refused('a link to a folder', qr/belongs to another user/, 'down',
		'--dir', "$planted/own");
}
refused('no folder', qr/--dir DIR/, 'up');
refused('an unknown command', qr/--dir DIR/, 'dance', '--dir', $new);

finish;
