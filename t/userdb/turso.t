#!/usr/bin/perl
# The provider `turso`: databases that a Turso-shaped server creates and a real sqld
# has. Provisioning and its faults, statements, batons, tokens, and the end of an account.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::HranaRandom;
use Io7::Json;
use Io7::Sqld;
use Io7::Test;
use Io7::Turso;

my ($turso, $reason) = Io7::Turso->new;
plan(skip_all => $reason) unless $turso;

my $stack = private_stack(set => $turso->options);
my $http = $stack->http;

sub userdb
{
	return io7('userdb', @_, '-c', $stack->conf_file);
}

sub name_of
{
	my ($account, $mode) = @_;

	return "$mode-" . $account->user_id =~ tr/-//dr;
}

# A column of the registry.
sub registered
{
	my ($account, $mode, $column) = @_;

	my $value = $stack->psql("SELECT $column FROM io7.user_databases
		WHERE db_name = '" . name_of($account, $mode) . "'");
	chomp $value;
	return $value;
}

sub is_ready
{
	my ($account) = @_;

	return registered($account, 'test', 'state') eq 'ready'
		&& registered($account, 'live', 'state') eq 'ready';
}

sub execute
{
	my (@statements) = @_;

	return map { { type => 'execute', stmt => { sql => $_ } } } @statements;
}

sub ask
{
	my ($account, $body, %options) = @_;
	my $mode = $options{mode} // 'test';

	return $http->request(POST => '/db/' . name_of($account, $mode) . '/'
		. ($options{path} // 'v2/pipeline'), headers => $options{key}
		? [Authorization => "Bearer $options{key}"]
		: $account->auth($mode), body => ref $body ? encode_json($body) : $body);
}

sub run_all
{
	my ($account, @statements) = @_;

	return ask($account, { requests => [execute(@statements),
		{ type => 'close' }] });
}

# --- The doctor -----------------------------------------------------------------

sub doctor_says
{
	my ($verdict, $says, $what, %set) = @_;
	my $out = io7({ env => \%set }, 'doctor', '-c', $stack->conf_file)->{out};

	like($out, qr/^$verdict +databases +$says/m, $what);
}

doctor_says('ok', 'created at Turso', 'the doctor asks Turso for the group');
doctor_says('warn', 'Turso knows no such', '... and reports one that is unknown',
	IO7_TURSO_GROUP => 'elsewhere');
doctor_says('warn', 'IO7_TURSO_ORG is missing', '... and options that are missing',
	IO7_TURSO_ORG => '');
$turso->behave(group => 'refused');
doctor_says('warn', 'Turso rejects the token', '... and a token that is rejected');
$turso->behave(group => 'well');

# --- A signup ---------------------------------------------------------------

my $account = new_account($stack);
eventually { is_ready($account) } 'a signup creates databases at Turso', 120;
ok($turso->has(name_of($account, $_)), "... the $_ database") for qw(test live);
is(registered($account, 'test', 'db_url'),
	'http://' . $turso->host_of(name_of($account, 'test')),
	'the registry has its address');
is(registered($account, 'test', 'host'), '', '... and no host of io7');
like(registered($account, 'test', 'db_token'), qr/^1:[0-9a-f]+$/,
	'... and its tokens, encrypted');
is($turso->count('token'), 4, 'two tokens are made for each database');
my $about = $http->get('/api/database', headers => $account->auth('test'));
is($about->{status}, 200, 'the database is described') or diag($about->{body});
is($about->{json}{provider}, 'turso', '... with its provider');
is_deeply([map { $_->{name} } @{$about->{json}{tables}}], ['cron_jobs'],
	'... and the table of the schema');
is($about->{json}{schema_version}, 1, '... and its version');
cmp_ok($about->{json}{size}, '>', 0, '... and its size');
like($about->{json}{url}, qr{^http://[^/]+/db/test-\w+/$},
	'... and the address of io7, not of Turso');
is($http->get('/api/database/export', headers => $account->auth('test'))->{status},
	409, 'an export is left to the tools of Turso');
my $backup = userdb('backup', $account->name, '--mode', 'test', '--to', '/dev/null');
isnt($backup->{exit}, 0, '... and so is a backup');
like($backup->{err}, qr/tools of its own/, '... which the message says');

# --- Faults of the platform -------------------------------------------------

$turso->behave(create => 'slow');
my $waiting = new_account($stack);
my $pending = run_all($waiting, 'SELECT 1');
is($pending->{status}, 503, 'a signup does not wait for a slow Turso: 503 until then');
is($pending->{headers}{'retry-after'}, 5, '... with Retry-After');
is($pending->{json}{message},
	'This database is being created. Try again in a few seconds.',
	'... and a sentence for libSQL clients');
is($pending->{json}{error}{code}, 'unavailable', '... and the usual error');
is($http->get('/health')->{status}, 200, '... and io7 is healthy');
for (['create', 'slow', qr/Timeout/], ['create', 'failing', qr/Turso failed/],
	['create', 'refused', qr/IO7_TURSO_API_TOKEN_FILE/],
	['create', 'quota', qr/quota/], ['create', 'busy', qr/too many requests/],
	['create', 'missing', qr/no such database, organization or group/],
	['create', 'rubbish', qr/not JSON/], ['create', 'empty', qr/Hostname/],
	['create', 'huge', qr/too large/], ['create', 'cut', qr/./]) {
	my ($where, $how, $says) = @$_;
	$turso->behave($where, $how);
	my $make = userdb('make', $waiting->name);
	isnt($make->{exit}, 0, "$where is $how: no database");
	like($make->{err}, $says, '... and the message says why');
	is(registered($waiting, 'live', 'state'), 'pending', '... it stays pending');
}
is(run_all($account, 'SELECT 1')->{status}, 200,
	'the databases that exist are used meanwhile');
$turso->behave(create => 'well');
$turso->behave(token => $_), isnt(userdb('make', $waiting->name)->{exit}, 0,
	"token is $_: no database") for qw(failing rubbish empty);
my $created = $turso->count('create');
$turso->behave(token => 'well');
eventually { is_ready($waiting) } 'the janitor creates it when Turso works again', 120;
is(run_all($waiting, 'SELECT 1')->{status}, 200, '... and it is used');
ok($turso->count('find') > 0, 'a database that exists already is found');
$stack->psql("UPDATE io7.user_databases SET state = 'pending', db_token = ''
	WHERE user_id = '@{[$waiting->user_id]}'");
$turso->behave(create => 'conflict');
is(userdb('make', $waiting->name)->{exit}, 0, '... whatever status says that');
$turso->behave(create => 'well');
$turso->stop;
my $early = new_account($stack);
isnt(userdb('make', $early->name)->{exit}, 0, 'Turso is down: no database');
is(run_all($early, 'SELECT 1')->{status}, 503, '... and 503');
$turso->start;
eventually { is_ready($early) } '... until it is up', 120;

# --- Statements -------------------------------------------------------------

my $db = database_of($account, 'test');
$db->execute('CREATE TABLE t (a, b)');
$db->execute('INSERT INTO t VALUES (9007199254740993, ?)',
	{ type => 'text', value => 'ü' });
is_deeply([$db->query('SELECT a, b FROM t')], [['9007199254740993', 'ü']],
	'rows are written and read');
my $failed = run_all($account, 'INSERT INTO nowhere VALUES (1)', 'SELECT 1');
is_deeply([map { $_->{type} } @{$failed->{json}{results}}], [qw(error ok ok)],
	'a statement that fails is an error in the results');
my $cursor = ask($account, { batch => { steps => [
	{ stmt => { sql => 'SELECT 1 UNION SELECT 2' } },
	{ stmt => { sql => 'SELECT abs(-9223372036854775807 - 1)' } }] } }, path => 'v3/cursor');
is($cursor->{status}, 200, 'a cursor is answered');
my ($head, @entries) = map { decode_json($_) } split /\n/, $cursor->{body};
is($head->{base_url}, undef, '... without the address of Turso');
like($head->{baton}, qr/^1:/, '... and with a baton of io7');
is_deeply([grep { $_ ne 'replication_index' } map { $_->{type} } @entries],
	[qw(step_begin row row step_end step_begin step_error)], '... and the rows');
my $wrong = ask($account, { batch => { steps => [{ stmt => {
	sql => 'SELEC 1' } }] } }, path => 'v3/cursor');
is("$wrong->{status} $wrong->{json}{code}", '400 SQL_PARSE_ERROR',
	'a cursor whose statement is wrong is refused');
my $unknown = ask($account, { requests => [{ type => 'nothing' }] });
is($unknown->{status}, 400, 'an unknown request is malformed');
like($unknown->{json}{message}, qr/unknown variant/, '... as the service says');
for ('', '[]', '{', '{}', '{"requests":{}}', '{"baton":1,"requests":[]}') {
	my $answer = ask($account, $_);
	is($answer->{status}, 400, "the body '$_' is malformed");
	is($answer->{json}{code}, 'PROTOCOL_ERROR', '... with a code')
		if length;
}

my $sqld = Io7::Sqld->start;
for my $seed (1, 2) {
	is(hrana_random(seed => $seed, statements => 300, servers => [
		database_of($waiting, 'test'), Io7::Hrana->of_url($sqld->url)]), '',
		"300 statements have the answers of sqld, seed $seed");
}
$sqld->stop;

# --- Interactive transactions -----------------------------------------------

for my $stream ('commit', 'rollback') {
	is($db->post_in($stream, 'v3/pipeline', { requests => [
		execute('BEGIN IMMEDIATE', "INSERT INTO t VALUES (1, '$stream')")] })
		->{status}, 200, 'a transaction begins');
	my $seen = $db->post_in($stream, 'v3/pipeline', { requests => [
		execute("SELECT count(*) FROM t WHERE b = '$stream'")] });
	is($seen->{json}{results}[0]{response}{result}{rows}[0][0]{value}, 1,
		'... and sees its own rows');
	is($db->post_in($stream, 'v3/pipeline', { requests => [
		execute($stream), { type => 'close' }] })->{status}, 200,
		"... and ends with $stream");
	ok(!$db->is_open($stream), '... which ends the stream');
}
is_deeply([$db->query('SELECT b FROM t WHERE a = 1')], [['commit']],
	'only the transaction that was committed is there');

# --- Batons -----------------------------------------------------------------

sub open_stream
{
	my ($account, %options) = @_;

	return ask($account, { requests => [execute('SELECT 1')] }, %options)
		->{json}{baton} // die "no baton\n";
}

sub go_on
{
	my ($account, $baton, %options) = @_;

	return ask($account, { baton => $baton, requests => [execute('SELECT 1')] },
		%options);
}

my $made = $http->post('/api/database/token', headers => $account->auth('test'),
	body => '{"read_only":true}');
my $reader = $made->{json}{key} // die "token: $made->{body}\n";
my $baton = open_stream($account);
unlike($baton, qr/localhost/, 'a baton is no plain text');
for (['of another account', $waiting, {}],
	['of another mode', $account, { mode => 'live' }],
	['of another scope', $account, { key => $reader }]) {
	my ($what, $user, $options) = @$_;
	my $answer = go_on($user, $baton, %$options);
	is($answer->{status}, 400, "the baton of a stream $what is refused");
	is($answer->{json}{code}, 'BATON_INVALID', '... with a code');
}
my $next = go_on($account, $baton)->{json}{baton};
isnt($next, $baton, 'a baton changes each time');
is(go_on($account, $baton)->{status}, 400, '... and the old one is refused');
my $sealed = registered($account, 'test', 'db_token');
for my $forged ('', '1', '1:', '1:00', 'x' x 200, $sealed, "$next$next",
	substr($next, 0, -1) . ($next =~ /0$/ ? '1' : '0'),
	'2:' . substr $next, 2) {
	is(go_on($account, $forged)->{status}, 400, 'a forged baton is refused');
}
is(go_on($account, open_stream($account, key => $reader), key => $reader)->{status},
	200, 'a stream of the same scope goes on');

# --- Scopes -----------------------------------------------------------------

my $read = ask($account, { requests => [execute('SELECT count(*) FROM t'),
	{ type => 'close' }] }, key => $reader);
is($read->{json}{results}[0]{type}, 'ok', 'a key that may read reads');
for my $sql ('INSERT INTO t VALUES (2, 2)', 'DELETE FROM t', 'DROP TABLE t',
	'CREATE TABLE u (a)') {
	my $answer = ask($account, { requests => [execute($sql),
		{ type => 'close' }] }, key => $reader);
	is($answer->{status}, 403, "... and cannot execute $sql");
	is($answer->{json}{message}, 'This credential may only read the database.',
		'... and the message says why');
}
is(ask($account, { requests => [{ type => 'sequence',
	sql => 'SELECT 1; DELETE FROM t' }] }, key => $reader)->{status}, 403,
	'... nor a sequence');
is_deeply([$db->query('SELECT count(*) FROM t')], [[2]], '... and nothing changed');
is(ask($waiting, { requests => [] }, key => $account->test_key)->{status}, 404,
	"another account's database is 404");

# --- Tokens that are revoked ------------------------------------------------

my $old = registered($account, 'test', 'db_token');
$turso->revoke;
$db->execute('INSERT INTO t VALUES (3, 3)');
is_deeply([$db->query('SELECT count(*) FROM t WHERE a = 3')], [[1]],
	'a revoked token is replaced, and the statement runs once');
isnt(registered($account, 'test', 'db_token'), $old, '... and the registry has it');
$turso->revoke;
$turso->behave(token => 'failing');
my $locked = run_all($waiting, 'SELECT 1');
is($locked->{status}, 503, 'without a new token it is 503') or diag($locked->{body});
$turso->behave(token => 'well');

# --- Faults of the database -------------------------------------------------

for (['failing', 503, 'unavailable'], ['busy', 503, 'unavailable'],
	['quota', 503, 'unavailable'], ['cut', 503, 'unavailable'],
	['rubbish', 502, 'bad_gateway'], ['empty', 502, 'bad_gateway'],
	['huge', 413, 'RESPONSE_TOO_LARGE'], ['slow', 504, 'timeout'],
	['elsewhere', 502, 'bad_gateway'], ['missing', 500, 'internal']) {
	my ($how, $status, $code) = @$_;
	$turso->behave(database => $how);
	my $answer = run_all($early, 'SELECT 1');
	is($answer->{status}, $status, "the database is $how: $status")
		or diag($answer->{body});
	is($answer->{json}{code}, $code, '... with a code for libSQL clients');
	unlike($answer->{body}, qr/localhost|elsewhere/, '... and without addresses');
	is(ask($early, { batch => { steps => [] } }, path => 'v3/cursor')->{status},
		$how eq 'huge' ? 503 : $status, '... and so for a cursor')
		unless $how eq 'slow';
}
$turso->behave(database => 'sibling');
my $sibling = ask($early, { requests => [execute('SELECT 1')] });
is($sibling->{status}, 200, 'a stream may go on at a host of the same domain');
is($sibling->{json}{base_url}, undef, '... which the client does not see');
$turso->behave(database => 'well');
my $followed = go_on($early, $sibling->{json}{baton});
isnt($followed->{status}, 200, '... and the next request goes there');
is(run_all($early, 'SELECT 1')->{status}, 200, 'a database that works again is used');
$turso->remove(name_of($early, 'live'));
my $gone = ask($early, { requests => [] }, mode => 'live');
is($gone->{status}, 500, 'a database that Turso lost is 500');
like($gone->{json}{message}, qr/does not have it/, '... and the message says why');
is($http->get('/health')->{status}, 200, '... and io7 is healthy');

# --- Cost and storage -------------------------------------------------------

sub credits
{
	return $http->get('/api/usage/today', headers => $account->auth('live'))
		->{json}{credits};
}

for ([1, 1], [101, 2], [350, 4]) {
	my ($statements, $cost) = @$_;
	my $before = credits();
	is(ask($account, { requests => [execute(('SELECT 1') x $statements)] },
		mode => 'live')->{status}, 200, "a pipeline of $statements statements");
	eventually { credits() - $before == $cost } "... costs $cost";
	$before = credits();
	is(ask($account, { batch => { steps => [
		({ stmt => { sql => 'SELECT 1' } }) x $statements] } }, mode => 'live',
		path => 'v3/cursor')->{status}, 200, '... and a cursor');
	eventually { credits() - $before == $cost } '... costs the same';
}
my $poor = new_account($stack, plan => new_plan($stack, 'three', credits => 3));
my $small = new_account($stack, plan => new_plan($stack, 'small', bytes => 10_000));
eventually { is_ready($poor) && is_ready($small) } 'two accounts with small plans',
	120;
my $refused = ask($poor, { requests => [execute('CREATE TABLE t (a)',
	('SELECT 1') x 400)] }, mode => 'live');
is("$refused->{status} $refused->{json}{code}", '429 quota_exceeded',
	'a pipeline beyond the allowance is refused');
is(database_of($poor, 'live')->execute(
	"SELECT count(*) FROM sqlite_schema WHERE name = 't'")->{rows}[0][0]{value}, 0,
	'... before any statement runs');
my $full = database_of($small, 'test');
$full->execute('CREATE TABLE t (a)');
$full->execute("INSERT INTO t VALUES (randomblob(300000))");
$stack->psql("UPDATE io7.user_databases SET storage_used_bytes = 1000000
	WHERE user_id = '@{[$small->user_id]}'");
eventually { run_all($small, 'INSERT INTO t VALUES (1)')->{status} == 507 }
	'a database beyond the plan cannot grow';
is(run_all($small, 'SELECT count(*) FROM t')->{status}, 200, '... but is read');
is(run_all($small, 'DELETE FROM t')->{status}, 200, '... and rows are deleted');
is($http->get('/api/database', headers => $small->auth('test'))->{status}, 200,
	'... which a look at its size notices');
eventually { run_all($small, 'INSERT INTO t VALUES (1)')->{status} == 200 }
	'... so that it may grow again';

# --- Keys of tokens ---------------------------------------------------------

$turso->write_file('seal', $turso->read_file('seal') . '2 ' . '2b' x 32 . "\n");
$stack->reconfigure(IO7_TURSO_TIMEOUT => '9s');
my $reseal = userdb('reseal');
is($reseal->{exit}, 0, 'tokens are encrypted with a new key') or diag($reseal->{err});
like($reseal->{out}, qr/tokens are encrypted with key 2$/m, '... which is named');
like(registered($account, 'test', 'db_token'), qr/^2:/, '... and used');
is_deeply([$db->query('SELECT count(*) FROM t WHERE a = 3')], [[1]],
	'... and the database opens');
like(open_stream($account), qr/^2:/, 'batons have the new key, too');

# --- The end of an account --------------------------------------------------

is($http->request(DELETE => '/api/me', headers => $account->auth('live'),
	body => encode_json({ confirm => $account->user_id }))->{status}, 202,
	'an account is deleted');
eventually { !$turso->has(name_of($account, 'test'))
	&& !$turso->has(name_of($account, 'live')) } '... and its databases at Turso';
eventually { $stack->psql("SELECT count(*) FROM io7.user_databases
	WHERE user_id = '@{[$account->user_id]}'") eq "0\n" } '... and in the registry';
is(userdb('drop', $early->name, '--mode', 'live', '--yes')->{exit}, 0,
	'a database that is gone can be dropped');

my $logs = join '', $stack->settled_log_lines;
is((grep { index($logs, $_) >= 0 } $turso->secrets), 0, 'no token is in a log');

finish;
