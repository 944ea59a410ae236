#!/usr/bin/perl
# Load of three times the capacity: accepted requests are served soon, the others are
# refused when they have waited for queue_timeout, operators can watch, and io7
# recovers. Requests that wait or run too long are ended.

use strict;
use warnings;

use Io7::FastCgi;
use Io7::Load;
use Io7::Test;
use Time::HiRes qw(time);

my $seconds = $ENV{TEST_SECONDS} // 4;
my $workers = 4;
my $ms = 50;
my $stack = private_stack(workers => $workers,
	io7 => tested_program,
	set => { IO7_REQUEST_TIMEOUT => '1s', IO7_DRAIN_TIMEOUT => '1s',
		IO7_QUEUE_TIMEOUT => '300ms' });
my $http = $stack->http;

sub resident
{
	my $pages = 0;

	for my $pid ($stack->processes('io7')) {
		open my $in, '<', "/proc/$pid/statm" or next;
		$pages += (split ' ', <$in>)[1];
	}
	return $pages;
}

# --- Three times the capacity -----------------------------------------------

# Let each worker serve requests first, so that its memory has its final size.
my $target = "/t/time?ms=$ms";
Io7::Load->new(port => $stack->port, rate => 60, target => $target)->run(1);
my $pages = resident();
my $capacity = $workers * 1000 / $ms;
my $load = Io7::Load->new(port => $stack->port, rate => 3 * $capacity,
	target => $target, watch => '/status');
my $sent = $load->run($seconds);
my $over = time;

my @served = grep { $_->{status} == 200 } $load->answers;
my @refused = grep { $_->{status} == 503 } $load->answers;
is($load->lost, 0, "all $sent requests are answered");
is(@served + @refused, $sent, '... served or refused');
cmp_ok(scalar @served, '>', 0.6 * $capacity * $seconds / slowness(),
	'... most of the capacity is used');
cmp_ok(scalar @refused, '>', 0.3 * $sent, '... the surplus is refused');
is((grep { !$_->{retry} } @refused), 0, '... with Retry-After');
is((grep { $_->{body} !~ /^\{"error":\{"code":"unavailable",/ } @refused), 0,
	'... in JSON');
my $p99 = Io7::Load::quantile(0.99, @served);
is_within($p99, 1, 'accepted requests are served within a second');
is_within(Io7::Load::quantile(0.99, @refused), 0.5,
	'other requests are refused within half a second');
my $watched = Io7::Load::quantile(0.9, $load->watched);
is_within($watched, 0.05, '/status does not wait in the same queue');
is((grep { $_->{status} != 200 } $load->watched), 0, '... and always succeeds');
diag(sprintf '%d served, %d refused; p99 %.3f s; /status %.4f s',
	scalar @served, scalar @refused, $p99, $watched) if $ENV{TEST_SECONDS};
cmp_ok(resident(), '<', 1.3 * $pages, 'memory stays flat');
eventually { !grep { $_->{stage} ne 'idle' } $stack->workers('live') }
	'all workers are idle afterwards';
is($http->get('/nowhere')->{status}, 404, '... and requests are served again');

# --- Requests that waited too long ------------------------------------------

my $late = Io7::FastCgi->ask($stack->socket('live'), GET => '/t/time?ms=0',
	IO7_BEGAN => sprintf('%.3f', time - 6));
is($late->{status}, 503, 'a request that waited too long is rejected');
is($late->{headers}{'retry-after'}, 1, '... with Retry-After');
eventually { grep { ($_->{detail} // '') =~ /^waited \d{4,5} ms/ }
	$stack->events('request') } '... and the log says how long it waited';
for my $began (time + 100, 'soon', '', '1.5') {
	is(Io7::FastCgi->ask($stack->socket('live'), GET => '/t/time?ms=0',
		IO7_BEGAN => $began)->{status}, 200,
			"a request that began at '$began' is served");
}

# --- Requests that run too long ---------------------------------------------

my @before = map { $_->{pid} } $stack->workers('live');
my $answer = $http->get('/t/time?ms=20000');
is($answer->code, 'bad_gateway', 'a request over its time limit gets 502');
my ($overdue) = $stack->events('request_overdue');
is("@{[map { $overdue->{$_} // '' } qw(pool stage method route)]}",
	'live working GET /t/time', '... the log says what the worker did');
cmp_ok($overdue->{for_ms}, '>=', 900, '... and for how long');
eventually { $stack->workers('live') == $workers } 'the worker is replaced';
my %before = map { $_ => 1 } @before;
is((grep { !$before{$_->{pid}} } $stack->workers('live')), 1,
	'... and no other worker is');
is($stack->events('worker_died'), 0, '... its end is not logged as a crash');

# In the shipped configuration nginx's timeout is not longer than that of io7, so nginx
# answers first.
my $nginx_conf = $stack->dir . '/nginx/fastcgi.conf';
my $text = slurp($nginx_conf);
$text =~ s/^(fastcgi_read_timeout\s+)30s/${1}1s/m or die "no timeout there\n";
spew($nginx_conf, $text);
kill HUP => $stack->env('IO7_NGINX_PID');
eventually { $stack->http->get('/t/time?ms=20000')->code eq 'timeout' }
	'nginx answers 504 if its timeout is not longer';
eventually { @{[$stack->workers('live')]} == $workers
	&& !grep { $_->{stage} ne 'idle' } $stack->workers('live') }
	'... and all workers are idle again';

# --- Connections that are not accepted yet ----------------------------------

my @stopped = map { $_->{pid} } $stack->workers('live');
kill STOP => @stopped;
my @crowd = map { Io7::FastCgi->connect($stack->socket('live')) } 1 .. 3;
like(io7('status', '-c', $stack->conf_file)->{out},
	qr/^live +4 +\d+ +\d+ +\d+ +3 /m,
		'io7 status shows the waiting connections');
$_->close for @crowd;
kill CONT => @stopped;

# --- The drain timeout ------------------------------------------------------

my $long = Io7::FastCgi->connect($stack->socket('stream'));
$long->send(Io7::FastCgi::begin(), Io7::FastCgi::params(
	Io7::FastCgi::parameters(GET => '/t/time?ms=20000')),
	Io7::FastCgi::stdin(''));
eventually { grep { $_->{stage} eq 'working' } $stack->workers('stream') }
	'a long request is running';
my @family = $stack->processes('io7');
my $asked = time;
kill TERM => $stack->pid;
eventually { !alive(@family) } 'the shutdown does not wait for its end';
is_within(time - $asked, 4, '... but for the drain timeout');
# On a busy machine idle workers may not have left in time either.
my ($ended) = grep { $_->{pool} eq 'stream' } $stack->events('ended_in_drain');
is("@{[map { $ended->{$_} // '' } qw(pool stage method route)]}",
	'stream working GET /t/time', '... and the log names the request');

finish;
