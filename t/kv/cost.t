#!/usr/bin/perl
# The cost of KV requests, by PostgreSQL's statistics: one statement each, planned
# twice at most; and a page reads no more rows of a large store than of
# a small one.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;

my $stack = private_stack(set => { IO7_TEST_WORKERS => 1 });
my $http = $stack->http;
my $account = new_account($stack);

use constant { REQUESTS => 60, PLANS => 2 };

sub ask
{
	my ($method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

# The statements of io7_app in io7_test since the last call of this function: calls,
# plans, and the number of different statements.
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

# Autovacuum would invalidate plans at any time.
$stack->psql('ALTER SYSTEM SET pg_stat_statements.track_planning = on;
	ALTER SYSTEM SET autovacuum = off;
	SELECT pg_reload_conf()');
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
	['merge patch that is refused', sub { ask(PATCH => '/kv/a', '{"n":1}',
		'Content-Type' => $merge, 'If-None-Match' => '*') }, 412],
	['DELETE that is refused', sub { ask(DELETE => '/kv/a', undef,
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
	cmp_ok($plans, '<=', PLANS, '... planned twice at most');
}

# --- Lists of a large store -------------------------------------------------

use constant { MANY => 200_000, PAGE => 100 };

# Inserts keys. Autovacuum is off, because it would analyze them at any time.
sub fill
{
	my ($letters, $n) = @_;

	$stack->psql("ALTER TABLE @{[$account->schema]}.kv_store
			SET (autovacuum_enabled = off);
		INSERT INTO @{[$account->schema]}.kv_store (key, value, version)
		SELECT format('%s:%s', chr(97 + i % $letters), i), '1', 1
		FROM generate_series(1, $n) AS i
		ON CONFLICT DO NOTHING", 'io7_test');
}

# The number of blocks that a page of the pattern reads, and of its items, on average.
sub blocks
{
	my ($pattern) = @_;
	my $items = 0;

	asked_for();
	$items += @{ask(GET => '/kv?limit=' . PAGE . "&pattern=$pattern")
		->{json}{items}} for 1 .. 10;
	my $blocks = $stack->psql(<<'END');
		SELECT sum(shared_blks_hit + shared_blks_read)
		FROM pg_stat_statements(true) s JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel AND query ~ 'kv_store';
END
	return ($blocks / 10, $items / 10);
}

ask(DELETE => '/kv?pattern=*&confirm=true');
fill(26, MANY);
my $table = $stack->psql("SELECT pg_relation_size(
	'@{[$account->schema]}.kv_store') / 8192", 'io7_test');
for my $analyze (0, 1) {
	$stack->psql("ANALYZE @{[$account->schema]}.kv_store", 'io7_test')
		if $analyze;
	for (['q:*', PAGE], ['q*', PAGE], ['q:%3F*', PAGE], ['%5Cq:*', PAGE],
		['q:%5C**', 0], ['q:77777*', 0], ['*', PAGE]) {
		my ($pattern, $items) = @$_;
		my ($blocks, $found) = blocks($pattern);
		is($found, $items, "$pattern: $items keys");
		cmp_ok($blocks, '<', 2 * PAGE, '... by the index, '
			. ($analyze ? 'analyzed' : 'not analyzed'))
			or diag("$blocks blocks of $table");
	}
}
cmp_ok($table, '>', 10 * PAGE, 'all of it would be more');

finish;
