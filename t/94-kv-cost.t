#!/usr/bin/perl
# What a request to the store costs PostgreSQL, by its own statistics: one
# statement and nothing around it, planned for the first few times alone.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;

my $stack = private_stack(set => { IO7_TEST_WORKERS => 1 });
my $http = $stack->http;
my $account = new_account($stack);

use constant { REQUESTS => 60, PLANS => 6 };

sub ask
{
	my ($method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

# What io7_app has asked io7_test for since the last look: calls, plans, and how
# many different statements.
sub asked_for
{
	my $row = $stack->psql(<<'END');
		SELECT coalesce(sum(calls), 0), coalesce(sum(plans), 0), count(*)
		FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		JOIN pg_database d ON d.oid = s.dbid
		WHERE rolname = 'io7_app' AND datname = 'io7_test' AND toplevel;
END
	chomp $row;
	$stack->psql('SELECT pg_stat_statements_reset()');
	return split /\|/, $row;
}

$stack->psql('ALTER SYSTEM SET pg_stat_statements.track_planning = on;'
	. 'SELECT pg_reload_conf()');
ask(PUT => '/kv/warm', 1);

my $merge = 'application/merge-patch+json';
my $json = 'application/json-patch+json';
my @requests = (
	['PUT that creates', sub { ask(PUT => "/kv/n$_[0]", 1) }],
	['PUT that replaces', sub { ask(PUT => '/kv/a', qq({"n":$_[0]})) }],
	['PUT with If-Match', sub { ask(PUT => '/kv/a', '{"n":1}',
		'If-Match' => '*') }],
	['PUT with If-None-Match', sub { ask(PUT => "/kv/m$_[0]", 1,
		'If-None-Match' => '*') }],
	['PUT that is refused', sub { ask(PUT => '/kv/a', 1,
		'If-None-Match' => '*') }, 412],
	['GET', sub { ask(GET => '/kv/a') }],
	['HEAD', sub { ask(HEAD => '/kv/a') }],
	['merge patch', sub { ask(PATCH => '/kv/a', qq({"n":$_[0]}),
		'Content-Type' => $merge) }],
	['JSON patch', sub { ask(PATCH => '/kv/a',
		qq([{"op":"replace","path":"/n","value":$_[0]}]),
		'Content-Type' => $json) }],
	['increment', sub { ask(POST => '/kv/i/incr') }],
	['list', sub { ask(GET => "/kv?pattern=n*&limit=@{[$_[0] % 9 + 1]}") }],
	['list with values', sub { ask(GET => '/kv?pattern=n*&values=true') }],
	['count', sub { ask(GET => '/kv?pattern=n*&count=true') }],
	['DELETE', sub { ask(DELETE => "/kv/n$_[0]") }],
);
for my $request (@requests) {
	my ($what, $do, $status) = @$request;

	asked_for();
	my $fine = grep { $status ? $_->{status} == $status : $_->{status} < 300 }
		map { $do->($_) } 1 .. REQUESTS;
	my ($calls, $plans, $statements) = asked_for();
	is($fine, REQUESTS, "$what: @{[REQUESTS]} times");
	is($calls, REQUESTS, '... cost one statement each');
	is($statements, 1, '... the same');
	cmp_ok($plans, '<=', PLANS, '... planned for the first few alone');
}

finish;
