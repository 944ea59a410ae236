#!/usr/bin/perl
# Isolation of tenants and modes: two accounts store the same keys in both modes,
# and no answer to any manipulated request contains a value of another one.

use strict;
use warnings;
use utf8;

use Encode qw(encode);
use Io7::Account;
use Io7::Test;
use Io7::Json;

my $stack = stack;
my $http = $stack->http;
my ($mine, $theirs) = map { new_account($stack) } 1, 2;
my $json = json_codec()->canonical;

# Each value names its account and mode; only the first one may appear in an answer.
my $own = 'value-of-mine-test';
my @foreign = ('value-of-mine-live', 'value-of-theirs-test',
	'value-of-theirs-live');
my @keys = ('a', 'kv_store', 'secret', '%', '*');

for my $key (map { encode 'UTF-8', $_ } @keys) {
	my $path = '/kv/' . ($key =~ s/(\W)/sprintf '%%%02X', ord $1/ger);
	$http->put($path, body => qq("$own"), headers => $mine->auth('test'));
	$http->put($path, body => qq("$foreign[0]"),
		headers => $mine->auth('live'));
	$http->put($path, body => qq("$foreign[1]"),
		headers => $theirs->auth('test'));
	$http->put($path, body => qq("$foreign[2]"),
		headers => $theirs->auth('live'));
}

# --- Manipulated names ------------------------------------------------------

