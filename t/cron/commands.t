#!/usr/bin/perl
# What the commands of cron jobs do, each attempt by itself: requests, transforms of the
# key-value store and SQL in the user's database, with the sentence of each failure.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Process qw(free_port);
use Io7::Target;
use Io7::Test;
use Socket qw(inet_aton);
use Sys::Hostname qw(hostname);

# One address of loopback is allowed and another one is not; a server listens at both.
my $target = Io7::Target->new(address => '127.0.0.9');
my $inside = Io7::Target->new(address => '127.0.0.1');
my $stack = private_stack(io7 => tested_program, workers => 2,
	set => { IO7_OUTBOUND_ALLOW => '127.0.0.9/32', IO7_DATABASE_IDLE => '1s' });
my $http = $stack->http;
my $account = new_account($stack);

# Runs one attempt of a command.
sub attempt
{
	my ($command, %how) = (shift, run => 'run_1', @_);
	my $query = join '&', map { "$_=$how{$_}" } sort keys %how;
	my $answer = $http->post("/t/command?$query", body => $command,
		headers => [ 'Content-Type' => 'text/plain',
			@{$account->auth('test')} ]);

	return $answer->{status} == 200 ? decode_json($answer->{body})
		: { outcome => "status $answer->{status}", why => $answer->{body} };
}

sub succeeds
{
	my ($command, $what, %how) = @_;
	my $got = attempt($command, %how);

	is($got->{outcome}, 'done', $what) or diag($got->{why});
	return $got;
}

sub fails
{
	my ($command, $outcome, $why, $what, %how) = @_;
	my $got = attempt($command, %how);

	is($got->{outcome}, $outcome, $what);
	is($got->{why}, $why, '... with a sentence');
	return $got;
}

# --- http -------------------------------------------------------------------

my $got = succeeds('http POST ' . $target->url('/echo') . ' {"a": [1, 2]}',
	'a request that is answered with 200 is a success');
my ($head, $body) = split /\n\n/, $got->{output}, 2;
is($head, "HTTP 200\nContent-Type: application/json; charset=utf-8",
	'... the output has status and type');
my $asked = decode_json($body);
is("$asked->{method} $asked->{body}", 'POST {"a": [1, 2]}',
	'... and the answer: the request has its method and body');
is($asked->{headers}{'content-type'}, 'application/json', '... as JSON');

is(attempt('http GET ' . $target->url('/status', '204'))->{outcome}, 'done',
	'any status of 200 to 299 is a success');
is(attempt('http HEAD ' . $target->url('/echo'))->{outcome}, 'done',
	'the answer to HEAD has no body');
is(attempt('http GET ' . $target->url('/to', '/echo'))->{outcome}, 'done',
	'GET follows a redirect');

for my $row ([400, 'refused'], [404, 'refused'], [408, 'failed'], [429, 'failed'],
		[500, 'failed'], [503, 'failed']) {
	my ($status, $outcome) = @$row;
	$got = fails('http GET ' . $target->url('/status', $status), $outcome,
		"The target answered with status $status.",
		"status $status is a failure");
	like($got->{output}, qr/^HTTP $status\n/, '... which the output has');
}
fails('http POST ' . $target->url('/status', 410), 'refused',
	'The target answered with status 410: it is gone for good.',
	'status 410 is a failure that is not tried again');
fails('http POST ' . $target->url('/to', '/echo') . ' {}', 'refused',
	'The target answered with status 302, a redirect that is not followed.',
	'POST follows no redirect');

$got = attempt('http GET ' . $target->url('/later', '120'));
is("$got->{outcome} $got->{pause_us}", 'failed 120000000',
	'a busy target says when it is tried again');
$got = attempt('http GET ' . $target->url('/later', '9999999'));
is($got->{pause_us}, 86_400_000_000, '... within a day');

fails('http GET ' . $inside->url('/echo'), 'refused',
	"The URL's address is not public. Use a public one, or ask the operator to allow this one.",
	'a URL with an address of the operator is refused');
SKIP: {
	my $name = hostname();
	my $address = inet_aton($name) // '';
	skip 'the host name does not lead to loopback', 2 if $address !~ /^\x7F/;
	fails("http GET http://$name:" . $inside->port . '/echo', 'refused',
		"The target's address is not allowed.",
		'... and a name that leads to one');
}
fails('http GET ' . $target->url('/to', $inside->url('/echo')), 'refused',
	'The target redirects to an address that is not allowed.',
	'... and a redirect to one');
