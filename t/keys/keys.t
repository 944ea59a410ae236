#!/usr/bin/perl
# API keys over HTTP: creating, showing once, listing, renaming, disabling,
# revoking and rotating them, and what is refused.

use strict;
use warnings;
use utf8;

use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use Io7::Account;
use Io7::Clients;
use Io7::Test;
use Io7::Json;
use Time::HiRes qw(time);

my $stack = stack;
my $http = $stack->http;
my $json = json_codec()->utf8(0)->canonical;
my $account = new_account($stack);

sub ask
{
	my ($method, $target, $key, $body) = @_;

	return $http->request($method, $target,
		headers => ['Authorization' => "Bearer $key",
			defined $body ? ('Content-Type' => 'application/json') : ()],
		defined $body ? (body => ref $body ? encode_utf8($json->encode($body))
			: $body) : ());
}

# A request with the live key, which has all scopes.
sub live
{
	my ($method, $target, $body) = @_;

	return ask($method, $target, $account->live_key, $body);
}

sub made
{
	my (%body) = @_;

	my $answer = live('POST', '/api/keys',
		{ label => 'one', mode => 'live', %body });
	is($answer->{status}, 201, "a key with @{[sort keys %body]} is created")
		or diag($answer->{body});
	return $answer->{json};
}

# True if a key is accepted, whatever its scopes.
sub works
{
	my ($key) = @_;

	return ask('GET', '/api/keys', $key)->{status} != 401;
}

# --- Creating a key -----------------------------------------------------------

my $made = made(label => 'Büro 一');
like($made->{key}, qr/^live_io7_[0-9a-f]{32}$/, 'a new key has the form of its mode');
is($made->{label}, 'Büro 一', '... the label it was given');
is("@{$made->{scopes}}", 'read write', '... the scopes read and write');
is($made->{prefix}, substr($made->{key}, 0, 12), '... its first 12 characters as the prefix');
is($made->{last4}, substr($made->{key}, -4), '... its last 4 characters');
ok($made->{enabled}, '... is enabled');
is_deeply([@$made{qw(expires_at revoked_at rotated_from last_used_at)}],
	[(undef) x 4], '... and does not expire');

