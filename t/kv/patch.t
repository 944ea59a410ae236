#!/usr/bin/perl
# Patches: the examples of RFC 7396 and RFC 6902 and further cases; digits,
# conditions, limits, and many clients on one key.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use Io7::Json;
use POSIX ();

my $account = new_account(stack, plan => new_plan(stack, 'endless'));
my $http = stack->http;
my $json = json_codec()->canonical;
my %type = (merge => 'application/merge-patch+json',
	patch => 'application/json-patch+json');

sub ask
{
	my ($method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

sub change
{
	my ($how, $target, $body, @headers) = @_;

	return ask(PATCH => $target, $body, 'Content-Type' => $type{$how},
		@headers);
}

sub value
{
	return ask(GET => $_[0])->{body};
}

# Perl reads some of the numbers as text, so they are not compared with the contract.
sub add
{
	my ($target, $by) = @_;

	$http->send($http->compose(POST => "$target/incr",
		headers => $account->auth('test'), body => qq({"by":$by})));
	return $http->receive('POST');
}

# --- Cases of the RFCs ------------------------------------------------------

# Kind, description, value, patch, and the result: a value, or the status of an
# error.
my $cases = $json->decode(slurp('t/data/kv/patches.json'));

for my $case (@$cases) {
	my ($how, $what, $before, $patch, $after) = @$case;
	my $is_error = $json->encode($after) =~ /^4\d\d$/;

	ask(PUT => '/kv/p', $json->encode($before));
	my $answer = change($how, '/kv/p', $json->encode($patch));
	is($answer->{status}, $is_error ? $after : 200, "$how: $what");
	is($json->encode($json->decode(value('/kv/p'))),
		$json->encode($is_error ? $before : $after),
		$is_error ? '... changes nothing' : '... gives the expected value');
	like($answer->{json}{error}{details}{problem} // '', qr/^operation \d|^a patch/,
		'... and locates the operation') if $is_error;
}
is(change(patch => '/kv/p', '[{"op":"add","path":"/a","value":1},{"op":"x"}]')
	->{json}{error}{details}{problem},
	'operation 2: "op" is none of add, remove, replace, move, copy and test',
	'a malformed operation is located by its number');

# --- Digits -----------------------------------------------------------------

my $digits = '{"a": 12345678901234567890, "b": 0.1, "c": 9007199254740993, '
	. '"d": 1.10}';
ask(PUT => '/kv/d', $digits);
change(merge => '/kv/d', '{"x":null}');
is(value('/kv/d'), $digits, 'a merge patch keeps the digits of other members');
change(merge => '/kv/d', '{"a":0.30000000000000004441}');
like(value('/kv/d'), qr/"a": 0\.30000000000000004441/, '... and of its own');
change(patch => '/kv/d', '[{"op":"copy","from":"/c","path":"/e"},
	{"op":"add","path":"/f","value":1e400}]');
like(value('/kv/d'), qr/"e": 9007199254740993, "f": 10{400}\}/,
	'a JSON patch keeps all digits');
is(change(patch => '/kv/d', '[{"op":"test","path":"/c",
	"value":9007199254740992}]')->{status}, 409, '... and test compares them');

ask(PUT => '/kv/i', '12345678901234567890');
like(add('/kv/i', '0.1')->{body},
	qr/"value":12345678901234567890\.1,/, 'an increment keeps all digits');
ask(PUT => '/kv/i', '1e400');
add('/kv/i', 1);
is(value('/kv/i'), '1' . '0' x 399 . '1', '... of a number of 401 digits');
ask(PUT => '/kv/i', '0.1');
ask(POST => '/kv/i/incr', '{"by":0.2}');
is(value('/kv/i'), '0.3', '... without rounding');
ask(PUT => '/kv/i', '9007199254740992');
ask(POST => '/kv/i/incr');
is(value('/kv/i'), '9007199254740993', '... beyond 2^53');
ask(PUT => '/kv/i', '1e998');
is(add('/kv/i', '1e998')->{status}, 200, 'a sum of 999 digits is accepted');
my $long = ask(POST => '/kv/i/incr', '{"by":1e-300}');
is($long->code, 'conflict', 'a sum of more than 1,000 digits is refused');
is($long->{json}{error}{details}{problem},
	'the sum has more than 1,000 digits', '... with that problem');
is(ask(POST => '/kv/i/incr', '{"by":1e1000}')->code, 'bad_request',
	'an amount of more than 1,000 digits is refused');
is(change($_, '/kv/i', $_ eq 'merge' ? '{"a":1e1000}'
	: '[{"op":"add","path":"/a","value":1e1000}]')->code, 'bad_request',
	"... and such a $_") for qw(merge patch);

# --- Absent keys ------------------------------------------------------------

my $made = change(merge => '/kv/new1', '{"a":1,"b":null,"c":{"d":null}}');
is($made->{status}, 201, 'a merge patch creates an absent key');
ok($made->{json}{created}, '... as the answer states');
is(value('/kv/new1'), '{"a": 1, "c": {}}', '... without the nulls');
is(change(patch => '/kv/new2', '[]')->code, 'not_found',
	'a JSON patch of an absent key gets 404');
is(ask(GET => '/kv/new2')->{status}, 404, '... and does not create it');

# --- Conditions and expiry --------------------------------------------------

my $tag = ask(PUT => '/kv/c', '{"n":1}')->{headers}{etag};
my $changed = change(merge => '/kv/c', '{"n":2}', 'If-Match' => $tag);
is($changed->{status}, 200, 'If-Match with the current version allows a patch');
isnt($changed->{headers}{etag}, $tag, '... once');
for my $how (qw(merge patch)) {
	my $patch = $how eq 'merge' ? '{"n":3}'
		: '[{"op":"replace","path":"/n","value":3}]';
	is(change($how, '/kv/c', $patch, 'If-Match' => $tag)->code,
		'precondition_failed', "$how: another version gets 412");
	is(change($how, '/kv/c', $patch, 'If-None-Match' => '*')->code,
		'precondition_failed', '... so does If-None-Match: *');
	is(change($how, '/kv/new3', $patch, 'If-Match' => '*')->code,
		'precondition_failed', '... and If-Match on an absent key');
}
is(value('/kv/c'), '{"n": 2}', '... and nothing is changed');
my $end = change(merge => '/kv/c?ttl=1000', '{}')->{json}{expires_at};
like($end, qr/^20/, 'a patch with ttl sets the expiry');
is(change(patch => '/kv/c', '[]')->{json}{expires_at}, $end,
	'... and without ttl keeps it');

# --- Types of patches -------------------------------------------------------

for my $type ('application/json', 'text/plain', undef,
	'application/x-www-form-urlencoded', 'application/merge-patch') {
	my $answer = ask(PATCH => '/kv/c', '{}',
		$type ? ('Content-Type' => $type) : ());
	is($answer->code, 'unsupported_media_type',
		($type // 'no type') . ' is not a type of a patch');
	is($answer->{headers}{'accept-patch'},
		'application/merge-patch+json, application/json-patch+json',
		'... and Accept-Patch lists the types');
}
is(ask(PATCH => '/kv/c', '{}', 'Content-Type' =>
	'Application/Merge-Patch+JSON; charset=utf-8')->{status}, 200,
	'case and parameters of the type are ignored');

# --- Limits -----------------------------------------------------------------

sub problem
{
	my ($what, $code, $problem, $answer) = @_;

	is($answer->code, $code, $what);
	like($answer->{json}{error}{details}{problem}, $problem, '... as the answer states');
}

sub operations
{
	my ($n, $operation) = @_;

	return '[' . join(',', ($operation) x $n) . ']';
}

# Returns the SQLSTATE of an expression in PostgreSQL, without a time limit.
sub sqlstate_of
{
	my ($expression) = @_;

	return stack->psql("DO \$do\$
		BEGIN
			PERFORM $expression;
		EXCEPTION WHEN OTHERS THEN
			PERFORM set_config('test.result', SQLSTATE, false);
		END \$do\$;
		SELECT current_setting('test.result')") =~ s/\n\z//r;
}

# Returns the error of an expression in PostgreSQL, and the memory of its backend.
sub memory_of
{
	my ($expression) = @_;
	my $high_water = "substring(pg_read_file('/proc/self/status', 0, 4096)
		FROM 'VmHWM:\\s+(\\d+) kB')::int";

	return stack->psql("DO \$do\$
		DECLARE
			before int := $high_water;
		BEGIN
			PERFORM $expression;
		EXCEPTION WHEN OTHERS THEN
			PERFORM set_config('test.result', format('%s %s than 128 MiB',
				SQLSTATE, CASE WHEN $high_water - before < 131072
				THEN 'less' ELSE 'more' END), false);
		END \$do\$;
		SELECT current_setting('test.result')") =~ s/\n\z//r;
}

ask(PUT => '/kv/b', '{"a":[]}');
my $append = '{"op":"add","path":"/a/-","value":1}';
is(change(patch => '/kv/b', operations(1000, $append))->{status}, 200,
	'1,000 operations are applied');
problem('1,001 operations', 'bad_request', qr/at most 1,000 operations/,
	change(patch => '/kv/b', operations(1001, $append)));
ask(PUT => '/kv/b', '{"a":"' . 'x' x 1000 . '"}');
my $doubling = operations(100, '{"op":"copy","from":"","path":"/b"},'
	. '{"op":"copy","from":"","path":"/c"}');
problem('a value that each operation doubles', 'too_large',
	qr/grows too large/, change(patch => '/kv/b', $doubling));
is(value('/kv/b'), '{"a": "' . 'x' x 1000 . '"}', '... changes nothing');
ask(PUT => '/kv/b', '{"a":"' . 'x' x 1_000_000 . '"}');
my $add = '{"op":"add","path":"/b","value":1}';
problem('a value of 1 MB that each operation doubles', 'too_large', qr/grows too large/,
	change(patch => '/kv/b', $doubling));
is(memory_of(sprintf "io7.json_patch('[%s]', '%s')", join(',', 1 .. 1300),
	operations(50, '{"op":"copy","from":"","path":"/-"}')),
	'I7413 less than 128 MiB', 'the value is measured before it grows');
is(change(patch => '/kv/b', operations(50, $add))->{status}, 200,
	'50 operations on 1 MB are applied');
problem('100 operations on 1 MB', 'too_large', qr/too large for so many operations/,
	change(patch => '/kv/b', operations(100, $add)));

# Each is refused before it exceeds statement_timeout.
my $members = '{' . join(',', map { qq("$_":$_) } 1 .. 60_000) . '}';
ask(PUT => '/kv/b', '{"a":' x 120 . $members . '}' x 120);
problem('a merge patch of many levels into a large value', 'too_large',
	qr/too large for so many levels/, change(merge => '/kv/b',
	'{"a":' x 120 . '{"1":null}' . '}' x 120));
is(change(merge => '/kv/b', '{"a":' x 5 . '{"b":null}' . '}' x 5)->{status},
	200, 'a merge patch of five levels is applied');
ask(PUT => '/kv/b', '{"a":' x 400 . $members . '}' x 400);
my $test = '{"op":"test","path":"' . '/a' x 400 . '/7","value":7}';
is(sqlstate_of(sprintf "io7.json_patch('%s', '%s')",
	'{"a":' x 400 . $members . '}' x 400, operations(1000, $test)),
	'I7413', 'many operations with long paths on a large value are refused');
is(change(patch => '/kv/b', operations(5, $test))->{status}, 200,
	'fewer of them are applied');
ask(PUT => '/kv/b', '{"a":"' . 'x' x 500_000 . '"}');
is(change(patch => '/kv/b', operations(1, '{"op":"copy","from":"/a",
	"path":"/b"}'))->{status}, 200, 'a value may grow');
problem('a value that grows over the limit', 'too_large', qr/grows too large/,
	change(patch => '/kv/b', operations(4, '{"op":"copy","from":"/a",
	"path":"/b1"},{"op":"copy","from":"/a","path":"/b2"},
	{"op":"copy","from":"/a","path":"/b3"}')));
is(change(merge => '/kv/b', '{"b":null}')->{status}, 200, 'a value may shrink');

sub nested
{
	my ($n) = @_;

	return '{"a":' x $n . '1' . '}' x $n;
}

is(change(merge => '/kv/deep', nested(128))->{status}, 201,
	'a patch of 128 levels');
problem('a patch of 129 levels', 'bad_request', qr/too many levels/,
	change(merge => '/kv/deep', nested(129)));
ask(PUT => '/kv/deep', nested(1000));
problem('a patch that nests a value too deep', 'conflict',
	qr/too deep/, change(patch => '/kv/deep',
		operations(1, '{"op":"copy","from":"","path":"/b"}')));
ask(PUT => '/kv/deep', nested(999));
is(change(patch => '/kv/deep',
	operations(1, '{"op":"copy","from":"","path":"/b"}'))->{status}, 200,
	'a patch that nests a value as deep as allowed');
is(ask(PUT => '/kv/deep', value('/kv/deep'))->{status}, 200,
	'... that may be stored again');
for my $how (qw(merge patch)) {
	problem("$how: no body", 'bad_request', qr/is empty/,
		change($how, '/kv/b', ''));
	problem("$how: what is no JSON", 'bad_request', qr/^must be JSON: .* at byte 2$/,
		change($how, '/kv/b', '{}}}'));
	problem("$how: a NUL", 'bad_request', qr/\\u0000/,
		change($how, '/kv/b', '{"a":"\u0000"}'));
}

# --- Concurrent clients -----------------------------------------------------

use constant { WRITERS => 16, ROUNDS => 20 };

# Calls $round->(CLIENT, NUMBER) several times in each of several processes. Returns how
# often it was true.
sub at_once
{
	my ($round) = @_;
	my ($true, @children) = 0;

	for (1 .. WRITERS) {
		my $child = fork // die "fork: $!\n";
		push @children, $child and next if $child;
		my $mine = stack->http(patient => 1);
		POSIX::_exit(scalar grep { $round->($mine, $_) } 1 .. ROUNDS);
	}
	for (@children) {
		waitpid $_, 0;
		$true += $? >> 8;
	}
	return $true;
}

sub add_one
{
	my ($client, $target, $body, @headers) = @_;

	return $client->request($target =~ /incr$/ ? 'POST' : 'PATCH', $target,
		headers => $account->auth('test', @headers), body => $body)
		->{status};
}

is(at_once(sub { add_one($_[0], '/kv/sum/incr', '{"by":1}') == 200 }),
	WRITERS * ROUNDS,
	'concurrent increments never fail, also of a new key');
is(value('/kv/sum'), WRITERS * ROUNDS, '... and none is lost');

ask(PUT => '/kv/list', '[]');
is(at_once(sub { add_one($_[0], '/kv/list',
	'[{"op":"add","path":"/-","value":1}]', 'Content-Type' => $type{patch})
	== 200 }), WRITERS * ROUNDS, 'so with patches');
is(scalar @{$json->decode(value('/kv/list'))}, WRITERS * ROUNDS,
	'... of which none is lost');

# Reads, adds and writes; retries after a conflict.
sub compare_and_set
{
	my ($client, $key) = @_;

	for (;;) {
		my $seen = $client->get("/kv/$key",
			headers => $account->auth('test'));
		my $status = $client->put("/kv/$key", body => $seen->{body} + 1,
			headers => $account->auth('test',
				'If-Match' => $seen->{headers}{etag}))->{status};
		return 1 if $status == 200;
		return 0 if $status != 412;
	}
}

ask(PUT => '/kv/cas', 0);
is(at_once(sub { compare_and_set($_[0], 'cas') }), WRITERS * ROUNDS,
	'concurrent compare-and-set requests all succeed in the end');
is(value('/kv/cas'), WRITERS * ROUNDS, '... and the sum is exact');
is(ask(GET => '/kv/cas')->{headers}{etag} =~ s/"//gr > WRITERS * ROUNDS, 1,
	'... and each has its own version');

# A request that only one client may succeed with.
sub one_of
{
	my ($client, $method, $number, @condition) = @_;

	return $client->request($method, "/kv/lock$number",
		headers => $account->auth('test', @condition),
		$method eq 'PUT' ? (body => 1) : ())->{status} =~ /^20[14]$/;
}

is(at_once(sub { one_of($_[0], 'PUT', $_[1], 'If-None-Match' => '*') }), ROUNDS,
	'one of several clients creates a key');
is(at_once(sub { one_of($_[0], 'DELETE', $_[1]) }), ROUNDS,
	'one of several clients deletes it');
is(at_once(sub { one_of($_[0], 'PUT', $_[1], 'If-Match' => '*') }), 0,
	'... and none replaces it afterwards');

# --- Duplicate members in an operation --------------------------------------

ask(PUT => '/kv/twice', '{"a":1}');
for my $operation ('{"op":"add","path":"/b","value":1,"value":2}',
	'{"op":"test","op":"remove","path":"/a"}',
	'{"op":"remove","path":"/b","path":"/a"}',
	'{"op":"copy","from":"/a","from":"/a","path":"/b"}',
	'{"op":"remove","path":"/b","p\u0061th":"/a"}') {
	my $answer = change(patch => '/kv/twice', qq([{"op":"test","path":"",
		"value":{"a":1}}, $operation]));
	is($answer->code, 'bad_request', "$operation is refused");
	like($answer->{json}{error}{details}{problem},
		qr/^operation 2: "\w+" is given twice$/, '... and located');
}
is(value('/kv/twice'), '{"a": 1}', '... and nothing is changed');
is(change(patch => '/kv/twice', '[{"op":"add","path":"/b","value":{"x":1,"x":2},'
	. '"note":1,"note":2}]')->{status}, 200,
	'a value and unknown members may repeat names');
is(value('/kv/twice'), '{"a": 1, "b": {"x": 2}}', '... of which the last counts');

finish;
