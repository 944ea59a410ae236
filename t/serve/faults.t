#!/usr/bin/perl
# Processes are killed at random under load: workers, the janitor, sometimes the
# supervisor. Afterwards io7 has as many processes, descriptors and files as before.

use strict;
use warnings;

use Io7::Service;
use Io7::Test;
use Time::HiRes qw(time);

my $kills = $ENV{TEST_KILLS} // 12;
my $seconds = $ENV{TEST_SECONDS} // 6;
my $seed = $ENV{TEST_SEED} // time ^ $$;
srand $seed;

my $stack = private_stack(workers => 6);
my $dir = $stack->dir;

my $service = Io7::Service->in_place_of($stack);
my $program = $service->program;

sub begin
{
	$service->forget;
	$service->start;
	return wait_until(30, sub { $service->heard(qr/^READY=1$/m) });
}

sub processes
{
	my @found = grep { (readlink "/proc/$_/exe" // '') eq $program }
		map { m{(\d+)$} } glob '/proc/[0-9]*';
	return @found;
}

sub descriptors
{
	return scalar(() = glob "/proc/@{[$service->pid]}/fd/*");
}

# Names without folders, and journals without the 32 digits of their names.
sub files
{
	return join ' ', sort map { s{.*/|\.\w{32}$}{}gr } glob("$dir/run/*"),
		grep { -f } glob('/dev/shm/io7*');
}

ok(begin(), 'io7 starts');
my ($processes, $descriptors, $files) =
	(scalar processes(), descriptors(), files());

# --- Deaths -----------------------------------------------------------------

my @clients = map { $stack->http(timeout => 5) } 1 .. 8;
my $request = $clients[0]->compose(GET => '/nowhere');
my ($answered, $refused, $cut, $requests) = (0, 0, 0, 0);

sub round
{
	$_->send($request) for @clients;
	for my $client (@clients) {
		my $answer = eval { $client->receive };
		$requests++;
		$answer ? $answer->{status} == 404 ? $answered++ : $refused++
			: $cut++;
	}
}

sub kill_one
{
	my ($supervisor, @children) = family($service->pid);

	if (rand() < 0.1 || !@children) {
		kill KILL => $supervisor;
		wait_until(30, sub { $service->ended }) or return;
		wait_until(30, sub { !alive(@children) }) or return;
		return begin();
	}
	return kill KILL => $children[rand @children];
}

my $began = time;
my $killed = 0;
while ($killed < $kills) {
	round();
	next if time - $began < $killed * $seconds / $kills;
	last unless kill_one();
	$killed++;
}
is($killed, $kills, "$kills processes were killed");
cmp_ok($answered, '>', 0.5 * $requests,
	"most of $requests requests were answered");
is($cut, 0, '... and no connection was cut');

# --- Recovery ---------------------------------------------------------------

eventually { processes() == $processes } 'there are as many processes as before';
eventually { !grep { $_->{stage} ne 'idle' && $_->{pool} ne 'status' }
	$stack->workers } '... all of them idle';
eventually { family($service->pid) == $processes }
	'... all of them children of one supervisor';
eventually { descriptors() == $descriptors }
	'... with as many descriptors as before';
eventually { files() eq $files } 'no file is left over';
my $before = $answered;
round();
is($answered - $before, 8, 'every request is answered again');

$service->signal('TERM');
eventually { $service->ended } 'io7 stops';
is(scalar processes(), 0, 'no process is left');
ok(!-e "$dir/run/board" && !-e "$dir/run/live.sock" && !glob("$dir/run/usage*"),
	'... and none of its files');

my $died = $stack->events('worker_died');
cmp_ok($died, '<=', $killed, 'no process died by itself');
expect_losses($died);
diag("TEST_SEED=$seed") unless Test::More->builder->is_passing;

finish;
