#!/usr/bin/perl
# POST /kv/batch, atomic and independent: order, conditions, limits, round trips,
# and malformed requests.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Test;
use Io7::Json;

my $stack = stack;
my $http = $stack->http;
my $account = new_account($stack);
my $json = json_codec()->canonical;

sub post
{
	my ($body, %options) = @_;

	$body = $json->encode($body) if ref $body;
	return $http->post('/kv/batch', body => $body,
		headers => ($options{as} // $account)->auth(
			$options{mode} // 'test'));
}

# The results of the operations, as "status:value" each.
sub results
{
	my ($body) = @_;
	my $answer = post($body);

	return "$answer->{status} " . $answer->{body} unless $answer->{json};
	my $results = $answer->{json}{results}
		// return $json->encode($answer->{json}{error}{details}
			// $answer->{json}{error}{code});
	return join ' ', map {
		my $r = $_;
		join ':', $r->{status},
			exists $r->{value} ? $json->encode($r->{value}) : (),
			exists $r->{created} ? $r->{created} ? 'new' : 'old' : ();
	} @$results;
}

sub op
{
	my ($op, $key, %more) = @_;

	return { op => $op, key => $key, %more };
}

sub ops
{
	return { ops => [@_] };
}

sub each_op
{
	return { atomic => false, ops => [@_] };
}

sub version_of
{
	my ($key) = @_;

	return post(ops(op(get => $key)))->{json}{results}[0]{version};
}

# --- Order ------------------------------------------------------------------

is(results(ops(op(put => 'a', value => 1), op(put => 'b', value => [2]),
	op(get => 'a'), op(get => 'c'), op(delete => 'c'))),
	'ok:new ok:new ok:1 not_found not_found', 'puts, gets and a delete');
is(results(ops(op(get => 'a'), op(put => 'a', value => 'x'), op(get => 'a'),
	op(delete => 'a'), op(get => 'a'), op(put => 'a', value => undef),
	op(get => 'a'))),
	'ok:1 ok:old ok:"x" ok not_found ok:new ok:null',
	'an operation sees the effect of those before it');
is($http->get('/kv/a', headers => $account->auth('test'))->{body}, 'null',
	'... and the last state is stored');
is(results(ops(op(put => 'once', value => 1), op(delete => 'once'))),
	'ok:new ok', 'a key may be created and deleted in one batch');
is(results(ops(op(get => 'once'))), 'not_found', '... and is absent afterwards');
is(results(ops(op(put => 'form', value => { b => 1, a => [1, 2] }),
	op(get => 'form'), op(put => 'form', value => 0))),
	'ok:new ok:{"a":[1,2],"b":1} ok:old', 'a get before a put returns the old value');
my $raw = post('{"ops":[{"op":"put","key":"form","value":{"b":1,"a":2,"b":3}},'
	. '{"op":"get","key":"form"}]}')->{body};
like($raw, qr/"value":\{"a": 2, "b": 3\}/,
	'a get after a put returns the value as it will be stored');
is(results(ops(op(get => 'form'))), 'ok:{"a":2,"b":3}', '... and as it is stored');

my $digits = '[12345678901234567890, 9007199254740993, 1e400, 0.10, 1E-7]';
$raw = post('{"ops":[{"op":"put","key":"digits","value":' . $digits
	. '},{"op":"get","key":"digits"}]}')->{body};
my $kept = $http->get('/kv/digits', headers => $account->auth('test'))->{body};
like($kept, qr/^\[12345678901234567890, 9007199254740993, 10{400}, 0\.10, /,
	'numbers keep all digits');
ok(index($raw, $kept) > 0, '... in the result of the batch too');

is(results(ops(op(put => '.', value => 1), op(put => '..', value => 2),
	op(put => 'x/y%2F?#', value => 3), op(put => 'é€😀', value => 4),
	op(get => '.'), op(get => '..'), op(get => 'x/y%2F?#'),
	op(get => 'é€😀'))), join(' ', ('ok:new') x 4, map { "ok:$_" } 1 .. 4),
	'keys that a path cannot contain, and others');
is(results(ops(op(put => 'é' x 256, value => 1))), 'ok:new',
	'a key of 256 characters');

# --- Versions ---------------------------------------------------------------

post(ops(map { op(put => "v$_", value => $_) } 1 .. 3));
my $v1 = version_of('v1');
is(results(ops(op(put => 'v1', value => 2, version => $v1))), 'ok:old',
	'a put with the current version succeeds');
is(results(ops(op(put => 'v1', value => 3, version => $v1))),
	'{"field":"ops[0].version","problem":"does not match: the version'
	. " is @{[version_of('v1')]}\"}", '... and with an older one it fails');
is(results(ops(op(put => 'v1', value => 4, version => 0))) =~ /ops\[0\]/, 1,
	'version 0 stands for an absent key');
is(results(ops(op(put => 'v4', value => 4, version => 0),
	op(check => 'v5', version => 0))), 'ok:new ok', '... also in a check');
is(results(ops(op(delete => 'v4', version => version_of('v4')))), 'ok',
	'a delete with the current version succeeds');
is(results(ops(op(check => 'v1', version => version_of('v1')),
	op(get => 'v1'))), 'ok ok:2', 'a check');

my ($before) = map { version_of($_) } 'v2';
my $answer = post(ops(op(put => 'v2', value => 'no'), op(delete => 'v3'),
	op(put => 'fresh', value => 1), op(check => 'v1', version => 1)));
is($answer->{status}, 409, 'a failed check makes an atomic batch fail');
is($answer->{json}{error}{details}{field}, 'ops[3].version', '... with the field of the check');
is(results(ops(op(get => 'v2'), op(get => 'v3'), op(get => 'fresh'))),
	'ok:2 ok:3 not_found', '... and nothing is changed');
is(version_of('v2'), $before, '... and no version is used');
is(results(each_op(op(put => 'v2', value => 'yes'),
	op(check => 'v1', version => 1), op(put => 'v1', value => 0,
	version => 1), op(delete => 'v1', version => 1), op(delete => 'none'),
	op(get => 'v2'))),
	'ok:old conflict conflict conflict not_found ok:"yes"',
	'in an independent batch the other operations succeed');
my %versions;
for (1 .. 3) {
	my $results = post(ops(op(put => 'again', value => $_),
		op(delete => 'again'), op(put => 'again', value => -$_),
		op(delete => 'again')))->{json}{results};
	$versions{$_->{version}}++ for grep { $_->{op} eq 'put' } @$results;
}
is(scalar keys %versions, 6, 'each put of the same key gets its own version');

# --- Expiry -----------------------------------------------------------------

$answer = post(ops(op(put => 'ttl', value => 1, ttl => 3600), op(get => 'ttl')));
my ($put, $got) = @{$answer->{json}{results}};
like($put->{expires_at}, qr/^\d{4}-.*Z$/, 'the result of a put has the expiry');
is($got->{expires_at}, $put->{expires_at}, '... that of a later get too');
is(post(ops(op(get => 'ttl')))->{json}{results}[0]{expires_at},
	$put->{expires_at}, '... also in another batch');
$stack->psql("UPDATE @{[$account->schema]}.kv_store
	SET expires_at = now() - interval '1 s' WHERE key = 'ttl'", 'io7_test');
is(results(ops(op(get => 'ttl'), op(delete => 'ttl'),
	op(check => 'ttl', version => 0), op(put => 'ttl', value => 2),
	op(get => 'ttl'))), 'not_found not_found ok ok:new ok:2',
	'an expired key is absent');

# --- Malformed requests -----------------------------------------------------

sub refused
{
	my ($what, $field, $body, $status) = @_;
	my $refusal = post($body);

	is($refusal->{status}, $status // 400, $what);
	is($refusal->{json}{error}{details}{field}, $field, "... with the field $field");
}

my $get = op(get => 'a');
refused('no body', 'body', '');
refused('no JSON', 'body', '{"ops":[');
refused('a list', 'body', '[]');
refused('a word', 'body', 'null');
refused('no ops', 'ops', '{}');
refused('an empty list of operations', 'ops', { ops => [] });
refused('ops that are no list', 'ops', { ops => 1 });
refused('an unknown member of the body', 'body', { ops => [$get], x => 1 });
refused('a name with half a surrogate pair', 'body', '{"\ud800":1,"ops":[]}');
refused('a member twice', 'ops', '{"ops":[],"ops":[]}');
refused('atomic twice', 'atomic', '{"atomic":true,"atomic":true,"ops":[]}');
refused('atomic that is not a boolean', 'atomic', { atomic => 1, ops => [$get] });
refused('1,001 operations', 'ops', ops(($get) x 1001));
refused('an operation that is a string', 'ops[1]', ops($get, 'x'));
refused('an unknown verb', 'ops[2].op', ops($get, $get, op(move => 'a')));
refused('no op', 'ops[0].op', ops({ key => 'a' }));
refused('no key', 'ops[1].key', ops($get, { op => 'get' }));
refused('an unknown member', 'ops[0].if', ops(op(get => 'a', if => 1)));
refused('a member of an operation twice', 'ops[0].key',
	'{"ops":[{"op":"get","key":"a","key":"a"}]}');
refused('an empty key', 'ops[0].key', ops(op(get => '')));
refused('a key of 257 characters', 'ops[0].key', ops(op(get => 'é' x 257)));
refused('a key with a control character', 'ops[0].key', ops(op(get => "a\tb")));
refused('a key with a C1 control character', 'ops[0].key', ops(op(get => "a\x{85}b")));
refused('a key that is a number', 'ops[0].key', ops(op(get => 1)));
refused('a key with NUL', 'ops[1]',
	'{"ops":[{"op":"get","key":"a"},{"op":"get","key":"\u0000"}]}');
refused('a key with half a surrogate pair', 'ops[0]',
	'{"ops":[{"op":"get","key":"\ud800"}]}');
refused('a put without a value', 'ops[0].value', ops(op(put => 'a')));
refused('a get with a value', 'ops[0].value', ops(op(get => 'a', value => 1)));
refused('a value with NUL', 'ops[0]',
	'{"ops":[{"op":"put","key":"a","value":"\u0000"}]}');
refused('a value with half a surrogate pair', 'ops[0]',
	'{"ops":[{"op":"put","key":"a","value":["\udc00"]}]}');
refused('a number of 1,001 digits', 'ops[1].value',
	'{"ops":[{"op":"get","key":"a"},{"op":"put","key":"a","value":1'
	. '0' x 1000 . '}]}');
refused('a number of 131,072 digits', 'ops[0].value',
	'{"ops":[{"op":"put","key":"a","value":1e131071}]}');
refused('a value of 1,001 levels', 'ops[0].value',
	'{"ops":[{"op":"put","key":"a","value":' . '[' x 1001 . ']' x 1001
	. '}]}');
refused('10,000 levels', 'body', '{"ops":[{"op":"put","key":"a","value":'
	. '[' x 10000 . ']' x 10000 . '}]}');
refused('a ttl of 0', 'ops[0].ttl', ops(op(put => 'a', value => 1, ttl => 0)));
refused('a ttl of -1', 'ops[0].ttl', ops(op(put => 'a', value => 1, ttl => -1)));
refused('a ttl of 1e18', 'ops[0].ttl',
	'{"ops":[{"op":"put","key":"a","value":1,"ttl":1e18}]}');
refused('a ttl for a get', 'ops[0].ttl', ops(op(get => 'a', ttl => 1)));
refused('a version below 0', 'ops[0].version',
	ops(op(check => 'a', version => -1)));
refused('a version that is a string', 'ops[0].version',
	ops(op(check => 'a', version => '1')));
refused('a check without a version', 'ops[0].version', ops(op(check => 'a')));
refused('a get with a version', 'ops[0].version', ops(op(get => 'a', version => 1)));
is(results(ops(op(get => 'a'))), 'ok:null', 'a refused batch changes nothing');
is(post('{"ops":[{"op":"put","key":"deep","value":' . '[' x 1000 . ']' x 1000
	. '}]}')->{status}, 200, 'a value of 1,000 levels is accepted');
is(post('{"ops":[' . '{"op":"put","key":"a","value":['
	. join(',', ('1e999') x 2000) . ']}]}')->{status}, 413,
	'numbers that are too large without exponents');
is(post('x' x (1 << 20 | 1))->{status}, 413, 'a body of more than 1 MiB');

# --- Idempotency-Key --------------------------------------------------------

my @repeated = map { $http->post('/kv/batch', headers => $account->auth('test',
	'Idempotency-Key' => "batch-$$"), body => $json->encode(ops(
	op(put => 'repeated', value => 1)))) } 1, 2;
is($repeated[0]{status}, 200, 'a batch');
is($repeated[1]{body}, $repeated[0]{body}, '... is answered from the stored answer');
is(version_of('repeated'), $repeated[0]{json}{results}[0]{version},
	'... and carried out once');

# --- Scopes -----------------------------------------------------------------

is($http->post('/kv/batch', body => '{}')->{status}, 401, 'a batch without a credential gets 401');
is(post(ops($get), mode => 'live')->{json}{results}[0]{status}, 'not_found',
	'live mode has separate keys');

# An API key with that scope only.
sub scoped
{
	my ($scope) = @_;
	my $account = new_account($stack);

	$stack->psql("UPDATE io7.api_keys SET scopes = '{$scope}'
		WHERE user_id = '@{[$account->user_id]}'");
	return $account;
}

my ($reader, $writer) = (scoped('read'), scoped('write'));
my @reads = ($get, op(check => 'a', version => 0));
my @writes = (op(put => 'a', value => 1), op(delete => 'a'));
is(post(ops(@reads), as => $reader)->{status}, 200, 'a read-only key may get');
is(post(ops($_), as => $reader)->{status}, 403, '... but nothing else')
	for @writes;
is(post(ops(@writes), as => $writer)->{status}, 200, 'a write-only key may put and delete');
is(post(ops($_, @writes), as => $writer)->{status}, 403,
	'... but not get or check') for @reads;

# --- Statements -------------------------------------------------------------

# How many statements io7_app has run on the tables of the account.
sub asked
{
	my ($account) = @_;

	return $stack->psql("SELECT coalesce(sum(calls), 0)
		FROM pg_stat_statements(true) s JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel
		AND query LIKE '%@{[$account->schema]}%'", 'io7_test');
}

my $counted = new_account($stack);
my @puts = map { op(put => "c$_", value => $_) } 1 .. 1000;
post(ops(@puts), as => $counted);
cmp_ok(asked($counted), '==', 3, '1,000 puts take three statements');
post(ops(map { op(get => "c$_") } 1 .. 1000), as => $counted);
cmp_ok(asked($counted), '==', 4, '... and 1,000 gets take one');

# --- Credits ----------------------------------------------------------------

# By the ledger: the header RateLimit may count requests in advance.
my $payer = new_account($stack);
my $used = 0;
for my $case ([1 => 1], [100 => 1], [101 => 2], [250 => 3], [1000 => 10]) {
	my ($n, $cost) = @$case;
	post(ops(($get) x $n), as => $payer, mode => 'live');
	$used += $cost;
	eventually { $http->get('/api/usage/today',
		headers => $payer->auth('live'))->{json}{credits} == $used }
		"$n operations cost $cost";
}
my $poor = new_account($stack, plan => new_plan($stack, 'dozen', credits => 12));
is(post(ops((op(put => 'a', value => 1)) x 1000), as => $poor,
	mode => 'live')->{status}, 200, 'a batch that costs ten of twelve credits');
is(post(ops((op(put => 'a', value => 2)) x 250), as => $poor,
	mode => 'live')->code, 'quota_exceeded', 'one that costs three of the remaining two is refused');
is($stack->psql("SELECT value FROM @{[$poor->schema]}.kv_store"), "1\n",
	'... and changes nothing');

# --- Limits -----------------------------------------------------------------

is(results(ops(map { op(put => "many:$_", value => $_) } 1 .. 1000)), join(' ', ('ok:new') x 1000), '1,000 puts succeed');
is(results(ops(map { op(get => "many:$_") } reverse 1 .. 1000)),
	join(' ', map { "ok:$_" } reverse 1 .. 1000), '... and 1,000 gets');

my $megabyte = '"' . 'x' x 1_000_000 . '"';
$http->put("/kv/large$_", body => $megabyte, headers => $account->auth('test'))
	for 1 .. 9;
like(results(each_op(map { op(get => "large$_") } 1 .. 9)),
	qr/^(?:ok:"x+" ){8}too_large$/, 'values of more than 8 MiB are too_large');
$answer = post(ops(map { op(get => "large1") } 1 .. 9));
is($answer->{status}, 413, '... also the same value again and again');
is($answer->{json}{error}{details}{field}, 'ops[8]', '... with the field of the operation');

my $small = new_account($stack, plan => 'starter');
$stack->psql("UPDATE @{[$small->schema]}.kv_slot SET bytes = 99999700
	WHERE slot = 0", 'io7_test');
my @fill = map { op(put => "f$_", value => 'y' x 40) } 1 .. 3;
$answer = post(ops(@fill), as => $small);
is($answer->{status}, 507, 'a batch that exceeds the storage of the plan gets 507');
is($answer->{json}{error}{details}{field}, 'ops[2]', '... with the operation that did');
$answer = post(each_op(@fill, op(get => 'f1')), as => $small);
is(join(' ', map { $_->{status} } @{$answer->{json}{results}}),
	'ok ok storage_full ok', '... in an independent batch the others succeed');
is(post(ops(op(delete => 'f1'), $fill[2]), as => $small)->{status}, 200,
	'a delete makes room for a later put');
is($stack->psql("SELECT sum(bytes) - 99999700 FROM
	@{[$small->schema]}.kv_slot", 'io7_test'),
	$stack->psql("SELECT sum(bytes) FROM @{[$small->schema]}.kv_store",
	'io7_test'), 'the sizes of the slots match the stored rows');
is($stack->psql("SELECT sum(bytes) FROM @{[$account->schema]}.kv_slot",
	'io7_test'), $stack->psql("SELECT sum(bytes) FROM
	@{[$account->schema]}.kv_store", 'io7_test'), '... for the other account too');

finish;
