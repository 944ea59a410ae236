#!/usr/bin/perl
# Lists of keys: order, patterns, pagination, counts, and deletion by pattern.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;
use Time::HiRes qw(time);

my $account = new_account(stack);
my $http = stack->http;
my $schema = $account->schema;

sub ask
{
	my ($method, $target, $body) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test'),
		defined $body ? (body => $body) : ());
}

sub encoded
{
	return $_[0] =~ s{([^A-Za-z0-9])}{sprintf '%%%02X', ord $1}ger;
}

sub put
{
	ask(PUT => '/kv/' . encoded($_), 1)->{status} < 300
		or fail("$_ is stored") for @_;
}

# The keys that match, from all pages; $between is called after each page.
sub keys_of
{
	my ($pattern, $limit, $between) = @_;
	my $target = "/kv?limit=$limit&pattern=" . encoded($pattern);
	my ($cursor, @keys) = ('');

	while (defined $cursor) {
		my $page = ask(GET => $target . $cursor)->{json};
		push @keys, map { my $k = $_->{key}; utf8::encode($k); $k }
			@{$page->{items}};
		die "a page of @{[scalar @{$page->{items}}]}\n"
			if @{$page->{items}} > $limit;
		$cursor = $page->{next_cursor} && "&cursor=$page->{next_cursor}";
		$between->() if $between;
	}
	return @keys;
}

sub refused
{
	my ($what, $field, $target, $method) = @_;

	my $answer = ask($method // 'GET', $target);
	is($answer->code, 'bad_request', $what);
	is($answer->{json}{error}{details}{field}, $field, '... with the field');
}

is_deeply(ask(GET => '/kv')->{json}, { items => [], next_cursor => undef },
	'an empty store lists nothing');
is(ask(GET => '/kv?count=true')->{json}{count}, 0, '... and counts 0');

# --- Order and patterns -----------------------------------------------------

my @all = sort { $a cmp $b } ('B', 'a', 'A', 'b', "\xc3\xa4", "\xe2\x82\xac",
	"\xf0\x9f\x98\x80", '%', '_', '\\', '*', '?', 'a%b', 'a_b', 'axb', 'a\\b',
	'a*b', 'a/b', 'ab', 'user:1', 'user:10', 'user:2', 'users', 'z' x 256);
put(@all);
is_deeply([keys_of('*', 1000)], \@all, 'keys are in byte order');
is_deeply([keys_of('*', $_)], \@all, "... in pages of $_ too") for 1, 2, 7;
is(ask(GET => '/kv?count=true')->{json}{count}, @all, '... and all are counted');

my %matches = (
	'user:*' => ['user:1', 'user:10', 'user:2'],
	'user:?' => ['user:1', 'user:2'],
	'*:1*' => ['user:1', 'user:10'],
	'a?b' => ['a%b', 'a*b', 'a/b', 'a\\b', 'a_b', 'axb'],
	'a%b' => ['a%b'],
	'a_b' => ['a_b'],
	'a\\*b' => ['a*b'],
	'a\\\\b' => ['a\\b'],
	'\\a\\b' => ['ab'],
	'%' => ['%'],
	'_' => ['_'],
	'\\?' => ['?'],
	'\\*' => ['*'],
	'?' => [grep { /\A(?:[\x00-\x7f]|[\xc0-\xff][\x80-\xbf]+)\z/ } @all],
	"\xc3\xa4*" => ["\xc3\xa4"],
	'users' => ['users'],
	'use' => [],
	'' . 'z' x 256 => ['z' x 256],
	'z*z' => ['z' x 256],
	'***' => \@all,
	'*e*r*s*' => ['users'],
	'**a**b**' => [grep { /a.*b/ } @all],
);
for my $pattern (sort keys %matches) {
	is_deeply([keys_of($pattern, 3)], $matches{$pattern},
		"'$pattern' finds what it should");
	is(ask(GET => '/kv?count=true&pattern=' . encoded($pattern))
		->{json}{count}, @{$matches{$pattern}}, '... and the count agrees');
}

# --- Items ------------------------------------------------------------------

ask(PUT => '/kv/user:1?ttl=1000', '{"a": 12345678901234567890}');
my ($item) = @{ask(GET => '/kv?pattern=user:1')->{json}{items}};
is(join(' ', sort keys %$item), 'bytes expires_at key updated_at version',
	'an item has no value by default');
is($item->{bytes}, 100 + length('user:1') + length('{"a": 12345678901234567890}'),
	'... but the size of key and value');
like($item->{expires_at}, qr/^20/, '... and its expiry');
like(ask(GET => '/kv?pattern=user:1&values=true')->{body},
	qr/"value":\{"a": 12345678901234567890\}\}/, 'values=true adds the value, with all digits');
is(ask(GET => '/kv?pattern=user:1&values=false')->{body},
	ask(GET => '/kv?pattern=user:1')->{body}, 'values=false is the default');

