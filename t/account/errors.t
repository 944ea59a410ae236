#!/usr/bin/perl
# The recent errors of an account: what lands there and what does not, folded and
# bounded, whoever floods and whatever is killed; nothing of what a client wrote
# stands there, and no request costs a round trip more for it.

use strict;
use warnings;

use Compress::Zlib ();
use Io7::Account;
use Io7::Clock;
use Io7::FastCgi;
use Io7::Test;
use POSIX qw(strftime);

use constant { KEPT => 50, OF_ONE => 8, SHOWN => 20, REQUESTS => 60 };

my $clock = Io7::Clock->new;
my $stack = private_stack(io7 => tested_program, set => {
	IO7_CLOCK => $clock->file, IO7_LIVE_WORKERS => 1,
	IO7_TEST_WORKERS => 1 });
my $http = $stack->http;

$stack->psql(<<'END');
	INSERT INTO io7.plans (id, name, credits_per_day, requests_per_minute,
		storage_bytes, streams)
	VALUES ('endless', 'Endless', 1e12, 1e9, 1e12, 100),
		('short', 'Short', 1e12, 3, 1e12, 100),
		('poor', 'Poor', 2, 1e9, 1e12, 100),
		('small', 'Small', 1e12, 1e9, 10, 100);
END

# No minute ends by accident: whenever something has landed, it begins again.
my $minute = time - time % 60;

sub hold_minute
{
	$clock->set(strftime('%Y-%m-%dT%H:%M:%S.0Z', gmtime $minute));
}

sub next_minute
{
	$minute += 60;
	hold_minute();
}

