#!/usr/bin/perl
# An account's own data: profile, overview, audit log and export; the check of a
# credential; and the deletion of an account.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Io7::Account;
use Io7::Test;
use Io7::Json;
use Time::HiRes qw(time);

my $stack = stack;
my $json = json_codec()->utf8(0)->canonical;
my $account = new_account($stack, plan => 'pro');
my $id = $account->user_id;

# Each client has its own IP address, because requests are limited by address.
my $clients = 0;

sub http
{
	return $stack->http(from => join '.', 127, 1 + ($$ >> 8) % 250,
		1 + $$ % 250, 1 + $clients++ % 250);
}

my $http = http();

sub ask
{
	my ($method, $target, $mode, $body) = @_;

	return $http->request($method, $target, headers => $account->auth($mode),
		defined $body ? (body => $json->encode($body)) : ());
}

sub validate
{
	my ($token, $client) = @_;

	return ($client // http())->post('/api/auth/validate',
		body => $json->encode({ token => $token }));
}

# --- The profile --------------------------------------------------------------

my $me = ask(GET => '/api/me', 'live');
is($me->{status}, 200, 'a key gets its account');
is($me->{json}{user}{id}, $id, '... the user');
is($me->{json}{user}{kind}, 'local', '... created by the operator');
is($me->{json}{plan}{id}, 'pro', '... with the plan');
is($me->{json}{mode}, 'live', '... in the mode of the key');
is(ask(GET => '/api/me', 'test')->{json}{mode}, 'test', '... of the test key too');
is($http->get('/api/me')->{status}, 401, 'nobody');

my $plans = http()->get('/api/plans');
is(join(' ', grep { /^(?:starter|pro|business)$/ }
		map { $_->{id} } @{$plans->{json}{items}}),
	'starter pro business', 'the plans can be listed without a credential');

# --- Validation of a credential ---------------------------------------------

my $valid = validate($account->test_key);
is($valid->{status}, 200, 'a key is valid');
is($valid->{json}{user}{id}, $id, '... the answer names its user');
is("$valid->{json}{kind} $valid->{json}{mode} @{$valid->{json}{scopes}}",
	'key test read write admin', '... mode and scopes');
is($valid->{json}{plan}{requests_per_minute}, 600, '... and plan');

# --- Io7-Mode with a key ----------------------------------------------------

for my $key ([test => $account->test_key, 'live'], [live => $account->live_key,
	'test']) {
	my ($mode, $text, $other) = @$key;
	my $me = sub { $http->get('/api/me', headers =>
		[Authorization => "Bearer $text", 'Io7-Mode' => $_[0]]) };

	is($me->($mode)->{json}{mode}, $mode,
		"Io7-Mode can name the mode of a $mode key");
	for my $wrong ($other, 'nonsense', '') {
		my $refused = $me->($wrong);
		is($refused->{status}, 400, "Io7-Mode '$wrong' with a key gets 400");
		is($refused->{json}{error}{details}{field}, 'Io7-Mode',
			'... and the answer names the header');
	}
}

sub new_key
{
	my (%body) = @_;

	return ask(POST => '/api/keys', 'live', { label => 'one', mode => 'live',
		%body })->{json};
}

# A key of the right form and checksum, of a user who was deleted.
sub key_of_nobody
{
	my $gone = new_account($stack);

	io7('user', 'delete', $gone->name, '--yes', '-c', $stack->conf_file);
	return $gone->live_key;
}

my $revoked = new_key();
ask(DELETE => "/api/keys/$revoked->{id}", 'live');
my $disabled = new_key();
ask(PATCH => "/api/keys/$disabled->{id}", 'live',
	{ enabled => false });
