#!/usr/bin/perl
# The routes of one key: answers, conditions, expiry, increments, and the isolation
# of modes and tenants.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;
use POSIX qw(strftime);
use Time::Local qw(timegm);

my $account = new_account(stack);
my $http = stack->http;

sub ask
{
	return $account->ask(@_);
}

sub is_error
{
	my ($answer, $code, $what, $field) = @_;

	is($answer->code, $code, $what);
	is($answer->code && $answer->{json}{error}{details}{field}, $field, '... of that field')
		if $field;
}

# --- PUT and GET ------------------------------------------------------------

my $made = ask(PUT => '/kv/a', '{"b": [1, 2.50], "a":12345678901234567890}');
is($made->{status}, 201, 'a value is created');
is($made->{headers}{etag}, '"1"', '... in its first version');
is_deeply($made->{json}, { key => 'a', version => 1, created => true,
	expires_at => undef }, '... as the answer states');
is($made->{headers}{'io7-mode'}, 'test', '... in test mode');

my $got = ask(GET => '/kv/a');
is($got->{status}, 200, 'it is read');
is($got->{body}, '{"a": 12345678901234567890, "b": [1, 2.50]}',
	'... unchanged, with every digit');
is($got->{type}, 'application/json', '... as JSON');
is($got->{headers}{etag}, '"1"', '... with its version');
like($got->{headers}{'last-modified'},
	qr/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, '... and its time');
ok(!exists $got->{headers}{'io7-expires-at'}, '... and no expiry');

my $head = ask(HEAD => '/kv/a');
is($head->{status}, 200, 'HEAD is answered');
is($head->{headers}{'content-length'}, length $got->{body}, '... with its length');
is($head->{headers}{etag}, '"1"', '... and its version');

my $replaced = ask(PUT => '/kv/a', '[]');
is($replaced->{status}, 200, 'a value is replaced');
is($replaced->{json}{version}, 2, '... with the next version');
ok(!$replaced->{json}{created}, '... and not created');

for my $value ('null', 'false', '0', '""', '[]', '{}', '"\u00e4\ud83d\ude00"',
	'-0.0', '1e400', '0.1', '9007199254740993') {
	ask(PUT => '/kv/any', $value);
	my $answer = ask(GET => '/kv/any');
	is($answer->{status}, 200, "$value is stored");
}
is(ask(GET => '/kv/any')->{body}, '9007199254740993', '2^53 + 1 keeps its digits');
is_error(ask(GET => '/kv/none'), 'not_found', 'an absent key gets 404');
is_error(ask(HEAD => '/kv/none'), undef, '... HEAD too');
is(ask(HEAD => '/kv/none')->{status}, 404, '... with that status');

# --- Types and encodings of a body ------------------------------------------

for my $type ('application/json', 'application/json; charset=utf-8',
	'APPLICATION/JSON', 'application/vnd.x+json',
	'application/x-www-form-urlencoded', 'text/plain;charset=UTF-8') {
	like(ask(PUT => '/kv/typed', 1, 'Content-Type' => $type)->{status},
		qr/^20[01]$/, "a body of the type $type is stored");
}
for my $type ('text/html', 'application/xml', 'multipart/form-data', 'json',
	'application/+json') {
	is_error(ask(PUT => '/kv/typed', 1, 'Content-Type' => $type),
		'unsupported_media_type', "a body of the type $type is refused");
}

# --- Conditions -------------------------------------------------------------

my $version = ask(PUT => '/kv/c', 0)->{json}{version};
is_error(ask(PUT => '/kv/c', 1, 'If-None-Match' => '*'), 'precondition_failed',
	'If-None-Match: * fails for an existing key');
is(ask(PUT => '/kv/new', 1, 'If-None-Match' => '*')->{status}, 201,
	'... and creates an absent one');
is_error(ask(PUT => '/kv/missing', 1, 'If-Match' => '*'), 'precondition_failed',
	'If-Match: * fails for an absent key');
