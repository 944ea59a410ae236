#!/usr/bin/perl
# Requests of cron jobs through the queue: they are signed, a retry has the same id, a
# busy target sets the pause before it, and the secret is rotated without a gap.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Npm;
use Io7::Target;
use Io7::Test;
use MIME::Base64 qw(encode_base64);

my $target = Io7::Target->new(address => '127.0.0.9');
my $stack = private_stack(set => { IO7_OUTBOUND_ALLOW => '127.0.0.9/32' });
my $http = $stack->http;
my $account = new_account($stack);

sub call
{
	my ($method, $path, $body) = @_;

	return $http->$method("/api/cron/$path", headers => $account->auth('test'),
		defined $body ? (body => encode_json($body)) : ());
}

# A request that needs the scope admin.
sub admin
{
	my ($method, $path, $body, $mode) = @_;

	return $http->$method("/api/cron/$path", headers => [
		Authorization => 'Bearer ' . $account->session,
		'Io7-Mode' => $mode // 'test' ],
		defined $body ? (body => encode_json($body)) : ());
}

# Creates a job that does not run by itself, and returns its id.
sub job
{
	my ($command, %more) = @_;
	my $answer = call(post => 'jobs', { name => "job $command",
		schedule => '@yearly', command => $command, %more });

	is($answer->{status}, 201, "a job is created: $command")
		or diag($answer->{body});
	return $answer->{json}{id};
}

# Starts a run of a job, and returns its id.
sub begin
{
	my ($job) = @_;
	my $answer = call(post => "jobs/$job/run");

	is($answer->{status}, 202, '... and run') or diag($answer->{body});
	return $answer->{json}{id};
}

sub end_of
{
	my ($id) = @_;

	return eventually {
		my $run = call(get => "runs/$id")->{json};
		$run->{status} =~ /^(queued|running)$/ ? undef : $run;
	} '... to its end', 60;
}

# Starts a run of a job, and waits for its end.
sub run_of
{
	my ($job) = @_;

	return end_of(begin($job));
}

# --- Signatures -------------------------------------------------------------

my $secret = admin(get => 'secret');
my $job = job('http POST ' . $target->url('/echo') . ' {"a": [1, 2]}');
my $run = run_of($job);
is($run->{status}, 'ok', 'a request is a run');
like($run->{output}, qr/^HTTP 200\nContent-Type: application\/json/,
	'... whose output is the answer');
my $plain = $target->asked;
is($plain->{body}, '{"a": [1, 2]}', '... of the target, which has got the body');
is($plain->{headers}{'webhook-id'}, $run->{id}, '... and the id of the run');

my $rotated = admin(post => 'secret/rotate', { grace_s => 3600 });
run_of($job);
my $both = $target->asked;
like($both->{headers}{'webhook-signature'},
	qr{^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$},
	'... both sign a request');
my $last = admin(post => 'secret/rotate', { grace_s => 0 });
run_of($job);
my $alone = $target->asked;
like($alone->{headers}{'webhook-signature'}, qr{^v1,[A-Za-z0-9+/]{43}=$},
	'without a grace one secret signs a request');

# A request as a question to the program that verifies it.
sub question
{
	my ($request, $answer) = @_;

	return { secret => $answer->{json}{secret},
		body => encode_base64($request->{body}, ''),
		headers => $request->{headers} };
}

my @questions = (
	['the secret verifies a request', 1, question($plain, $secret)],
	['a later one does not', 0, question($plain, $rotated)],
	['in the grace the previous one does', 1, question($both, $secret)],
	['... and the new one', 1, question($both, $rotated)],
	['without a grace only the new one does', 1, question($alone, $last)],
	['... and not the previous one', 0, question($alone, $rotated)],
);

SKIP: {
	my ($at, $reason) = npm_client('webhooks');
	skip $reason, scalar @questions unless $at;

	my @answers = map { decode_json($_) } split /\n/, run_ok('node',
		"$at/verify.mjs", encode_json([map { $_->[2] } @questions]));
	for my $i (0 .. $#questions) {
		my ($what, $good) = @{$questions[$i]};
		is_deeply($answers[$i], $good ? { a => [1, 2] }
			: { error => 'No matching signature found' }, $what);
	}
}

# --- Retries ----------------------------------------------------------------

$run = run_of(job('http GET ' . $target->url('/later', '1'), retries => 1));
is($run->{status}, 'failed', 'a target that stays busy is a failure');
is("$run->{attempt} of $run->{attempts}", '2 of 2', '... after a retry');
is($run->{error}, 'The target answered with status 503.', '... with a sentence');
is($target->asked->{headers}{'webhook-id'}, $run->{id},
	'... and the retry has the same id');

$run = run_of(job('http GET ' . $target->url('/status', 404), retries => 3));
is("$run->{status} $run->{attempt}", 'failed 1', 'status 404 is not tried again');

$run = run_of(job('http GET ' . $target->url('/flood')));
is($run->{status}, 'ok', 'an answer of 100 MB is a success');
ok($run->{output_cut}, '... whose output is cut');
is(length $run->{output}, 65536, '... at 64 KiB');

my $id = begin(job('http GET ' . $target->url('/parts')));
eventually {
	my $now = call(get => "runs/$id")->{json};
	$now->{status} eq 'running' && $now->{output} eq "HTTP 200\n\nfirst ";
} 'an answer is output while it arrives', 50;
$target->go_on;
is(end_of($id)->{output}, "HTTP 200\n\nfirst \x{E9} second",
	'... and its rest, with no character broken');

$run = run_of(job('kv transform absent .'));
is("$run->{status}: $run->{error}", 'failed: There is no such key.',
	'a transform in a run has its error');
$http->put('/kv/counter', body => '{"n":1}', headers => $account->auth('test'));
$run = run_of(job('kv transform counter .n += 1'));
is($run->{status}, 'ok', 'a value is transformed in a run') or diag($run->{error});
like($run->{output}, qr/\{"n":2\}$/, '... with its output');
$run = run_of(job('sql SELECT 1 AS a; SELECT 2 AS b'));
is($run->{output}, qq(["a"]\n[1]\n1 row\n\n["b"]\n[2]\n1 row\n),
	'SQL runs in a run') or diag($run->{error});

# --- Other options ----------------------------------------------------------

$stack = private_stack(set => { IO7_OUTBOUND_ALLOW => '127.0.0.9/32',
	IO7_SEAL_KEYS_FILE => '', IO7_CRON_TIMEOUT => '10s' });
$http = $stack->http;
$account = new_account($stack);
is(run_of(job('http GET ' . $target->url('/echo')))->{status}, 'ok',
	'a host without keys of secrets sends requests');
ok(!$target->asked->{headers}{'webhook-signature'}, '... which are not signed');
$run = run_of(job('http GET ' . $target->url('/silent')));
is("$run->{status}: $run->{error}", 'failed: The target did not answer in time.',
	'an attempt ends after IO7_CRON_TIMEOUT');

finish;