is($inside->hits, 0, 'no such request is sent');

fails('http GET http://nowhere.invalid/', 'failed',
	"The target's host name cannot be resolved.", 'an unknown host is a failure');
fails('http GET http://127.0.0.9:' . free_port() . '/', 'failed',
	'The target accepts no connection.', '... and a port without a server');
fails('http GET ' . $target->url('/silent'), 'failed',
	'The target did not answer in time.', '... and a target that never answers',
	ms => 3000);
fails('http GET ' . $target->url('/stuck'), 'failed',
	'The target did not answer in time.', '... or stops in the middle',
	ms => 3000);
for my $how (qw(short chunk hang_up rubbish)) {
	fails('http GET ' . $target->url("/$how"), 'failed',
		"The target's answer is incomplete or not HTTP.",
		"... and an incomplete answer: $how");
}

$got = attempt('http GET ' . $target->url('/flood'));
is($got->{outcome}, 'done', 'an answer of 100 MB is a success');
ok($got->{is_cut}, '... whose output is cut');
is(length $got->{output}, 65536, '... at 64 KiB');
is($target->finished, 0, '... and is not read to its end');
$got = attempt('http GET ' . $target->url('/bytes', 1000));
is(length $got->{output} =~ s/^.*?\n\n//sr, 1000, 'a smaller one is kept');
ok(!$got->{is_cut}, '... as a whole');

# --- kv transform -----------------------------------------------------------

sub value_of
{
	my ($key, $mode) = @_;
	return $http->get("/kv/$key", headers => $account->auth($mode // 'test'));
}

sub store
{
	my ($key, $value, $mode) = @_;
	return $http->put("/kv/$key", body => $value,
		headers => $account->auth($mode // 'test'));
}

store('counter', '{"n":1}');
store('counter', '{"n":100}', 'live');
$got = attempt('kv transform counter .n += 1');
is($got->{outcome}, 'done', 'a value is transformed');
is(value_of('counter')->{body} =~ s/\s//gr, '{"n":2}', '... and saved');
my $version = value_of('counter')->{headers}{etag} =~ s/"//gr;
is($got->{output}, qq(Saved as version $version.\n\n{"n":2}),
	'... the output has the version and the value');
is(value_of('counter', 'live')->{body} =~ s/\s//gr, '{"n":100}',
	'... only in the mode of the job');
store('my%20key', '1', 'test');
is(attempt('kv transform "my key" \'. + 1\'')->{outcome}, 'done',
	'a key with a space, and a program in quotes');
is(value_of('my%20key')->{body} + 0, 2, '... are those of the job');
store('large', '12345678901234567890');
like(attempt('kv transform large .')->{output}, qr/more digits than jq keeps\./,
	'a number that jq changes is warned of');

fails('kv transform absent .', 'failed', 'There is no such key.',
	'a key that does not exist is a failure');
fails('kv transform counter .n,.n', 'refused',
	'A result is saved only if the program has exactly one output.',
	'... and two outputs');
fails('kv transform counter empty', 'refused',
	'A result is saved only if the program has exactly one output.',
	'... and none');
like(attempt('kv transform counter [range(infinite)]')->{why},
	qr/^The program (needs more memory than allowed|took too long)\.$/,
	'... and endless memory');
like(attempt('kv transform counter .n |')->{why}, qr/syntax error/,
	'... and a program that cannot be compiled');
like(attempt('kv transform counter .n | error("no")')->{why}, qr/no/,
	'... and an error of the program');
is(attempt('kv transform counter last(range(infinite))', ms => 4000)->{outcome},
	'failed', '... and an endless program');
is(value_of('counter')->{body} =~ s/\s//gr, '{"n":2}', 'none of them saves');

# --- sql --------------------------------------------------------------------

my $db = database_of($account, 'test');
$got = attempt('sql CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b BLOB)');
is("$got->{outcome} $got->{output}", "done 0 rows changed\n", 'a statement runs');
$got = attempt(q{sql INSERT INTO t (a) VALUES ('x;y'), (NULL); -- two
	INSERT INTO t VALUES (9223372036854775807, 1.5, x'0102');
	SELECT * FROM t ORDER BY id; });
is($got->{outcome}, 'done', 'several statements run');
is($got->{output}, <<'END', '... and the output has their results');
2 rows changed

1 row changed

["id","a","b"]
[1,"x;y",null]
[2,null,null]
[9223372036854775807,1.5,{"base64":"AQI"}]
3 rows
END
is_deeply([$db->query('SELECT count(*) FROM t')], [[3]], '... in the database');

$got = attempt(q{sql INSERT INTO t (a) VALUES (7); INSERT INTO t (a) VALUES ('x;y')});
is($got->{outcome}, 'failed', 'a constraint is a failure');
like($got->{why}, qr/^Statement 2: .*UNIQUE constraint failed: t\.a/,
	'... with the error of SQLite and the statement');
is_deeply([$db->query('SELECT count(*) FROM t')], [[3]],
	'... which undoes the statements before it');
like(attempt('sql SELECT * FROM absent')->{why}, qr/no such table: absent/,
	'an unknown table has the error of SQLite');
like(attempt('sql SELEC 1')->{why}, qr/near "SELEC": syntax error/,
	'... and so has a wrong statement');
is(attempt('sql SELEC 1')->{outcome}, 'refused', '... which is not tried again');
is(attempt(q{sql BEGIN; DELETE FROM t; ROLLBACK})->{outcome}, 'done',
	'SQL may have a transaction of its own');
is_deeply([$db->query('SELECT count(*) FROM t')], [[3]], '... as it is written');
is(attempt('sql DELETE FROM t; VACUUM')->{outcome}, 'refused',
	'a statement that cannot be in a transaction is refused among others');
$got = attempt('sql WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n'
	. ' LIMIT 50000) SELECT i FROM n');
ok($got->{outcome} eq 'done' && $got->{is_cut} && length $got->{output} <= 65536,
	'a large result is cut');
$got = attempt('sql WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n'
	. ' LIMIT 30) SELECT zeroblob(1000000) FROM n');
is($got->{outcome}, 'refused', 'one that is too large for the database is refused');
like($got->{why}, qr/too large/i, '... with a sentence');
like(attempt('sql WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
	. ' SELECT count(*) FROM n')->{why}, qr/took too long/,
	'an endless statement is interrupted');

my $baton = $db->post('v2/pipeline', { requests => [
	{ type => 'execute', stmt => { sql => 'BEGIN IMMEDIATE' } }] })->{json}{baton};
$got = attempt("sql INSERT INTO t (a) VALUES ('late')");
is($got->{outcome}, 'failed', 'a database that is locked is a failure');
like($got->{why}, qr/database is locked/, '... with the error of SQLite');
$db->post('v2/pipeline', { baton => $baton, requests => [{ type => 'close' }] });
is(attempt("sql INSERT INTO t (a) VALUES ('late')")->{outcome}, 'done',
	'... until the lock is gone');

# --- Databases that cannot be used ------------------------------------------

# The registry's row of the test database.
sub register
{
	my ($change) = @_;

	$stack->psql("UPDATE io7.user_databases SET $change
		WHERE user_id = '@{[$account->user_id]}' AND mode = 'test'");
}

my $host = $stack->psql("SELECT host FROM io7.user_databases
	WHERE user_id = '@{[$account->user_id]}' AND mode = 'test'") =~ s/\s//gr;
register("host = 'other.example'");
$got = fails('sql SELECT 1', 'later', 'The database is on the host other.example.',
	'a database of another host is left to a runner there');
is($got->{pause_us}, 1_000_000, '... which may take it soon');
register("host = '$host', provider = 'nowhere'");
fails('sql SELECT 1', 'failed', 'The database is not available; try again shortly.',
	'an unknown provider is a failure');

$account = new_account($stack);
attempt('sql SELECT 1');
my $name = 'test-' . $account->user_id =~ tr/-//dr;
eventually { !grep { /\Q$name\E/ } map { readlink($_) // () }
	glob '/proc/[0-9]*/fd/*' } 'the process of a database ends';
unlink glob $stack->dir . "/databases/$name/database*";
like(attempt('sql SELECT 1')->{why}, qr/^The file of this database is missing\./,
	'a database without its file is a failure');

new_plan($stack, 'small', bytes => 200_000);
$account = new_account($stack, plan => 'small');
attempt('sql CREATE TABLE t (b)');
$got = attempt('sql INSERT INTO t VALUES (zeroblob(500000))');
is($got->{outcome}, 'failed', "the plan's storage bounds the database");
like($got->{why}, qr/full/, '... with a sentence');

finish;
