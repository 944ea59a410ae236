#!/usr/bin/perl
# Malformed keys and values: each gets its error and changes nothing.

use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);
use Io7::Account;
use Io7::Test;

my $account = new_account(stack);
my $http = stack->http;

sub ask
{
	return $account->ask(@_);
}

# Expects the error, its field and its problem.
sub refused
{
	my ($what, $code, $answer, $field, $problem) = @_;

	is($answer->code, $code, "$what: $code");
	return if !$field;
	my $details = $answer->{json}{error}{details};
	is($details->{field}, $field, "... names $field");
	like($details->{problem}, $problem, '... and the problem') if $problem;
}

# --- Keys -------------------------------------------------------------------

sub bad_key
{
	my ($what, $path, $problem) = @_;

	refused($what, 'bad_request', ask(PUT => "/kv/$path", 1), 'key', $problem);
	refused('... to read', 'bad_request', ask(GET => "/kv/$path"), 'key');
}

bad_key('a key of 0 characters', '', qr/1 to 256 characters/);
bad_key('one of 257', 'a' x 257, qr/1 to 256 characters/);
bad_key('one of 257 that are 771 bytes', '%E2%82%AC' x 257,
	qr/1 to 256 characters/);
bad_key("the control character %$_", "a%${_}b", qr/control characters/)
	for '01', '09', '0A', '0D', '1F', '7F', 'C2%80', 'C2%9F';
bad_key("the bytes %$_", "a%$_", qr/UTF-8/) for 'FF', 'C3', 'C0%80', 'E2%82',
	'ED%A0%80', 'F4%90%80%80', '80';
bad_key("the path $_", $_, qr{use POST /kv/batch})
	for '.', '..', '%2e', '%2E%2e', '.%2E';
is(ask(PUT => '/kv/' . '%E2%82%AC' x 256, 1)->{status}, 201,
	'256 characters of three bytes are a key');
is(ask(PUT => '/kv/%C2%A0', 1)->{status}, 201,
	'the first character behind the controls is one');
refused('a NUL', 'bad_request', ask(PUT => '/kv/a%00b', 1));
refused('half an escape', 'bad_request', ask(PUT => '/kv/a%4', 1));
refused('no escape', 'bad_request', ask(PUT => '/kv/a%zz', 1));
refused('a slash too many', 'not_found', ask(PUT => '/kv/a/b', 1));

my $raw = stack->http;
$raw->send("PUT /kv/a\x01b HTTP/1.1\r\nHost: localhost\r\n"
	. "Authorization: Bearer @{[$account->test_key]}\r\n"
	. "Content-Length: 1\r\n\r\n1");
is($raw->receive('PUT')->{status}, 400, 'a control character as it is');

# --- Values -----------------------------------------------------------------

sub bad_value
{
	my ($what, $body, $problem) = @_;

	refused($what, 'bad_request', ask(PUT => '/kv/v', $body), 'body',
		$problem);
}

bad_value('an empty body', '', qr/is empty/);
bad_value('no body', undef, qr/is empty/);
bad_value('blanks', "  \n", qr/^must be JSON: .* at byte 3$/);
bad_value('half a word', 'nul', qr/an unknown literal, at byte 0/);
bad_value('something behind it', '{} x', qr/text after the value, at byte 3/);
bad_value('two values', '1 2', qr/text after the value/);
bad_value('a NUL behind it', "1\0", qr/text after the value/);
bad_value('a byte order mark', "\xef\xbb\xbf1", qr/at byte 0/);
bad_value('UTF-16', "\xff\xfe1\0", qr/at byte 0/);
bad_value('a NUL in a text', '"a\u0000b"', qr/must not contain \\u0000/);
bad_value('a NUL in a name', '{"\u0000":1}', qr/must not contain \\u0000/);
bad_value("the half $_", qq("$_"), qr/half of a surrogate pair/)
	for '\ud800', '\udc00', '\ud83dx', '\ud83d\ud83d\ude00';
bad_value('bytes that are not UTF-8', "\"\xff\"", qr/is not UTF-8/);
bad_value('a raw line break', "\"\n\"", qr/a control character/);
bad_value("the number $_", $_, qr/more than 1,000 digits/) for '1e131071',
	'1e1000', '1e-1000', '1' x 1001, '-' . '1' x 1001, '0.' . '1' x 1000,
	'[1, 1E+99999999999999999999]', '{"a":1e-99999999999999999999}';
bad_value("the number $_", $_, qr/^must be JSON/) for '01', '1.', '.5', '+1',
	'0x1', '1e', 'NaN', '-Infinity', '-';
bad_value('10,000 levels', '[' x 10_000 . ']' x 10_000, qr/too many levels/);
bad_value('1,001 levels', '[' x 1001 . ']' x 1001, qr/too many levels/);
is(ask(GET => '/kv/v')->{status}, 404, 'none of them was stored');

# Values at the limits. They are too deep for Perl, so they are not compared with the
# contract.
sub stored
{
	my ($what, $body) = @_;

	like(ask(PUT => '/kv/v', $body)->{status}, qr/^20[01]$/, "$what is stored");
	$http->send($http->compose(GET => '/kv/v',
		headers => $account->auth('test')));
	return $http->receive('GET')->{body};
}

is(stored('a number of 1,000 digits', '1' x 1000), '1' x 1000, '... to the digit');
is(stored('1e999', '1e999'), '1' . '0' x 999, '... written out');
is(stored('1,000 levels', '[' x 1000 . ']' x 1000), '[' x 1000 . ']' x 1000,
	'... each of them');
