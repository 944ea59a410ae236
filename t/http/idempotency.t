#!/usr/bin/perl
# The same POST under the same Idempotency-Key is done once and answered twice;
# whoever dies meanwhile, and whatever else the key is used for.

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

# --- Once and twice ---------------------------------------------------------

my @key = new_key();
my $first = order(\@key);
is($first->{status}, 201, 'an order');
ok(!is_replayed($first), '... is the first of its kind');
my $again = order(\@key);
is_deeply([@$again{qw(status type body)}], [@$first{qw(status type body)}],
	'the same again has the same answer');
is($again->{headers}{location}, $first->{headers}{location},
	'... and the same headers');
isnt($again->{headers}{'x-request-id'}, $first->{headers}{'x-request-id'},
	'... but is a request of its own');
is($again->{headers}{'io7-mode'}, 'test', '... with its own limits and mode');
ok(is_replayed($again), '... and says so');
isnt(order([new_key()])->{body}, $first->{body}, 'another key, another order');
isnt(order([])->{body}, order([])->{body}, 'without a key each is its own');

my $missing = order([my @lost = new_key()], path => '/t/orders?status=404');
is($missing->{status}, 404, 'an answer that is an error');
my $still = order(\@lost, path => '/t/orders?status=404');
is($still->{body}, $missing->{body}, '... is kept as well');
ok(is_replayed($still), '... and says so too');

my $empty = order([my @empty = new_key()], path => '/t/orders?status=202');
is(order(\@empty, path => '/t/orders?status=202')->{status}, 202,
	'another status too');

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
		'... and told why');
}
is(order(\@key)->{body}, $first->{body}, 'the first answer is still kept');
isnt(order(\@key, as => $other)->{body}, $first->{body},
	'the same key of somebody else is another one');
isnt(order(\@key, mode => 'live')->{body}, $first->{body},
	'... and of the other mode');
is($http->put('/t/use', headers => $account->auth('test', @key), body => '')
	->{status}, 200, 'what is no POST does not look at it');

# What a key may not do, it may not hear of either.
my ($writer) = map { $_->{json}{key} } $http->post('/api/keys',
	headers => $account->auth('live'),
	body => '{"label":"writes","mode":"live","scopes":["write"]}');
my @read = new_key();
my @ways = map { [Authorization => "Bearer $_", @read] } $account->live_key,
	$writer;
my ($seen, $unseen) = map { $http->post('/kv/batch', headers => $_,
	body => '{"ops":[{"op":"get","key":"x"}]}') } @ways;
is($seen->{status}, 200, 'what one key reads');
is($unseen->code, 'conflict', '... is not told to one that may not read');

# --- Keys that are none -----------------------------------------------------

for my $bad ('', 'a b', 'x' x 256, "\xc3\xa9") {
	my $answer = order(['Idempotency-Key' => $bad]);

	is_deeply($answer->{json}{error}{details}, {
		field => 'Idempotency-Key',
		problem => 'must be 1 to 255 visible ASCII characters',
	}, 'a bad key is refused: ' . (length $bad > 9 ? 'a long one' : $bad));
}
is(order(['Idempotency-Key' => '~' x 255])->{status}, 201,
	'255 characters are not too many');

# --- What is not kept -------------------------------------------------------

my $secret = order([my @secret = new_key()], path => '/t/orders?status=2');
is($secret->{status}, 201, 'an answer that is a secret');
my $told = order(\@secret, path => '/t/orders?status=2');
is($told->{status}, 409, '... is not told again');
like($told->{json}{error}{message}, qr/not stored/, '... but that it was');
unlike($stack->psql('SELECT * FROM io7.idempotency_keys'),
	qr/\Q$secret->{json}{id}/, '... nor stored anywhere');

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
is($made->{status}, 201, 'a key is made');
is(make_key()->{status}, 409, '... once');
unlike($stack->psql('SELECT * FROM io7.idempotency_keys'),
	qr/\Q$made->{json}{key}/, '... and kept nowhere');

my $stream = order([my @stream = new_key()], path => '/t/orders?status=1');
is($stream->{status}, 200, 'a stream');
like($stream->{body}, qr/^event: done\n(?:data: \d\n){4}\n/m,
	'... has a field for each line of its data, however it ends');
