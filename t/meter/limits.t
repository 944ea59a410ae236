#!/usr/bin/perl
# Limits: the exact number of requests a minute and credits a day, and correct headers,
# also at the end of a minute and at midnight.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Temp ();
use Io7::Account;
use Io7::Clients;
use Io7::Clock;
use Io7::Json;
use Io7::Test;
use Io7::Token;

use constant {
	R => 50,
	ISSUER => 'https://issuer.example',
	SECRET => 'a secret of thirty-two characters',
};

my $clock = Io7::Clock->new;
my $secret = File::Temp->new;
print $secret SECRET, "\n";
$secret->flush;
my $balancer = '127.0.0.9';
my $stack = private_stack(io7 => tested_program, workers => 6,
	balancer => $balancer, set => {
		IO7_CLOCK => $clock->file,
		IO7_ADDRESS_LIMIT => 20,
		IO7_JWT_ISSUER => ISSUER,
		IO7_JWT_SECRET_FILE => $secret->filename,
	});
my $http = $stack->http;

new_plan($stack, 'five', requests => 5, credits => 1e6);
new_plan($stack, 'ten', credits => 10);
new_plan($stack, 'some', credits => R);

sub account
{
	my ($plan) = @_;

	return new_account($stack, plan => $plan);
}

sub use_once
{
	my ($account, $mode) = @_;

	return $http->get('/t/use', headers => $account->auth($mode // 'live'));
}

sub use_five
{
	my ($account) = @_;

	return $http->put('/t/use', headers => $account->auth('live'),
		body => '');
}

# The numbers of a header such as: "minute";r=57;t=12, "daily";r=943;t=40211
sub policy
{
	my ($answer, $header, $policy, $name) = @_;
	my ($of) = $answer->{headers}{$header} =~ /"$policy"((?:;\w=\d+)*)/;

	return unless defined $of;
	return ($of =~ /;$name=(\d+)/)[0];
}

sub left
{
	my ($answer, $policy) = @_;

	return policy($answer, 'ratelimit', $policy, 'r');
}

sub retry
{
	return $_[0]{headers}{'retry-after'};
}

sub reset_at
{
	return $_[0]{headers}{'x-ratelimit-reset'};
}

# A number of seconds, or a few less: the machine may be slow.
sub is_about
{
	my ($seconds, $most, $what) = @_;

	ok($seconds <= $most && $seconds > $most - 8, $what)
		or diag("$seconds, not about $most");
}

# --- Headers ------------------------------------------------------------------

use constant TEN => 1_804_586_400; # 2027-03-09T10:00:00Z

my $five = account('five');
$clock->set('2027-03-09T10:00:10.1Z');
my $first = use_once($five);
is_deeply([map { $first->{headers}{$_} } qw(x-ratelimit-limit
	x-ratelimit-remaining x-ratelimit-reset ratelimit-policy)],
	[5, 4, TEN + 60, '"minute";q=5;w=60, "daily";q=1000000;w=86400'],
	'an answer says how much is left, and until when');
my ($minute, $day) = $first->{headers}{ratelimit}
	=~ /^"minute";r=4;t=(\d+), "daily";r=999999;t=(\d+)$/;
is_about($minute, 50, '... in seconds');
is_about($day, 50390, '... also for the day');
is(retry($first), undef, '... without Retry-After');

my $tested = use_once($five, 'test');
is($tested->{headers}{'ratelimit-policy'}, '"minute";q=5;w=60',
	'test mode is not charged, so it has no daily limit');
like($tested->{headers}{ratelimit}, qr/^"minute";r=4;t=\d+$/,
	'... and no header for it');

# --- The minute ---------------------------------------------------------------

is(use_once($five)->{status}, 200, 'one request more') for 1 .. 4;
my $refused = use_once($five);
is($refused->code, 'rate_limited', 'the sixth gets 429');
is($refused->{headers}{'io7-mode'}, 'live', '... with its mode');
is_deeply($refused->{json}{error}{details},
	{ field => 'minute', problem => 'the limit is 5 requests a minute' },
	'... which names the limit');
is($refused->{headers}{'x-ratelimit-remaining'}, 0, '... none are left');
is(left($refused, 'daily'), 999995, '... and no credit was charged');

# Five in this minute, with room for four: the fifth fits at :12 of the next.
is_about(retry($refused), 62, '... with the time to wait');
is(policy($refused, 'ratelimit', 'minute', 't'), retry($refused),
	'... also in RateLimit');
is(reset_at($refused), TEN + 72, '... and in X-RateLimit-Reset');
$clock->set('2027-03-09T10:01:04.3Z');
my $early = use_once($five);
is($early->{status}, 429, 'a request before that gets 429');
is_about(retry($early), 8, '... with the rest of the time');
$clock->set('2027-03-09T10:01:12.0Z');
is(use_once($five)->{status}, 200, 'then a request passes');
is(use_once($five)->{status}, 429, '... only one');
$clock->set('2027-03-09T10:01:24.0Z');
is(use_once($five)->{status}, 200, '... and another one twelve seconds later');
$clock->set('2027-03-09T10:04:00.0Z');
is(use_once($five)->{headers}{'x-ratelimit-remaining'}, 4,
	'after two quiet minutes the full limit is available');

my $edge = account('five');
$clock->set('2027-03-09T11:00:40.0Z');
is(use_once($edge)->{status}, 200, "five requests at the end of a minute") for 1 .. 5;
$clock->set('2027-03-09T11:01:00.5Z');
is(use_once($edge)->{status}, 429, '... count in the next one');
$clock->set('2027-03-09T11:01:12.0Z');
is(use_once($edge)->{status}, 200, '... until there is room for one');
$clock->set('2027-03-09T11:00:50.2Z');
is(reset_at(use_once($edge)), TEN + 3600 + 84,
	'a clock that is behind counts into the stored minute');

# Each key has a limit of its own.
my $two = account('five');
$clock->set('2027-03-09T12:00:00.0Z');
is(use_once($two)->{status}, 200, 'five requests with one key') for 1 .. 5;
is(use_once($two)->{status}, 429, '... and no more');
is(use_once($two, 'test')->{status}, 200, 'another key has its own limit');

# Tokens share the limit of their user, in either mode.
$stack->psql("INSERT INTO io7.users (auth_iss, auth_sub, plan_id)
	VALUES ('@{[ISSUER]}', 'joe', 'five');");
sub by_token
{
	my ($exp, $mode) = @_;
	my $token = secret_token({ iss => ISSUER, aud => 'authenticated',
		sub => 'joe', exp => $exp }, SECRET);

	return $http->get('/t/use', headers => [
		Authorization => "Bearer $token", 'Io7-Mode' => $mode]);
}
$clock->set('2027-03-09T13:00:00.0Z');
is(by_token(4e9, 'live')->{status}, 200, 'a token') for 1 .. 2;
is(by_token(4e9, 'test')->{status}, 200, '... in test mode') for 1 .. 2;
is(by_token(4e9 + 1, 'live')->{status}, 200, 'another token of the same user');
is(by_token(4e9 + $_, 'live')->{status}, 429, '... and no more') for 0 .. 2;

# --- The day ------------------------------------------------------------------

my $ten = account('ten');
$clock->set('2028-02-28T23:59:38.2Z');
is(left(use_five($ten), 'daily'), 5, 'five of ten credits are left');
is(left(use_five($ten), 'daily'), 0, '... and then none');
my $enough = use_once($ten);
is($enough->code, 'quota_exceeded', 'the eleventh gets 429');
is_deeply($enough->{json}{error}{details},
	{ field => 'daily', problem => 'the limit is 10 credits a day' },
	'... which names the limit');
is_about(retry($enough), 22, '... until midnight');
is(use_once($ten, 'test')->{status}, 200, 'test mode still works');
$clock->set('2028-02-28T23:59:55.2Z');
is_about(retry(use_once($ten)), 5, 'just before midnight');
$clock->set('2028-02-29T00:00:00.0Z');
is(left(use_once($ten), 'daily'), 9, 'the leap day is a day of its own');
is(left(use_five($ten), 'daily'), 4, '... with ten credits');
is(use_five($ten)->code, 'quota_exceeded', 'five credits more are too many');
is(left(use_once($ten), 'daily'), 3, '... and are not charged');
$clock->set('2028-03-02T08:00:00.0Z');
is(left(use_once($ten), 'daily'), 9,
	'so is a day that follows one without requests');

# Charges while a request runs.
sub cost_more
{
	my ($credits, $mode) = @_;

	return $http->post("/t/more?credits=$credits",
		headers => $ten->auth($mode // 'live'), body => '');
}
my $more = cost_more(4);
is(left($more, 'daily'), 4, 'more credits are charged, and in the headers');
is(() = $more->{headers}{ratelimit} =~ /daily/g, 1, '... once');
my $too_much = cost_more(4);
is($too_much->code, 'quota_exceeded', 'too many more get 429');
is(left($too_much, 'daily'), 3, '... and earlier credits stay charged');
is(cost_more(1000, 'test')->{status}, 200, 'test mode has no such limit');

# A 5xx.
my $fault = $http->get('/t/fault', headers => $ten->auth('live'));
is($fault->{status}, 500, 'a request that fails with 500');
is(left($fault, 'daily'), 3, '... gets its credits back');
is(left(use_once($ten), 'daily'), 2, '... in Redis too');

# Requests that are not admitted.
my $reader = account('ten');
$stack->psql("UPDATE io7.api_keys SET scopes = '{read}'
	WHERE user_id = '@{[$reader->user_id]}';");
my $forbidden = use_five($reader);
is($forbidden->{status}, 403, 'a key without the scope write gets 403');
is($forbidden->{headers}{'io7-mode'}, 'live', '... with its mode');
is(left($forbidden, 'daily'), 10, '... and is not charged');
is(left(use_once($reader), 'daily'), 9, '... in Redis too');

# --- Today's use is not in Redis ------------------------------------------------

is(use_once($ten)->{status}, 200, 'a key is cached') for 1 .. 2;
$clock->set('2028-03-03T00:00:00.0Z');
$stack->stop('postgres');
is(use_once($ten)->code, 'unavailable',
	'if PostgreSQL cannot tell today\'s use, requests get 503') for 1 .. 3;
$stack->up;
eventually { use_once($ten)->{status} == 200 } '... until it can';
eventually { $stack->psql(<<"END") >= 1 }
	SELECT coalesce(sum(server_error), 0) FROM io7.daily_usage
	WHERE user_id = '@{[$ten->user_id]}' AND date = '2028-03-03';
END
	'... and the failed ones are counted';

# --- Concurrency --------------------------------------------------------------

$clock->shift_by(0);
my $many = account('some');
my $clients = Io7::Clients->start($stack, 20, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $many->auth('live')));
}, most => 10);
ok($clients->wait, '200 requests of 20 clients are answered');
is($clients->count(200), R, 'of R credits exactly R are used');
is($clients->count(429), 200 - R, '... and the other requests get 429');
eventually { $stack->psql(<<"END") eq R . '|' . (200 - R) . "\n" }
	SELECT sum(credits), sum(quota_exceeded) FROM io7.daily_usage
	WHERE user_id = '@{[$many->user_id]}';
END
	'the ledger agrees';

# --- All keys of an account --------------------------------------------------

# With the two that an account has, five keys of five requests a minute.
$clock->set('2028-06-01T00:00:05.0Z');
my $many_keys = account('five');
my @keys = ($many_keys->live_key, $many_keys->test_key, map {
	decode_json(io7('key', 'create', $many_keys->name, '--mode', 'live',
		'--json', '-c', $stack->conf_file)->{out})->{key} } 1 .. 3);

sub use_key
{
	my ($key) = @_;

	return $http->get('/t/use', headers => [Authorization => "Bearer $key"]);
}

for my $key (@keys[0 .. 3]) {
	is((grep { use_key($key)->{status} == 200 } 1 .. 5), 5,
		'a key has its five requests a minute');
}
my $too_many = use_key($keys[4]);
is($too_many->code, 'rate_limited',
	'after twenty requests of four keys the fifth gets 429');
is_deeply($too_many->{json}{error}{details}, { field => 'account',
	problem => 'the limit is 20 requests a minute, of all keys together' },
	'... which names the limit');
is($too_many->{headers}{'x-ratelimit-limit'}, 20, '... in its headers too');
is(retry($too_many), policy($too_many, 'ratelimit', 'minute', 't'),
	'... and says when to try again');
is(use_once(account('five'))->{status}, 200, 'another account is served');
is(use_key($keys[0])->{json}{error}{details}{field}, 'minute',
	'a key at its own limit is told that one');
$clock->set('2028-06-01T00:04:05.0Z');
is(use_key($keys[4])->{status}, 200, 'after two quiet minutes all are served again');

# --- Addresses --------------------------------------------------------------

# Counts the statuses of n requests from an address.
sub from
{
	my ($address, $n) = @_;
	my $through = $stack->http(from => $balancer);
	my %seen;

	$seen{$through->get('/t/public',
		headers => ['X-Forwarded-For' => $address])->{status}}++
		for 1 .. $n;
	return \%seen;
}

$clock->set('2029-01-01T00:00:00.0Z');
is_deeply(from('192.0.2.1', 22), { 200 => 20, 429 => 2 },
	'twenty requests from one address');
is_deeply(from('192.0.2.2', 1), { 200 => 1 }, 'another address has its own limit');
is_deeply(from('::ffff:192.0.2.2', 21), { 200 => 19, 429 => 2 },
	'an IPv4 address is the same when it is mapped to IPv6');
is_deeply(from('2001:db8:1:2::1', 12), { 200 => 12 }, 'an IPv6 address');
is_deeply(from('2001:db8:1:2:ffff:ffff:ffff:ffff', 12),
	{ 200 => 8, 429 => 4 }, '... counts by its first 64 bits');
is_deeply(from('2001:db8:1:3::1', 1), { 200 => 1 }, '... all 64 of them');
is_deeply(from('not an address', 1), { 200 => 1 }, 'a missing address');

my $unknown = $stack->http(from => '127.0.0.77');
my $key = 'test_io7_' . '0' x 26;
$key .= substr sha256_hex($key), 0, 6;
my %seen;
$seen{$unknown->get('/t/use',
	headers => [Authorization => "Bearer $key"])->{status}}++ for 1 .. 15;
$seen{$unknown->get('/t/use')->{status}}++ for 1 .. 7;
is_deeply(\%seen, { 401 => 20, 429 => 2 },
	'requests without a key, or with an unknown one');
my $asked = $unknown->get('/t/use');
is(retry($asked), policy($asked, 'ratelimit', 'minute', 't'),
	'a 429 says when to try again');
$seen{$unknown->get('/t/use', headers => [Authorization => "Bearer $key"]
	)->{status}}++ for 1 .. 2;
is($seen{401}, 20, 'an unknown key does not avoid the limit');
is($unknown->get('/t/use',
	headers => [Authorization => 'Bearer ' . ('x' x 41)])->{status}, 401,
	'a malformed key is not even counted');

# --- Well-formed keys that do not exist ---------------------------------------

sub invented
{
	my ($n) = @_;
	my $text = sprintf 'live_io7_%026x', $n;

	return $text . substr sha256_hex($text), 0, 6;
}

sub lookups
{
	return int $stack->psql(<<'END');
		SELECT coalesce(sum(calls), 0) FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel AND query ~ 'api_keys';
END
}

sub use_from_crowd
{
	my ($key) = @_;

	return $stack->http(from => $balancer)->get('/t/use', headers => [
		'X-Forwarded-For' => '198.51.100.1',
		Authorization => "Bearer $key"]);
}

my $neighbor = account('pro');
is(use_once($neighbor)->{status}, 200, 'a key is used once, by one of six workers');
my $lookups = lookups();
my (%invented, $last);
for my $n (1 .. 400) {
	$last = use_from_crowd(invented($n));
	$invented{$last->{status}}++;
}
is_deeply(\%invented, { 401 => 20, 429 => 380 },
	'of 400 invented keys with a correct checksum 380 get 429');
is(lookups() - $lookups, 20, '... and twenty were looked up');
is(retry($last), policy($last, 'ratelimit', 'minute', 't'),
	'... with the time to wait');
is(use_from_crowd($neighbor->live_key)->{status}, 200,
	'a key that was used lately passes from the same address') for 1 .. 18;
is(use_from_crowd(account('pro')->live_key)->{status}, 429,
	'... but an unused key does not');

finish;