is(stored('a pair', '"\ud83d\ude00"'), "\"\xf0\x9f\x98\x80\"",
	'... as one character');
is(stored('a name given twice', '{"a":1,"a":2}'), '{"a": 2}',
	'... as the last of them');
is(stored('blanks around it', " \r\n\t[ 1 ] \n"), '[1]', '... without them');

# --- Sizes ------------------------------------------------------------------

my $limit = 1024 * 1024;
my $full = '"' . 'x' x ($limit - 2) . '"';
is(stored('1 MiB', $full), $full, '... as it is');
refused('one byte more', 'too_large', ask(PUT => '/kv/v', "$full "));
like(ask(PUT => '/kv/v', '[' . '1,' x ($limit / 2 - 2) . '11]')->{status}, qr/^20[01]$/,
	'1 MiB of short numbers is stored');
refused('1 MiB of numbers that are long when written out', 'too_large',
	ask(PUT => '/kv/v', '[' . '1e999,' x 100_000 . '1]'), 'body',
	qr/numbers are written without exponents/);

# --- Encodings --------------------------------------------------------------

sub zipped
{
	my ($plain) = @_;

	gzip(\$plain => \my $packed) or die "gzip\n";
	return $packed;
}

sub put_zipped
{
	my ($packed, $encoding) = @_;

	return ask(PUT => '/kv/z', $packed,
		'Content-Encoding' => $encoding // 'gzip');
}

is(put_zipped(zipped('{"a": "' . 'x' x 5000 . '"}'))->{status}, 201,
	'a body in gzip is taken');
is(ask(GET => '/kv/z')->{body}, '{"a": "' . 'x' x 5000 . '"}', '... out of it');
is(put_zipped(zipped('1'), 'GZIP')->{status}, 200, '... in capitals too');
is(put_zipped('2', 'identity')->{status}, 200, '... and one that is in nothing');
is(put_zipped(zipped($full))->{status}, 200, 'it may hold 1 MiB');
my $bomb = zipped('"' . 'x' x 100_000_000 . '"');
cmp_ok(length $bomb, '<', 200_000, 'a small body of 100 MB');
refused('... is a bomb', 'too_large', put_zipped($bomb));
refused('one byte over 1 MiB', 'too_large', put_zipped(zipped("$full ")));
refused('a bomb in a bomb', 'bad_request', put_zipped(zipped(zipped('1'))));
refused('a body that is not gzip', 'bad_request', put_zipped('1'));
refused('half a gzip', 'bad_request', put_zipped(substr zipped('123'), 0, -4));
refused('something behind it', 'bad_request', put_zipped(zipped('1') . 'x'));
refused('nothing', 'bad_request', put_zipped(''));
refused("the encoding $_", 'unsupported_media_type', put_zipped('1', $_))
	for 'br', 'deflate', 'zstd', 'gzip, gzip', 'x';

# --- Times to live, and other parameters ------------------------------------

for my $ttl (0, -1, '1e18', 'abc', '', '1.5', '+1', '%201', 315_360_001,
	'9' x 30, '0x10') {
	refused("a ttl of '$ttl'", 'bad_request', ask(PUT => "/kv/ttl?ttl=$ttl", 1),
		'ttl', qr/^must be 1 to 315360000 seconds$/);
	refused('... of an increment', 'bad_request',
		ask(POST => "/kv/ttl/incr?ttl=$ttl"), 'ttl');
}
refused('two of them', 'bad_request', ask(PUT => '/kv/ttl?ttl=1&ttl=2', 1), 'ttl');
is(ask(GET => '/kv/ttl')->{status}, 404, 'nothing was stored');

# --- Attempts to reach other tenants ----------------------------------------

my $other = new_account(stack);
my $schema = $other->schema;
$http->put('/kv/secret', headers => $other->auth('test'), body => '"theirs"');

for my $try ("$schema.secret", "\"$schema\".kv_store", "secret'; SELECT 1; --",
	'secret" OR 1=1', '{tenant}', "{$schema}", '$1', '%s', '../secret',
	"\xef\xbc\x87 OR 1=1", 'search_path', 'pg_catalog.pg_class') {
	my $path = '/kv/' . $try =~ s{([^A-Za-z0-9])}{sprintf '%%%02X', ord $1}ger;

	is(ask(GET => $path)->{status}, 404, "$try is an ordinary key");
	is(ask(PUT => $path, 1)->{status}, 201, '... it can be written');
	is(ask(POST => "$path/incr")->{json}{value}, 2, '... incremented');
	is(ask(GET => "/kv?pattern=" . substr $path, 4)->{status}, 200,
		'... used as a pattern');
	is(ask(DELETE => $path)->{status}, 204, '... and deleted');
}
is(ask(GET => '/kv/secret', undef, 'Io7-Mode' => 'live')->{status}, 400,
	'Io7-Mode does not lead to another mode');
for my $header (['Io7-Tenant' => $schema], ['X-Schema' => $schema], ['Search-Path' => $schema]) {
	my $answer = ask(GET => '/kv/secret', undef, @$header);
	is($answer->{status}, 404, "no header @$header leads elsewhere");
	is($answer->{headers}{'io7-mode'}, 'test', '... and not in another mode');
}
is(ask(GET => "/kv/secret?$_")->{status}, 400, "the query $_ is refused")
	for "schema=$schema", "tenant=$schema", 'mode=live', "user=$schema";
is($http->get('/kv/secret', headers => $other->auth('test'))->{body},
	'"theirs"', 'the value is unchanged');

finish;