my $unknown = key_of_nobody();
my @refused = (
	['a revoked key', $revoked->{key}, qr/revoked/],
	['a disabled key', $disabled->{key}, qr/disabled/],
	['an unknown key', $unknown, qr/valid credential/],
	['a key with a wrong checksum', $unknown =~ s/.$/x/r, qr/valid credential/],
	['a key in upper case', uc $unknown, qr/valid credential/],
	['no key at all', 'Bearer', qr/valid credential/],
	['a token of an unknown issuer', 'eyJhbGciOiJub25lIn0.e30.', qr/not accepted/],
	['a long text', 'x' x 8192, qr/valid credential/],
);
for (@refused) {
	my ($what, $token, $said) = @$_;
	my $answer = validate($token);
	is($answer->{status}, 401, "$what is not valid");
	like($answer->{json}{error}{message}, $said, '... and the message says why');
	unlike($answer->{body}, qr/\Q$token\E/, '... without showing the credential')
		if length $token > 6;
}
my $suspended = new_account($stack);
io7('user', 'suspend', $suspended->name, '-c', $stack->conf_file);
is(validate($suspended->live_key)->{status}, 401, 'a key of a suspended user is not valid');
like(validate($suspended->live_key)->{json}{error}{message}, qr/is suspended/,
	'... and the message says why');
