#!/usr/bin/perl
# A POST that is repeated with its Idempotency-Key is carried out once, even if a worker
# dies, and the second answer is a copy of the first.

use strict;
use warnings;

use Io7::Account;
use Io7::Clients;
use Io7::Test;

my $stack = private_stack(io7 => tested_program, workers => 6,
	set => { IO7_REQUEST_TIMEOUT => '2s' });
my $http = $stack->http;
my $account = new_account($stack);
my $other = new_account($stack);
my $count = 0;

# The header of a key that was never used.
sub new_key
{
	return ('Idempotency-Key' => "order-$$-" . ++$count);
}

# An order: as => account, mode, path, body.
sub order
{
	my ($key, %how) = @_;
	my $who = $how{as} // $account;

	return ($how{client} // $http)->post($how{path} // '/t/orders',
		headers => $who->auth($how{mode} // 'test', @$key),
		body => $how{body} // '{}');
}

sub is_claimed
{
	my ($key) = @_;

	return $stack->psql("SELECT count(*) FROM io7.idempotency_keys
		WHERE key = '$key->[1]' AND state = 'running';") eq "1\n";
}

sub is_replayed
{
	return ($_[0]{headers}{'idempotent-replayed'} // '') eq 'true';
}

# --- Repeated requests ------------------------------------------------------

my @key = new_key();
my $first = order(\@key);
is($first->{status}, 201, 'an order');
ok(!is_replayed($first), '... is carried out');
my $again = order(\@key);
is_deeply([@$again{qw(status type body)}], [@$first{qw(status type body)}],
	'the repetition gets the same answer');
is($again->{headers}{location}, $first->{headers}{location},
	'... and the same headers');
isnt($again->{headers}{'x-request-id'}, $first->{headers}{'x-request-id'},
	'... but an X-Request-Id of its own');
is($again->{headers}{'io7-mode'}, 'test', '... and its own limits and mode');
ok(is_replayed($again), '... and is marked as replayed');
isnt(order([new_key()])->{body}, $first->{body}, 'another key makes another order');
isnt(order([])->{body}, order([])->{body}, 'requests without a key are independent');

my $missing = order([my @lost = new_key()], path => '/t/orders?status=404');
is($missing->{status}, 404, 'an answer that is an error');
my $still = order(\@lost, path => '/t/orders?status=404');
is($still->{body}, $missing->{body}, '... is stored as well');
ok(is_replayed($still), '... and marked as replayed');

my $empty = order([my @empty = new_key()], path => '/t/orders?status=202');
is(order(\@empty, path => '/t/orders?status=202')->{status}, 202,
	'so is another status');

# --- Another request under the same key -------------------------------------

for my $case (
	['another body', body => '{"n":2}'],
	['another query', path => '/t/orders?status=200'],
	['another path', path => '/t/more'],
) {
	my ($what, %how) = @$case;
	my $answer = order(\@key, %how);

	is($answer->code, 'conflict', "$what under the same key is a conflict");
	like($answer->{json}{error}{message}, qr/used for another request/,
		'... and the message says why');
}
is(order(\@key)->{body}, $first->{body}, 'the first answer is still stored');
isnt(order(\@key, as => $other)->{body}, $first->{body},
	'another account may use the same key');
isnt(order(\@key, mode => 'live')->{body}, $first->{body},
	'... and so may the other mode');
is($http->put('/t/use', headers => $account->auth('test', @key), body => '')
	->{status}, 200, 'a PUT ignores the header');

# A stored answer is not sent to a credential with other scopes.
my ($writer) = map { $_->{json}{key} } $http->post('/api/keys',
	headers => $account->auth('live'),
	body => '{"label":"writes","mode":"live","scopes":["write"]}');
my @read = new_key();
my @ways = map { [Authorization => "Bearer $_", @read] } $account->live_key,
	$writer;
my ($seen, $unseen) = map { $http->post('/kv/batch', headers => $_,
	body => '{"ops":[{"op":"get","key":"x"}]}') } @ways;
is($seen->{status}, 200, 'an API key reads a value');
is($unseen->code, 'conflict', '... and a key without the scope does not get the stored answer');

# --- Malformed keys ---------------------------------------------------------

for my $bad ('', 'a b', 'x' x 256, "\xc3\xa9") {
	my $answer = order(['Idempotency-Key' => $bad]);

	is_deeply($answer->{json}{error}{details}, {
		field => 'Idempotency-Key',
		problem => 'must be 1 to 255 visible ASCII characters',
	}, 'a malformed key is refused: ' . (length $bad > 9 ? 'a long one' : $bad));
}
is(order(['Idempotency-Key' => '~' x 255])->{status}, 201,
	'a key of 255 characters is accepted');

# --- Answers that are not stored --------------------------------------------

my $secret = order([my @secret = new_key()], path => '/t/orders?status=2');
is($secret->{status}, 201, 'an answer with a secret');
my $told = order(\@secret, path => '/t/orders?status=2');
is($told->{status}, 409, '... is not repeated');
like($told->{json}{error}{message}, qr/not stored/, '... the message says so');
unlike($stack->psql('SELECT * FROM io7.idempotency_keys'),
	qr/\Q$secret->{json}{id}/, '... and is not in the database');

for ([10_000, 200], [20_000, 409]) {
	my ($size, $then) = @$_;
	my @long = new_key();
	my %get = (path => '/kv/batch',
		body => '{"ops":[{"op":"get","key":"long"}]}');
	is($http->put('/kv/long', headers => $account->auth('test'),
		body => '"' . 'x' x $size . '"')->{status} < 300, 1, 'a long value');
	is(order(\@long, %get)->{status}, 200, '... is read');
	is(order(\@long, %get)->{status}, $then,
		"... $size bytes of an answer are " . ($then == 200 ? 'kept' : 'not'));
}

my @admin = (new_key(), 'Content-Type' => 'application/json');
$stack->psql("UPDATE io7.api_keys SET scopes = '{read,write,admin}'
	WHERE user_id = '@{[$other->user_id]}';");
sub make_key
{
	return order(\@admin, as => $other, path => '/api/keys',
		body => '{"label":"twice","mode":"test"}');
}
my $made = make_key();
is($made->{status}, 201, 'an API key is created');
is(make_key()->{status}, 409, '... once');
unlike($stack->psql('SELECT * FROM io7.idempotency_keys'),
	qr/\Q$made->{json}{key}/, '... and is not in the database');

my $stream = order([my @stream = new_key()], path => '/t/orders?status=1');
is($stream->{status}, 200, 'a stream');
like($stream->{body}, qr/^event: done\n(?:data: \d\n){4}\n/m,
	'... has a field for each line of its data, however it ends');
is(order(\@stream, path => '/t/orders?status=1')->{status}, 409,
	'... is not repeated');

my $fault = order([my @fault = new_key()], path => '/t/orders?status=500');
is($fault->{status}, 500, 'an answer 500');
ok(!is_replayed(order(\@fault, path => '/t/orders?status=500')),
	'... is not stored');
is(order(\@fault)->{status}, 201, '... and another body may be sent with that key');

my @early = new_key();
sub spend_much
{
	return order(\@early, mode => 'live', path => '/t/more?credits=2000000');
}
is(spend_much()->code, 'quota_exceeded', 'a request over the daily quota');
ok(!is_replayed(spend_much()), '... may be sent again');

# --- While the first request is running -------------------------------------

my @slow = new_key();
my $slow = '/t/orders?ms=1000';
my $waiting = $stack->http;
$waiting->send($waiting->compose('POST', $slow,
	headers => $account->auth('test', @slow), body => '{}'));
eventually { is_claimed(\@slow) } 'an order is running';
my $early = order(\@slow, path => $slow);
is($early->code, 'conflict', '... and its repetition gets 409');
is($early->{headers}{'retry-after'}, 1, '... with Retry-After');
like($early->{json}{error}{message}, qr/still running/,
	'... and a message that says why');
my $done = $waiting->receive('POST');
is($done->{status}, 201, 'the first request is answered');
is(order(\@slow, path => $slow)->{body}, $done->{body},
	'... and then the repetition too');

my @race = new_key();
my $clients = Io7::Clients->start($stack, 8, sub {
	my ($each) = @_;
	my $answer = order(\@race, client => $each);
	return ($answer->{status} == 201 ? $answer->{json}{id} : '', $answer);
}, most => 10);
ok($clients->wait, 'eight clients send the same order ten times');
my %ids = map { $_->[1] => 1 } grep { $_->[0] == 201 } $clients->answers;
is(scalar keys %ids, 1, '... and it is carried out once');
is($clients->count(201) + $clients->count(409), 80, '... all other answers are 409');

# --- A worker that dies -----------------------------------------------------

my @dead = new_key();
my $dying = $stack->http;
$dying->send($dying->compose('POST', '/t/orders?ms=1500',
	headers => $account->auth('test', @dead), body => '{}'));
eventually { is_claimed(\@dead) } 'an order is running';
my ($worker) = grep { ($_->{route} // '') =~ m{/t/orders} }
	$stack->workers('test');
kill KILL => $worker->{pid};
expect_losses(1);
is($dying->receive('POST')->{status}, 502, 'a killed worker gives 502');
is(order(\@dead, path => '/t/orders?ms=1500')->{status}, 409,
	'the claim still stands');
$stack->psql("UPDATE io7.idempotency_keys SET lost_at = now()
	WHERE key = '$dead[1]';");
is(order(\@dead, path => '/t/orders?ms=1500', body => '{"n":2}')->{status},
	409, 'after its time limit another request still gets 409');
is(order(\@dead, path => '/t/orders?ms=1500')->{status}, 201,
	'... and the same request is carried out');
ok(is_replayed(order(\@dead, path => '/t/orders?ms=1500')), '... once');

# --- Expiry -----------------------------------------------------------------

sub lives
{
	my ($where) = @_;
	my $n = $stack->psql(
		"SELECT count(*) FROM io7.idempotency_keys WHERE $where;");

	chomp $n;
	return $n;
}

is($stack->psql(<<"END"), "t\n", 'a key expires after a day');
	SELECT expires_at - created_at = interval '24 hours'
	FROM io7.idempotency_keys WHERE key = '$key[1]' AND mode = 'live';
END
$stack->psql("UPDATE io7.idempotency_keys SET expires_at = now()
	WHERE user_id = '@{[$account->user_id]}' AND key = '$key[1]';");
isnt(order(\@key)->{body}, $first->{body}, 'an expired key may be used again');
$stack->psql("UPDATE io7.idempotency_keys SET expires_at = now()
	WHERE user_id = '@{[$account->user_id]}';");
eventually { lives("user_id = '@{[$account->user_id]}'") == 0 }
	'the janitor deletes expired keys', 90;
is(lives("user_id = '@{[$other->user_id]}'"), 2, '... and no other');

# --- Bytes a day ------------------------------------------------------------

# The bytes that an account has stored, on a day.
sub stored
{
	my ($who, $day, $bytes) = @_;

	$stack->psql("INSERT INTO io7.kept_answers VALUES
		('@{[$who->user_id]}', $day, $bytes)
		ON CONFLICT (user_id) DO UPDATE
		SET day = excluded.day, bytes = excluded.bytes");
}

my $storer = new_account($stack);
is(order([new_key()], as => $storer)->{status}, 201, 'an order of an account');
my $bytes = int $stack->psql("SELECT bytes FROM io7.kept_answers
	WHERE user_id = '@{[$storer->user_id]}'");
cmp_ok($bytes, '>', 0, '... its bytes are counted');
for (['a day before', 'current_date - 1', 8 << 20, 1],
	['today, with room for one', 'current_date', (8 << 20) - 2 * $bytes, 1],
	['today, with room for less', 'current_date', (8 << 20) - 10, 0]) {
	my ($what, $day, $had, $is_stored) = @$_;
	my @once = new_key();
	stored($storer, $day, $had);
	is(order(\@once, as => $storer)->{status}, 201,
		"an order is carried out if 8 MiB were stored $what");
	my $repeated = order(\@once, as => $storer);
	is($repeated->{status}, $is_stored ? 201 : 409,
		'... its repetition gets ' . ($is_stored ? 'the same answer' : '409'));
	is(is_replayed($repeated), !!$is_stored,
		'... and is not carried out again');
}

finish;
