#!/usr/bin/perl
# Killed workers are replaced; a shutdown finishes running requests and removes the
# sockets.

use strict;
use warnings;

use Io7::FastCgi qw(begin params stdin parameters);
use Io7::Test;
use Time::HiRes qw(time);

my $stack = private_stack(workers => 6);
my $http = $stack->http;

sub pids
{
	my ($pool) = @_;

	return map { $_->{pid} } grep { $_->{pid} } $stack->workers($pool);
}

# Kills a worker, unless that was done before.
my %ended;

sub end_worker
{
	my ($pid) = @_;

	return if $ended{$pid}++;
	kill KILL => $pid;
	expect_losses(1);
}

# --- Five deaths during a run of requests -----------------------------------

my @clients = map { $stack->http } 1 .. 8;
my $run = join '', map { $http->compose(GET => '/nowhere') } 1 .. 50;
my @victims = (pids('live'))[0 .. 4];
my ($answered, $lost) = (0, 0);
for my $round (1 .. 10) {
	$_->send($run) for @clients;
	end_worker(shift @victims) if @victims && $round % 2;
	for my $client (@clients) {
		for (1 .. 50) {
			my $answer = $client->receive;
			$answered++ if $answer;
			$lost++ unless $answer && $answer->{status} == 404;
		}
	}
}
is($answered, 4000, 'four thousand requests, eight at a time, are answered');
cmp_ok($lost, '<=', 5, '... and five deaths lose at most five of them');

# A signal that a jq process could send by F_SETOWN.
my @all = $stack->processes('io7');
kill IO => @all;
is($http->get('/nowhere')->{status}, 404, 'requests are served after SIGIO');
is_deeply([alive(@all)], \@all, '... which ends no process');

# A death in the middle of an answer.
my @readers = map { $stack->http } 1 .. 3;
$_->open_stream('/status/stream') for @readers;
my @busy = grep { ($_->{route} // '') eq 'GET /status/stream' } $stack->workers;
is(scalar @busy, 3, 'three workers send streams');
end_worker($busy[0]{pid});
my @alive = grep { eval { $_->next_event && $_->next_event } } @readers;
is(scalar @alive, 2, 'a death ends only the stream of that worker');
$_->close for @readers;

eventually { $stack->metric('io7_respawns_total') == 6 } 'all six are replaced';
eventually { !grep { $_->{stage} ne 'idle' } $stack->workers('live') }
	'... and idle';
is(scalar pids('live'), 6, '... as many as before');
my @logged = $stack->events('worker_died');
is(scalar @logged, 6, 'the log has each death');
like($logged[0]{detail}, qr/^signal 9/, '... with its cause');
is((grep { ($_->{route} // '') eq '/status/stream' } @logged), 1,
	'... and the route');

# --- The other pools --------------------------------------------------------

for my $pool (qw(test stream status listener runner flusher janitor)) {
	my ($victim) = pids($pool);
	end_worker($victim);
	eventually { my @now = pids($pool); @now && !grep { $_ == $victim } @now }
		"a worker of $pool is replaced";
}
is($http->get('/health')->{status}, 200, '/health answers 200');

# --- A crash storm ----------------------------------------------------------

# A process that dies repeatedly is replaced with increasing delay: 0.1 s, 0.2 s, 0.4 s.
my $began = time;
for (1 .. 4) {
	my ($victim) = wait_until(30, sub { (pids('janitor'))[0] });
	end_worker($victim);
	wait_until(30, sub { !grep { $_ == $victim } pids('janitor') });
}
eventually { pids('janitor') } 'a process that dies repeatedly is replaced';
cmp_ok(time - $began, '>', 0.7, '... with increasing delay');

eventually {
	end_worker($_) for pids('live');
	$stack->events('crash_storm')
} 'many deaths are a crash storm';
cmp_ok($stack->metric('io7_storms_total'), '>=', 1, '... which is counted');
my $health = $http->get('/health')->{json};
ok($health->{storm}, '... and shown by /health');
is($health->{status}, 'degraded', '... as degraded');
eventually { pids('live') == 6 } 'all workers are replaced in the end';
is($http->get('/nowhere')->{status}, 404, 'requests are answered again');

# --- SIGTERM ----------------------------------------------------------------

my $tree = $stack->dir;
my @processes = $stack->processes('io7');
my $waiting = Io7::FastCgi->connect($stack->socket('test'));
$waiting->send(begin);
eventually { grep { $_->{stage} eq 'reading' } $stack->workers('test') }
	'a request is being read';
kill TERM => $stack->pid;
eventually { $stack->events('draining') } 'the supervisor drains';
eventually { !-e $stack->socket('live') } '... and removes the sockets';
$waiting->send(params(parameters(GET => '/health/live')), stdin(''));
is($waiting->answer->{status}, 200, 'the request is finished');
eventually { !alive(@processes) } 'no process is left';
ok($stack->events('stopped'), '... and the log says so');
is("@{[glob qq($tree/run/*.sock)]}", '', 'no socket is left');
is($http->get('/health')->code, 'bad_gateway', 'nginx answers 502');

$stack->up;
is($stack->http->get('/health')->{json}{status}, 'ok', 'io7 starts again');

# --- A killed supervisor ----------------------------------------------------

my @orphans = $stack->processes('io7');
kill KILL => $stack->pid;
eventually { !alive(@orphans) } 'the children of a killed supervisor exit';
$stack->up;
is($stack->http->get('/health')->{json}{status}, 'ok',
	'the next one binds its sockets');

finish;
