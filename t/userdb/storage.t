#!/usr/bin/perl
# The plan's storage bounds the key-value store and the user database together; and
# databases that are missing, damaged, newer or on another host.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = private_stack(set => { IO7_DATABASE_IDLE => '200ms' });
my $http = $stack->http;
new_plan($stack, 'small', bytes => 1_000_000);

sub kv
{
	my ($account, $key, $bytes) = @_;

	# What a worker knows of a credential is up to a minute old.
	return $http->put("/kv/$key", headers => [Authorization =>
		'Bearer ' . $account->session, 'Io7-Mode' => 'test'],
		body => '"' . 'x' x $bytes . '"')->{status};
}

# --- Both together ----------------------------------------------------------

my $account = new_account($stack, plan => 'small');
my $db = database_of($account, 'test');
$db->execute('CREATE TABLE blobs (b)');
my $fill = sub {
	eval { $db->execute('INSERT INTO blobs VALUES (zeroblob(100000))') for 1 .. 20 };
	return $@ =~ /SQLITE_FULL/;
};
ok($fill->(), 'a database cannot exceed the storage of the plan');
is_deeply([$db->query('PRAGMA integrity_check')], [['ok']], '... and stays whole');
my ($rows) = map { $_->[0] } $db->query('SELECT count(*) FROM blobs');
cmp_ok($rows, '>=', 8, '... which it can use');
$db->execute('DELETE FROM blobs WHERE rowid > 4');
eventually {
	kv($account, 'large', 800_000) == 507
} 'the key-value store gets what the database leaves';
is(kv($account, 'small', 1000), 201, '... and not less');

my $other = new_account($stack, plan => 'small');
is(kv($other, "part$_", 200_000), 201, 'the key-value store is filled') for 1 .. 4;
$db = database_of($other, 'test');
eventually {
	$http->get('/api/database', headers => $other->auth('test'))
		->{json}{size_max} < 300_000
} 'the bound of the database follows';
$db->execute('CREATE TABLE blobs (b)');
ok($fill->(), '... and holds');
cmp_ok($http->get('/api/database', headers => $other->auth('test'))->{json}{size},
	'<', 350_000, '... in bytes');
my $overview = $http->get('/api/dashboard/overview',
	headers => $other->auth('test'))->{json};
cmp_ok($overview->{storage}{test}, '>', 800_000, 'the overview counts both');

# --- Faults -----------------------------------------------------------------

sub pipeline
{
	my ($of) = @_;

	return $http->post('/db/' . name_of($of) . '/v2/pipeline',
		headers => $of->auth('test'), body => '{"baton":null,"requests":'
			. '[{"type":"execute","stmt":{"sql":"SELECT 1"}},{"type":"close"}]}');
}

sub name_of
{
	return 'test-' . $_[0]->user_id =~ tr/-//dr;
}

# Waits until no process has the database open.
sub close_it
{
	my ($of) = @_;
	my $name = name_of($of);

	eventually { !grep { /\Q$name\E/ } map { readlink($_) // () }
		glob '/proc/[0-9]*/fd/*' } 'its process has ended';
	return $stack->dir . "/databases/$name/database";
}

# Changes the file of a database until its requests get that status: a chore may have
# opened the database again meanwhile. Returns the answer.
sub change_file
{
	my ($of, $status, $change) = @_;
	my $answer;

	wait_until(120, sub {
		$change->(close_it($of));
		$answer = pipeline($of);
		return $answer->{status} == $status;
	});
	return $answer;
}

my $damaged = new_account($stack);
database_of($damaged, 'test')->execute('CREATE TABLE t (a)');
my $answer = change_file($damaged, 500, sub {
	spew($_[0], 'no database at all' x 1000);
	unlink "$_[0]-wal";
});
is($answer->{status}, 500, 'a damaged database is an error of the host');
like($answer->{json}{message}, qr/damaged/, '... whose message says so');
is(pipeline($damaged)->{status}, 500, '... each time');
for my $arguments (['drop', $damaged->name, '--mode', 'test', '--yes'],
	['make', $damaged->name]) {
	my $done = io7('userdb', @$arguments, '-c', $stack->conf_file);
	is($done->{exit}, 0, "io7 userdb $arguments->[0]") or diag($done->{err});
}
is(pipeline($damaged)->{status}, 200, '... until it is deleted and created again');

my $missing = new_account($stack);
database_of($missing, 'test')->execute('CREATE TABLE t (a)');
$answer = change_file($missing, 500, sub { unlink glob "$_[0]*" });
is($answer->{status}, 500, 'a database without its file is an error of the host');
like($answer->{json}{message}, qr/missing/, '... whose message says so');

my $newer = new_account($stack);
database_of($newer, 'test')->execute('CREATE TABLE t (a)');
$answer = change_file($newer, 409, sub {
	my $bytes = slurp($_[0]);
	substr($bytes, 68, 4) = pack 'N', unpack('N', substr $bytes, 68, 4) + 100;
	spew($_[0], $bytes);
});
is($answer->{status}, 409, 'a database of a newer version is a conflict');
like($answer->{json}{message}, qr/newer version/, '... whose message says so');

my $elsewhere = new_account($stack);
$stack->psql("UPDATE io7.user_databases SET host = 'other.example'
	WHERE user_id = '@{[$elsewhere->user_id]}';");
$answer = pipeline($elsewhere);
is($answer->{status}, 421, 'a database of another host is misdirected');
like($answer->{json}{message}, qr/other\.example/, '... and the message names it');

is($http->get('/health')->{json}{status}, 'ok', 'none of these harms the health');
my $whole = new_account($stack);
is(pipeline($whole)->{status}, 200, '... nor other databases');

# --- Without the spawner ----------------------------------------------------

my ($spawner) = $stack->workers('keepers') ? map { $_->{pid} }
	$stack->workers('keepers') : ();
ok($spawner, 'the pool keepers has a process');
my $born;
kill STOP => $spawner;
$born = new_account($stack);
ok($born, 'a user signs up while no database can be created');
is($stack->psql("SELECT string_agg(DISTINCT state, ',') FROM io7.user_databases
	WHERE user_id = '@{[$born->user_id]}'"), "pending\n", '... whose databases are pending');
is($http->get('/health')->{json}{status}, 'ok', '... and the health is good');
kill CONT => $spawner;
eventually {
	$stack->psql("SELECT string_agg(DISTINCT state, ',') FROM io7.user_databases
		WHERE user_id = '@{[$born->user_id]}'") eq "ready\n"
} 'the chore creates them later';
is(pipeline($born)->{status}, 200, '... and they work');

finish;
