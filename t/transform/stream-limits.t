#!/usr/bin/perl
# Limits of streams: by plan and by workers. Quick requests are not slowed down by
# them, and events arrive at once, also over TLS.

use strict;
use warnings;

use Io7::Account;
use Io7::Model;
use Io7::Json;
use Io7::Test;
use Io7::Transform;
use Time::HiRes qw(time);

my $model = Io7::Model->new(key => '');
my $stack = private_stack(set => { IO7_MODEL_URL => $model->url,
	IO7_MODELS => 'm', IO7_STREAM_WORKERS => 4, IO7_JQ_TIMEOUT => '20s',
	IO7_STREAM_HEARTBEAT => '200ms', IO7_TRANSFORM_TIMEOUT => '3s' });
my $ask = { engine => 'model', prompt => 'Count.' };
$model->behave('slow');

# Opens a stream of an account and reads until its first chunk.
sub open_one
{
	my ($account, $body, %options) = @_;
	my $http = $stack->http(%options);
	my $answer = $http->open_stream('/kv/a/transform', method => 'POST',
		headers => $account->auth('test'),
		body => Io7::Transform::json($body // $ask));

	if ($answer->{status} == 200) {
		$http->next_event for 1 .. 2;
	}
	return ($http, $answer);
}

sub opened
{
	my ($n, @how) = @_;

	# nginx may still count one that has just ended.
	return map {
		my @open;
		eventually { @open = open_one(@how); $open[1]{status} == 200 }
			'a stream opens';
		$open[0] } 1 .. $n;
}

sub busy
{
	return grep { ($_->{route} // '') =~ /transform/ } $stack->workers('stream');
}

# --- Limit of an account ----------------------------------------------------

my $starter = new_account($stack, plan => 'starter');
my $business = new_account($stack, plan => 'business');
for ($starter, $business) {
	Io7::Transform->new($_, 'test', $stack->http)->put('a', '{"n":1}');
}

sub is_refused
{
	my ($what, $who) = @_;
	my $answer = $stack->http->post('/kv/a/transform', body =>
		Io7::Transform::json($ask), headers => $who->auth('test'));

	is($answer->code, 'rate_limited', $what);
	is($answer->{json}{error}{details}{field}, 'streams', '... by its streams');
	ok($answer->{headers}{'retry-after'}, '... with Retry-After');
}

sub is_admitted
{
	my ($what) = @_;

	eventually { my ($http, $answer) = open_one($starter);
		$http->close if $answer->{status} == 200;
		$answer->{status} == 200 } $what;
	eventually { @{[busy()]} == 1 } '... and leaves';
}

my @streams = opened(2, $starter);
is_refused('a starter has two streams, and not three', $starter);
is($stack->http->get('/api/kv/export', headers => $starter->auth('test'))->code,
	'rate_limited', '... an export is one too');
my ($other, $answer) = open_one($business);
is($answer->{status}, 200, '... of which others have their own');
$other->close;
eventually { @{[busy()]} == 2 } '... and close them';
(shift @streams)->close;
is_admitted('when one is closed there is room for one');

push @streams, opened(1, $starter);
is_refused('two again', $starter);
expect_losses(1);
kill KILL => (busy())[0]{pid};
eventually { @{[busy()]} == 1 } 'a worker dies with its stream';
is_admitted('... which does not count any more');
$_->close for @streams;
eventually { !busy() } 'all leave';

# --- Limit of the pool ------------------------------------------------------

my $reader = $stack->http;

# The time to read a key: the median of many requests, in the best of three runs, because
# other processes use this machine, too.
sub latency
{
	my @middles = map {
		my @times = sort { $a <=> $b } map {
			my $began = time;
			$reader->get('/kv/a',
				headers => $business->auth('test'));
			time - $began } 1 .. 60;
		$times[@times / 2] } 1 .. 3;

	return (sort { $a <=> $b } @middles)[0];
}

sub is_full
{
	my ($what) = @_;
	my $began = time;
	my $full = $stack->http->post('/kv/a/transform', body =>
		Io7::Transform::json($ask), headers => $business->auth('test'));

	is($full->code, 'unavailable', $what);
	ok($full->{headers}{'retry-after'}, '... with Retry-After');
	is_within(time - $began, 1, '... at once');
}

latency();
for (['streams that wait', $ask, 2, 0.002],
	['programs that compute', { engine => 'jq', program => '1, (def f: f; f)' },
		4, 0.010]) {
	my ($what, $body, $times, $more) = @$_;
	my $quiet = latency();
	my @open = opened(3, $business, $body);
	is_refused('one account leaves a worker to others', $business);
	push @open, opened(1, $starter, $body);
	is_full("with four $what the fifth is refused");
	my $full = latency();
	note sprintf 'a key is read in %.2f ms, beside %s in %.2f ms',
		1000 * $quiet, $what, 1000 * $full;
	cmp_ok($full, '<', $times * $quiet + $more,
		'... and reading a key is as fast as before');
	$_->close for @open;
	eventually { !busy() } '... all leave';
}

# --- Latency of events ------------------------------------------------------

$model->behave('clock');
my ($http) = $stack->http(tls => 1);
is($http->open_stream('/kv/a/transform', method => 'POST',
	headers => $business->auth('test'), body => Io7::Transform::json($ask))
	->{status}, 200, 'over TLS');
my @late;
while (my $event = $http->next_event) {
	push @late, time - $event->{json}{delta} if $event->{event} eq 'chunk';
}
@late = sort { $a <=> $b } @late;
is(scalar @late, 20, '... every word comes');
is_within($late[10], 0.02, '... within milliseconds of being said');
note sprintf 'a word is here after %.1f ms, %.1f at most', 1000 * $late[10],
	1000 * $late[-1];

my $began = time;
my ($jq) = open_one($business, { engine => 'jq', program => '1, (def f: f; f)' },
	tls => 1);
is_within(time - $began, 1, 'what a program says first comes before it ends');
$jq->close;

# --- Heartbeats -------------------------------------------------------------

$model->behave('quiet');
$http = $stack->http;
$http->send($http->compose(POST => '/kv/a/transform', headers =>
	$business->auth('test'), body => Io7::Transform::json($ask)));
my $text = $http->receive('POST')->{body};
my $comments = () = $text =~ /^:$/mg;
cmp_ok($comments, '>=', 2, 'while nothing happens, a comment comes now and then');
cmp_ok($comments, '<=', 18, '... and no more often');
is(scalar(Io7::Transform::named('chunk', Io7::Transform::parse($text))), 2,
	'... between the events');

# --- Credits that run out ---------------------------------------------------

$stack->psql("UPDATE io7.plans SET credits_per_day = 3 WHERE id = 'pro'");
my $poor = Io7::Transform->new(new_account($stack, plan => 'pro'), 'live',
	$stack->http);
$poor->put('a', 1);
my @events = $poor->events('/kv/transform/batch', { engine => 'jq',
	program => '.', keys => [('a') x 400] });
my ($error) = Io7::Transform::named('error', @events);
is($error->{json}{error}{code}, 'quota_exceeded', 'credits run out in a batch');
ok(!exists $error->{json}{key}, '... which ends it');
is($events[-1]{json}{done}, 200, '... after the keys that were paid for');

# --- Time that runs out -----------------------------------------------------

# Each key takes some milliseconds, so all of them take half a minute.
$began = time;
@events = Io7::Transform->new($business, 'test', $stack->http)
	->events('/kv/transform/batch', { engine => 'jq', keys => [('a') x 10_000],
		program => '[limit(20000; range(1e9))] | length' },
		'Idempotency-Key' => 'long');
is($stack->psql("SELECT lost_at - created_at FROM io7.idempotency_keys
	WHERE key = 'long'"), "01:00:03\n",
		'the Idempotency-Key is locked for the maximum time of the batch');
cmp_ok(time - $began, '>=', 3, 'a batch runs until its time limit');
is_within(time - $began, 20, '... and not much longer');
($error) = Io7::Transform::named('error', @events);
is($error->{json}{error}{code}, 'timeout', '... which ends it');
ok(!exists $error->{json}{key}, '... and names no key');
my $done = $events[-1]{json};
is($done->{done}, scalar(Io7::Transform::named('result', @events)),
	'... after the number of keys that it reports');
cmp_ok($done->{done}, '<', $done->{total}, '... and that is less than the total');

# --- Storage that runs out --------------------------------------------------

$stack->psql("UPDATE io7.plans SET storage_bytes = 2000 WHERE id = 'starter'");
my $small = Io7::Transform->new(new_account($stack, plan => 'starter'), 'test',
	$stack->http);
$small->put('a', 1);
@events = $small->events('/kv/a/transform', { engine => 'jq',
	program => '"x" * 4000', save => true });
is($events[2]{json}{error}{code}, 'storage_full', 'what does not fit is not saved');
is($small->get('a'), 1, '... and nothing is lost by it');

# --- Shutdown ---------------------------------------------------------------

$model->behave('silent');
my @open = map { my ($client) = open_one($business, $_); $client } ($ask,
	{ engine => 'jq', program => '1, (def f: f; f)' });
kill TERM => $stack->pid;
for my $client (@open) {
	my @rest;
	while (my $event = $client->next_event) {
		push @rest, $event;
	}
	is($rest[0]{json}{error}{code}, 'unavailable', 'a stop ends a stream');
	is($rest[-1]{event}, 'done', '... and says so');
}
eventually { !alive($stack->pid) } '... and is not kept waiting';

finish;
