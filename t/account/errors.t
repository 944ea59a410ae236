#!/usr/bin/perl
# The recent errors of an account: what is recorded and what is not, that equal
# errors are counted together, and the bounds under floods and kills. Nothing that a
# client sent is stored, and recording costs a request no round trip.

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

# The clock's minute is renewed before each group, so that none ends by chance.
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

# The rows of an account: "TIMES MODE METHOD ROUTE STATUS CODE", sorted.
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
		or diag(join "\n", 'the rows are as expected', @was);
	hold_minute();
}

# The process of a pool that has only one.
sub pid_of
{
	my ($pool) = @_;

	return wait_until(30, sub { ($stack->workers($pool))[0]{pid} });
}

# --- What is recorded ---------------------------------------------------------

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
	'a value is stored with a key');
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
fails(400, GET => '/api/cron/preview?schedule=hush');
fails(412, PUT => '/kv/hidden', body => 1, headers =>
	['If-None-Match' => '*']);
is($http->get('/kv/hidden', headers => [@$live, 'If-None-Match' => '*'])
	->{status}, 304, 'the value is unchanged');
lands($all, [
	'1 live GET /kv 400 bad_request',
	'1 live PUT /kv/:key 400 bad_request',
	'1 live GET /t/who 403 forbidden',
	'1 live PATCH /kv/:key 404 not_found',
	'1 live PATCH /kv/:key 409 conflict',
	'1 live PUT /kv/:key 413 too_large',
	'1 live PUT /kv/:key 415 unsupported_media_type',
	'1 live GET /t/fault 500 internal',
], 'each error is recorded, except normal answers of a store');
unlike($stack->psql('SELECT string_agg(e::text, \' \')
	FROM io7.recent_errors e'), qr/hush|hidden/,
	'... without data of the client');

# A stream that fails after it has begun.
$http->post('/kv/hidden/transform', headers => [@$live,
	'Content-Type' => 'application/json', Accept => 'text/event-stream'],
	body => '{"engine":"jq","program":"error(\"hush\")"}');
eventually { grep { m{^1 live POST /kv/:key/transform 4\d\d } } rows_of($all) }
	'a stream that ends with an error is recorded' or diag(join "\n", rows_of($all));

# --- Limits, and invalid keys -------------------------------------------------

my $short = account('short');
$http->get('/t/use', headers => $short->auth('test')) for 1 .. 8;
lands($short, ['5 test GET /t/use 429 rate_limited'],
	'requests over the limit of a minute are recorded as one');
my $poor = account('poor');
$http->get('/t/use', headers => $poor->auth('live')) for 1 .. 4;
lands($poor, ['2 live GET /t/use 429 quota_exceeded'],
	'... and so are those over the limit of the day');
my $small = account('small');
is($http->put('/kv/much', headers => $small->auth('test'), body => '"' . 'x' x 99
	. '"')->{status}, 507, 'a value that exceeds the storage gets 507');
lands($small, ['1 test PUT /kv/:key 507 storage_full'], '... and is recorded');

my $revoked = account();
is($http->get('/t/use', headers => $revoked->auth('test'))->{status}, 200,
	'a key is created');
io7('user', 'suspend', $revoked->name, '-c', $stack->conf_file);
is($http->get('/t/use', headers => $revoked->auth('test'))->{status}, 401,
	'... a revoked key gets 401');
lands($revoked, ['1 test GET /t/use 401 unauthorized'],
	'... and its owner sees that');
is($http->get('/t/use', headers => [Authorization => 'Bearer test_io7_'
	. '0' x 32])->{status}, 401, 'an unknown key has no owner to record it for');

# --- Counting together --------------------------------------------------------

next_minute();
my $folder = account();
my @ids = map { $http->put('/kv/x', headers => $folder->auth('test'),
	body => '{')->{headers}{'x-request-id'} } 1 .. 5;
lands($folder, ['5 test PUT /kv/:key 400 bad_request'],
	'equal errors within a minute are one row');
ok((grep { $_ eq (rows_of($folder, 'request_id'))[0] } @ids),
	'... with the request id of one of them');
$http->put('/kv/x', headers => $folder->auth('test'), body => '{') for 1 .. 2;
lands($folder, ['7 test PUT /kv/:key 400 bad_request'],
	'... also those that come a second later');
next_minute();
$http->put('/kv/x', headers => $folder->auth('test'), body => '{');
lands($folder, ['7 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], '... errors of the next minute are another row');
$http->put('/kv/x', headers => $folder->auth('live'), body => '{');
my $session = [Authorization => 'Bearer ' . $folder->session];
$http->put('/kv/x', headers => $session, body => '{');
lands($folder, [('1 live PUT /kv/:key 400 bad_request') x 2,
	'7 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], '... and so are those of another key');

# --- The list -----------------------------------------------------------------

sub listed
{
	my ($query, $auth) = @_;

	return $http->get("/api/usage/errors$query", headers => $auth)->{json};
}

my $errors = listed('', $folder->auth('live'));
is(scalar @{$errors->{items}}, 4, 'all errors are listed');
is($errors->{next_cursor}, undef, '... on one page');
my ($seven) = grep { $_->{count} == 7 } @{$errors->{items}};
is_deeply([@$seven{qw(mode method route status code message)}],
	['test', 'PUT', '/kv/:key', 400, 'bad_request',
	'The request is malformed.'], '... with the sentence of the code');
is("$seven->{key}{prefix}…$seven->{key}{last4}", substr($folder->test_key, 0,
	12) . '…' . substr($folder->test_key, -4), '... and the key');
is(scalar(grep { !$_->{key} } @{$errors->{items}}), 1,
	'... which a session does not have');
my @times = map { $_->{last_at} } @{$errors->{items}};
is("@times", "@{[reverse sort @times]}", '... newest first');
is(scalar @{listed('?mode=test', $session)->{items}}, 2, 'mode=test lists those of test mode');
my $page = listed('?limit=3', $session);
is(scalar @{$page->{items}}, 3, 'a page has as many errors as asked for');
is(scalar @{listed("?limit=3&cursor=$page->{next_cursor}", $session)->{items}},
	1, '... and the next page the rest');
is($http->get('/api/usage/errors?mode=both', headers => $session)->{status},
	400, 'an unknown mode gets 400');
is($http->get('/api/usage/errors?cursor=x', headers => $session)->{status}, 400,
	'a malformed cursor gets 400');
is_deeply(listed('', account()->auth('live'))->{items}, [],
	'another account does not see them');

my $overview = $http->get('/api/dashboard/overview', headers => $session)
	->{json};
is_deeply([map { $_->{id} } grep { $_->{count} == 7 }
	@{$overview->{recent_errors}}], [$seven->{id}], 'the overview has the recent errors');
my $export = $http->get('/api/me/export', headers => $session)->{json};
ok((grep { $_->{id} eq $seven->{id} } @{$export->{recent_errors}}),
	'... and so does the export');

# --- The cost -----------------------------------------------------------------

# The statements of requests since the last call of this function: runners ask for work
# and compare jobs, in transactions.
my $statements;
sub statements
{
	$statements = $stack->psql(<<'END');
		SELECT calls, regexp_replace(query, '\s+', ' ', 'g')
		FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel
			AND query !~ 'work_|cron_|jobs_|^(BEGIN|COMMIT)';
END
	$stack->psql('SELECT pg_stat_statements_reset()');
	my $calls = 0;
	$calls += $_ for $statements =~ /^(\d+)/mg;
	return $calls;
}

sub redis_calls
{
	my %calls = $stack->redis('info', 'commandstats')
		=~ /^cmdstat_(\w+):calls=(\d+)/mg;
	$stack->redis('config', 'resetstat');
	# The listener calls a script with one ZADD several times a second.
	$calls{evalsha} -= $calls{zadd} // 0;
	return %calls;
}

my $cheap = account();
$http->put('/kv/x', headers => $cheap->auth('test'), body => 1);
statements();
redis_calls();
$http->put('/kv/x', headers => $cheap->auth('test'), body => '{')
	for 1 .. REQUESTS;
is(statements(), 0, 'an error costs no statement') or diag($statements);
my %calls = redis_calls();
cmp_ok($calls{evalsha}, '<=', REQUESTS,
	'... and no further call to Redis');
$http->get('/api/dashboard/overview', headers => $cheap->auth('test'));
is(statements(), 5, 'the overview costs the same statements as without errors')
	or diag($statements);

# --- Bounds -----------------------------------------------------------------

# Different errors, of a single worker.
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
cmp_ok(flood($flooder), '>', OF_ONE, 'an account has many different errors at once')
	for 1 .. 3;
$http->put('/kv/x', headers => $quiet->auth('test'), body => '{');
kill CONT => $flusher;
lands($quiet, ['1 test PUT /kv/:key 400 bad_request'],
	'... and leaves room for those of another');
my @flood = rows_of($flooder);
cmp_ok(scalar @flood, '<=', 2 * OF_ONE, 'each worker records a part of its errors');
cmp_ok(scalar(grep { /^3 / } @flood), '>=', OF_ONE - 1, '... with the full counts');

my $stubborn = account();
for (1 .. 10) {
	my $before = () = rows_of($stubborn);

	next_minute();
	flood($stubborn);
	wait_until(10, sub { rows_of($stubborn) != $before
		|| $before == KEPT });
}
eventually { rows_of($stubborn) == KEPT } 'the newest 50 errors of an account are kept';
is(scalar(rows_of($quiet)), 1, '... and all of another account');
is(scalar @{$http->get('/api/dashboard/overview', headers =>
	$stubborn->auth('test'))->{json}{recent_errors}}, SHOWN,
	'... the overview has the newest of them');

# --- Killed processes ---------------------------------------------------------

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
	'errors of a worker that was killed are written');

kill KILL => $flusher;
$http->close;
$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
lands($victim, ['2 test PUT /kv/:key 400 bad_request'],
	'... and those recorded while the flusher was down');
expect_losses(2);

$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
$stack->stop('io7');
lands($victim, ['3 test PUT /kv/:key 400 bad_request'],
	'... and those recorded just before shutdown');
$stack->up;
$http->close;

is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, 'an error is recorded');
$flusher = pid_of('flusher');
kill USR2 => $stack->pid;
eventually { my $now = pid_of('flusher'); $now && $now != $flusher }
	'... before io7 is replaced by a new program';
lands($victim, ['4 test PUT /kv/:key 400 bad_request'], '... which writes it');
is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, 'an error is recorded by the new program');
lands($victim, ['5 test PUT /kv/:key 400 bad_request'], '... and written');
$stack->stop('postgres');
is($http->put('/kv/x', headers => $victim->auth('test'), body => '{')->{status},
	400, 'an error is recorded while PostgreSQL is down');
eventually { $stack->events('errors_wait') } '... and waits';
$stack->up;
lands($victim, ['6 test PUT /kv/:key 400 bad_request'], '... until it is up');
eventually { $stack->events('errors_written') } '... which is logged';

# A client that talks to the worker directly may send any request id.
next_minute();
for my $id ("\xff", 'a b') {
	is(Io7::FastCgi->ask($stack->dir . '/run/test.sock', 'GET',
		'/api/usage/errors?limit=0', REQUEST_ID => $id, HTTP_AUTHORIZATION =>
		'Bearer ' . $victim->test_key)->{status}, 400, 'a malformed request id is answered');
}
$http->put('/kv/x', headers => $victim->auth('test'), body => '{');
lands($victim, ['6 test PUT /kv/:key 400 bad_request',
	'1 test PUT /kv/:key 400 bad_request'], '... and does not block the others');

# --- The end ----------------------------------------------------------------

$stack->psql("UPDATE io7.recent_errors SET last_at = now() - interval '8 days'
	WHERE user_id = '@{[$victim->user_id]}'");
kill TERM => pid_of('janitor');
lands($victim, [], 'errors of more than a week ago are deleted');
is(scalar(rows_of($quiet)), 1, '... and no others');
io7('user', 'delete', $quiet->name, '--yes', '-c', $stack->conf_file);
lands($quiet, [], 'a deleted account\'s errors are deleted');

finish;
