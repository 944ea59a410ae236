#!/usr/bin/perl
# A reload, a restart and an upgrade, each under load: no request is lost.

use strict;
use warnings;

use Io7::Service;
use Io7::Test;

my $stack = private_stack(workers => 6, set => { IO7_DRAIN_TIMEOUT => '20s' });
my $dir = $stack->dir;

# --- The load: thirty-two connections without a pause -----------------------

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

# Sends requests until the condition holds, a request is lost, or after 3,000 rounds.
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

# --- Start with inherited sockets -------------------------------------------

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
under_load { $answered >= 3200 } 'requests are served';

# --- Ten reloads in a row ---------------------------------------------------

for my $n (1 .. 10) {
	my @before = pids();
	$service->forget;
	$service->signal('HUP');
	under_load { $service->heard(qr/^READY=1$/m) } "reload $n is done";
	eventually { !alive(@before) } '... by other workers' if $n % 5 == 0;
}
is(scalar $stack->events('worker_died'), 0, 'no worker died');
is($stack->metric('io7_respawns_total'), 0, '... and none is counted as dead');

# --- Other numbers of workers -----------------------------------------------

for my $size (20, 3, 6) {
	configure(IO7_LIVE_WORKERS => $size);
	$service->forget;
	$service->signal('HUP');
	under_load { $service->heard(qr/^READY=1$/m) }
		"a reload to $size workers is done";
	eventually { pids('live') == $size } '... and there are as many';
}

# --- Reloads that are refused -----------------------------------------------

eventually { pids() == $all } 'the surplus workers have exited';
my $before = "@{[pids()]}";
configure(IO7_LIVE_WORKERS => 'many', IO7_BODY_MAX => '1T');
$service->forget;
$service->signal('HUP');
eventually { $service->heard(qr/^READY=1$/m) } 'a reload of an invalid file ends';
is(scalar $stack->events('fault'), 2, '... each fault is in the log');
is(scalar $stack->events('reload_refused'), 1, '... and so is the refusal');
is("@{[pids()]}", $before, '... and no worker is replaced');

configure(IO7_LIVE_WORKERS => 6, IO7_BODY_MAX => '1M',
	IO7_SOCKET_GROUP => '');
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) }
	'a reload ignores an option that needs a restart';
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
under_load { $answered >= $requests + 320 } 'the next io7 serves';
is($lost, 0, 'the restart loses no request');

# --- Upgrade ----------------------------------------------------------------

# Replaces the program by a copy with another version, or by one that fails.
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
eventually { $stack->events('upgrade_refused') } 'a program that fails is refused';
ok(alive($service->pid), '... and the old program keeps running');

my $counted = $stack->metric('io7_requests_total', pool => 'live');
my @old = pids();
put_program('0.9.9');
$service->forget;
$service->signal('USR2');
under_load { $service->heard(qr/^READY=1$/m) } 'a newer program takes over';
is(version(), '0.9.9', '... with its own version');
ok(alive($service->pid), '... in the same process');
eventually { !alive(@old) } '... the old workers have exited';
cmp_ok($stack->metric('io7_requests_total', pool => 'live'), '>', $counted,
	'... and the counters are kept');
is($lost, 0, "all $answered requests are answered");

# --- Worker limits ----------------------------------------------------------

configure(IO7_WORKER_REQUESTS => 20);
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) } 'a reload sets a limit of requests';
my $left = $stack->events('worker_leaves');
$requests = $answered;
under_load { $answered >= $requests + 640 } 'requests are served';
under_load { $stack->events('worker_leaves') - $left >= 20 }
	'... and workers at the limit are replaced';

configure(IO7_WORKER_REQUESTS => 0, IO7_WORKER_MEMORY => '1M');
$service->forget;
$service->signal('HUP');
under_load { $service->heard(qr/^READY=1$/m) } 'a reload sets a limit of memory';
under_load { grep { $_->{detail} =~ /^resident bytes/ }
	$stack->events('worker_leaves') } 'workers over the limit are replaced';
is($stack->metric('io7_respawns_total'), 0, 'no worker is counted as dead');

finish;