my $list = live('GET', '/api/keys');
is($list->{status}, 200, 'the keys can be listed');
my ($listed) = grep { $_->{id} eq $made->{id} } @{$list->{json}{items}};
ok($listed, '... the new one is in the list');
ok(!exists $listed->{key}, '... without the key itself');
unlike($list->{body}, qr/$made->{key}/, '... and nowhere else in the answer');
is(scalar @{$list->{json}{items}}, 3, '... with the first two keys');
is($list->{json}{items}[0]{id}, $made->{id}, '... newest first');
my $sum = sha256_hex($made->{key});
is($stack->psql("SELECT count(*) FROM io7.api_keys k WHERE id = '$made->{id}'
	AND hash = '\\x$sum' AND k::text NOT LIKE '%$made->{key}%';"), "1\n",
	'only the digest of a key is stored');

is(ask('GET', '/api/keys', $made->{key})->{status}, 403,
	'a key without the scope admin gets 403 for keys');
my $admin = made(label => 'admin', scopes => ['admin']);
is(ask('GET', '/api/keys', $admin->{key})->{status}, 200, 'a key with the scope admin may list keys');
is("@{made(scopes => ['write', 'read', 'write'])->{scopes}}", 'read write',
	'a scope that is named twice counts once');

# The answer is not stored for a repeat either.
my @again = map { $http->post('/api/keys', headers => $account->auth('live',
	'Idempotency-Key' => "key-$$"), body => '{"label":"once","mode":"live"}')
	} 1, 2;
is_deeply([map { $_->{status} } @again], [201, 409],
	'a repeat with the same Idempotency-Key gets 409, not the key');
is(live('DELETE', "/api/keys/$again[0]{json}{id}")->{status}, 204,
	'... and the key can be revoked');

# --- Pages ------------------------------------------------------------------

my (@seen, $cursor);
do {
	my $page = live('GET', '/api/keys?limit=2'
		. (defined $cursor ? "&cursor=$cursor" : ''))->{json};
	push @seen, map { $_->{id} } @{$page->{items}};
	$cursor = $page->{next_cursor};
} while (defined $cursor && @seen < 50);
is(scalar @seen, 6, 'paging returns all keys');
is(scalar(keys %{{ map { $_ => 1 } @seen }}), 6, '... each once');
is(scalar @{live('GET', '/api/keys?mode=test')->{json}{items}}, 1,
	'mode=test lists test keys only');
for my $query ('limit=0', 'limit=1001', 'limit=x', 'cursor=x', 'mode=both',
	'cursor=' . 'f' x 48, 'limit=1&limit=2', 'ended=yes', 'ended=') {
	is(live('GET', "/api/keys?$query")->{status}, 400, "$query gets 400");
}

# --- Modes ------------------------------------------------------------------

my $test = ask('POST', '/api/keys', $account->test_key,
	{ label => 'mine', mode => 'test' });
is($test->{status}, 201, 'a test key can create a test key');
like($test->{json}{key}, qr/^test_io7_/, '... of that form');
my ($first_live) = grep { $_->{label} eq 'First live key' }
	@{$list->{json}{items}};
my @other_mode = (
	['create a live key', POST => '/api/keys', { label => 'x', mode => 'live' }],
	['rename one', PATCH => "/api/keys/$first_live->{id}", { label => 'x' }],
	['disable one', PATCH => "/api/keys/$first_live->{id}",
		{ enabled => false }],
	['rotate one', POST => "/api/keys/$first_live->{id}/rotate", {}],
	['revoke one', DELETE => "/api/keys/$first_live->{id}"],
);
for (@other_mode) {
	my ($what, $method, $target, $body) = @$_;
	my $answer = ask($method, $target, $account->test_key, $body);
	is($answer->{status}, 403, "a test key cannot $what");
	like($answer->{json}{error}{message}, qr/test keys only/, '... and the message says why');
}
is(live('POST', '/api/keys', { label => 'x', mode => 'test' })->{status}, 403,
	'a live key cannot create a test key');
is(live('DELETE', "/api/keys/$test->{json}{id}")->{status}, 403,
	'... or revoke one');
ok(works($account->live_key), 'the live key is unchanged');

# --- Bad input --------------------------------------------------------------

my $deep = '[' x 10_000 . ']' x 10_000;
my @bad = (
	['no label', { mode => 'live' }, 'label'],
	['an empty label', { label => '' }, 'label'],
	['a label of 101 characters', { label => 'é' x 101 }, 'label'],
	['a label with a line break', { label => "a\nb" }, 'label'],
	['a label with a C1 control', { label => "a\x{85}b" }, 'label'],
	['a label that is not a text', { label => 7 }, 'label'],
	['no mode', '{"label":"a"}', 'mode'],
	['an unknown mode', { mode => 'both' }, 'mode'],
	['an unknown scope', { scopes => ['read', 'root'] }, 'scopes'],
	['no scope', { scopes => [] }, 'scopes'],
	['scopes that are a text', { scopes => 'read' }, 'scopes'],
	['an expiry in the past', { expires_at => '2020-01-01T00:00:00Z' },
		'expires_at'],
	['an expiry in eleven years', { expires_at =>
		((gmtime)[5] + 1911) . '-12-31T00:00:00Z' }, 'expires_at'],
	['an expiry that is not a time', { expires_at => 'soon' }, 'expires_at'],
	['a date that does not exist', { expires_at => '2030-02-30T00:00:00Z' },
		'expires_at'],
	['an unknown member', { colour => 'red' }, 'colour'],
	['a member given twice', '{"label":"a","mode":"live","label":"b"}', 'label'],
	['the keys can be listed', '[]', 'body'],
	['a text', '"a"', 'body'],
	['nothing', '', 'body'],
	['malformed JSON', '{"label":', 'body'],
	['scopes of 10,000 levels', qq({"label":"a","mode":"live","scopes":$deep}), 'body'],
	['10,000 levels', $deep, 'body'],
	['a NUL', '{"label":"a\u0000","mode":"live"}', 'body'],
);
for (@bad) {
	my ($what, $body, $field) = @$_;
	my $answer = live('POST', '/api/keys', ref $body
		? { ($what =~ /^no label/ ? () : (label => 'a')),
			mode => 'live', %$body } : $body);
	is($answer->{status}, 400, "$what gets 400");
	is($answer->{json}{error}{details}{field}, $field, '... and the answer names the field');
}
is(length made(label => 'é' x 100)->{label}, 100, 'a label of 100 characters is accepted');
is(live('POST', '/api/keys', '{"label":"' . 'a' x 1_100_000 . '"}')->{status},
	413, 'a body of over 1 MiB gets 413');

# --- Other accounts -----------------------------------------------------------

my $stranger = new_account($stack);
my @nowhere = (
	["another user's key", $made->{id}, $stranger->live_key],
	['an unknown id', '9b2c54d0-5a0e-4b5f-8a6e-3d2f1c0b9a87', $account->live_key],
	['a malformed id', 'x', $account->live_key],
	['an id with a percent escape', '%41', $account->live_key],
);
for (@nowhere) {
	my ($what, $id, $key) = @$_;
	is(ask(@$_[0, 1], $key, $_->[2])->{status}, 404,
		"$what: $_->[0] @{[$_->[1] =~ s/\Q$id\E//r]} finds nothing") for
		[PATCH => "/api/keys/$id", { label => 'x' }],
		[DELETE => "/api/keys/$id"],
		[POST => "/api/keys/$id/rotate", {}];
}

# --- Changing a key -----------------------------------------------------------

my $changed = live('PATCH', "/api/keys/$made->{id}", { label => 'home' });
is($changed->{status}, 200, 'a key can be renamed');
is($changed->{json}{label}, 'home', '... to the new label');
ok(works($made->{key}), '... and still works');
is(live('PATCH', "/api/keys/$made->{id}", {})->{json}{label}, 'home',
	'an empty change changes nothing');
is(live('PATCH', "/api/keys/$made->{id}", { enabled => false })
	->{status}, 200, 'disabled');
my $disabled = ask('GET', '/api/keys', $made->{key});
is($disabled->{status}, 401, '... the key gets 401');
like($disabled->{json}{error}{message}, qr/revoked or disabled/, '... and the message says why');
is(live('PATCH', "/api/keys/$made->{id}", { enabled => true })
	->{status}, 200, 'a disabled key can be enabled');
ok(works($made->{key}), '... and works');

my $narrow = made(label => 'narrow', scopes => ['admin']);
ok(works($narrow->{key}), 'a key with all scopes works');
my $narrowed = live('PATCH', "/api/keys/$narrow->{id}", { scopes => ['read'],
	expires_at => '2034-01-31T12:00:00Z' });
is("@{$narrowed->{json}{scopes}}", 'read', '... its scopes can be reduced');
is($narrowed->{json}{expires_at}, '2034-01-31T12:00:00.000000Z',
	'... its expiry can be set');
is($narrowed->{json}{label}, 'narrow', '... and its label stays');
is(ask('GET', '/api/keys', $narrow->{key})->{status}, 403,
	'... the new scopes apply at once');
is(ask('GET', '/kv?limit=1', $narrow->{key})->{status}, 200, '... reading still works');
is(live('PATCH', "/api/keys/$narrow->{id}", { label => 'n' })
	->{json}{expires_at}, '2034-01-31T12:00:00.000000Z',
	'the expiry stays if it is not named');
for ([{ scopes => [] }, 'scopes'], [{ scopes => ['root'] }, 'scopes'],
	[{ expires_at => '2020-01-01T00:00:00Z' }, 'expires_at'],
	[{ expires_at => undef }, 'expires_at']) {
	my $answer = live('PATCH', "/api/keys/$narrow->{id}", $_->[0]);
	is($answer->{status}, 400, 'refused: ' . $json->encode($_->[0]));
	is($answer->{json}{error}{details}{field}, $_->[1], '... and the answer names the field');
}

# What is refused for a new key is refused for a change, except missing members.
for (grep { $_->[0] !~ /^no (?:label|mode)|of itself|levels|a NUL|mode/ } @bad) {
	my ($what, $body, $field) = @$_;
	$body =~ s/,"mode":"live"// unless ref $body;
	my $answer = live('PATCH', "/api/keys/$narrow->{id}", $body);
	is($answer->{status}, 400, "a change with $what gets 400");
	is($answer->{json}{error}{details}{field}, $field, '... and the answer names the field');
}
is(live('PATCH', "/api/keys/$narrow->{id}", $deep)->{status}, 400,
	'a change with 10,000 levels gets 400');
is(live('GET', '/api/keys')->{json}{items}[0]{label}, 'n', '... and nothing is changed');

is($stack->psql("SELECT details->>'scopes' || ' ' || (details->>'expires_at')
	FROM io7.audit_log WHERE about_id = '$narrow->{id}'
		AND details ? 'scopes';"),
	qq(["read"] 2034-01-31T12:00:00.000000Z\n), 'a change is in the audit log');

is(live('DELETE', "/api/keys/$made->{id}")->{status}, 204, 'revoked');
ok(!works($made->{key}), '... the key gets 401');
is(live('DELETE', "/api/keys/$made->{id}")->{status}, 204, 'revoking a key again gets 204');
is(live('PATCH', "/api/keys/$made->{id}", { enabled => true })
	->{status}, 409, 'a revoked key cannot be enabled');
is(live('POST', "/api/keys/$made->{id}/rotate", {})->{status}, 409,
	'... or rotated');
($listed) = grep { $_->{id} eq $made->{id} }
	@{live('GET', '/api/keys')->{json}{items}};
ok($listed->{revoked_at}, '... and is listed with its revocation');

# True if the key is listed for that value of `ended`.
sub listed
{
	my ($ended, $id) = @_;

	return scalar grep { $_->{id} eq $id }
		@{live('GET', "/api/keys?ended=$ended")->{json}{items}};
}
is_deeply([listed('true', $made->{id}), listed('false', $made->{id})], [1, 0],
	'... with ended=true');
is_deeply([listed('true', $narrow->{id}), listed('false', $narrow->{id})],
	[0, 1], 'an active key is listed with ended=false');

# --- At once, on every worker -------------------------------------------------

# Every worker has cached the key. Enough requests are sent at once that each
# worker gets at least one.
my $workers = () = $stack->workers('live');
my @many = map { $stack->http } 1 .. 4 * $workers;

# The answers to one request on each connection, sent at once. Those that are refused as
# slow beside other tests are sent again, as a client does.
sub asked_at_once
{
	my ($key) = @_;
	my %seen;

	for (my @left = @many; @left;) {
		$_->send($_->compose('GET', '/api/keys',
			headers => [Authorization => "Bearer $key"])) for @left;
		my @answers = map { $_->receive('GET') } @left;
		@left = @left[grep { $answers[$_]->is_slow } 0 .. $#left];
		$seen{$_->{status}}++ for grep { !$_->is_slow } @answers;
		sleep 1 if @left;
	}
	return \%seen;
}

for my $round (1 .. 5) {
	my $known = made(label => 'known', scopes => ['admin']);
	asked_at_once($known->{key}) for 1 .. 3;
	is_deeply(asked_at_once($known->{key}), { 200 => scalar @many },
		'every worker accepts a key');
	my ($what, $method, @rest) = @{(
		['revoked', DELETE => "/api/keys/$known->{id}"],
		['disabled', PATCH => "/api/keys/$known->{id}",
			{ enabled => false }],
		['rotated', POST => "/api/keys/$known->{id}/rotate"],
		['revoked by the operator'],
		['its user is suspended'],
	)[$round - 1]};
	if ($method) {
		live($method, @rest);
	} elsif ($what =~ /^revoked/) {
		io7('key', 'revoke', $account->user_id, $known->{id},
			'-c', $stack->conf_file);
	} else {
		io7('user', 'suspend', $account->user_id,
			'-c', $stack->conf_file);
	}
	is_deeply(asked_at_once($known->{key}), { 401 => scalar @many },
		"$what: every worker refuses it at once");
	asked_at_once($known->{key}) for 1 .. 2;
}
is(io7('user', 'resume', $account->user_id, '-c', $stack->conf_file)->{exit}, 0,
	'resumed');
ok(works($account->live_key), '... other keys still work');

# Four clients send requests all the time. Those that they send after the answer to
# the revocation are refused, even if a lookup was running meanwhile.
for my $round (1 .. 5) {
	my $known = made(label => 'used all the time', scopes => ['admin']);
	my $clients = Io7::Clients->start($stack, 4, sub {
		my ($client) = @_;
		my $began = time;
		return ($began, $client->get('/api/keys?limit=1',
			headers => [Authorization => "Bearer $known->{key}"]));
	});
	eventually { $clients->count(200) > 20 } 'a key is used all the time';
	is(live('DELETE', "/api/keys/$known->{id}")->{status}, 204, 'revoked');
	my $over = time;
	eventually { $clients->count(401) > 20 } '... and still is after the revocation';
	ok($clients->stop, '... until the clients stop');
	my @late = grep { $_->[0] == 200 && $_->[1] > $over } $clients->answers;
	ok(!@late, '... no later request was accepted') or diag(explain(\@late));
}

# --- Rotating a key -----------------------------------------------------------

my $old = made(label => 'old', scopes => ['read', 'admin'],
	expires_at => '2034-01-31T12:00:00+01:00');
is($old->{expires_at}, '2034-01-31T11:00:00.000000Z', 'a key with an expiry');
my $new = live('POST', "/api/keys/$old->{id}/rotate");
is($new->{status}, 201, 'a key can be rotated without a body');
is($new->{json}{rotated_from}, $old->{id}, '... the answer names the old key');
is_deeply([@{$new->{json}}{qw(label mode expires_at)}, @{$new->{json}{scopes}}],
	[@$old{qw(label mode expires_at)}, @{$old->{scopes}}], '... the other properties stay');
ok(!works($old->{key}), '... the old key is refused at once');
ok(works($new->{json}{key}), '... the new one works');
($listed) = grep { $_->{id} eq $old->{id} }
	@{live('GET', '/api/keys')->{json}{items}};
is($listed->{rotated_to}, $new->{json}{id}, '... the old one names the new one');
is($new->{json}{rotated_to}, undef, '... which names no successor');

my $next = live('POST', "/api/keys/$new->{json}{id}/rotate", { grace_s => 600 });
is($next->{status}, 201, 'a key can be rotated with a grace period');
ok(works($new->{json}{key}), '... both keys work');
ok(works($next->{json}{key}), '... also the new one');
($listed) = grep { $_->{id} eq $new->{json}{id} }
	@{live('GET', '/api/keys')->{json}{items}};
is($stack->psql("SELECT '$listed->{expires_at}'::timestamptz BETWEEN
	now() + interval '590 s' AND now() + interval '601 s';"), "t\n",
	'... the old one until the grace period ends');
is(live('POST', "/api/keys/$next->{json}{id}/rotate", $_->[1])->{status}, 400,
	"refused: $_->[0]") for
	['a negative grace', { grace_s => -1 }],
	['a grace of over 30 days', { grace_s => 30 * 86400 + 1 }],
	['a fraction of a second', { grace_s => 1.5 }],
	['an unknown member', { seconds => 1 }];
ok(works($next->{json}{key}), '... and nothing has changed');

# A key can rotate itself.
my $self = made(label => 'self', scopes => ['admin']);
my $heir = ask('POST', "/api/keys/$self->{id}/rotate", $self->{key});
is($heir->{status}, 201, 'a key can rotate itself');
ok(!works($self->{key}) && works($heir->{json}{key}), '... and its successor works');

# --- Expiry -------------------------------------------------------------------

my $short = made(label => 'short', expires_at => $stack->psql(
	q{SELECT to_char(now() AT TIME ZONE 'UTC' + interval '2 s',
	'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')}) =~ s/\n//r);
ok(works($short->{key}), 'a key works until it expires');
eventually { !works($short->{key}) } 'and gets 401 afterwards';
like(ask('GET', '/api/keys', $short->{key})->{json}{error}{message},
	qr/has expired/, '... and the message says why');
is(live('PATCH', "/api/keys/$short->{id}", { label => 'was short' })
	->{status}, 200, 'an expired key can be renamed');
my $later = live('PATCH', "/api/keys/$short->{id}",
	{ expires_at => '2034-01-31T12:00:00Z' });
is($later->{status}, 409, '... but not extended');
like($later->{json}{error}{message}, qr/has expired/, '... and the message says why');
is_deeply([listed('true', $short->{id}), listed('false', $short->{id})], [1, 0],
	'it is listed with ended=true');

# --- The maximum --------------------------------------------------------------

# Six requests at once compete for the last three keys.
my $crowd = new_account($stack);
$stack->psql("INSERT INTO io7.api_keys
	(user_id, hash, prefix, last4, label, mode, scopes)
	SELECT '@{[$crowd->user_id]}', sha256(('k' || n || '$$')::bytea),
		'live_io7_000', '0000', 'k', 'live', '{read}'
	FROM generate_series(1, 95) n;");
my @clients = map { $stack->http } 1 .. 6;
$_->send($_->compose('POST', '/api/keys',
	headers => [@{$crowd->auth('live')}],
	body => '{"label":"last","mode":"live"}')) for @clients;
my @answers = map { $_->receive('POST') } @clients;
is(scalar(grep { $_->{status} == 201 } @answers), 3, 'an account has at most 100 keys');
my ($full) = grep { $_->{status} == 409 } @answers;
like($full->{json}{error}{message}, qr/100 keys/, '... the message says so');
is($stack->psql("SELECT count(*) FROM io7.api_keys
	WHERE user_id = '@{[$crowd->user_id]}' AND revoked_at IS NULL;"), "100\n",
	'... and those keys stay');
my ($some) = map { $_->{json}{id} } grep { $_->{status} == 201 } @answers;
is(ask('POST', "/api/keys/$some/rotate", $crowd->live_key)->{status}, 201,
	'a key of a full account can be rotated');

# Each rotation with a grace period leaves a key that will expire.
$stack->psql("UPDATE io7.api_keys SET expires_at = now()
	WHERE user_id = '@{[$crowd->user_id]}' AND label = 'k';");
is(ask('POST', '/api/keys', $crowd->live_key, { label => 'a key can be created after one has expired',
	mode => 'live' })->{status}, 201, 'expired keys do not count');
is(scalar @{ask('GET', '/api/dashboard/overview', $crowd->live_key)
	->{json}{keys}}, 6, '... and are not in the overview');

# --- The audit log ------------------------------------------------------------

is($stack->psql("SELECT string_agg(DISTINCT event, ' ' ORDER BY event)
	FROM io7.audit_log WHERE user_id = '@{[$account->user_id]}'
	AND actor = 'key' AND address = '127.0.0.1';"),
	"key_changed key_created key_revoked key_rotated\n",
	'each change has a line in the audit log');
is($stack->psql("SELECT count(*) FROM io7.audit_log a
	WHERE a::text ~ '_io7_[0-9a-f]{32}';"), "0\n", '... without the key');

finish;
