#!/usr/bin/perl
# GET /api/kv/export and POST /api/kv/import: whole stores as NDJSON, and malformed
# lines; the lines before one are stored.

use strict;
use warnings;
use utf8;

use Encode qw(encode);
use IO::Compress::Gzip qw(gzip $GzipError);
use Io7::Account;
use Io7::FastCgi qw(begin params stdin parameters);
use Io7::Test;
use Io7::Json;

my $stack = stack;
my $http = $stack->http;
my $account = new_account($stack);
my $json = json_codec()->canonical;

sub export
{
	my ($query, $mode, $as) = @_;

	return $http->get('/api/kv/export' . ($query // ''),
		headers => ($as // $account)->auth($mode // 'test'));
}

# The lines of an export, without their versions.
sub lines
{
	return [map { s/,"version":\d+//r } split /\n/, export(@_)->{body}];
}

sub import_lines
{
	my ($lines, $query, $mode, $as) = @_;

	my $body = ref $lines ? join '', map { "$_\n" } @$lines : $lines;
	return $http->post('/api/kv/import' . ($query // ''), body => $body,
		headers => ($as // $account)->auth($mode // 'test'));
}

sub counts
{
	my $answer = import_lines(@_);

	return "$answer->{status} $answer->{body}" if $answer->{status} != 200;
	return join ' ', map { "$_ $answer->{json}{$_}" }
		grep { $answer->{json}{$_} } sort keys %{$answer->{json}};
}

sub line
{
	my ($key, $value, %more) = @_;

	return $json->encode({ key => $key, value => $value, %more });
}

sub value_of
{
	my ($key, $mode) = @_;

	return $http->get("/kv/$key", headers => $account->auth($mode // 'test'))
		->{body};
}

# --- Export and import ------------------------------------------------------

my $answer = export();
is("$answer->{status} $answer->{type} $answer->{body}",
	'200 application/x-ndjson ', 'an empty store has no lines');
is($answer->{headers}{'io7-mode'}, 'test', '... and the answer has the mode');

my @stored = map { encode 'UTF-8', $_ } (
	'{"key":"%41/?#","value":null}',
	'{"key":".","value":true}',
	'{"key":"..","value":[1, 2, {"a": "b"}]}',
	'{"key":"Z","value":12345678901234567890}',
	'{"key":"\\\\*","value":"\\"\\\\\\n"}',
	'{"key":"a","value":1' . '0' x 400 . '}',
	'{"key":"a b","value":0.10,"expires_at":"2099-12-31T23:59:59.123456Z"}',
	'{"key":"b","value":{"a": 9007199254740993, "b": []}}',
	'{"key":"é","value":"😀"}',
	'{"key":"€","value":""}',
	'{"key":"😀","value":-0.0000001}',
);
is(counts([reverse @stored]), 'imported 11 lines 11', 'lines are imported');
is_deeply(lines(), \@stored, '... and exported in byte order');
like(export()->{body}, qr/^\{"key":"%41[^\n]*,"version":1\}$/m,
	'... with a version each');
is(counts(export()->{body}, '', 'live'), 'imported 11 lines 11',
	'an export is imported unchanged');
is_deeply(lines('', 'live'), \@stored, '... and its export is the same');
is_deeply(lines('?pattern=a*'), [@stored[5, 6]], 'a pattern selects keys');
is_deeply(lines('?pattern=%5C%5C%5C*'), [$stored[4]], '... with escapes');
is(export('?pattern=a%5C')->{json}{error}{details}{field}, 'pattern',
	'... a malformed one is refused');
is(lines('?end=true&pattern=a*')->[2], '{"end":true,"keys":2}',
	'end=true adds a last line');
is(counts(export('?end=true&pattern=a*')->{body}), 'imported 2 lines 2',
	'... which an import ignores');
is(export('?end=1')->{json}{error}{details}{field}, 'end', 'another value of end is refused');
$answer = $http->head('/api/kv/export', headers => $account->auth('test'));
is("$answer->{status} $answer->{type}", '200 application/x-ndjson', 'HEAD is answered');

# jsonb has a space after each comma and no exponents.
my $wide = '[' . join(',', (1) x 520_000, ('1e999') x 500) . ']';
is($http->put('/kv/wide', body => $wide, headers => $account->auth('test'))
	->{status}, 201, 'a value that is larger when stored');
is(counts(export('?pattern=wide')->{body}), 'imported 1 lines 1',
	'... is imported unchanged');
is(counts(line(wide => ['x' x 2_000_000]), '', 'live'), 'imported 1 lines 1',
	'a string of that size');

is($http->get('/api/kv/export')->{status}, 401, 'an export without a credential gets 401');
is($http->post('/api/kv/import', body => '')->{status}, 401, '... and so does an import');

# --- Overwrite or skip ------------------------------------------------------

is(counts([line(m1 => 1), line(m2 => 2)]), 'imported 2 lines 2', 'two keys are imported');
is(counts([line(m1 => 'x'), line(m3 => 3)], '?mode=skip'),
	'imported 1 lines 2 skipped 1', 'mode=skip skips existing keys');
is(value_of('m1') . value_of('m3'), '13', '... which are unchanged');
is(counts([line(m1 => 'x'), line(m3 => 4)], '?mode=overwrite'),
	'imported 2 lines 2', 'by default they are overwritten');
is(value_of('m1') . value_of('m3'), '"x"4', '... with the new value');
is(counts([line(d => 1), line(d => 2), line(d => 3)]),
	'imported 3 lines 3', 'a key on several lines');
is(value_of('d'), '3', '... has the last value');
is(counts([line(e => 1), line(e => 2)], '?mode=skip'),
	'imported 1 lines 2 skipped 1', '... or with mode=skip the first');
is(value_of('e'), '1', '... value');
$stack->psql("UPDATE @{[$account->schema]}.kv_store
	SET expires_at = now() - interval '1 s' WHERE key = 'e'", 'io7_test');
is(counts([line(e => 3)], '?mode=skip'), 'imported 1 lines 1',
	'an expired key counts as absent');
is(import_lines([], '?mode=merge')->{json}{error}{details}{field}, 'mode',
	'another mode is refused');

# --- Expiry -----------------------------------------------------------------

is(counts([line(t1 => 1, ttl => 3600), line(t2 => 2, expires_at => undef),
	line(t3 => 3, expires_at => '2099-01-01T01:30:00+01:30'),
	line(t4 => 4, expires_at => '2001-01-01T00:00:00Z')]),
	'expired 1 imported 3 lines 4', 'lines with an expiry, one of which has passed');
like(lines('?pattern=t1')->[0], qr/"expires_at":"20\d\d-/, 'a ttl');
unlike(lines('?pattern=t2')->[0], qr/expires_at/, 'none');
like(lines('?pattern=t3')->[0], qr/"2099-01-01T00:00:00.000000Z"/, 'a time with an offset');
is_deeply(lines('?pattern=t4'), [], 'an expired line is not stored');

# --- Line formats -----------------------------------------------------------

is(counts(''), '', 'an empty body');
is(counts("\n \r\n\n"), '', 'blank lines');
is(counts(line(w => 1)), 'imported 1 lines 1', 'a last line without a line break');
is(counts(line(w => 2) . "\r\n\r\n" . line(x => 1) . "\r\n"),
	'imported 2 lines 2', 'lines that end in CR LF');
is(value_of('w') . value_of('x'), '21', '... are stored');
my $chunk = line(chunked => 1) . "\n";
$http->send("POST /api/kv/import HTTP/1.1\r\nHost: localhost\r\n"
	. "Authorization: Bearer @{[$account->test_key]}\r\n"
	. "Transfer-Encoding: chunked\r\n\r\n"
	. sprintf("%x\r\n%s\r\n0\r\n\r\n", length $chunk, $chunk));
is($http->receive('POST')->{json}{imported}, 1, 'a body in chunks');

# --- Malformed lines --------------------------------------------------------

# A malformed line between two good ones.
my $tried = 0;

sub wrong
{
	my ($what, $said, $line, $status) = @_;
	my ($before, $behind) = map { "wrong$_" } ++$tried, "$tried-behind";
	my $answer = import_lines([line($before => 1), '', $line,
		line($behind => 1)]);
	my $details = $answer->{json}{error}{details};

	is($answer->{status}, $status // 400, $what);
	is($details->{field}, 'line 3', '... with the line');
	like($details->{problem}, $said, '... and the problem');
	is(value_of($before), '1', '... the line before it is stored');
	is($http->get("/kv/$behind", headers => $account->auth('test'))->{status},
		404, '... the line after it is not');
}

wrong('no JSON', qr/^is not JSON: .* all lines before it are stored$/, '{"key":');
wrong('half a line', qr/^is not JSON/, '{"key":"a",');
wrong('two values', qr/^is not JSON/, line(a => 1) . line(b => 1));
wrong('a byte order mark', qr/byte order mark/, "\xEF\xBB\xBF" . line(a => 1));
wrong('a byte that is not UTF-8', qr/UTF-8/, qq({"key":"\xFF","value":1}));
wrong('a list', qr/^must be an object/, '[]');
wrong('no key', qr/^key is required/, '{"value":1}');
wrong('no value', qr/^value is required/, '{"key":"a"}');
wrong('an unknown member', qr/^type is not known/, line(a => 1, type => 2));
wrong('the error line of an export', qr/^error is not known/,
	'{"error":{"code":"internal"}}');
wrong('a member twice', qr/^key is given twice/,
	'{"key":"a","key":"b","value":1}');
wrong('an empty key', qr/^key must be 1 to 256/, line('' => 1));
wrong('a key of 257 characters', qr/^key must be 1 to 256/,
	line('é' x 257, 1));
wrong('a key with a line break', qr/^key must not contain control/,
	line("a\nb" => 1));
wrong('a NUL', qr/\\u0000/, '{"key":"a","value":"\u0000"}');
wrong('half a surrogate pair', qr/surrogate/, '{"key":"a","value":"\ud800"}');
wrong('1,001 digits', qr/^value must not contain a number of more than 1,000/,
	'{"key":"a","value":1e1000}');
wrong('1,001 levels', qr/^value .*too many levels/,
	'{"key":"a","value":' . '[' x 1001 . ']' x 1001 . '}');
wrong('no time', qr/^expires_at/, line(a => 1, expires_at => 'soon'));
wrong('a time that is a number', qr/^expires_at/, line(a => 1, expires_at => 1));
wrong('a last line with a key', qr/^end and keys are for the last line only/,
	line(a => 1, end => true));
wrong('end: false', qr/^key is required/, '{"end":false}');
wrong('two ends', qr/^expires_at/,
	line(a => 1, ttl => 5, expires_at => '2099-01-01T00:00:00Z'));
wrong('a ttl of 0', qr/^ttl must be 1 to/, line(a => 1, ttl => 0));
wrong('a version that is a string', qr/^version must be/,
	line(a => 1, version => 'v1'));
wrong('a line that is too long', qr/^is too long/, line(a => 'x' x 2_200_000), 413);
wrong('numbers that are too large without exponents', qr/^value .*too large/, '{"key":"a","value":['
	. join(',', ('1e999') x 2000) . ']}', 413);

$answer = import_lines([line(w1 => 1), line(w2 => [(1) x 900_000])]);
is($answer->code, 'too_large', 'a value that is too large when stored');
is_deeply($answer->{json}{error}{details}, { field => 'line 1',
	problem => 'has a value that is too large when stored, or one of the '
		. '500 lines after it has; all lines before it are stored' },
	'... the problem names the lines that are stored together');

my @many = map { line("m$_" => $_) } 1 .. 1200;
$answer = import_lines([@many, '{', @many]);
is($answer->{json}{error}{details}{field}, 'line 1201', 'a malformed line after 1,200 others');
is(@{lines('?pattern=m*')}, 1200, '... all before it are stored');

# --- Compressed bodies ------------------------------------------------------

sub packed
{
	my ($bytes) = @_;

	gzip(\$bytes => \my $packed) or die "gzip: $GzipError\n";
	return $packed;
}

sub import_packed
{
	my ($body, $coding) = @_;

	return $http->post('/api/kv/import', body => $body,
		headers => $account->auth('test',
			'Content-Encoding' => $coding // 'gzip'));
}

my $packed = packed(join '', map { "$_\n" } @many);
is(import_packed($packed)->{json}{imported}, 1200, 'a compressed body is imported');
is(import_packed($packed x 3)->{json}{lines}, 3600,
	'a body of several members, as cat makes it');
is(import_packed('x', 'br')->{status}, 415, 'another encoding gets 415');
is(import_packed("@many")->{json}{error}{details}{problem},
	'cannot be inflated: the body is not valid gzip; all lines before it are stored',
	'a body that is not gzip');
is(import_packed(substr $packed, 0, -4)->{status}, 400, 'a compressed body that is cut short');
is(import_packed("${packed}x")->{status}, 400, 'a compressed body with trailing garbage');
is(import_packed(packed('x' x 5_000_000))->{json}{error}{details}{problem},
	'is too long; all lines before it are stored',
	'a line that inflates to 5 MB');
my $thirsty = new_account($stack, plan => 'starter');
my $flood = $http->post('/api/kv/import', body => packed("\n" x 2_000_000),
	headers => $thirsty->auth('live', 'Content-Encoding' => 'gzip'));
is($flood->code, 'quota_exceeded', 'blank lines are charged');

$http->send("POST /api/kv/import HTTP/1.1\r\nHost: localhost\r\n"
	. "Content-Length: @{[(64 << 20) + 1]}\r\n\r\n");
is($http->receive('POST')->code, 'too_large', 'a body of more than 64 MiB');

# Bodies that nginx does not pass on, sent to the socket.
sub told
{
	my ($what, $expected, $length, @records) = @_;

	my $client = Io7::FastCgi->connect($stack->socket('stream'));
	$client->send(begin, params(parameters(POST => '/api/kv/import',
		HTTP_AUTHORIZATION => 'Bearer ' . $account->test_key,
		CONTENT_LENGTH => $length)), @records);
	is($client->answer->{status}, $expected, $what);
}

told('a body of its Content-Length', 200, length $chunk, stdin($chunk), stdin(''));
told('a body shorter than Content-Length', 400, 500, stdin($chunk), stdin(''));
told('a body longer than Content-Length', 400, 5, stdin($chunk), stdin(''));

# --- Pages ------------------------------------------------------------------

my $pages = new_account($stack, plan => new_plan($stack, 'two', streams => 2));
my @keys = sort map { sprintf 'p%05d', $_ * 7 % 1301 } 0 .. 1300;
is(counts([map { line($_ => "v$_") } @keys], '', 'test', $pages),
	'imported 1301 lines 1301', 'more keys than a page holds');
is_deeply(lines('', 'test', $pages),
	[map { qq({"key":"$_","value":"v$_"}) } @keys], '... are exported once each');
my $megabyte = 'x' x 1_000_000;
my @large = map { line("large$_" => $megabyte) } 10 .. 39;
is(counts(\@large, '', 'live', $pages), 'imported 30 lines 30',
	'more bytes than a page holds');
is_deeply(lines('', 'live', $pages), \@large, '... are all exported');

# --- Storage of the plan ----------------------------------------------------

my $small = new_account($stack, plan => 'starter');
$stack->psql("UPDATE @{[$small->schema]}.kv_slot SET bytes = 97000000
	WHERE slot = 0", 'io7_test');
$answer = import_lines([@many[0 .. 599], @large[0 .. 5]], '', 'test', $small);
is($answer->{status}, 507, 'an import that exceeds the storage of the plan gets 507');
my ($line) = $answer->{json}{error}{details}{field} =~ /^line (\d+)$/;
cmp_ok($line, '>', 600, '... with the line');
is(@{lines('', 'test', $small)}, $line - 1, '... and the lines before it are stored');

# --- Credits ----------------------------------------------------------------

my $starter = new_account($stack, plan => 'starter');
my @numbers = map { line("n$_" => $_) } 1 .. 110_000;
my $said = import_lines([@numbers[0 .. 249]], '', 'live', $starter);
like($said->{headers}{ratelimit}, qr/"daily";r=997;/, '250 lines cost 3 credits');
$said = import_lines(\@numbers, '', 'live', $starter);
is($said->code, 'quota_exceeded', 'more lines than the remaining credits');
($line) = $said->{json}{error}{details}{field} =~ /^line (\d+)$/;
cmp_ok($line, '>', 99_000, '... ends at a line');
is($stack->psql("SELECT count(*) FROM @{[$starter->schema]}.kv_store"),
	$line - 1 . "\n", '... before which all are stored');

# --- Exports that are cut short ---------------------------------------------

sub streams
{
	return grep { ($_->{route} // '') =~ /export/ } $stack->workers('stream');
}

# Requests more than all buffers hold, and reads no more than the head.
sub leave_reading
{
	my $reader = $stack->http;
	$reader->send("GET /api/kv/export HTTP/1.1\r\nHost: localhost\r\n"
		. "Authorization: Bearer @{[$pages->live_key]}\r\n\r\n");
	$reader->{deadline} = time + 30;
	$reader->take_until("\r\n\r\n");
	return $reader;
}

my $reader = leave_reading();
eventually { streams() } 'an export waits for a client that does not read';
$reader->close;
eventually { !streams() } '... and ends when the client disconnects';

my @readers = map { leave_reading() } 1, 2;
eventually { streams() == 2 } 'an account may run as many exports as its plan allows';
is(export('', 'live', $pages)->code, 'rate_limited', '... and no more');
$_->close for @readers;
eventually { !streams() } '... until they end';

$reader = leave_reading();
eventually { streams() } 'another export';
my $table = $pages->schema . '.kv_store';
$stack->psql("REVOKE SELECT ON $table FROM io7_app");
my @got = split /\n/, $reader->receive_chunks;
$stack->psql("GRANT SELECT ON $table TO io7_app");
cmp_ok(scalar @got, '<', 31, 'an export that fails halfway');
is($json->decode($got[-1])->{error}{code}, 'internal', '... ends with an error line');
unlike($got[-1], qr/permission|kv_store/, '... and no more');

finish;