my $session = 'session_io7_' . '0f' x 32;
$stack->psql("INSERT INTO io7.sessions (user_id, hash, kind, user_agent)
	VALUES ('$id', sha256('$session'), 'device', 'a test');");
my $person = validate($session);
is("$person->{status} $person->{json}{kind} $person->{json}{mode}",
	'200 session live', 'a session is valid');
is(validate($session =~ s/0f$/0e/r)->{status}, 401, '... and another one is not');
for my $body ('', '[]', '{}', '{"token":""}', '{"token":7}',
	'{"token":"a","token":"b"}', '{"token":"a","more":1}',
	'{"token":"' . 'x' x 8193 . '"}', '[' x 10_000, '{"token":"a\u0000"}') {
	is(http()->post('/api/auth/validate', body => $body)->{status}, 400,
		'a malformed body gets 400: ' . substr $body, 0, 40);
}

# --- Timing -------------------------------------------------------------------

# The median of many requests, taken in turns, so that other load on the machine
# affects both alike.
sub median
{
	return (sort { $a <=> $b } @_)[@_ / 2];
}

# The ratio of the times for a revoked and an unknown key.
sub ratio
{
	my @times = ([], []);

	for my $round (1 .. 60) {
		for my $which (0, 1) {
			my $client = http();
			$client->get('/health/live');
			my $began = time;
			validate(($revoked->{key}, $unknown)[$which], $client);
			push @{$times[$which]}, time - $began;
		}
	}
	return median(@{$times[0]}) / median(@{$times[1]});
}

# A real difference shows each time; noise does not.
my @ratios;
until (@ratios == 3) {
	push @ratios, ratio();
	last if $ratios[-1] > 0.7 && $ratios[-1] < 1.4;
}
ok(@ratios < 3 || ($ratios[-1] > 0.7 && $ratios[-1] < 1.4),
	'a revoked and an unknown key take the same time')
	or diag("revoked / unknown: @ratios");

# --- Refused without a lookup -------------------------------------------------

# A private stack, because the counters of others would count too.
my $quiet = private_stack(workers => 1);
my $known = new_account($quiet);
my $wrong = $known->live_key;
substr($wrong, -1) = substr($wrong, -1) eq '0' ? '1' : '0';
my $quiet_http = $quiet->http;

# Statements and commands of the workers so far, of any kind.
sub asked_until_now
{
	my $statements = $quiet->psql("SELECT coalesce(sum(calls), 0)
		FROM pg_stat_statements s JOIN pg_roles ON oid = userid
		WHERE rolname = 'io7_app' AND query ~ 'api_keys';");
	my %calls = $quiet->redis('info', 'commandstats')
		=~ /^cmdstat_(\w+):calls=(\d+)/mg;
	chomp $statements;
	# The listener calls a script with one ZADD several times a second.
	$calls{evalsha} -= $calls{zadd} // 0;
	return { sql => $statements,
		map { $_ => $calls{$_} // 0 } qw(get eval evalsha) };
}

is($quiet_http->get('/api/me', headers => $known->auth('live'))->{status}, 200,
	'a key is cached');
my $before = asked_until_now();
for my $round (1 .. 10) {
	is($quiet_http->get('/api/me', headers =>
		[Authorization => "Bearer $wrong"])->{status}, 401,
		'a key with a wrong checksum');
}
is_deeply(asked_until_now(), $before, '... costs no statement and no command');

# A well-formed key that does not exist is looked up once, then cached as unknown.
my $invented = 'live_io7_' . '1d' x 13;
$invented .= substr sha256_hex($invented), 0, 6;
for my $round (1 .. 10) {
	is($quiet_http->get('/api/me', headers =>
		[Authorization => "Bearer $invented"])->{status}, 401,
		'an invented key gets 401');
}
is(asked_until_now()->{sql}, $before->{sql} + 1,
	'... and ten requests cost one lookup');
$quiet->psql("UPDATE io7.api_keys SET hash = sha256('$invented')
	WHERE user_id = '@{[$known->user_id]}' AND mode = 'live'");
eventually { $quiet_http->get('/api/me', headers =>
	[Authorization => "Bearer $invented"])->{status} == 200 }
	'... until the entry expires';

# --- The overview -----------------------------------------------------------

$stack->psql("INSERT INTO io7.daily_usage (user_id, mode, date, credits)
	VALUES ('$id', 'live', (now() AT TIME ZONE 'UTC')::date, 7);");
my $overview = ask(GET => '/api/dashboard/overview', 'live')->{json};
is($overview->{usage}{today}{live}{credits}, 7, 'the overview has the usage of today');
is($overview->{user}{id}, $id, '... the user');
is($overview->{plan}{id}, 'pro', '... the plan');
is($overview->{usage}{today}{limit}, 50_000, '... the limit');
is($overview->{usage}{today}{remaining}, 49_993, '... the remaining credits');
is(scalar @{$overview->{usage}{history}}, 60, '... thirty days in both modes');
is(scalar @{$overview->{keys}}, 3, '... the keys that are not revoked');
ok(!grep({ exists $_->{key} } @{$overview->{keys}}), '... without the keys themselves');
is_deeply($overview->{storage}, { limit => 5_000_000_000, live => 0, test => 0 },
	'... the storage');
is_deeply($overview->{warnings}, [], '... and no warnings');

# Ten credits of a thousand are left, then none.
for my $level (80, 100) {
	my $poor = new_account($stack, plan => 'starter');
	$stack->psql("INSERT INTO io7.daily_usage (user_id, mode, date, credits)
		VALUES ('@{[$poor->user_id]}', 'live',
		(now() AT TIME ZONE 'UTC')::date, @{[$level * 10]});");
	is_deeply($http->get('/api/dashboard/overview',
		headers => $poor->auth('live'))->{json}{warnings},
		[{ about => 'credits', level => $level }], "$level %: the overview warns");
}

# A plan of a few credits, of which a percentage is not a whole number.
new_plan($stack, 'uneven', credits => 150);
for my $case ([119], [120, 80], [149, 80], [150, 100]) {
	my ($used, @level) = @$case;
	my $poor = new_account($stack, plan => 'uneven');
	$stack->psql("INSERT INTO io7.daily_usage (user_id, mode, date, credits)
		VALUES ('@{[$poor->user_id]}', 'live',
		(now() AT TIME ZONE 'UTC')::date, $used);");
	is_deeply([map { $_->{level} } @{$http->get('/api/dashboard/overview',
		headers => $poor->auth('live'))->{json}{warnings}}], \@level,
		"$used of 150 credits");
}

my $below = new_account($stack, plan => 'starter');
$stack->psql("INSERT INTO io7.daily_usage (user_id, mode, date, credits)
	VALUES ('@{[$below->user_id]}', 'live', (now() AT TIME ZONE 'UTC')::date,
	799), ('@{[$below->user_id]}', 'test', (now() AT TIME ZONE 'UTC')::date,
	2000);");
is_deeply($http->get('/api/dashboard/overview',
	headers => $below->auth('live'))->{json}{warnings}, [],
	'79.9 %, and use in test mode: no warning');

# --- The audit log ----------------------------------------------------------

my (@events, $cursor);
do {
	my $page = ask(GET => '/api/audit?limit=2'
		. (defined $cursor ? "&cursor=$cursor" : ''), 'live')->{json};
	push @events, @{$page->{items}};
	$cursor = $page->{next_cursor};
} while (defined $cursor && @events < 50);
is(join(' ', map { $_->{event} } @events),
	'key_changed key_created key_revoked key_created account_created',
	'the audit log has the newest event first');
is($events[2]{about_id}, $revoked->{id}, '... the key that changed');
is($events[2]{actor}, 'key', '... the credential that changed it');
is($events[2]{address}, $http->{from}, '... the address');
is($events[2]{details}{label}, 'one', '... and the label');
for my $query ('limit=0', 'cursor=x') {
	is(ask(GET => "/api/audit?$query", 'live')->{status}, 400,
		"$query gets 400");
}
my $reader = new_key(scopes => ['read']);
is($http->get('/api/audit', headers =>
	[Authorization => "Bearer $reader->{key}"])->{status}, 403,
	'a key that may only read gets 403');

# --- The export -------------------------------------------------------------

# More than a page of the audit log.
$stack->psql("INSERT INTO io7.audit_log (user_id, event)
	SELECT '$id', 'signed_in' FROM generate_series(1, 1500);");
my $export = ask(GET => '/api/me/export', 'live');
is($export->{status}, 200, 'the export has all that is stored');
is($export->{json}{user}{id}, $id, '... the user');
is(scalar @{$export->{json}{keys}}, 5, '... all keys');
is(scalar @{$export->{json}{sessions}}, 1, '... all sessions');
is(scalar @{$export->{json}{usage}}, 730, '... a year of usage in both modes');
is(scalar(grep { $_->{event} eq 'signed_in' } @{$export->{json}{audit}}), 1500,
	'... the audit log');
is($export->{json}{audit}[0]{event}, 'account_exported', '... with this export');
unlike($export->{body}, qr/_io7_[0-9a-f]{32}/, '... and no key itself');
is($http->get('/api/me/export', headers =>
	[Authorization => "Bearer $reader->{key}"])->{status}, 403,
	'a key that may only read gets 403');

# --- Deleting the account -----------------------------------------------------

my @kept = (
	['a test key', 'test', { confirm => $id }, 403],
	['no confirmation', 'live', {}, 400],
	["the id of another user", 'live', { confirm => $below->user_id }, 400],
	['yes', 'live', { confirm => 'yes' }, 400],
	['an unknown member', 'live', { confirm => $id, really => 1 }, 400],
);
for (@kept) {
	my ($what, $mode, $body, $status) = @$_;
	is(ask(DELETE => '/api/me', $mode, $body)->{status}, $status,
		"$what does not delete the account");
}
is($http->delete('/api/me', headers =>
	[Authorization => "Bearer $reader->{key}"],
	body => $json->encode({ confirm => $id }))->{status}, 403,
	'a key that may only read does not delete the account');
is($http->delete('/api/me', headers => ['Io7-Mode' => 'test',
	Authorization => "Bearer $session"],
	body => $json->encode({ confirm => $id }))->{status}, 403,
	'a session in test mode does not delete the account');
is(ask(GET => '/api/me', 'live')->{status}, 200, 'the account is complete');

my $deleted = ask(DELETE => '/api/me', 'live', { confirm => $id });
is($deleted->{status}, 202, 'deleted');
is($deleted->{json}{removed}{keys}, 5, 'DELETE /api/me counts the deleted keys');
is($deleted->{json}{removed}{sessions}, 1, '... sessions');
cmp_ok($deleted->{json}{removed}{audit_rows}, '>', 1500, '... the audit log');
cmp_ok($deleted->{json}{removed}{$_}{tables}, '>', 0, "... the $_ schema")
	for qw(live test);
like(validate($account->live_key)->{json}{error}{message},
	qr/being deleted|valid credential/, '... and that the account is being deleted');
eventually { $stack->psql("SELECT count(*) FROM io7.users WHERE id = '$id';")
	eq "0\n" } 'the user is deleted';
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT count(*) FROM pg_namespace
		WHERE nspname = '@{[$account->schema]}';", $database), "0\n",
		"... and the schema in $database");
}
is($stack->psql("SELECT count(*) FROM io7.api_keys WHERE user_id = '$id';"),
	"0\n", '... and the keys');
is(ask(GET => '/api/me', $_)->{status}, 401, "... the $_ key gets 401")
	for qw(live test);
is(validate($session)->{status}, 401, '... and so does a session');
cmp_ok($stack->psql("SELECT count(*) FROM io7.audit_log
	WHERE event = 'account_deleted' AND user_id IS NULL
	AND details = '{}';"), '>', 0, 'operators see that an account was deleted');

finish;
