#!/usr/bin/perl
# Many changes of keys: an account has a number of them a day, revoked keys do not
# make the next change slow, and revoking is always possible.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;

use constant { CHANGES => 200, REVOKED => 20_000, CREATES => 12 };

my $stack = private_stack(workers => 1);
my ($churner, $other) = map { new_account($stack) } 1 .. 2;
my %wish = (label => 'one', mode => 'live');

sub ask
{
	my ($account, $method, $target, $body) = @_;

	return $stack->http->request($method, $target, headers => [
		@{$account->auth('live')}, 'Content-Type' => 'application/json'],
		$body ? (body => encode_json($body)) : ());
}

# --- Revoked keys -------------------------------------------------------------

# Blocks that one creation reads, in cache or not.
sub blocks_of_a_create
{
	$stack->psql('SELECT pg_stat_statements_reset()');
	is(ask($churner, POST => '/api/keys', \%wish)->{status}, 201, 'a key is created')
		for 1 .. CREATES;
	my $blocks = $stack->psql(<<'END');
		SELECT sum(shared_blks_hit + shared_blks_read)
		FROM pg_stat_statements(true) s JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel AND query ~ 'api_keys|audit_log';
END
	return $blocks / CREATES;
}

my $before = blocks_of_a_create();
my ($user, $revoked) = ($churner->user_id, REVOKED);
$stack->psql(<<"END");
	INSERT INTO io7.api_keys (user_id, hash, prefix, last4, label, mode,
		scopes, revoked_at)
	SELECT '$user', sha256(i::text::bytea), 'live_io7_000', '0000', 'gone',
		'live', '{read}', now() FROM generate_series(1, $revoked) AS i;
	ANALYZE io7.api_keys;
END
my $after = blocks_of_a_create();
cmp_ok($after, '<', 2 * $before + 100,
	"beside $revoked revoked keys, a creation reads hardly more");
note "$before blocks, then $after";

# --- Changes in a day ---------------------------------------------------------

sub fill_day
{
	my ($account, $n, $age) = @_;
	my $id = $account->user_id;

	$stack->psql("INSERT INTO io7.audit_log (user_id, event, actor, at)
		SELECT '$id', 'key_created', 'key', now() - interval '$age'
		FROM generate_series(1, $n)");
}

fill_day($other, CHANGES, '25 hours');
my $made = ask($other, POST => '/api/keys', \%wish);
is($made->{status}, 201, 'changes of yesterday do not count');
fill_day($other, CHANGES - 2, '23 hours');
is(ask($other, POST => '/api/keys', \%wish)->{status}, 201,
	'an account may change its keys ' . CHANGES . ' times a day');
my $id = $made->{json}{id};
for (['create', POST => '/api/keys', \%wish],
	['change', PATCH => "/api/keys/$id", { label => 'two' }],
	['rotate', POST => "/api/keys/$id/rotate", {}]) {
	my ($verb, @request) = @$_;
	my $refused = ask($other, @request);
	is($refused->code, 'rate_limited', "... then to $verb one gets 429");
	is($refused->{json}{error}{details}{field}, 'key_changes',
		'... which names the limit');
	ok($refused->{headers}{'retry-after'} <= 3600
		&& $refused->{headers}{'retry-after'} > 3000,
		'... and when the oldest change is a day old');
}
is(ask($other, GET => '/api/keys')->{json}{items}[1]{label}, 'one',
	'... and changes nothing');
is(ask($other, DELETE => "/api/keys/$id")->{status}, 204,
	'... but to revoke one is always possible');

finish;