is(ask(PUT => '/kv/c', 1, 'If-Match' => '*')->{status}, 200,
	'... and replaces an existing one');
is(ask(GET => '/kv/missing')->{status}, 404, '... and nothing is stored');

for my $tags (sub { qq("$_[0]") }, sub { qq(W/"$_[0]") },
	sub { qq("abc", "$_[0]") }, sub { qq( "$_[0]" ,W/"7777" ) }) {
	my $tag = $tags->(ask(GET => '/kv/c')->{headers}{etag} =~ /(\d+)/);
	is(ask(PUT => '/kv/c', 2, 'If-Match' => $tag)->{status}, 200,
		"If-Match: $tag matches");
	is_error(ask(PUT => '/kv/c', 3, 'If-Match' => $tag),
		'precondition_failed', '... once');
}
is(ask(GET => '/kv/c')->{body}, 2, 'a failed condition stores nothing');
for my $list (', "%s"', '"%s",', ' ,, "1" ,,"%s", ') {
	my $fits = sprintf $list, ask(GET => '/kv/c')->{headers}{etag} =~ /(\d+)/;
	is(ask(GET => '/kv/c', undef, 'If-Match' => $fits)->{status}, 200,
		"the empty members of $fits are ignored");
	is(ask(GET => '/kv/c', undef, 'If-None-Match' => $fits)->{status}, 304,
		'... in If-None-Match too');
}
for my $bad ('7', '"7', '7"', '"1" "2"', ',', ' , ,', '"1", *', 'W/', 'w/"1"') {
	is_error(ask(PUT => '/kv/c', 4, 'If-Match' => $bad), 'bad_request',
		"If-Match: $bad is malformed", 'If-Match');
	is_error(ask(GET => '/kv/c', undef, 'If-None-Match' => $bad),
		'bad_request', '... so is If-None-Match', 'If-None-Match');
}

my $tag = ask(GET => '/kv/c')->{headers}{etag};
my $unchanged = ask(GET => '/kv/c', undef, 'If-None-Match' => $tag);
is($unchanged->{status}, 304, 'If-None-Match with the current version gets 304');
is($unchanged->{headers}{etag}, $tag, '... with the ETag');
ok(!exists $unchanged->{headers}{$_}, "... without $_")
	for qw(content-type content-length);
is(ask(HEAD => '/kv/c', undef, 'If-None-Match' => '*')->{status}, 304,
	'... HEAD too');
is(ask(GET => '/kv/c', undef, 'If-None-Match' => '"1234"')->{status}, 200,
	'... and another version 200');