stack->psql("UPDATE $schema.kv_store SET expires_at = now()
	WHERE key = 'user:1';", 'io7_test');
is_deeply([keys_of('user:*', 10)], ['user:10', 'user:2'],
	'an expired key is not listed');
is(ask(GET => '/kv?count=true&pattern=user:*')->{json}{count}, 2,
	'... and not counted');

# --- Cursors ----------------------------------------------------------------

put(map { "p$_" } 10 .. 29);
my $page = ask(GET => '/kv?pattern=p*&limit=10')->{json};
my ($n, @fresh) = 0;
is_deeply([keys_of('p*', 5, sub {
	# Keys before and after the cursor, and the key of the cursor.
	put("p00", "p3$n") if $n < 3;
	ask(DELETE => '/kv/p' . (14 + 5 * $n));
	$n++;
})], [map { "p$_" } 10 .. 29, 30 .. 32],
	'pages neither repeat nor skip a key while others are created and deleted');

is(ask(GET => "/kv?pattern=p*&limit=3&cursor=$page->{next_cursor}")
	->{json}{items}[0]{key}, 'p20', 'a cursor may be used again');
my $c = $page->{next_cursor};
my %forged = ('another pattern' => "pattern=p?*&cursor=$c",
	'no pattern' => "cursor=$c", 'no cursor at all' => 'pattern=p*&cursor=',
	'a shorter one' => 'pattern=p*&cursor=' . substr($c, 2),
	'a longer one' => "pattern=p*&cursor=${c}00",
	'another key' => 'pattern=p*&cursor=' . ($c =~ s/(.)$/$1 eq '1' ? 2 : 1/er),
	'no digits' => 'pattern=p*&cursor=' . 'x' x length $c,
	'an odd one' => "pattern=p*&cursor=${c}1",
	'SQL' => q(pattern=p*&cursor='%20OR%20true--));
refused("a cursor of $_", 'cursor', "/kv?$forged{$_}") for sort keys %forged;

refused("a limit of '$_'", 'limit', "/kv?limit=$_")
	for 0, 1001, -1, 'many', '1e2', '';
refused("values of '$_'", 'values', "/kv?values=$_") for 1, 'yes', '', 'TRUE';
refused("a count of '$_'", 'count', "/kv?count=$_") for 1, 'yes', '';
refused('an empty pattern', 'pattern', '/kv?pattern=');
refused('a pattern that is not UTF-8', 'pattern', '/kv?pattern=%ff*');
refused('a pattern with a NUL', 'pattern', '/kv?pattern=a%00*');
refused('a pattern of 513 characters', 'pattern', '/kv?pattern=' . 'a' x 513);
refused('a pattern that ends in a backslash', 'pattern', '/kv?pattern=a%5C');
refused('two patterns', 'pattern', '/kv?pattern=a&pattern=b');
is(ask(GET => '/kv?pattern=' . '%5C%3F' x 256)->{status}, 200,
	'the longest key with each character escaped is accepted');

# --- No pattern is slow -----------------------------------------------------

stack->psql("INSERT INTO $schema.kv_store (key, value, version)
	SELECT repeat('a', 250) || lpad(i::text, 6, '0'), '1', 1
	FROM generate_series(1, 20000) AS i;
	ANALYZE $schema.kv_store;", 'io7_test');
my %worst = ('256 stars' => '*' x 256, 'stars and letters' => '*a' x 250 . '*b',
	'stars and marks' => '*?' x 128 . 'b', 'marks' => '?' x 256 . 'b',
	'letters and a star' => 'a' x 250 . '*b');
for my $what (sort keys %worst) {
	my $began = time;
	my $answer = ask(GET => "/kv?pattern=" . encoded($worst{$what}));
	is($answer->{status}, 200, "$what are answered");
	is_within(time - $began, 2, '... soon');
}

# --- The size of a page with values -----------------------------------------

put('big0');
ask(PUT => "/kv/big$_", '"' . 'x' x 1_000_000 . '"') for 1 .. 10;
my $big = ask(GET => '/kv?pattern=big*&values=true')->{json};
is(scalar @{$big->{items}}, 9, 'a page of values ends at 8 MiB');
my $rest = ask(GET => '/kv?pattern=big*&values=true&cursor='
	. $big->{next_cursor})->{json};
is(join(' ', map { $_->{key} } @{$rest->{items}}), 'big8 big9',
	'... and the next page continues');
is($rest->{next_cursor}, undef, '... to the end');
is(scalar @{ask(GET => '/kv?pattern=big*')->{json}{items}}, 11,
	'a page without values is longer');

# --- Deletion ---------------------------------------------------------------

refused('no pattern', 'pattern', '/kv', 'DELETE');
refused('no confirmation', 'confirm', '/kv?pattern=p*', 'DELETE');
refused('confirm=yes', 'confirm', '/kv?pattern=p*&confirm=yes', 'DELETE');
refused('confirm=false', 'confirm', '/kv?pattern=p*&confirm=false', 'DELETE');
is(ask(GET => '/kv?pattern=p*&count=true')->{json}{count}, 20,
	'nothing is deleted by refused requests');
is_deeply(ask(DELETE => '/kv?pattern=p*&confirm=true')->{json},
	{ deleted => 20, complete => true }, 'matching keys are deleted');
is_deeply(ask(DELETE => '/kv?pattern=p*&confirm=true')->{json},
	{ deleted => 0, complete => true }, '... once');
is(ask(DELETE => '/kv?pattern=a%5C*b&confirm=true')->{json}{deleted}, 1,
	'an escaped star is a star');
is(ask(DELETE => '/kv?pattern=' . 'a' x 250 . '*&confirm=true')
	->{json}{deleted}, 20_000, '20,000 keys are deleted in several batches');
is(ask(DELETE => '/kv?pattern=*&confirm=true')->{json}{deleted},
	@all - 2 + 11, 'all keys are deleted, and expired ones are not counted');
is_deeply([keys_of('*', 10)], [], '... and none is left');

finish;
