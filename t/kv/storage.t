#!/usr/bin/perl
# The size of a store: counted to the byte, limited by the plan, copied to the users
# table; and the removal of expired keys.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use POSIX ();

my $stack = private_stack(set => { IO7_TEST_WORKERS => 4 });
my $http = $stack->http;
my $account = new_account($stack);
my $schema = $account->schema;

sub ask
{
	my ($method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

sub query
{
	my ($sql, $database) = @_;

	return $stack->psql("$sql;", $database // 'io7_test') =~ s/\n\z//r;
}

# The bytes that a row counts in addition to its key and value.
use constant ROW => 100;

# Compares the counts of the slots with the stored rows, in one statement, because the
# janitor may be working. Which slot counts a row depends on how it was written.
sub is_exact
{
	my ($what, $expected, $row) = @_;

	my ($counted, $stored) = split /\|/, query("
		SELECT (SELECT sum(bytes) FROM $schema.kv_slot),
			coalesce(sum(@{[$row // ROW]} + octet_length(key)
				+ octet_length(value::text)), 0)
		FROM $schema.kv_store");
	is($counted, $stored, $what);
	is($counted, $expected, "... $expected bytes") if defined $expected;
}

# Makes keys expire.
sub expire
{
	my ($keys) = @_;

	query("UPDATE $schema.kv_store SET expires_at = now() - interval '1 s'
		WHERE key LIKE '$keys'");
}

# --- Exact counts -----------------------------------------------------------

is_exact('an empty store', 0);
ask(PUT => '/kv/a', '[1,2]');
is_exact('a value is counted', ROW + length('a') + length('[1, 2]'));
ask(PUT => '/kv/%C3%A4', '"\u00e4"');
is_exact('characters of several bytes are counted', ROW + 7 + ROW + 2 + 4);
ask(PUT => '/kv/a', '1');
is_exact('a smaller value is counted', 2 * ROW + 2 + 6);
ask(PUT => '/kv/a', '"' . 'x' x 500_000 . '"');
is_exact('a larger value is counted', 2 * ROW + 1 + 500_002 + 6);
ask(PATCH => '/kv/a', '{"b":[true]}',
	'Content-Type' => 'application/merge-patch+json');
is_exact('a patched value is counted', 2 * ROW + length('a{"b": [true]}') + 6);
ask(PATCH => '/kv/a', '[{"op":"remove","path":"/b"}]',
	'Content-Type' => 'application/json-patch+json');
is_exact('... by both kinds of patches', 2 * ROW + length('a{}') + 6);
ask(POST => '/kv/n/incr', '{"by":123456789012}');
is_exact('a counter is counted', 3 * ROW + 1 + 12 + 3 + 6);
ask(PUT => '/kv/a', 1, 'If-Match' => '"77"');
ask(PUT => '/kv/a', 'x');
ask(PATCH => '/kv/a', '[{"op":"remove","path":"/b"}]',
	'Content-Type' => 'application/json-patch+json');
is_exact('a failed request changes nothing', 3 * ROW + 1 + 12 + 3 + 6);
ask(DELETE => '/kv/n');
is_exact('a deleted key is not counted', 2 * ROW + 3 + 6);
ask(PUT => '/kv/a?ttl=1000', '[]');
expire('a');
ask(PUT => '/kv/a', '[1]');
is_exact('a value that replaces an expired one is counted', 2 * ROW + 4 + 6);
ask(PUT => "/kv/k$_", $_ x $_) for 1 .. 40;
is_exact('many');
ask(DELETE => '/kv?pattern=k1*&confirm=true');
is_exact('... after some keys are deleted');
ask(DELETE => '/kv?pattern=*&confirm=true');
is_exact('... and after all are', 0);

# --- Versions ---------------------------------------------------------------

my $last = 0;
for my $step ([PUT => 1], ['DELETE'], [PUT => 2], ['DELETE'], [PUT => 3]) {
	my ($method, $body) = @$step;
	my $answer = ask($method => '/kv/v', $body);
	next if $method eq 'DELETE';
	cmp_ok($answer->{json}{version}, '>', $last, 'a version is never used again');
	$last = $answer->{json}{version};
}
ask(DELETE => '/kv?pattern=v&confirm=true');
cmp_ok(ask(PUT => '/kv/v', 4)->{json}{version}, '>', $last,
	'... also not after a deletion by pattern');
$last = ask(PUT => '/kv/v?ttl=1000', 5)->{json}{version};
expire('v');
eventually { query("SELECT count(*) FROM $schema.kv_store") == 0 }
	'an expired key is swept';
cmp_ok(ask(PUT => '/kv/v', 6)->{json}{version}, '>', $last,
	'... and not after a sweep');
ask(DELETE => '/kv/v');

# --- Sweeping ---------------------------------------------------------------

ask(PUT => "/kv/stays$_", $_) for 1 .. 3;
ask(PUT => '/kv/later?ttl=1000', 1);
query("INSERT INTO $schema.kv_store (key, value, version, expires_at)
	SELECT 'gone' || i, to_jsonb(i), 1, now() FROM generate_series(1, 1700) AS i;
	UPDATE $schema.kv_slot AS s SET bytes = s.bytes + k.bytes FROM (
		SELECT hashtext(key) & 15 AS slot, sum(bytes) AS bytes
		FROM $schema.kv_store WHERE key LIKE 'gone%' GROUP BY 1) AS k
	WHERE k.slot = s.slot");
is(ask(GET => '/kv?count=true')->{json}{count}, 4,
	'expired keys are not counted in a list');
eventually { query("SELECT count(*) FROM $schema.kv_store
	WHERE key LIKE 'gone%'") == 0 } '... and all of them are swept';
is_exact('... and no longer counted', 4 * ROW + 3 * 7 + 6);
is(query("SELECT string_agg(key, ' ' ORDER BY key) FROM $schema.kv_store"),
	'later stays1 stays2 stays3', '... and nothing else is swept');

# --- Folding ----------------------------------------------------------------

sub folded
{
	return query("SELECT test_storage_bytes || ' ' || live_storage_bytes
		FROM io7.users WHERE id = '@{[$account->user_id]}'", 'io7_live');
}

$http->put('/kv/l', headers => $account->auth('live'), body => '[1, 2]');
eventually { folded() eq '427 107' } 'the users table shows both sizes';
ask(DELETE => '/kv?pattern=*&confirm=true');
eventually { folded() eq '0 107' } '... and follows';

# --- Tenants that are not upgraded yet ---------------------------------------

# Makes new tenants in the form of an older version.
sub provision_version
{
	my ($version) = @_;

	query("SET ROLE io7_owner; CREATE OR REPLACE FUNCTION
		io7.provision_version() RETURNS int LANGUAGE sql IMMUTABLE
		PARALLEL SAFE RETURN $version", "io7_$_") for qw(live test);
}

my $newest = query('SELECT io7.provision_version()');
provision_version(1);
$account = new_account($stack);
$schema = $account->schema;
provision_version($newest);
ask(PUT => '/kv/a', '"' . 'x' x 500_000 . '"');
ask(PUT => "/kv/old$_", $_) for 10 .. 49;
ask(PUT => '/kv/brief?ttl=1000', 1);
ask(POST => '/kv/batch', '{"ops":[{"op":"delete","key":"old10"},
	{"op":"put","key":"old11","value":12345}]}');
ask(POST => '/api/kv/import', '{"key":"old12","value":12345}');
is_exact('a tenant of version 1 counts keys and values',
	500_003 + 39 * 7 + 2 * 3 + length('brief1'), 0);
is(io7('tenant', 'upgrade', '-c', $stack->conf_file)->{exit}, 0,
	'it is upgraded');
is_exact('... and then its rows are counted, too',
	41 * ROW + 500_003 + 39 * 7 + 2 * 3 + length('brief1'));
expire('brief');
ask(DELETE => '/kv?pattern=old*&confirm=true');
eventually { query("SELECT count(*) FROM $schema.kv_store") == 1 }
	'all keys but one are deleted';
is_exact('... and the rest is counted exactly', ROW + 500_003);

# --- The limit of the plan --------------------------------------------------

# Plans of few bytes, and one that an account can be moved to.
new_plan($stack, 'tiny', bytes => 10_000);
new_plan($stack, 'tinier', bytes => 5000);

sub move_to
{
	my ($plan) = @_;

	my $moved = io7('plan', 'set', $account->user_id, $plan,
		'-c', $stack->conf_file);
	is($moved->{exit}, 0, "the account is moved to $plan")
		or diag($moved->{err});
}

$account = new_account($stack, plan => 'tiny');
$schema = $account->schema;

# The janitor is stopped: the limit does not depend on the sizes in the users table.
my ($janitor) = map { $_->{pid} } $stack->workers('janitor');
kill STOP => $janitor;
is(ask(PUT => '/kv/a', '"' . 'x' x 9_897 . '"')->{status}, 201,
	'all of the storage can be used');
is_exact('... to the last byte', 10_000);
for my $try ([PUT => '/kv/b', 1], [PUT => '/kv/a', '"' . 'x' x 9_898 . '"'],
	[POST => '/kv/b/incr', '{}']) {
	is(ask(@$try)->code, 'storage_full', "@$try[0, 1]: no byte more");
}
for my $how (['merge', '{"b":1}'],
	['json', '[{"op":"replace","path":"","value":"' . 'x' x 9_898 . '"}]']) {
	is(ask(PATCH => $how->[0] eq 'json' ? '/kv/a' : '/kv/b', $how->[1],
		'Content-Type' => "application/$how->[0]-patch+json")->code,
		'storage_full', "... by a $how->[0] patch");
}
is_exact('... and nothing is written', 10_000);
is(ask(GET => '/kv/b')->{status}, 404, '... and no key is created');
is(query("SELECT test_storage_bytes FROM io7.users
	WHERE id = '@{[$account->user_id]}'", 'io7_live'), 0,
	'... although the users table has no size yet');

# The janitor does not sweep either: a write that needs space removes expired keys.
my $long = '"' . 'x' x 10 . '"';
for my $how (
	[PUT => '/kv/b', $long],
	[POST => '/kv/n/incr', '{"by":12345678901234}'],
	[PATCH => '/kv/b', qq({"b":$long}),
		'Content-Type' => 'application/merge-patch+json'],
	[POST => '/kv/batch', qq({"ops":[{"op":"put","key":"b","value":$long}]})],
	[POST => '/kv/batch', '{"atomic":false,"ops":'
		. qq([{"op":"put","key":"b","value":$long}]})],
	[POST => '/api/kv/import', qq({"key":"b","value":$long})],
	[POST => '/kv/s/transform', qq({"engine":"merge","patch":{"v":$long},)
		. '"save":true}', Accept => 'application/json'],
) {
	ask(DELETE => '/kv?pattern=*&confirm=true');
	ask(PUT => '/kv/s', 1);
	ask(PUT => '/kv/full?ttl=1000', '"' . 'x' x 9_788 . '"');
	like(ask(@$how)->{body}, qr/storage_full/,
		"@$how[0, 1] fails in a full store");
	expire('full');
	my $answer = ask(@$how);
	like($answer->{status}, qr/^20[01]$/, "@$how[0, 1] removes expired keys")
		or diag($answer->{body});
	unlike($answer->{body}, qr/storage_full/, '... and has enough space');
	is(query("SELECT count(*) FROM $schema.kv_store WHERE key = 'full'"), 0,
		'... the expired key is deleted');
	is_exact('... and the count is exact');
}
ask(DELETE => '/kv?pattern=*&confirm=true');
ask(PUT => '/kv/a', '"' . 'x' x 9_897 . '"');
kill CONT => $janitor;
is(ask(PUT => '/kv/a', '"' . 'y' x 9_897 . '"')->{status}, 200,
	'a full store accepts a value of the same size');
is(ask(PUT => '/kv/a', '"' . 'y' x 9_790 . '"')->{status}, 200,
	'... or a smaller one');
is(ask(PUT => '/kv/b', '12345')->{status}, 201, '... the rest can be used');
is(ask(PUT => '/kv/c', 1)->code, 'storage_full',
	'... until the store is full again');
is(ask(DELETE => '/kv/b')->{status}, 204, 'a full store accepts deletions');
is(ask(PUT => '/kv/c', 1)->{status}, 201, '... which free space');
$http->put('/kv/live', headers => $account->auth('live'), body => 1);
is(query("SELECT sum(bytes) FROM $schema.kv_slot", 'io7_live'), ROW + 5,
	'live data has its own limit');
move_to('tinier');
eventually { ask(PUT => '/kv/d', 1)->code || !ask(DELETE => '/kv/d') }
	'with a smaller plan the store accepts no new key';
is(ask(PUT => '/kv/a', '"' . 'y' x 9_000 . '"')->{status}, 200,
	'... but accepts a smaller value, also above the limit');

# --- Concurrent writers -----------------------------------------------------

ask(DELETE => '/kv?pattern=*&confirm=true');
move_to('tiny');
eventually { ask(PUT => '/kv/a', '"' . 'y' x 9_000 . '"')->{status} == 201
	? ask(DELETE => '/kv/a') : 0 } 'the old plan applies again';
like(ask(POST => '/kv/batch', '{"atomic":false,"ops":[' . join(',', map {
	qq({"op":"put","key":"$_","value":1}) } 100 .. 399) . ']}')->{body},
	qr/storage_full/, 'small keys fill a store, too');
is(ask(GET => '/kv?count=true')->{json}{count}, int(10_000 / (ROW + 4)),
	'... with keys that count 10,000 bytes');
ask(DELETE => '/kv?pattern=*&confirm=true');

use constant { WRITERS => 8, WRITES => 60 };

# Writes keys of all slots. Some are deleted again, by key or by pattern, or expire.
sub write_something
{
	my $key = '/kv/' . int rand 40;
	my $what = rand;

	return ask(DELETE => $key) if $what < .15;
	return ask(DELETE => '/kv?pattern=1*&confirm=true') if $what < .2;
	return ask(POST => '/kv/n/incr') if $what < .3;
	return ask(PUT => $key . ($what < .5 ? '?ttl=1' : ''),
		'"' . 'x' x (500 + rand 500) . '"');
}

my @children;
for my $number (1 .. WRITERS) {
	my $child = fork // die "fork: $!\n";
	push @children, $child and next if $child;
	$http = $stack->http;
	srand $number;
	my $bad = grep { write_something()->{status} !~ /^(200|201|204|404|507)$/ }
		1 .. WRITES;
	POSIX::_exit($bad != 0);
}
is(scalar(grep { waitpid $_, 0; $? == 0 } @children), WRITERS,
	'concurrent writers get no other error');
is_exact('... and the count is exact');
cmp_ok(query("SELECT sum(bytes) FROM $schema.kv_slot"), '<=',
	10_000 + WRITERS * 1_110,
	'... and exceeds the limit at most by the concurrent requests');
eventually { query("SELECT count(*) FROM $schema.kv_store
	WHERE expires_at IS NOT NULL") == 0 } 'expired keys are swept';
is_exact('... and the count is still exact');

# --- Many tenants ---------------------------------------------------------

# More tenants than the janitor sweeps in one turn.
my @crowd = split /\n/, query("INSERT INTO io7.users (github_username, ready_at)
	SELECT 'crowd' || n, now() FROM generate_series(1, 120) AS n RETURNING id",
	'io7_live');
query(join ';', map {
	my $store = 'user_' . tr/-//dr;
	("SELECT io7.provision('$_')", "INSERT INTO $store.kv_store
		(key, value, version, expires_at) VALUES ('k', '1', 1, now())",
	"UPDATE $store.kv_slot SET bytes = 102 WHERE slot = hashtext('k') & 15")
} @crowd);
my $left = join ' + ', map { '(SELECT sum(bytes) FROM user_' . tr/-//dr
	. '.kv_slot)' } @crowd;
eventually { query("SELECT $left") == 0 } 'expired keys of all tenants are swept';

finish;
