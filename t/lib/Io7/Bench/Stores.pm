# Io7::Bench::Stores: accounts with values, as many as a benchmark needs.
package Io7::Bench::Stores;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use Io7::Account;

our @EXPORT = qw(new_store new_tenants key value zipf);

use constant { KEYS_AT_ONCE => 250_000, TENANTS_AT_ONCE => 100 };

# The name of the n-th key, and a value of about so many bytes.
sub key
{
	return sprintf 'user:%07d', $_[0];
}

sub value
{
	my ($n, $bytes) = @_;

	return qq({"n": $n, "name": "user $n", "text": ")
		. 'x' x (($bytes // 60) - 40) . '"}';
}

# An account without limits that has a number of keys.
sub new_store
{
	my ($stack, $keys, $bytes) = @_;
	my $account = new_account($stack,
		plan => new_plan($stack, 'endless'));
	my $schema = $account->schema;
	my $text = 'x' x (($bytes // 60) - 40);

	for (my $n = 1; $n <= $keys; $n += KEYS_AT_ONCE) {
		my $last = $n + KEYS_AT_ONCE - 1;
		$last = $keys if $last > $keys;
		$stack->psql("INSERT INTO $schema.kv_store (key, value, version)
			SELECT 'user:' || lpad(n::text, 7, '0'),
				jsonb_build_object('name', 'user ' || n, 'n', n,
					'text', '$text'), 1
			FROM generate_series($n, $last) n");
	}
	$stack->psql("UPDATE $schema.kv_slot SET version = 1, bytes = (
		SELECT coalesce(sum(bytes), 0) FROM $schema.kv_store
		WHERE hashtext(key) & 15 = slot)");
	$stack->psql("VACUUM ANALYZE $schema.kv_store");
	return $account;
}

# Creates so many live accounts without limits, each with one key, and returns their API
# keys. `io7 user create` would take a process for each.
sub new_tenants
{
	my ($stack, $n) = @_;
	my @keys = map { api_key($_) } 1 .. $n;
	my $number = 0;
	my $rows = join ',', map { "('" . ++$number . "','$_')" } @keys;

	new_plan($stack, 'endless');
	$stack->psql("INSERT INTO io7.users (auth_iss, auth_sub, plan_id, ready_at)
		SELECT 'bench', n::text, 'endless', now()
		FROM generate_series(1, $n) n");
	$stack->psql("INSERT INTO io7.api_keys
			(user_id, hash, prefix, last4, label, mode, scopes)
		SELECT u.id, sha256(v.key::bytea), left(v.key, 12),
			right(v.key, 4), 'bench', 'live', '{read,write}'
		FROM (VALUES $rows) v(sub, key)
		JOIN io7.users u ON (u.auth_iss, u.auth_sub) = ('bench', v.sub)");
	for (my $first = 1; $first <= $n; $first += TENANTS_AT_ONCE) {
		provision($stack, $first, $first + TENANTS_AT_ONCE - 1);
	}
	return @keys;
}

# As fcgi/identity/credential.c makes them, but not random.
sub api_key
{
	my $text = 'live_io7_' . substr sha256_hex("bench $_[0]"), 0, 26;

	return $text . substr sha256_hex($text), 0, 6;
}

sub provision
{
	my ($stack, $first, $last) = @_;
	my ($key, $value) = (key(1), value(1));

	$stack->psql(<<"END");
DO \$body\$
DECLARE
	tenant text;
BEGIN
	FOR tenant IN SELECT io7.provision(id) FROM io7.users
		WHERE auth_iss = 'bench'
			AND auth_sub::int BETWEEN $first AND $last
	LOOP
		EXECUTE format('INSERT INTO %I.kv_store (key, value, version)
			VALUES (''$key'', ''$value'', 1)', tenant);
	END LOOP;
END;
\$body\$
END
}

# Draws of 1 .. n, of which the k-th comes in proportion to 1 / k: a few tenants send
# most requests, and many send a few. The same ones each time.
sub zipf
{
	my ($n, $draws) = @_;
	my @below;
	my $sum = 0;

	srand 7;
	push @below, $sum += 1 / $_ for 1 .. $n;
	return map { place($sum * rand, \@below) + 1 } 1 .. $draws;
}

# The index of the first value above x.
sub place
{
	my ($x, $values) = @_;
	my ($low, $high) = (0, $#$values);

	while ($low < $high) {
		my $middle = int(($low + $high) / 2);
		if ($values->[$middle] > $x) {
			$high = $middle;
		} else {
			$low = $middle + 1;
		}
	}
	return $low;
}

1;