is(order(\@stream, path => '/t/orders?status=1')->{status}, 409,
	'... is not told again');

my $fault = order([my @fault = new_key()], path => '/t/orders?status=500');
is($fault->{status}, 500, 'a fault of ours');
ok(!is_replayed(order(\@fault, path => '/t/orders?status=500')),
	'... is tried again');
is(order(\@fault)->{status}, 201, '... whatever is asked');

my @early = new_key();
sub spend_much
{
	return order(\@early, mode => 'live', path => '/t/more?credits=2000000');
}
is(spend_much()->code, 'quota_exceeded', 'what the day has no credits for');
ok(!is_replayed(spend_much()), '... may be tried again on another');

# --- While the first is at work ---------------------------------------------

my @slow = new_key();
my $slow = '/t/orders?ms=1000';
my $waiting = $stack->http;
$waiting->send($waiting->compose('POST', $slow,
	headers => $account->auth('test', @slow), body => '{}'));
eventually { is_claimed(\@slow) } 'an order is at work';
my $early = order(\@slow, path => $slow);
is($early->code, 'conflict', '... and a second one meanwhile refused');
is($early->{headers}{'retry-after'}, 1, '... is told to come again');
like($early->{json}{error}{message}, qr/still running/,
	'... and why');
my $done = $waiting->receive('POST');
is($done->{status}, 201, 'the first is answered');
is(order(\@slow, path => $slow)->{body}, $done->{body},
	'... and so is the second then');

my @race = new_key();
my $clients = Io7::Clients->start($stack, 8, sub {
	my ($each) = @_;
	my $answer = order(\@race, client => $each);
	return ($answer->{status} == 201 ? $answer->{json}{id} : '', $answer);
}, most => 10);
ok($clients->wait, 'eight clients ask for the same order ten times');
my %ids = map { $_->[1] => 1 } grep { $_->[0] == 201 } $clients->answers;
is(scalar keys %ids, 1, '... and it is made once');
is($clients->count(201) + $clients->count(409), 80, '... nothing else happens');

# --- A worker that dies -----------------------------------------------------

my @dead = new_key();
my $dying = $stack->http;
$dying->send($dying->compose('POST', '/t/orders?ms=1500',
	headers => $account->auth('test', @dead), body => '{}'));
eventually { is_claimed(\@dead) } 'an order is at work';
my ($worker) = grep { ($_->{route} // '') =~ m{/t/orders} }
	$stack->workers('test');
kill KILL => $worker->{pid};
expect_losses(1);
is($dying->receive('POST')->{status}, 502, 'its worker is killed');
is(order(\@dead, path => '/t/orders?ms=1500')->{status}, 409,
	'nobody knows yet that it is lost');
$stack->psql("UPDATE io7.idempotency_keys SET lost_at = now()
	WHERE key = '$dead[1]';");
is(order(\@dead, path => '/t/orders?ms=1500', body => '{"n":2}')->{status},
	409, 'once it is known, another request is still a conflict');
is(order(\@dead, path => '/t/orders?ms=1500')->{status}, 201,
	'... and the same is done now');
ok(is_replayed(order(\@dead, path => '/t/orders?ms=1500')), '... once');

# --- The end of a key -------------------------------------------------------

sub lives
{
	my ($where) = @_;
	my $n = $stack->psql(
		"SELECT count(*) FROM io7.idempotency_keys WHERE $where;");

	chomp $n;
	return $n;
}

is($stack->psql(<<"END"), "t\n", 'a key lives for a day');
	SELECT expires_at - created_at = interval '24 hours'
	FROM io7.idempotency_keys WHERE key = '$key[1]' AND mode = 'live';
END
$stack->psql("UPDATE io7.idempotency_keys SET expires_at = now()
	WHERE user_id = '@{[$account->user_id]}' AND key = '$key[1]';");
isnt(order(\@key)->{body}, $first->{body}, 'after it, it is a new one');
$stack->psql("UPDATE io7.idempotency_keys SET expires_at = now()
	WHERE user_id = '@{[$account->user_id]}';");
eventually { lives("user_id = '@{[$account->user_id]}'") == 0 }
	'the janitor forgets what is over', 90;
is(lives("user_id = '@{[$other->user_id]}'"), 2, '... and nothing else');

finish;
