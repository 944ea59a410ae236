#!/usr/bin/perl
# A route reads the query names and the body types of its row, and refuses others.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;

my $account = new_account(stack);
my $http = stack->http;

sub ask
{
	return $account->ask(@_);
}

sub refused
{
	my ($answer, $field, $what) = @_;

	is($answer->code, 'bad_request', $what);
	is($answer->{json}{error}{details}{field}, $field, '... and names it');
}

# --- Names of the query -----------------------------------------------------

refused(ask(PUT => '/kv/a?tll=5', 1), 'tll', 'a misspelt name is refused');
is(ask(GET => '/kv/a')->{status}, 404, '... and nothing is stored');
ask(PUT => '/kv/a', 1);
refused(ask(GET => '/kv/a?ttl=5'), 'ttl', 'a name of another method is refused');
refused(ask(GET => '/kv?pattern=*&patern=a'), 'patern',
	'one unknown name beside a known one is refused');
refused(ask(POST => '/kv/transform/batch?save=true', '{}'), 'save',
	'a name is refused before the body is read');
refused(ask(GET => '/kv/a?%74tl=5'), 'ttl', 'a name is decoded first');
refused(ask(GET => '/kv/a?%zz=5'), 'query', 'a malformed name is refused');
refused(ask(GET => "/kv/a?$_=5"), 'query', "$_ is refused and not repeated")
	for '%ff', '%0a', 'x' x 65;
is(ask(GET => "/kv/a?$_")->{status}, 200, "the query \"$_\" has no name")
	for '', '&', '&&';
is($http->get("/health$_")->{status}, 200, "/health$_ is answered")
	for '?probe=1', '/live?probe=1';
my $callback = $http->get('/auth/github/callback?error=access_denied&anything=1');
isnt($callback->{status}, 400, 'the OAuth callback takes names of the provider');
is($http->get('/kv/a?tll=5')->{status}, 401,
	'without a credential the query is not looked at');

# --- Types of a body --------------------------------------------------------

my @json = ('application/json', 'application/json; charset=utf-8',
	'APPLICATION/JSON', 'application/vnd.x+json',
	'application/x-www-form-urlencoded', 'text/plain;charset=UTF-8');
my @other = ('image/png', 'application/xml', 'multipart/form-data; boundary=x',
	'json', 'application/+json', 'text/html');
my @routes = (
	[POST => '/kv/n/incr', '{"by":1}'],
	[POST => '/kv/batch', '{"ops":[{"op":"get","key":"a"}]}'],
	[POST => '/kv/a/transform', '{"engine":"jq","program":"."}'],
	[POST => '/kv/transform/batch',
		'{"engine":"jq","program":".","keys":["a"]}'],
	[POST => '/api/auth/validate', '{"token":"' . $account->test_key . '"}'],
);

for my $route (@routes) {
	my ($method, $path, $body) = @$route;

	is(ask($method, $path, $body, 'Content-Type' => $_)->{status}, 200,
		"$method $path accepts $_") for @json;
	is(ask($method, $path, $body, 'Content-Type' => $_)->code,
		'unsupported_media_type', "$method $path refuses $_") for @other;
}

# Keys are managed by a session.
my $session = 'Bearer ' . $account->session;
for my $type ($json[0], $other[0]) {
	my $made = $http->post('/api/keys', headers => [Authorization => $session,
		'Content-Type' => $type], body => '{"label":"typed","mode":"test"}');
	my $status = $type eq $json[0] ? 201 : 415;
	is($made->{status}, $status, "POST /api/keys answers $status to $type");
	next if $status == 415;
	my $path = "/api/keys/$made->{json}{id}";
	is($http->patch($path, headers => [Authorization => $session,
		'Content-Type' => 'image/png'], body => '{"label":"x"}')->{status},
		415, 'PATCH /api/keys/:id refuses image/png');
}

my $line = qq({"key":"imported","value":1}\n);
is(ask(POST => '/api/kv/import', $line, 'Content-Type' => $_)->{status}, 200,
	"an import accepts $_") for 'application/x-ndjson', 'application/jsonl',
	'application/json', 'text/plain', 'application/x-www-form-urlencoded';
is(ask(POST => '/api/kv/import', $line, 'Content-Type' => $_)->code,
	'unsupported_media_type', "an import refuses $_") for 'text/csv', 'image/png';

my $patched = ask(PATCH => '/kv/a', '{}', 'Content-Type' => 'application/json');
is($patched->code, 'unsupported_media_type', 'a patch says which kind it is');
is($patched->{headers}{'accept-patch'},
	'application/merge-patch+json, application/json-patch+json',
	'... and Accept-Patch lists the kinds');
is($patched->{json}{error}{message}, 'The Content-Type of the body must be one of: '
	. 'application/merge-patch+json, application/json-patch+json.',
	'... as the message does');
is(ask(POST => '/kv/n/incr', '', 'Content-Type' => 'image/png')->{status}, 200,
	'the type of an empty body does not matter');

# --- A part of a value ------------------------------------------------------

refused(ask(PUT => '/kv/part', 1, 'Content-Range' => 'bytes 0-0/2'),
	'Content-Range', 'a PUT of a part is refused');
is(ask(GET => '/kv/part')->{status}, 404, '... and nothing is stored');

finish;
