#!/usr/bin/perl
# The commands of `io7 userdb`, export and import, and databases in the life of an
# account: signup, deletion, and the reset of test data.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = private_stack();
my $http = $stack->http;
my $dir = tempdir('io7-userdb-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $account = new_account($stack);
my $db = database_of($account, 'test');

sub userdb
{
	return io7('userdb', @_, '-c', $stack->conf_file);
}

sub name_of
{
	my ($of, $mode) = @_;

	return "$mode-" . $of->user_id =~ tr/-//dr;
}

# --- Commands ---------------------------------------------------------------

my $list = userdb('list', '--json');
is($list->{exit}, 0, 'the databases are listed');
my %listed = map { $_->{name} => $_ } map { decode_json($_) } split /\n/, $list->{out};
for my $mode (qw(live test)) {
	my $row = $listed{name_of($account, $mode)};
	is($row->{mode}, $mode, "the $mode database is listed");
	is($row->{provider}, 'file', '... with its provider');
	is($row->{user_id}, $account->user_id, '... and its user');
}
like(userdb('show', $account->name)->{out}, qr/^test-\w+ +file +ready +1 +\d+ /m,
	'the databases of a user are shown');
$db->execute('CREATE TABLE t (a)');
$db->execute('INSERT INTO t VALUES (1)');
my $check = userdb('check', $account->name, '--mode', 'test');
is($check->{exit}, 0, 'a database is checked') or diag($check->{err});
like($check->{out}, qr/^test-\w+ is intact: \d+ bytes, schema 1$/, '... and intact');

my $backup = userdb('backup', $account->name, '--mode', 'test', '--to', "$dir/a.db");
is($backup->{exit}, 0, 'a database is backed up') or diag($backup->{err});
like(slurp("$dir/a.db"), qr/^SQLite format 3\0/, '... as an SQLite file');
is((stat "$dir/a.db")[2] & 0777, 0600, '... that nobody else can read');
isnt(userdb('backup', $account->name, '--mode', 'test', '--to', "$dir/a.db")->{exit},
	0, 'an existing file is not replaced');
$db->execute('INSERT INTO t VALUES (2)');
my $restore = userdb('restore', $account->name, '--mode', 'test', '--from',
	"$dir/a.db");
is($restore->{exit}, 0, 'the backup is restored') or diag($restore->{err});
is_deeply([$db->query('SELECT a FROM t')], [[1]], '... with its rows');
spew("$dir/bad", 'x' x 10_000);
isnt(userdb('restore', $account->name, '--mode', 'test', '--from', "$dir/bad")
	->{exit}, 0, 'another file is not restored');
is_deeply([$db->query('SELECT a FROM t')], [[1]], '... and changes nothing');
isnt(userdb('drop', $account->name, '--mode', 'test')->{exit}, 0,
	'a database is not dropped without --yes');
is(userdb('drop', $account->name, '--mode', 'test', '--yes')->{exit}, 0,
	'a database is dropped');
ok(!-e $stack->dir . '/databases/' . name_of($account, 'test'), '... with its folder');
is(userdb('make', $account->name)->{exit}, 0, '... and made again');
is_deeply([database_of($account, 'test')->query(
	q(SELECT count(*) FROM sqlite_schema WHERE name = 't'))], [[0]], '... empty');

# --- Export and import ------------------------------------------------------

$db = database_of($account, 'test');
$db->execute('CREATE TABLE u (a, b)');
$db->execute("INSERT INTO u VALUES (9007199254740993, 'ü')");
my $export = $http->get('/api/database/export', headers => $account->auth('test'));
is($export->{status}, 200, 'a database is exported');
is($export->{headers}{'content-type'}, 'application/vnd.sqlite3', '... as an SQLite file');
is($export->{headers}{'content-disposition'}, 'attachment; filename="'
	. name_of($account, 'test') . '.db"', '... with its name');
is($export->{headers}{'content-length'}, length $export->{body}, '... and its length');

sub import_it
{
	my ($body, @headers) = @_;

	return $http->post('/api/database/import', headers => $account->auth('test',
		'Content-Type' => 'application/vnd.sqlite3', @headers), body => $body);
}

$db->execute('DELETE FROM u');
my $import = import_it($export->{body});
is($import->{status}, 200, 'it is imported') or diag($import->{body});
is($import->{json}{schema_version}, 1, '... with its schema');
is_deeply([$db->query('SELECT a, b FROM u')], [['9007199254740993', 'ü']],
	'... and its rows');
my $broken = $export->{body};
substr($broken, 4096, 2000) = "\xff" x 2000;
my $future = $export->{body};
substr($future, 68, 4) = pack 'N', unpack('N', substr $future, 68, 4) + 100;
for (['no file', ''], ['a text', 'hello'], ['a header only', "SQLite format 3\0"],
	['a cut file', substr $export->{body}, 0, length($export->{body}) - 5000],
	['a damaged file', $broken], ['zeros', "\0" x 100_000],
	['a file of a newer schema', $future]) {
	my ($what, $body) = @$_;
	my $answer = import_it($body);
	like($answer->{status}, qr/^4\d\d$/, "$what is refused")
		or diag($answer->{body});
	is_deeply([$db->query('SELECT count(*) FROM u')], [[1]], '... and changes nothing');
}
is(import_it($export->{body}, 'Content-Encoding' => 'gzip')->{status}, 415,
	'a compressed file is refused');
is($http->post('/api/database/import', headers => $account->auth('test',
	'Content-Type' => 'application/json'), body => '{}')->{status}, 415,
	'... and another type');
my $small = new_account($stack, plan => new_plan($stack, 'small', bytes => 10_000));
is($http->post('/api/database/import', headers => $small->auth('test',
	'Content-Type' => 'application/vnd.sqlite3'), body => "\0" x 200_000)->{status},
	507, 'a file beyond the plan is refused');
my $stranger = new_account($stack);
my $names = [map { $_->{name} } @{$http->get('/api/database',
	headers => $stranger->auth('test'))->{json}{tables}}];
is_deeply($names, ['cron_jobs'], 'none of this reaches another account');

# --- Bodies -----------------------------------------------------------------

my $large = '{"baton":null,"requests":[{"type":"execute","stmt":{"sql":"SELECT length(?)",'
	. '"args":[{"type":"text","value":"' . 'x' x 7_000_000 . '"}]}},{"type":"close"}]}';
my $path = '/db/' . name_of($account, 'test') . '/v2/pipeline';
my $answer = $http->post($path, headers => $account->auth('test'), body => $large);
is($answer->{status}, 200, 'a body of 7 MB is accepted') or diag($answer->{body});
is($answer->{json}{results}[0]{response}{result}{rows}[0][0]{value}, 7_000_000,
	'... and arrives');
is($http->post($path, headers => $account->auth('test'),
	body => ' ' x (9 << 20))->{status}, 413, 'a larger one is refused');

# --- The life of an account -------------------------------------------------

my $leaving = new_account($stack);
database_of($leaving, $_)->execute('CREATE TABLE t (a)') for qw(test live);
my @folders = map { $stack->dir . '/databases/' . name_of($leaving, $_) } qw(test live);
is((grep { -d } @folders), 2, 'an account has two folders');
is($http->request(DELETE => '/api/me', headers => $leaving->auth('live'),
	body => encode_json({ confirm => $leaving->user_id }))->{status}, 202,
	'the account is deleted');
eventually { !grep { -e } @folders } '... and its databases with it';
eventually {
	$stack->psql("SELECT count(*) FROM io7.users WHERE id = '@{[$leaving->user_id]}'")
		eq "0\n"
} '... and its row';
is($stack->psql("SELECT count(*) FROM io7.user_databases
	WHERE user_id = '@{[$leaving->user_id]}'"), "0\n", '... in the registry, too');

$stack->psql("DELETE FROM io7.user_databases
	WHERE user_id = '@{[$stranger->user_id]}';");
eventually {
	$stack->psql("SELECT count(*) FROM io7.user_databases WHERE state = 'ready'
		AND user_id = '@{[$stranger->user_id]}'") eq "2\n"
} 'a user without databases gets them from the janitor', 120;

$db = database_of($account, 'live');
$db->execute('CREATE TABLE kept (a)');
my $reset = io7('tenant', 'reset-test', '--yes', '-c', $stack->conf_file);
is($reset->{exit}, 0, 'the test data is reset') or diag($reset->{err});
like($reset->{out}, qr/^\d+ user databases deleted$/m, '... with the databases');
eventually {
	my $about = $http->get('/api/database', headers => $account->auth('test'));
	$about->{status} == 200 && @{$about->{json}{tables}} == 1
} 'the test database comes again, empty';
is_deeply([$db->query(q(SELECT count(*) FROM sqlite_schema WHERE name = 'kept'))],
	[[1]], '... and the live database stays');

# --- Keys of tokens ---------------------------------------------------------

isnt(userdb('reseal')->{exit}, 64, 'reseal needs no arguments');

finish;