sub account
{
	return new_account($stack, plan => $_[0] // 'endless');
}

# The rows of an account: "TIMES MODE METHOD ROUTE STATUS CODE", in order.
sub rows_of
{
	my ($account, $what) = @_;
	$what //= q{concat_ws(' ', times, mode, method, route, status, code)};

	return split /\n/, $stack->psql(<<"END");
		SELECT $what FROM io7.recent_errors e
		WHERE user_id = '@{[$account->user_id]}'
		ORDER BY mode, status, code, route, method, minute;
END
}

sub lands
{
	my ($account, $rows, $what) = @_;
	my @was;

	eventually { "@{[@was = rows_of($account)]}" eq "@$rows" } $what
		or diag(join "\n", 'it is', @was);
	hold_minute();
}

# The process of a pool that has only one.
sub pid_of
{
	my ($pool) = @_;

	return wait_until(30, sub { ($stack->workers($pool))[0]{pid} });
}

# --- What is an error -------------------------------------------------------

next_minute();
my $all = account();
my $live = $all->auth('live');

sub fails
{
	my ($status, $method, $target, %options) = @_;

	my $answer = $http->request($method, $target,
		headers => [@$live, @{$options{headers} // []}],
		exists $options{body} ? (body => $options{body}) : ());
	is($answer->{status}, $status, "$method answers $status")
		or diag($answer->{body});
	return $answer;
}

is($http->put('/kv/hidden', headers => $live, body => '{"n":1}')->{status}, 201,
	'something is stored, by a key');
my $gzip = Compress::Zlib::memGzip('1' . ' ' x 2_000_000);
fails(400, PUT => '/kv/hidden%2Fpath', body => '{"hush":');
fails(400, GET => '/kv?pattern=hush*&limit=0');
fails(403, GET => '/t/who');
fails(404, PATCH => '/kv/hidden-2', body => '[]', headers =>
	['Content-Type' => 'application/json-patch+json']);
fails(409, PATCH => '/kv/hidden',
	body => '[{"op":"test","path":"/n","value":"hush"}]', headers =>
	['Content-Type' => 'application/json-patch+json']);
fails(413, PUT => '/kv/hidden', body => $gzip, headers =>
	['Content-Encoding' => 'gzip']);
fails(415, PUT => '/kv/hidden', body => 1, headers =>
	['Content-Encoding' => 'hush']);
my $fault = fails(500, GET => '/t/fault');
fails(404, GET => '/kv/hidden-2');
fails(404, HEAD => '/kv/hidden-2');
fails(404, DELETE => '/kv/hidden-2');
fails(412, PUT => '/kv/hidden', body => 1, headers =>
	['If-None-Match' => '*']);
is($http->get('/kv/hidden', headers => [@$live, 'If-None-Match' => '*'])
	->{status}, 304, 'what is as it was');
lands($all, [
	'1 live GET /kv 400 bad_request',
	'1 live PUT /kv/:key 400 bad_request',
	'1 live GET /t/who 403 forbidden',
	'1 live PATCH /kv/:key 404 not_found',
	'1 live PATCH /kv/:key 409 conflict',
	'1 live PUT /kv/:key 413 too_large',
	'1 live PUT /kv/:key 415 unsupported_media_type',
	'1 live GET /t/fault 500 internal',
], 'each of them lands, but for what is no fault');
unlike($stack->psql('SELECT string_agg(e::text, \' \')
	FROM io7.recent_errors e'), qr/hush|hidden/,
	'... and nothing of what the client wrote');

# A stream that fails after it began.
$http->post('/kv/hidden/transform', headers => [@$live,
	'Content-Type' => 'application/json', Accept => 'text/event-stream'],
	body => '{"engine":"jq","program":"error(\"hush\")"}');
eventually { grep { m{^1 live POST /kv/:key/transform 4\d\d } } rows_of($all) }
	'a stream that ends with an error' or diag(join "\n", rows_of($all));

# --- Limits, and keys that are none any more --------------------------------

my $short = account('short');
$http->get('/t/use', headers => $short->auth('test')) for 1 .. 8;
lands($short, ['5 test GET /t/use 429 rate_limited'],
	'what is over the limit of a minute, folded');
my $poor = account('poor');
$http->get('/t/use', headers => $poor->auth('live')) for 1 .. 4;
lands($poor, ['2 live GET /t/use 429 quota_exceeded'],
	'... and over that of the day');
my $small = account('small');
is($http->put('/kv/much', headers => $small->auth('test'), body => '"' . 'x' x 99
	. '"')->{status}, 507, 'more than there is room for');
lands($small, ['1 test PUT /kv/:key 507 storage_full'], '... is told, too');

my $revoked = account();
is($http->get('/t/use', headers => $revoked->auth('test'))->{status}, 200,
	'a key');
io7('user', 'suspend', $revoked->name, '-c', $stack->conf_file);
is($http->get('/t/use', headers => $revoked->auth('test'))->{status}, 401,
	'... that is worth nothing now');
lands($revoked, ['1 test GET /t/use 401 unauthorized'],
	'... is told of, to its owner');
is($http->get('/t/use', headers => [Authorization => 'Bearer test_io7_'
	. '0' x 32])->{status}, 401, 'one that never was is nobody\'s');

# --- Folding ----------------------------------------------------------------

next_minute();
my $folder = account();
my @ids = map { $http->put('/kv/x', headers => $folder->auth('test'),
	body => '{')->{headers}{'x-request-id'} } 1 .. 5;
lands($folder, ['5 test PUT /kv/:key 400 bad_request'],
	'the same of a minute is one');
ok((grep { $_ eq (rows_of($folder, 'request_id'))[0] } @ids),
	'... with the id of one of them');
$http->put('/kv/x', headers => $folder->auth('test'), body => '{') for 1 .. 2;
lands($folder, ['7 test PUT /kv/:key 400 bad_request'],
	'... and what comes a second later is the same');
next_minute();
$http->put('/kv/x', headers => $folder->auth('test'), body => '{');
lands($folder, ['7 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], '... a minute later it is another');
$http->put('/kv/x', headers => $folder->auth('live'), body => '{');
my $session = [Authorization => 'Bearer ' . $folder->session];
$http->put('/kv/x', headers => $session, body => '{');
lands($folder, [('1 live PUT /kv/:key 400 bad_request') x 2,
	'7 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], 'so is that of another key');

# --- What the owner is told -------------------------------------------------

sub listed
{
	my ($query, $auth) = @_;

	return $http->get("/api/usage/errors$query", headers => $auth)->{json};
}

my $errors = listed('', $folder->auth('live'));
is(scalar @{$errors->{items}}, 4, 'all are listed');
is($errors->{next_cursor}, undef, '... on one page');
my ($seven) = grep { $_->{count} == 7 } @{$errors->{items}};
is_deeply([@$seven{qw(mode method route status code message)}],
	['test', 'PUT', '/kv/:key', 400, 'bad_request',
	'The request is malformed.'], '... with what went wrong');
is("$seven->{key}{prefix}…$seven->{key}{last4}", substr($folder->test_key, 0,
	12) . '…' . substr($folder->test_key, -4), '... and whose key it was');
is(scalar(grep { !$_->{key} } @{$errors->{items}}), 1,
	'... a session has none');
my @times = map { $_->{last_at} } @{$errors->{items}};
is("@times", "@{[reverse sort @times]}", '... the newest first');
is(scalar @{listed('?mode=test', $session)->{items}}, 2, 'those of one mode');
my $page = listed('?limit=3', $session);
is(scalar @{$page->{items}}, 3, 'a page');
is(scalar @{listed("?limit=3&cursor=$page->{next_cursor}", $session)->{items}},
	1, '... and what is behind it');
is($http->get('/api/usage/errors?mode=both', headers => $session)->{status},
	400, 'no such mode');
is($http->get('/api/usage/errors?cursor=x', headers => $session)->{status}, 400,
	'no such cursor');
is_deeply(listed('', account()->auth('live'))->{items}, [],
	'another account sees none of it');

my $overview = $http->get('/api/dashboard/overview', headers => $session)
	->{json};
is_deeply([map { $_->{id} } grep { $_->{count} == 7 }
	@{$overview->{recent_errors}}], [$seven->{id}], 'the overview has them');
my $export = $http->get('/api/me/export', headers => $session)->{json};
ok((grep { $_->{id} eq $seven->{id} } @{$export->{recent_errors}}),
	'... and so has the export');

# --- What it costs ----------------------------------------------------------

sub statements
{
	my $calls = $stack->psql(<<'END');
		SELECT coalesce(sum(calls), 0) FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel;
END
	$stack->psql('SELECT pg_stat_statements_reset()');
	return int $calls;
}

sub redis_calls
{
	my %calls = $stack->redis('info', 'commandstats')
		=~ /^cmdstat_(\w+):calls=(\d+)/mg;
	$stack->redis('config', 'resetstat');
	return %calls;
}

my $cheap = account();
$http->put('/kv/x', headers => $cheap->auth('test'), body => 1);
statements();
redis_calls();
$http->put('/kv/x', headers => $cheap->auth('test'), body => '{')
	for 1 .. REQUESTS;
is(statements(), 0, 'an error asks PostgreSQL nothing');
my %calls = redis_calls();
is($calls{evalsha}, REQUESTS, '... and Redis what any request asks it');
$http->get('/api/dashboard/overview', headers => $cheap->auth('test'));
is(statements(), 5, 'the overview asks as often as without them');

# --- Bounds -----------------------------------------------------------------

# Different ones, of a lone worker.
my @wrong = ([PUT => '/kv/x'], [PATCH => '/kv/x'], [GET => '/kv?limit=0'],
	[DELETE => '/kv?limit=0'], [POST => '/kv/batch'],
	[POST => '/kv/x/incr'], [POST => '/kv/x/transform'],
	[POST => '/kv/transform/batch'], [GET => '/api/keys?limit=0'],
	[POST => '/api/keys'], [PATCH => '/api/keys/x'],
	[GET => '/api/audit?limit=0'], [GET => '/api/sessions?limit=0'],
	[GET => '/api/usage/history?days=0'],
	[GET => '/api/usage/errors?limit=0']);

sub flood
{
	my ($account) = @_;
	my %kinds;

	for my $wrong (@wrong) {
		my $answer = $http->request(@$wrong,
			headers => $account->auth('test', 'Content-Type' =>
				'application/json'),
			$wrong->[0] eq 'GET' ? () : (body => '{'));
		$kinds{"@$wrong $answer->{status}"}++
			if $answer->{status} >= 400;
	}
	return scalar keys %kinds;
}

next_minute();
my ($flooder, $quiet) = (account('starter'), account());
my $flusher = pid_of('flusher');
kill STOP => $flusher;
cmp_ok(flood($flooder), '>', OF_ONE, 'an account errs in many ways at once')
	for 1 .. 3;
$http->put('/kv/x', headers => $quiet->auth('test'), body => '{');
kill CONT => $flusher;
lands($quiet, ['1 test PUT /kv/:key 400 bad_request'],
	'... and leaves room for another');
my @flood = rows_of($flooder);
cmp_ok(scalar @flood, '<=', 2 * OF_ONE, 'it has a part of each worker\'s');
cmp_ok(scalar(grep { /^3 / } @flood), '>=', OF_ONE - 1, '... counted in full');

my $stubborn = account();
for (1 .. 10) {
	my $before = () = rows_of($stubborn);

	next_minute();
	flood($stubborn);
	wait_until(10, sub { rows_of($stubborn) != $before
		|| $before == KEPT });
}
eventually { rows_of($stubborn) == KEPT } 'so many are kept of an account';
is(scalar(rows_of($quiet)), 1, '... and all of another');
is(scalar @{$http->get('/api/dashboard/overview', headers =>
	$stubborn->auth('test'))->{json}{recent_errors}}, SHOWN,
	'... the newest of which the overview has');

# --- Deaths -----------------------------------------------------------------

next_minute();
my $victim = account();
my $worker = ($stack->workers('test'))[0]{pid};
$flusher = pid_of('flusher');
kill STOP => $flusher;
$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
kill KILL => $worker;
wait_until(30, sub { $stack->events('worker_died') });
kill CONT => $flusher;
lands($victim, ['1 test PUT /kv/:key 400 bad_request'],
	'what a worker noted before it was killed');

kill KILL => $flusher;
$http->close;
$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
lands($victim, ['2 test PUT /kv/:key 400 bad_request'],
	'... what was noted while there was no flusher');
expect_losses(2);

$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
$stack->stop('io7');
lands($victim, ['3 test PUT /kv/:key 400 bad_request'],
	'... and just before the end');
$stack->up;
$http->close;

is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, 'one more');
$flusher = pid_of('flusher');
kill USR2 => $stack->pid;
eventually { my $now = pid_of('flusher'); $now && $now != $flusher }
	'... before io7 becomes another program';
lands($victim, ['4 test PUT /kv/:key 400 bad_request'], '... that has it');
is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, 'one to the new program');
lands($victim, ['5 test PUT /kv/:key 400 bad_request'], '... is written down');
$stack->stop('postgres');
is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, '... and one while PostgreSQL is away');
eventually { $stack->events('errors_wait') } '... waits';
$stack->up;
lands($victim, ['6 test PUT /kv/:key 400 bad_request'], '... until it is back');
eventually { $stack->events('errors_written') } '... which is said';

# Who asks the worker itself may name a request as nginx never would.
next_minute();
for my $id ("\xff", 'a b') {
	is(Io7::FastCgi->ask($stack->dir . '/run/test.sock', 'GET',
		'/api/usage/errors?limit=0', REQUEST_ID => $id, HTTP_AUTHORIZATION =>
		'Bearer ' . $victim->test_key)->{status}, 400, 'an odd id');
}
$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
lands($victim, ['6 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], '... holds up nothing');

# --- The end ----------------------------------------------------------------

$stack->psql("UPDATE io7.recent_errors SET last_at = now() - interval '8 days'
	WHERE user_id = '@{[$victim->user_id]}'");
kill TERM => pid_of('janitor');
lands($victim, [], 'what is of a week ago is forgotten');
is(scalar(rows_of($quiet)), 1, '... and nothing else');
io7('user', 'delete', $quiet->name, '--yes', '-c', $stack->conf_file);
lands($quiet, [], 'an account takes its own with it');

finish;