my ($schema, $other) = ($mine->schema, $theirs->schema);
my $id = $theirs->user_id;
my @tricks = map { encode 'UTF-8', $_ } (
	# names of schemas, tables and users
	"$other.kv_store", qq("$other"."kv_store"), "$other.a", "$other/a",
	'{tenant}.kv_store', 'public.kv_store', 'pg_catalog.pg_class',
	'io7.api_keys', $id, $other, $theirs->name, 'io7_live', '../a', '..%2Fa',
	"../$other/a", '/kv/a', '//a', './a',
	# injection into a text
	q('), q(''), q("), q(a' OR '1'='1), q(a" OR "1"="1), q(' OR true --),
	q(a'; SET search_path TO ) . $other . q(; --), q(\'), q(a\\' OR 1=1 --),
	qq(a'; SELECT value FROM $other.kv_store; --),
	qq(' UNION SELECT key, value FROM $other.kv_store --),
	qq(\$\$; SELECT * FROM $other.kv_store; \$\$), q($1), q($2::text),
	'SET search_path', "search_path=$other",
	"a'); DROP SCHEMA $schema CASCADE; --", 'a/**/OR/**/1=1', 'E\'\\x27\'',
	# ends of texts
	"a\0", "a\0$other", "\0", "a%00", "a\n", "a\r\nIo7-Mode: live",
	"a\x{1}b",
	# Unicode that changes when it is case-folded
	"\x{2019} OR 1=1", "\x{ff07}", "\x{ff0a}", "a\x{301}", "\x{fe52}\x{fe52}",
	"\x{2024}\x{2024}/a", "\x{202e}a", "\x{feff}a", "\x{ff41}", "\x{130}",
	"\x{10ffff}",
	# invalid UTF-8
);
push @tricks, "\xC0\xA7 OR 1=1", "\xBF\x27 OR 1=1", "a\xFF", "\xED\xA0\x80";

# patterns
push @tricks, '%', '_', '%%', '\\', '\\\\', '*', '?', '[a-z]', '(.*)', '^a$',
	"$other*", '*' x 256;

sub escape
{
	return $_[0] =~ s/([^A-Za-z0-9_~-])/sprintf '%%%02X', ord $1/ger;
}

# Every answer is searched for values, not for keys, since the client chooses the keys.
# No answer may be a 5xx.
my ($asked, @leaks, @faults) = 0;

sub ask
{
	my ($method, $target, %options) = @_;

	my $answer = $http->request($method, $target, %options,
		headers => [@{$mine->auth('test')}, @{$options{headers} // []}]);
	my $all = join "\n", $answer->{body}, %{$answer->{headers}};
	$asked++;
	push @leaks, "$method $target: $answer->{body}"
		if grep { index($all, $_) >= 0 } @foreign;
	push @faults, "$method $target: $answer->{body}" if $answer->{status} >= 500;
	push @leaks, "$method $target: mode $answer->{headers}{'io7-mode'}"
		if ($answer->{headers}{'io7-mode'} // 'test') ne 'test';
	return $answer;
}

sub text
{
	my ($bytes) = @_;

	my $plain = eval { Encode::decode('UTF-8', $bytes, Encode::FB_CROAK
		| Encode::LEAVE_SRC) };
	return $plain // $bytes;
}

for my $trick (@tricks) {
	my ($path, $text) = (escape($trick), text($trick));

	# in paths and queries
	ask($_, "/kv/$path") for qw(GET HEAD);
	ask(GET => "/kv?values=true&pattern=$path");
	ask(GET => "/kv?count=true&pattern=$path");
	ask(GET => "/kv?values=true&pattern=*&cursor=$path");
	ask(GET => "/kv?values=true&limit=$path");
	ask(GET => "/kv?values=$path&count=$path");
	ask(GET => "/kv?pattern=*&$path=$path");
	ask(GET => "/api/kv/export?pattern=$path");
	ask(GET => "/kv/a?ttl=$path");
	ask(GET => "/kv/a?mode=$path&schema=$other&user_id=$id");
	ask(POST => "/api/kv/import?mode=$path", body => '');

	# in bodies
	ask(POST => '/kv/batch', body => $json->encode({ ops => [
		{ op => 'get', key => $text }, { op => 'get', key => 'a' }] }));
	ask(POST => '/kv/batch', body => $json->encode({ ops => [
		{ op => $text, key => 'a' }] }));
	ask(POST => '/kv/batch', body => $json->encode({ $text => $other,
		ops => [{ op => 'get', key => 'a' }] }));
	ask(POST => '/kv/batch', body => $json->encode({ ops => [
		{ op => 'check', key => 'a', version => $text }] }));
	ask(POST => '/kv/a/incr', body => $json->encode({ path => $text }));
	ask(PATCH => '/kv/a', headers => ['Content-Type' =>
		'application/json-patch+json'], body => $json->encode([
		{ op => 'copy', from => $text, path => '/x' }]));

	# in headers, where no line ends
	next if $trick =~ /[\0-\x1F]/;
	ask(GET => '/kv/a', headers => [$_ => $trick])
		for qw(If-Match If-None-Match Io7-Mode Io7-User Io7-Schema
			X-Forwarded-User X-Request-Id Cookie Idempotency-Key
			Content-Type Prefer);
}

# Headers and parameters that claim another mode or user.
ask(GET => '/kv?pattern=*&values=true', headers => ['Io7-Mode' => 'live']);
ask(GET => '/kv/a', headers => ['Test-User' => $id =~ tr/-//dr]);
my $cursor = $http->get('/kv?limit=1', headers => $theirs->auth('test'))
	->{json}{next_cursor};
ask(GET => "/kv?values=true&cursor=$cursor");
is(ask(GET => '/kv?values=true')->{json}{items}[1]{value}, $own,
	'an account sees its own values');

cmp_ok($asked, '>', 1500, "$asked answers were searched");
is("@leaks", '', '... and none had a value of another store');
is("@faults", '', '... and none was a 5xx');

# --- Writes do not reach other stores ---------------------------------------

for my $trick (@tricks) {
	my ($path, $text) = (escape($trick), text($trick));

	ask(PUT => "/kv/$path", body => '"written"');
	ask(POST => '/kv/batch', body => $json->encode({ ops => [
		{ op => 'put', key => $text, value => 'written' }] }));
	ask(POST => '/api/kv/import', body => $json->encode({ key => $text,
		value => 'written' }));
	ask(POST => "/kv/$path/incr");
	ask(PATCH => "/kv/$path", body => '"written"', headers =>
		['Content-Type' => 'application/merge-patch+json']);
	next if $trick =~ /^\*+$/;
	ask(DELETE => "/kv/$path");
	ask(DELETE => "/kv?confirm=true&pattern=$path");
}
for my $store ([$mine => 'live', $foreign[0]], [$theirs => 'test', $foreign[1]],
	[$theirs => 'live', $foreign[2]]) {
	my ($account, $mode, $value) = @$store;
	my $items = $http->get('/kv?values=true',
		headers => $account->auth($mode))->{json}{items};
	is(join(' ', map { "$_->{key}=$_->{value}" } @$items),
		join(' ', map { "$_=$value" } sort @keys),
		"$value is what it was");
}
is("@leaks@faults", '', 'and no answer said more than it may');
is($stack->psql("SELECT count(*) FROM pg_namespace
	WHERE nspname IN ('$schema', '$other')", "io7_$_"), "2\n",
	"no schema of $_ is gone") for qw(live test);

finish;
