#!/usr/bin/perl
# A new configuration, a restart and a new program, each under load, and no
# request is lost.

use strict;
use warnings;

use Io7::Service;
use Io7::Test;

my $stack = private_stack(workers => 6, set => { IO7_DRAIN_TIMEOUT => '20s' });
my $dir = $stack->dir;

# --- The load: thirty-two connections, and never a pause --------------------

my @clients = map { $stack->http(timeout => 5) } 1 .. 32;
my $request = $clients[0]->compose(GET => '/nowhere');
my ($answered, $lost) = (0, 0);

sub ask
{
	$_->send($request) for @clients;
}

sub take_answers
{
	for my $client (@clients) {
		my $answer = eval { $client->receive };
		if ($answer && $answer->{status} == 404) {
			$answered++;
		} else {
			$lost++;
			diag($answer ? "status $answer->{status}" : "lost $@");
		}
	}
}

# Goes on until the condition holds, a request is lost, or far too many rounds are
# over.
sub under_load(&$)
{
	my ($condition, $what) = @_;
	my ($before, $holds) = $lost;

	for (1 .. 3000) {
		ask();
		take_answers();
		last if ($holds = eval { $condition->() }) || $lost > $before;
	}
	ok($holds, $what);
	is($lost - $before, 0, '... and no request is lost');
}

# --- Changing the configuration ---------------------------------------------

sub configure
{
	my (%set) = @_;

	my @lines = grep { !/^(\w+)=/ || !exists $set{$1} }
		split /^/m, slurp($stack->conf_file);
	spew($stack->conf_file, join '', @lines,
		map { "$_=$set{$_}\n" } sort keys %set);
}

sub pids
{
	my @pids = sort { $a <=> $b } map { $_->{pid} } $stack->workers(@_);
	return @pids;
}

# --- On the sockets of somebody else ----------------------------------------

my $service = Io7::Service->in_place_of($stack);
my $program = $service->program;
$service->listen(qw(live test stream status));

sub begin
{
	$service->forget;
	$service->start;
	eventually { $service->heard(qr/^READY=1$/m) } 'io7 is ready';
}

begin();
my $all = pids();
under_load { $answered >= 3200 } 'it serves';

# --- Ten reloads in a row ---------------------------------------------------

for my $n (1 .. 10) {
	my @before = pids();
	$service->forget;
	$service->signal('HUP');
	under_load { $service->heard(qr/^READY=1$/m) } "reload $n is done";
	eventually { !alive(@before) } '... with other workers' if $n % 5 == 0;
}
is(scalar $stack->events('worker_died'), 0, 'none of them died');
is($stack->metric('io7_respawns_total'), 0, '... and none counts as dead');

# --- Other sizes ------------------------------------------------------------

for my $size (20, 3, 6) {
	configure(IO7_LIVE_WORKERS => $size);
	$service->forget;
	$service->signal('HUP');
	under_load { $service->heard(qr/^READY=1$/m) } "for $size workers";
	eventually { pids('live') == $size } '... there are as many';
}

# --- What cannot be had -----------------------------------------------------

eventually { pids() == $all } 'the others have left';
my $before = "@{[pids()]}";
configure(IO7_LIVE_WORKERS => 'many', IO7_BODY_MAX => '1T');
$service->forget;
$service->signal('HUP');
eventually { $service->heard(qr/^READY=1$/m) } 'a reload of a faulty file ends';
is(scalar $stack->events('fault'), 2, '... each fault is in the log');
is(scalar $stack->events('reload_refused'), 1, '... and the refusal');
is("@{[pids()]}", $before, '... nothing has changed');

configure(IO7_LIVE_WORKERS => 6, IO7_BODY_MAX => '1M',
	IO7_SOCKET_GROUP => '');
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) } 'what is fixed stays';
is(join(' ', map { $_->{detail} } $stack->events('option_is_fixed')),
	'IO7_SOCKET_GROUP changes only with a restart',
	'... and the log says so');

# --- A restart --------------------------------------------------------------

my $requests = $answered;
ask();
$service->signal('TERM');
eventually { $service->ended } 'io7 stops under load';
begin();
take_answers();
under_load { $answered >= $requests + 320 } 'another serves on';
is($lost, 0, 'the restart has lost none');

# --- Another program --------------------------------------------------------

# The same, but for its version; and one that does not work.
sub put_program
{
	my ($version) = @_;

	my $bytes = slurp(io7_program());
	my $is = $stack->http->contract->document->{info}{version};
	$bytes =~ s/\Q$is\E(?=\0)/$version/g if $version;
	spew("$program.new", $version ? $bytes : "#!/bin/false\n");
	chmod 0755, "$program.new";
	rename "$program.new", $program or die $!;
}

sub version
{
	return $stack->http->get('/health')->{json}{version};
}

put_program('');
$service->signal('USR2');
eventually { $stack->events('upgrade_refused') } 'a program that does not work is refused';
ok(alive($service->pid), '... and the old one serves');

my $counted = $stack->metric('io7_requests_total', pool => 'live');
my @old = pids();
put_program('0.9.9');
$service->forget;
$service->signal('USR2');
under_load { $service->heard(qr/^READY=1$/m) } 'a newer one takes over';
is(version(), '0.9.9', '... of another version');
ok(alive($service->pid), '... as the same process');
eventually { !alive(@old) } '... the old workers have left';
cmp_ok($stack->metric('io7_requests_total', pool => 'live'), '>', $counted,
	'... and no counter has fallen back');
is($lost, 0, "all $answered requests are answered");

# --- Workers that have served enough ----------------------------------------

configure(IO7_WORKER_REQUESTS => 20);
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) } 'workers are to leave early';
my $left = $stack->events('worker_leaves');
$requests = $answered;
under_load { $answered >= $requests + 640 } 'they serve';
cmp_ok($stack->events('worker_leaves') - $left, '>=', 20, '... and leave');

configure(IO7_WORKER_REQUESTS => 0, IO7_WORKER_MEMORY => '1M');
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) } 'workers are to be small';
under_load { grep { $_->{detail} =~ /^resident bytes/ }
	$stack->events('worker_leaves') } 'those that are not leave';
is($stack->metric('io7_respawns_total'), 0, 'none counts as dead');

finish;
