#!/usr/bin/perl
# Bad input to user databases, with the exact answer; and statements without end or
# measure, while other users are served. A statement may run for two seconds here.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;
use Time::HiRes qw(sleep);

my $stack = private_stack(set => { IO7_DATABASE_STATEMENT_TIMEOUT => '2s',
	IO7_DATABASE_STREAM_IDLE => '60s' });
my ($account, $other) = map { new_account($stack) } 1, 2;
my ($db, $others) = map { database_of($_, 'test') } $account, $other;
my $http = $stack->http;

sub stmt
{
	my ($sql, %more) = @_;

	return { type => 'execute', stmt => { sql => $sql, %more } };
}

sub pipeline
{
	return { requests => [@_, { type => 'close' }] };
}

# Checks that a whole request is refused, and why.
sub refused
{
	my ($what, $body, $status, $code, $message, $path) = @_;

	my $answer = $db->post($path // 'v3/pipeline', $body);
	is("$answer->{status} " . ($answer->{json}{code} // ''), "$status $code",
		$what) or diag(substr $answer->{body}, 0, 500);
	is($answer->{json}{message}, $message, '... with its message');
}

# Checks that one statement of a pipeline fails, and why.
sub fails
{
	my ($what, $request, $code, $message) = @_;

	$request = stmt($request) unless ref $request;
	my $answer = $db->post('v3/pipeline', pipeline($request));
	my $result = $answer->{json}{results}[0] // {};
	is("$answer->{status} " . ($result->{error}{code} // ''), "200 $code", $what)
		or diag(substr $answer->{body}, 0, 500);
	is($result->{error}{message}, $message, '... with its message');
}

# --- Long ones --------------------------------------------------------------

my $sql = 'SELECT 7 /*' . 'x' x ((1 << 20) - 13) . '*/';
is(length $sql, 1 << 20, 'SQL of 1 MiB');
is_deeply([$db->query($sql)], [[7]], '... runs');
fails('SQL of a byte more', "$sql ", 'SQLITE_TOOBIG',
	'SQLite error: statement too long');
my $all = join ',', ('(?)') x 10_000;
$db->execute('CREATE TABLE many (n)');
is($db->execute("INSERT INTO many VALUES $all",
	map { { type => 'integer', value => "$_" } } 1 .. 10_000)
	->{affected_row_count}, 10_000, '10,000 arguments are bound');
is_deeply([$db->query('SELECT count(DISTINCT n), sum(n) FROM many')],
	[[10_000, 50_005_000]], '... each one');
fails('10,000 arguments for one', stmt('SELECT ?',
	args => [({ type => 'null' }) x 10_000]), 'ARGS_INVALID', 'Arguments do not'
	. ' match SQL parameters: too many parameters, expected 1 found 10000');
fails('more parameters than SQLite has', 'VALUES ' . join(',', ('(?)') x 32_767),
	'SQL_INPUT_ERROR', 'SQL input error: too many SQL variables (at offset 131072)');
my $steps = { steps => [map { { stmt => { sql => "SELECT $_" } } } 1 .. 10_000] };
my $answer = $db->post('v3/pipeline', pipeline({ type => 'batch', batch => $steps }));
my $batch = $answer->{json}{results}[0]{response}{result};
is(scalar @{$batch->{step_results}}, 10_000, 'a batch of 10,000 steps runs')
	or diag(substr $answer->{body}, 0, 500);
is($batch->{step_results}[-1]{rows}[0][0]{value}, 10_000, '... to its end');
is((grep { $_ } @{$batch->{step_errors}}), 0, '... without an error');
$answer = $db->post('v3/cursor', { batch => $steps });
is((() = $answer->{body} =~ /"step_end"/g), 10_000, '... and as a cursor');
refused('a body that is nested too deeply', '{"requests":' . '[' x 10_000, 400,
	'PROTOCOL_ERROR', 'too many levels at byte 139');

# --- Values -----------------------------------------------------------------

sub with_args
{
	my ($args) = @_;

	return qq({"requests":[{"type":"execute","stmt":{"sql":"SELECT ?",)
		. qq($args}},{"type":"close"}]});
}

for (['an unknown type', '{"type":"date","value":"1"}', 'unknown type of a value:'
		. ' expected null, integer, float, text or blob'],
	['no type', '{"value":"1"}', 'missing field `type`'],
	['an integer as number', '{"type":"integer","value":1}',
		'an integer must be a string with a decimal integer of 64 bits'],
	['an integer of 65 bits', '{"type":"integer","value":"9223372036854775808"}',
		'an integer must be a string with a decimal integer of 64 bits'],
	['an infinite float', '{"type":"float","value":1e999}',
		'a float must be a number that a double can hold'],
	['a float as text', '{"type":"float","value":"NaN"}',
		'a float must be a number that a double can hold'],
	['NaN', '{"type":"float","value":NaN}', 'a value is missing at byte 88'],
	['Infinity', '{"type":"float","value":-Infinity}',
		'a number without digits at byte 89'],
	['base64 with other characters', '{"type":"blob","base64":"a*bc"}',
		'the `base64` of a blob must be a string with base64'],
	['base64 that ends early', '{"type":"blob","base64":"abcde"}',
		'the `base64` of a blob must be a string with base64'],
	['half of a surrogate pair', '{"type":"text","value":"\ud800"}',
		'a text must be a string without lone surrogates'],
	['a text that is not UTF-8', qq({"type":"text","value":"\xff\xfe"}),
		'a string is not UTF-8 at byte 88'],
	['a text in overlong UTF-8', qq({"type":"text","value":"\xc0\xaf"}),
		'a string is not UTF-8 at byte 88']) {
	my ($what, $value, $message) = @$_;
	refused($what, with_args(qq("args":[$value])), 400, 'PROTOCOL_ERROR',
		$message);
}
fails('args and named_args at once', stmt('SELECT ?', args => [{ type => 'null' }],
	named_args => [{ name => 'a', value => { type => 'null' } }]),
	'ARGS_BOTH_POSITIONAL_AND_NAMED',
	'Specifying both positional and named arguments is not supported');
is_deeply([$db->query('SELECT 9e999, -9e999')], [[undef, undef]],
	'an infinite result is null');
is_deeply([$db->query(q(SELECT CAST(x'61ff62' AS TEXT)))], [["a\x{fffd}b"]],
	'a text that is not UTF-8 is valid JSON');
my $blob = '"args":[{"type":"blob","base64":"' . 'A' x (28 << 20) . '"}]';
$answer = $db->post('v3/pipeline', with_args($blob));
is($answer->{status}, 413, 'a blob of 20 MB is refused');
fails('... also as a result', 'SELECT zeroblob(20 << 20)', 'SQLITE_TOOBIG',
	'SQLite error: string or blob too big');
fails('an answer that is too large', 'SELECT zeroblob(14 << 20)',
	'RESPONSE_TOO_LARGE', 'Response is too large');

# --- Requests and conditions ------------------------------------------------

for (['an unknown type of request', '{"requests":[{"type":"explode"}]}',
		'unknown variant `explode` of `type`'],
	['a request without a type', '{"requests":[{}]}', 'missing field `type`'],
	['no requests', '{}', 'missing field `requests`'],
	['requests that are no array', '{"requests":{}}', '`requests` must be an array'],
	['a list', '[]', '`body` must be an object'],
	['a number as SQL', '{"requests":[{"type":"execute","stmt":{"sql":1}}]}',
		'`sql` must be a string'],
	['no SQL', '{"requests":[{"type":"execute","stmt":{}}]}',
		'Either `sql` or `sql_id` are required'],
	['an unknown stored text', '{"requests":[{"type":"execute","stmt":'
		. '{"sql_id":7}}]}', 'SQL text 7 not found'],
	['an empty body', '', 'the text is empty at byte 0'],
	['a cut body', '{"requests":[{"type":"exe',
		'a string is not closed at byte 25']) {
	my ($what, $body, $message) = @$_;
	refused($what, $body, 400, 'PROTOCOL_ERROR', $message);
}
refused('get_autocommit in version 2', pipeline({ type => 'get_autocommit' }), 400,
	'PROTOCOL_ERROR', 'The `get_autocommit` request is only supported in protocol'
	. ' version hrana3 and higher', 'v2/pipeline');

for (['that names its own step', { type => 'ok', step => 0 },
		'Invalid reference to step in a batch condition'],
	['that names a later step', { type => 'not', cond => { type => 'error',
		step => 1 } }, 'Invalid reference to step in a batch condition'],
	['with a step that is not there', { type => 'ok', step => 4294967295 },
		'Invalid reference to step in a batch condition'],
	['of an unknown type', { type => 'maybe' }, 'unknown variant `maybe` of `type`'],
	['without its condition', { type => 'not' }, 'missing field `cond`']) {
	my ($what, $condition, $message) = @$_;
	my $body = { batch => { steps => [
		{ stmt => { sql => 'DELETE FROM many' }, condition => $condition },
		{ stmt => { sql => 'SELECT 1' } }] } };
	refused("a condition $what", pipeline({ type => 'batch', %$body }), 400,
		'PROTOCOL_ERROR', $message);
	refused('... of a cursor', $body, 400, 'PROTOCOL_ERROR', $message,
		'v3/cursor');
}
is_deeply([$db->query('SELECT count(*) FROM many')], [[10_000]],
	'nothing of a refused batch has run');

# --- One baton, two requests ------------------------------------------------

sub statement_in
{
	my ($baton, $sql) = @_;

	return { baton => $baton, requests => [stmt($sql)] };
}

my $holder = $db->post('v3/pipeline', statement_in(undef, 'BEGIN IMMEDIATE'))
	->{json}{baton};
my $twice = $db->post('v3/pipeline', statement_in(undef, 'SELECT 1'))->{json}{baton};
my @both = map { database_of($account, 'test') } 1, 2;
$_->send('v3/pipeline', statement_in($twice, 'DELETE FROM many')) for @both;
is($db->post('v3/pipeline', statement_in($holder, 'COMMIT'))->{status}, 200,
	'while two requests have one baton, the transaction they wait for ends');
my ($one, $two) = sort { $a->{status} <=> $b->{status} } map { $_->receive } @both;
is($one->{json}{results}[0]{type}, 'ok', 'one of them runs') or diag($one->{body});
is("$two->{status} $two->{json}{code}", '400 BATON_REUSED', '... the other one fails');
is($two->{json}{message}, 'Received a baton that has already been used',
	'... with its message');

# --- Statements without measure ---------------------------------------------

fails('randomblob(1e9)', 'SELECT length(randomblob(1e9))', 'SQLITE_TOOBIG',
	'SQLite error: string or blob too big');
fails('zeroblob(1e9)', 'SELECT length(hex(zeroblob(1e9)))', 'SQLITE_TOOBIG',
	'SQLite error: string or blob too big');
fails('zeroblob of a negative width', 'SELECT zeroblob(9e18)', 'SQLITE_TOOBIG',
	'SQLite error: string or blob too big');
# SQLite's versions differ in whether that is null or an error.
for (['width', '%1000000000d'], ['precision', '%.1000000000f']) {
	my ($what, $format) = @$_;
	my ($row) = eval { $db->query("SELECT length(printf('$format', 1.5))") };
	ok($row ? !defined $row->[0] : $@ =~ /SQLITE_TOOBIG/,
		"printf of a huge $what gives no text") or diag($@);
}
fails('a row of many blobs', 'SELECT ' . join(',', ('zeroblob(1 << 20)') x 20)
	. ' UNION SELECT ' . join(',', (1) x 20), 'SQLITE_TOOBIG',
	'SQLite error: string or blob too big');
fails('a sum that is too deep', 'SELECT ' . join('+', (1) x 1002), 'SQLITE_UNKNOWN',
	'SQLite error: Expression tree is too large (maximum depth 1000)');
fails('too many terms', join(' UNION ALL ', ('SELECT 1') x 501), 'SQLITE_UNKNOWN',
	'SQLite error: too many terms in compound SELECT');
my $columns = join ',', map { "c$_" } 1 .. 2000;
is($db->execute("CREATE TABLE wide ($columns)")->{affected_row_count}, 0,
	'a table has 2,000 columns');
$db->execute('INSERT INTO wide VALUES (' . join(',', 1 .. 2000) . ')');
is(scalar @{($db->query('SELECT * FROM wide'))[0]}, 2000, '... and a row');
fails('a table of 2,001 columns', "CREATE TABLE wider ($columns, more)",
	'SQLITE_UNKNOWN', 'SQLite error: too many columns on wider');

$db->execute('CREATE TABLE deep (n)');
$db->execute('CREATE TRIGGER down AFTER INSERT ON deep BEGIN'
	. ' INSERT INTO deep VALUES (new.n + 1); END');
is_deeply([map { $_->{type} } @{$db->post('v3/pipeline', pipeline(
	stmt('INSERT INTO deep VALUES (1)')))->{json}{results}}], ['ok', 'ok'],
	'a trigger does not fire itself');
$answer = $db->post('v3/pipeline', pipeline(stmt('PRAGMA recursive_triggers=ON'),
	stmt('INSERT INTO deep VALUES (1)')));
is_deeply($answer->{json}{results}[1]{error}, { code => 'SQLITE_UNKNOWN',
	message => 'SQLite error: too many levels of trigger recursion' },
	'... and if it may, only to a depth') or diag($answer->{body});
is_deeply([$db->query('SELECT count(*) FROM deep')], [[2]], '... without a row');

for my $name ('a"b', q(it's), '[x]', '`', '; DROP TABLE many; --', "new\nline", 'ü',
	' ', 'sélect "from"') {
	my $quoted = '"' . $name =~ s/"/""/gr . '"';
	$db->execute("CREATE TABLE $quoted (a)");
	$db->execute("INSERT INTO $quoted VALUES (1)");
	is_deeply([$db->query("SELECT a FROM $quoted")], [[1]],
		"a table has the name $quoted");
}
is((grep { $_->{name} eq '; DROP TABLE many; --' } @{$http->get('/api/database',
	headers => $account->auth('test'))->{json}{tables}}), 1, '... and is listed');

# --- Statements without end -------------------------------------------------

my $numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n';
for (['a recursive CTE without end', "$numbers) SELECT count(*) FROM n",
		'SQLITE_INTERRUPT',
		'SQLite error: interrupted: the statement took too long'],
	['a cross join of a billion rows', "$numbers LIMIT 1000)"
		. ' SELECT sum(a.i + b.i + c.i) FROM n a, n b, n c', 'SQLITE_INTERRUPT',
		'SQLite error: interrupted: the statement took too long'],
	['a statement that needs all memory', "$numbers LIMIT 50)"
		. ' SELECT length(z) FROM (SELECT i, zeroblob(8000000) z FROM n'
		. ' ORDER BY z, i)', 'SQLITE_NOMEM', 'SQLite error: out of memory']) {
	my ($what, $endless, $code, $message) = @$_;
	my $baton = $db->post('v3/pipeline', statement_in(undef,
		'CREATE TEMP TABLE here (a)'))->{json}{baton};
	$db->send('v3/pipeline', pipeline(stmt($endless)));
	is_deeply([$others->query('SELECT 1')], [[1]], "$what: others are served");
	is($http->get('/health')->{status}, 200, '... and the health answers');
	my $error = $db->receive->{json}{results}[0]{error};
	is_deeply($error, { code => $code, message => $message },
		'... the statement fails') or diag(encode_json($error));
	is($db->post('v3/pipeline', statement_in($baton, 'SELECT * FROM here'))
		->{json}{results}[0]{type}, 'ok', '... and its process goes on');
}
is_deeply([$db->query('PRAGMA integrity_check')], [['ok']], 'the file is whole');

# --- Requests without end ---------------------------------------------------

sub credits
{
	return $http->get('/api/usage/today', headers => $account->auth('live'))
		->{json}{credits};
}

my $before = credits();
$answer = database_of($account, 'live')->post('v3/pipeline', pipeline(
	stmt('CREATE TABLE IF NOT EXISTS paid (a)'),
	map { stmt("$numbers) SELECT count(*) FROM n") } 1 .. 20));
is($answer->{status}, 504, 'a request ends by its own timeout')
	or diag(substr $answer->{body}, 0, 500);
eventually { credits() - $before == 1 } '... and costs a credit';

# 100 MB, of which the client reads at most 3 MB a second.
my $reader = $stack->http;
my ($url) = $http->get('/api/database', headers => $account->auth('test'))
	->{json}{url} =~ m{(/db/.*)};
$reader->send($reader->compose(POST => "${url}v3/cursor",
	headers => $account->auth('test'), body => encode_json({ batch => { steps => [
	{ stmt => { sql => "$numbers LIMIT 100000) SELECT hex(zeroblob(500)) FROM n" } }
	] } })));
my $tail = '';
while (sysread $reader->{socket}, my $piece, 65_536) {
	$tail = substr $tail . $piece, -400;
	last if $tail =~ /\r\n0\r\n\r\n\z/;
	sleep 0.02;
}
like($tail, qr/"code":"timeout"/, 'a slow reader of a cursor gets no more time');

finish;