is(ask(GET => '/kv/c', undef, 'If-Modified-Since' =>
	$unchanged->{headers}{'last-modified'} // 'Fri, 31 Dec 2049 23:59:59 GMT')
	->{status}, 200, 'If-Modified-Since is ignored');
is(ask(GET => '/kv/c', undef, 'If-Match' => $tag)->{status}, 200,
	'If-Match with the current version allows a read');
is_error(ask(GET => '/kv/c', undef, 'If-Match' => '"1234"'),
	'precondition_failed', '... and with another one gets 412');
is_error(ask(GET => '/kv/missing', undef, 'If-Match' => '*'),
	'precondition_failed', 'If-Match on an absent key gets 412');
is_error(ask(PUT => '/kv/c', 5, 'If-None-Match' => $tag),
	'precondition_failed', 'If-None-Match with the current version prevents a PUT');
is(ask(PUT => '/kv/c', 5, 'If-None-Match' => '"1234"')->{status}, 200,
	'... and with another one allows it');

# A 412 shows the current version.
sub is_outdated
{
	my ($answer, $etag, $what) = @_;

	is($answer->code, 'precondition_failed', $what);
	is($answer->{headers}{etag}, $etag, '... with the current version as ETag');
}

my $merge = 'application/merge-patch+json';
$tag = ask(GET => '/kv/c')->{headers}{etag};
is_outdated(ask(GET => '/kv/c', undef, 'If-Match' => '"1234"'), $tag,
	'a read of another version gets 412');
is_outdated(ask(PUT => '/kv/c', 7, 'If-Match' => '"1234"'), $tag,
	'a PUT over another version gets 412');
is_outdated(ask(PATCH => '/kv/c', '{}', 'If-Match' => '"1234"',
	'Content-Type' => $merge), $tag, 'a PATCH of another version gets 412');
is_outdated(ask(POST => '/kv/c/incr', undef, 'If-Match' => '"1234"'), $tag,
	'an increment of another version gets 412');
is_outdated(ask(DELETE => '/kv/c', undef, 'If-Match' => '"1234"'), $tag,
	'a DELETE of another version gets 412');
is_outdated(ask(PUT => '/kv/missing', 1, 'If-Match' => '*'), undef,
	'a PUT that needs an absent key gets 412');

# --- If-Unmodified-Since ----------------------------------------------------

sub http_date
{
	my ($form, $time) = @_;

	return strftime($form, gmtime $time);
}

my %form = ('IMF' => '%a, %d %b %Y %H:%M:%S GMT',
	'RFC 850' => '%A, %d-%b-%y %H:%M:%S GMT', 'asctime' => '%a %b %e %H:%M:%S %Y');
stack->psql('UPDATE ' . $account->schema . q{.kv_store SET updated_at
	= '2026-01-31 12:34:56.9Z' WHERE key = 'c'}, 'io7_test');
my $at = timegm(56, 34, 12, 31, 0, 2026);
is(ask(GET => '/kv/c')->{headers}{'last-modified'}, http_date($form{IMF}, $at),
	'Last-Modified is the second of the last change');
for my $name (sort keys %form) {
	is(ask(GET => '/kv/c', undef,
		'If-Unmodified-Since' => http_date($form{$name}, $at))->{status}, 200,
		"$name: a value of that second is unmodified");
	is_outdated(ask(GET => '/kv/c', undef,
		'If-Unmodified-Since' => http_date($form{$name}, $at - 1)), $tag,
		"$name: a value of the next second is modified");
}
my @before = ('If-Unmodified-Since' => http_date($form{IMF}, $at - 1));
my @then = ('If-Unmodified-Since' => http_date($form{IMF}, $at));
is_outdated(ask(PUT => '/kv/c', 7, @before), $tag,
	'a PUT over a modified value gets 412');
is_outdated(ask(PATCH => '/kv/c', '{}', @before, 'Content-Type' => $merge), $tag,
	'a PATCH of a modified value gets 412');
is_outdated(ask(POST => '/kv/c/incr', undef, @before), $tag,
	'an increment of a modified value gets 412');
is_outdated(ask(DELETE => '/kv/c', undef, @before), $tag,
	'a DELETE of a modified value gets 412');
is(ask(GET => '/kv/c', undef, @before, 'If-Match' => $tag)->{status}, 200,
	'If-Unmodified-Since is ignored beside If-Match');
is(ask(GET => '/kv/c', undef, 'If-Unmodified-Since' => $_)->{status}, 200,
	"... and where it is no date: $_")
	for 'yesterday', '2026-01-01', 'Sat, 31 Feb 2026 12:34:56 GMT';
is(ask(PUT => '/kv/fresh', 1, @before)->{status}, 201,
	'... and where the key does not exist');
is(ask(PUT => '/kv/c', 7, @then)->{status}, 200,
	'an unmodified value is replaced');
is_error(ask(PUT => '/kv/c', 7, @then), 'precondition_failed', '... once');
is(ask(DELETE => '/kv/c', undef,
	'If-Unmodified-Since' => http_date($form{IMF}, time + 3600))->{status}, 204,
	'an unmodified value is deleted');
is_error(ask(DELETE => '/kv/c', undef, @then), 'not_found',
	'... and absent from then on');
is_error(ask(POST => '/kv/batch', '{"ops":[{"op":"get","key":"a"}]}', @$_),
	'bad_request', "$_->[0] cannot apply to a batch", $_->[0])
	for ['If-Match' => '"1"'], ['If-None-Match' => '*'], \@then;
ask(PUT => '/kv/c', 5);
$tag = '"1234"';

# --- DELETE -----------------------------------------------------------------

is_error(ask(DELETE => '/kv/c', undef, 'If-Match' => $tag),
	'precondition_failed', 'If-Match with another version prevents a DELETE');
is_error(ask(DELETE => '/kv/c', undef, 'If-None-Match' => '*'),
	'precondition_failed', 'If-None-Match: * prevents a DELETE');
my $before = ask(GET => '/kv/c')->{headers}{etag};
my $gone = ask(DELETE => '/kv/c', undef, 'If-Match' => $before);
is($gone->{status}, 204, 'If-Match with the current version allows a DELETE');
ok(!exists $gone->{headers}{$_}, "... without $_")
	for qw(content-type content-length);
is(ask(GET => '/kv/c')->{status}, 404, '... and the key is gone');
is_error(ask(DELETE => '/kv/c'), 'not_found', '... and cannot be deleted again');
is_error(ask(DELETE => '/kv/c', undef, 'If-Match' => '*'),
	'precondition_failed', '... and If-Match: * gets 412');
my ($old) = $before =~ /(\d+)/;
cmp_ok(ask(PUT => '/kv/c', 6)->{json}{version}, '>', $old,
	'a key that is created again has a higher version');

# Two deletions at the same time: the second one waits for the first.
open my $first, '|-', 'psql', '-XqAt', '-o', '/dev/null',
	stack->env('IO7_TEST_DSN') or die "psql: $!\n";
$first->autoflush;
print $first "BEGIN; SELECT FROM @{[$account->schema]}.kv_slot FOR UPDATE;\n"
	. "DELETE FROM @{[$account->schema]}.kv_store WHERE key = 'c';\n"
	. "SET application_name = 'first of two';\n";
eventually { stack->psql(q{SELECT count(*) FROM pg_stat_activity
	WHERE application_name = 'first of two'}) > 0 } 'the first deletes it';
$http->send($http->compose(DELETE => '/kv/c', headers => $account->auth('test')));
eventually { stack->psql(q{SELECT count(*) FROM pg_stat_activity a
	JOIN pg_stat_activity f ON f.pid = ANY (pg_blocking_pids(a.pid))
	WHERE f.application_name = 'first of two'}) > 0 }
	'... the second waits';
print $first "COMMIT;\n";
is($http->receive('DELETE')->code, 'not_found', '... and gets 404');
close $first or die "psql failed\n";

# --- Expiry -----------------------------------------------------------------

my $brief = ask(PUT => '/kv/t?ttl=1000', 1);
like($brief->{json}{expires_at}, qr/^20.*Z$/, 'a value with a ttl expires');
is(ask(GET => '/kv/t')->{headers}{'io7-expires-at'},
	$brief->{json}{expires_at}, '... as a read shows');
is(ask(POST => '/kv/t/incr')->{headers}{'io7-expires-at'},
	$brief->{json}{expires_at}, '... an increment keeps the expiry');
isnt(ask(POST => '/kv/t/incr?ttl=5000')->{headers}{'io7-expires-at'},
	$brief->{json}{expires_at}, '... or sets another');
ok(!exists ask(PUT => '/kv/t', 1)->{headers}{'io7-expires-at'},
	'... and a PUT without ttl removes it');
is(ask(PUT => '/kv/t?ttl=315360000', 1)->{status}, 200, 'a ttl of ten years is accepted');

# Makes a key expire now.
sub expire
{
	my ($key) = @_;

	stack->psql('UPDATE ' . $account->schema . ".kv_store
		SET expires_at = now() WHERE key = '$key';", 'io7_test');
}

ask(PUT => '/kv/t?ttl=1000', 1);
$version = ask(GET => '/kv/t')->{headers}{etag} =~ s/"//gr;
expire('t');
is_error(ask(GET => '/kv/t'), 'not_found', 'an expired key is absent');
is_error(ask(DELETE => '/kv/t'), 'not_found', '... it cannot be deleted');
is(ask(GET => '/kv?pattern=t')->{json}{items}[0], undef, '... and not listed');
is_error(ask(PUT => '/kv/t', 2, 'If-Match' => '*'), 'precondition_failed',
	'... and not replaced');
my $again = ask(PUT => '/kv/t', 2, 'If-None-Match' => '*');
is($again->{status}, 201, '... but created again');
cmp_ok($again->{json}{version}, '>', $version, '... with a higher version');
ask(PUT => '/kv/t?ttl=1000', 7);
expire('t');
is(ask(POST => '/kv/t/incr')->{json}{value}, 1, 'an expired counter starts at 0');
ok(!exists ask(GET => '/kv/t')->{headers}{'io7-expires-at'},
	'... and does not expire');

# --- Increments -------------------------------------------------------------

is(ask(POST => '/kv/n/incr')->{json}{value}, 1, 'an absent counter starts at 0');
is(ask(POST => '/kv/n/incr', '{}')->{json}{value}, 2, '... is incremented');
is(ask(POST => '/kv/n/incr', '{"by":-3}')->{json}{value}, -1, '... and decremented');
my $counted = ask(POST => '/kv/n/incr', '{"by": 0.5}');
is($counted->{json}{version}, 4, '... each with a new version');
is($counted->{headers}{etag}, '"4"', '... as the ETag shows');
ask(PUT => '/kv/n', '{"a/b":[{"n":9007199254740992}]}');
like(ask(POST => '/kv/n/incr', '{"path":"/a~1b/0/n"}')->{body},
	qr/"value":9007199254740993,/, 'a number within a value is incremented exactly');
is(ask(GET => '/kv/n')->{body}, '{"a/b": [{"n": 9007199254740993}]}',
	'... and stored');
is_error(ask(POST => '/kv/n/incr', '{"path":"/a~1b"}'), 'conflict',
	'a path to something else than a number', 'body');
is_error(ask(POST => '/kv/n/incr', '{"path":"/x"}'), 'conflict',
	'an absent key gets 404', 'body');
is_error(ask(POST => '/kv/nobody/incr', '{"path":"/x"}'), 'not_found',
	'a path in an absent key');
is_error(ask(POST => '/kv/n/incr', '{"path":"x"}'), 'bad_request',
	'a malformed path', 'body');
is_error(ask(POST => '/kv/n/incr', '{"by":"1"}'), 'bad_request',
	'an amount that is not a number', 'by');
is_error(ask(POST => '/kv/n/incr', '{"add":1}'), 'bad_request',
	'an unknown member', 'add');
is_error(ask(POST => '/kv/n/incr', '[1]'), 'bad_request', 'a list');
is_error(ask(POST => '/kv/n/incr', '{"by":1}', 'If-Match' => '"1"'),
	'precondition_failed', 'another version');

# --- Keys -------------------------------------------------------------------

sub encoded
{
	return $_[0] =~ s{([^A-Za-z0-9])}{sprintf '%%%02X', ord $1}ger;
}

for my $key ('transform', 'batch', 'export', 'import', 'incr', '/', '%', 'a/b',
	'100%', '%2F', '?', '#', '+', ' ', '"', '\\', "'", '...', '.a', "\xc3\xa4",
	"\xe2\x82\xac", "\xf0\x9f\x98\x80", 'a' x 256, "\xc3\xa4" x 256) {
	my $path = '/kv/' . encoded($key);
	is(ask(PUT => $path, '"it"')->{status}, 201, "$path is stored");
	is(ask(GET => $path)->{body}, '"it"', '... and read');
	is(ask(DELETE => $path)->{status}, 204, '... and removed');
}
is(ask(PUT => '/kv/x+y', 1)->{json}{key}, 'x+y', 'a plus is a plus in a path');

# --- Modes, tenants, scopes -------------------------------------------------

my $other = new_account(stack);
ask(PUT => '/kv/mine', '"test"');
for my $who ($account->auth('live'), $other->auth('test'), $other->auth('live')) {
	is($http->get('/kv/mine', headers => $who)->{status}, 404,
		'another tenant or mode does not see the key');
	is($http->put('/kv/mine', headers => $who, body => 1)->{status}, 201,
		'... but can have the same key');
}
is(ask(GET => '/kv/mine')->{body}, '"test"', '... and the first one is unchanged');

my $reading = io7('key', 'create', $other->name, '--mode', 'test',
	'--scopes', 'read', '--json', '-c', stack->conf_file);
my ($key) = $reading->{out} =~ /"key":"(\w+)"/ or fail($reading->{err});
my @read_only = (headers => [Authorization => "Bearer $key"]);
is($http->put('/kv/mine', @read_only, body => 2)->code, 'forbidden',
	'a read-only API key cannot write');
is($http->get('/kv/mine', @read_only)->{status}, 200, '... but read');
is($http->request($_->[0], $_->[1], @read_only)->code, 'forbidden',
	"... nor does it @$_") for ['DELETE', '/kv/mine'], ['PATCH', '/kv/mine'],
	['POST', '/kv/mine/incr'], ['DELETE', '/kv?pattern=*&confirm=true'];

my $writing = io7('key', 'create', $other->name, '--mode', 'test',
	'--scopes', 'write', '--json', '-c', stack->conf_file);
($key) = $writing->{out} =~ /"key":"(\w+)"/ or fail($writing->{err});
my @write_only = (Authorization => "Bearer $key");
is($http->put('/kv/secret', headers => \@write_only, body => '{"n":7}')->{status},
	201, 'a key with the scope write writes');
is($http->request('PATCH', '/kv/secret', headers => [@write_only,
	'Content-Type' => 'application/merge-patch+json'], body => '{"a":1}')
	->{status}, 200, '... and applies merge patches');
my $patched = $http->request('PATCH', '/kv/secret', headers => [@write_only,
	'Content-Type' => 'application/json-patch+json'],
	body => '[{"op":"test","path":"/n","value":7}]');
is_error($patched, 'forbidden', '... but cannot test a value with a JSON patch');
is($patched->{json}{error}{message},
	'A JSON patch needs the scope read besides write.', '... with the reason');
my $increment = $http->post('/kv/secret/incr', headers => \@write_only,
	body => '{"by":0,"path":"/n"}');
is_error($increment, 'forbidden', '... and does not read a number by an increment');
is($increment->{json}{error}{message}, 'This credential may not do that: '
	. 'it lacks the scope read.', '... with the reason');
is($http->get('/kv/mine')->code, 'unauthorized', 'a request without a credential gets 401');

# --- A slash that is not encoded --------------------------------------------

for my $path ('/kv/a/b', '/kv/a/b/c', '/kv/a/b/incr', '/kv/a/', '/kv//') {
	my $answer = ask(GET => $path);
	is_error($answer, 'not_found', "$path is no key");
	is($answer->{json}{error}{message}, 'No route has this path. Write a slash '
		. 'that belongs to a key as %2F.', '... and says how to write one');
}
unlike(ask(GET => $_)->{json}{error}{message}, qr/%2F/,
	"$_: there is no key in it") for '/kvs/a', '/nowhere', '/kv/missing', '/';

my $unknown = ask(POST => '/kv/mine', 1);
is_error($unknown, 'method_not_allowed', 'POST on a key gets 405');
is($unknown->{headers}{allow}, 'GET, HEAD, PUT, PATCH, DELETE',
	'... with the allowed methods');

finish;
