#!/usr/bin/perl
# Who reaches a user database, and which: names, modes, scopes, batons, tokens and
# what a request costs.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = stack;
my $http = $stack->http;
my ($mine, $theirs) = map { new_account($stack) } 1, 2;

# The name of an account's database, which follows from the user's id.
sub name_of
{
	my ($account, $mode) = @_;

	return "$mode-" . $account->user_id =~ tr/-//dr;
}

sub pipeline
{
	my (@statements) = @_;

	return encode_json({ baton => undef, requests => [
		map({ { type => 'execute', stmt => { sql => $_ } } } @statements),
		{ type => 'close' }] });
}

sub ask
{
	my ($key, $name, $body, $path) = @_;

	return $http->request(POST => "/db/$name/" . ($path // 'v2/pipeline'),
		headers => [Authorization => "Bearer $key"],
		body => $body // pipeline('SELECT 1'));
}

# --- The database -----------------------------------------------------------

my $about = $http->get('/api/database', headers => $mine->auth('test'));
is($about->{status}, 200, 'an account has a database in test mode');
is($about->{json}{name}, name_of($mine, 'test'), '... named after its user');
is($about->{json}{provider}, 'file', '... in a file of this host');
is($about->{json}{schema_version}, 1, '... with the first version of the schema');
is_deeply([map { $_->{name} } @{$about->{json}{tables}}], ['cron_jobs'],
	'... which has the table cron_jobs');
cmp_ok($about->{json}{size_max}, '>', 10_000_000, '... within the storage of the plan');
is($http->get('/api/database', headers => $mine->auth('live'))->{json}{name},
	name_of($mine, 'live'), '... and another one in live mode');
for my $mode (qw(test live)) {
	is($http->get("/db/" . name_of($mine, $mode) . $_,
		headers => $mine->auth($mode))->{status}, 200,
		"GET $_ of the $mode database says that it is there")
		for '', '/v2', '/v3';
}

my %db = map { $_ => database_of($mine, $_) } qw(test live);
$_->execute('CREATE TABLE "quoted ""name""" (a)') for values %db;
$db{$_}->execute(qq{INSERT INTO "quoted ""name""" VALUES ('$_')}) for keys %db;
is_deeply([$db{$_}->query('SELECT a FROM "quoted ""name"""')], [[$_]],
	"the $_ database has its own rows") for keys %db;
$about = $http->get('/api/database', headers => $mine->auth('test'));
is_deeply([map { $_->{name} } @{$about->{json}{tables}}],
	['cron_jobs', 'quoted "name"'], 'a table whose name has quotes is listed');
is_deeply([$db{test}->query('SELECT count(*) FROM cron_jobs')], [[0]],
	'the table cron_jobs can be read');

# --- Names of others --------------------------------------------------------

database_of($theirs, $_)->execute("CREATE TABLE of_theirs_$_ (a)") for qw(test live);
for my $name (name_of($theirs, 'test'), name_of($theirs, 'live'),
	name_of($mine, 'live'), uc name_of($mine, 'test'), 'test',
	name_of($mine, 'test') . '%20', name_of($mine, 'test') . '%0a',
	'..%2F' . name_of($theirs, 'test'), '%2e%2e%2f' . name_of($mine, 'test'),
	name_of($mine, 'test') . '%2F..%2F' . name_of($theirs, 'test'),
	'test-' . '0' x 32, 'test-' . 'f' x 500, '*', $theirs->user_id) {
	for my $path (qw(v2/pipeline v3/pipeline v3/cursor)) {
		my $answer = ask($mine->test_key, $name, undef, $path);
		is($answer->{status}, 404, "$path of $name is 404")
			or diag($answer->{body});
		is($answer->{json}{message}, 'This credential has no database of that'
			. ' name.', '... with a message for libSQL clients');
	}
	is($http->get("/db/$name", headers => $mine->auth('test'))->{status}, 404,
		'... and so is its health');
}
is(ask($mine->test_key, name_of($mine, 'test') . '%00')->{status}, 400,
	'a NUL in the name is malformed');
is(ask($mine->live_key, name_of($mine, 'test'))->{status}, 404,
	'a live key does not open the test database');
is(ask($mine->session, name_of($mine, 'live'))->{status}, 200,
	'a session opens the live database');
is($http->request(POST => '/db/' . name_of($mine, 'test') . '/v2/pipeline',
	headers => [Authorization => 'Bearer ' . $mine->session,
		'Io7-Mode' => 'test'], body => pipeline('SELECT 1'))->{status}, 200,
	'... and with Io7-Mode the test database');
my $unknown = $http->request(POST => '/db/' . name_of($mine, 'test')
	. '/v2/pipeline', body => pipeline('SELECT 1'));
is($unknown->{status}, 401, 'without a credential it is 401');
is($unknown->{json}{code}, 'unauthorized', '... with a code for libSQL clients');
is($unknown->{headers}{'content-type'}, 'application/json',
	'... in the type that they expect');

# --- Batons -----------------------------------------------------------------

my $open = encode_json({ baton => undef, requests => [
	{ type => 'execute', stmt => { sql => 'BEGIN' } }] });
my $baton = ask($theirs->test_key, name_of($theirs, 'test'), $open)->{json}{baton};
ok($baton, 'another account has an open stream');
for my $forged ($baton, 'x' x length $baton, '', '0', "$baton$baton",
	substr($baton, 0, -1) . ($baton =~ /0$/ ? '1' : '0')) {
	my $answer = ask($mine->test_key, name_of($mine, 'test'), encode_json({
		baton => $forged, requests => [{ type => 'execute',
			stmt => { sql => 'SELECT 1' } }] }));
	is($answer->{status}, 400, 'a forged or foreign baton is refused')
		or diag($answer->{body});
}
my $first = ask($mine->test_key, name_of($mine, 'test'), $open)->{json}{baton};
my $next = ask($mine->test_key, name_of($mine, 'test'), encode_json({
	baton => $first, requests => [{ type => 'execute',
		stmt => { sql => 'SELECT 1' } }] }))->{json}{baton};
isnt($next, $first, 'the baton of a stream changes each time');
is(ask($mine->test_key, name_of($mine, 'test'), encode_json({ baton => $first,
	requests => [] }))->{status}, 400, '... and the old one is refused');

# --- Scopes -----------------------------------------------------------------

sub key_with
{
	my ($mode, @scopes) = @_;

	my $made = $http->post('/api/keys', headers => $mine->auth($mode),
		body => encode_json({ label => "@scopes", mode => $mode,
			scopes => \@scopes }));
	return $made->{json}{key} // die "key: $made->{body}\n";
}

my $name = name_of($mine, 'test');
$db{test}->execute('CREATE TABLE numbers (n)');
for (['database', 1, 1], ['database:read', 1, 0], ['read', 1, 0], ['write', 0, 0],
	['admin', 0, 0], ['read write', 1, 1], ['read database', 1, 1],
	['write database:read', 1, 0], ['admin database:read', 1, 0]) {
	my ($scopes, $reads, $writes) = @$_;
	my $key = key_with('test', split ' ', $scopes);
	my $read = ask($key, $name, pipeline('SELECT count(*) FROM numbers'));
	is($read->{status}, $reads ? 200 : 403, "$scopes: reading");
	next unless $reads;
	is($read->{json}{results}[0]{type}, 'ok', '... succeeds');
	my $written = ask($key, $name, pipeline('INSERT INTO numbers VALUES (1)'));
	is($written->{status}, 200, "$scopes: writing is answered");
	is($written->{json}{results}[0]{type}, $writes ? 'ok' : 'error',
		$writes ? '... and succeeds' : '... and fails');
	is($http->post('/api/database/import', headers =>
		[Authorization => "Bearer $key"], body => 'no database')->{status},
		$writes ? 400 : 403, "$scopes: an import");
	is($http->get('/api/database', headers =>
		[Authorization => "Bearer $key"])->{status}, 200, "$scopes: facts");
}

# A key for the database opens nothing else.
for my $scope (qw(database database:read)) {
	my $key = key_with('test', $scope);
	my @routes = grep { $_->[0] !~ m{^/(db|api/database)} && $_->[1] ne '-' }
		map { /^(\w+) +(\S+) +(\S+) / && $1 ne 'METHOD' ? [$2, $3, $1] : () }
		split /\n/, run_ok(io7_program(), 'routes');
	for (grep { $_->[1] !~ /^(?:limit|operator)$/ } @routes) {
		my ($path, undef, $method) = @$_;
		my $target = $path =~ s/:\w+/x/gr;
		my $body = $path eq '/kv/batch'
			? '{"ops":[{"op":"get","key":"a"}]}' : '{}';
		my $answer = $http->request($method, $target,
			headers => [Authorization => "Bearer $key"],
			$method eq 'GET' ? () : (body => $body));
		is($answer->{status}, 403, "$scope: $method $path is refused");
	}
}

# --- Tokens -----------------------------------------------------------------

for my $read_only (0, 1) {
	my $made = $http->post('/api/database/token', headers => $mine->auth('test'),
		body => '{"label":"token","read_only":'
			. ($read_only ? 'true' : 'false') . '}');
	is($made->{status}, 201, 'a token is created');
	is_deeply($made->{json}{scopes},
		[$read_only ? 'database:read' : 'database'], '... with its scope');
	like($made->{json}{connection_string},
		qr{^libsql://[^/]+/db/$name/\?authToken=$made->{json}{key}&tls=0$},
		'... and the connection string');
	is(ask($made->{json}{key}, $name)->{status}, 200, '... which opens it');
	my $written = ask($made->{json}{key}, $name,
		pipeline('INSERT INTO numbers VALUES (2)'));
	is($written->{json}{results}[0]{type}, $read_only ? 'error' : 'ok',
		$read_only ? '... to read it' : '... to write it');
	my ($event) = @{$http->get('/api/audit?limit=1',
		headers => $mine->auth('test'))->{json}{items}};
	is("$event->{event} $event->{about_id}",
		"key_created $made->{json}{key_id}", '... and is in the audit log');
}
is($http->post('/api/database/token', headers => $mine->auth('test'))->{status},
	201, 'a token needs no body');
is($http->post('/api/database/token', headers => $mine->auth('test'),
	body => '{"mode":"live"}')->{status}, 400, '... and cannot name a mode');
is($http->post('/api/database/token', headers =>
	[Authorization => 'Bearer ' . key_with('test', 'read', 'write', 'database')],
	body => '{}')->{status}, 403, '... and needs the scope admin');

# --- Cost -------------------------------------------------------------------

# Nothing of this account is on its way to the ledger.
my $payer = new_account($stack);

sub credits
{
	return $http->get('/api/usage/today', headers => $payer->auth('live'))
		->{json}{credits};
}

my $live = name_of($payer, 'live');
for ([1, 1], [100, 1], [101, 2], [350, 4]) {
	my ($statements, $cost) = @$_;
	my $before = credits();
	is(ask($payer->live_key, $live, pipeline(('SELECT 1') x $statements))
		->{status}, 200, "a pipeline of $statements statements");
	eventually { credits() - $before == $cost } "... costs $cost";
}
my $before = credits();
$http->get("/db/$live/v2", headers => $payer->auth('live'));
ask($payer->live_key, $live);
eventually { credits() - $before == 1 } 'the health of Hrana costs nothing';

my $poor = new_account($stack, plan => new_plan($stack, 'three', credits => 3));
my $answer = ask($poor->live_key, name_of($poor, 'live'),
	pipeline(('SELECT 1') x 400));
is("$answer->{status} $answer->{json}{code}", '429 quota_exceeded',
	'a pipeline ends where the allowance is used up');
is(ask($poor->test_key, name_of($poor, 'test'), pipeline(('SELECT 1') x 400))
	->{status}, 200, '... and does not in test mode');

finish;
