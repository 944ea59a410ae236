#!/usr/bin/perl
# Limits: so many requests a minute, so many credits a day, and not one more;
# what the headers say of them is true, at the edge of a minute and at midnight.

use strict;
use warnings;

use Io7::Account;
use Io7::Clients;
use Io7::Clock;
use Io7::Test;

use constant R => 50;

my $clock = Io7::Clock->new;
my $balancer = '127.0.0.9';
my $stack = private_stack(io7 => tested_program, workers => 6,
	balancer => $balancer, set => {
		IO7_CLOCK => $clock->file,
		IO7_ADDRESS_LIMIT => 20,
	});
my $http = $stack->http;

$stack->psql(<<"END");
	INSERT INTO io7.plans (id, name, credits_per_day, requests_per_minute,
		storage_bytes, streams)
	VALUES ('five', 'Five a minute', 1e6, 5, 1e9, 1),
		('ten', 'Ten credits a day', 10, 1e6, 1e9, 1),
		('some', 'Some credits a day', @{[R]}, 1e6, 1e9, 1);
END

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

# --- What the headers say ---------------------------------------------------

$clock->set('2027-03-09T10:00:10.1Z');
my $five = account('five');
my $first = use_once($five);
my %said = map { $_ => $first->{headers}{$_} }
	grep { /ratelimit/ } keys %{$first->{headers}};
is_deeply(\%said, {
	'x-ratelimit-limit' => 5,
	'x-ratelimit-remaining' => 4,
	'x-ratelimit-reset' => 1804586460,
	'ratelimit-policy' =>
		'"minute";q=5;w=60, "daily";q=1000000;w=86400',
	'ratelimit' => '"minute";r=4;t=50, "daily";r=999999;t=50390',
}, 'an answer says how much is left, and for how long');
is(retry($first), undef, '... and not to try again');

my $tested = use_once(account('five'), 'test');
is($tested->{headers}{'ratelimit-policy'}, '"minute";q=5;w=60',
	'in test mode nothing is charged, and so no day is limited');
is($tested->{headers}{ratelimit}, '"minute";r=4;t=50', '... nor counted');

# --- A minute ---------------------------------------------------------------

is(use_once($five)->{status}, 200, 'one more') for 1 .. 4;
my $refused = use_once($five);
is($refused->code, 'rate_limited', 'the sixth is refused');
is_deeply($refused->{json}{error}{details},
	{ field => 'minute', problem => 'the limit is 5 requests a minute' },
	'... and told of which limit');
is($refused->{headers}{'x-ratelimit-remaining'}, 0, '... nothing is left');
is(left($refused, 'daily'), 999995, '... but credits, as it cost none');

# Five of this minute, and room for four: the fifth has passed at :12 of the next.
is(retry($refused), 62, '... and when to come again');
is(policy($refused, 'ratelimit', 'minute', 't'), 62, '... twice');
is($refused->{headers}{'x-ratelimit-reset'}, 1804586472, '... three times');
$clock->set('2027-03-09T10:01:11.3Z');
is(retry(use_once($five)), 1, 'a second earlier is too early');
$clock->set('2027-03-09T10:01:12.0Z');
is(use_once($five)->{status}, 200, 'and then it passes');
is(use_once($five)->{status}, 429, '... alone');
$clock->set('2027-03-09T10:01:24.0Z');
is(use_once($five)->{status}, 200, 'and another one twelve seconds later');
$clock->set('2027-03-09T10:04:00.0Z');
is(use_once($five)->{headers}{'x-ratelimit-remaining'}, 4,
	'after two quiet minutes all is forgotten');

my $edge = account('five');
$clock->set('2027-03-09T11:00:58.5Z');
is(use_once($edge)->{status}, 200, "five at a minute's end") for 1 .. 5;
$clock->set('2027-03-09T11:01:00.5Z');
is(use_once($edge)->{status}, 429, '... are none at the begin of the next');
$clock->set('2027-03-09T11:01:12.0Z');
is(use_once($edge)->{status}, 200, '... but for one, a little later');
$clock->set('2027-03-09T11:00:59.2Z');
is(retry(use_once($edge)), 25, 'a clock that lags counts into the same minute');

# Keys each by itself.
$clock->set('2027-03-09T12:00:00.0Z');
my $two = account('five');
is(use_once($two)->{status}, 200, 'five by one key') for 1 .. 5;
is(use_once($two)->{status}, 429, '... and no more');
is(use_once($two, 'test')->{status}, 200, 'another key is limited by itself');

# --- A day ------------------------------------------------------------------

$clock->set('2028-02-28T23:59:48.2Z');
my $ten = account('ten');
is(left(use_five($ten), 'daily'), 5, 'five of ten credits');
is(left(use_five($ten), 'daily'), 0, 'ten of ten');
my $enough = use_once($ten);
is($enough->code, 'quota_exceeded', 'and no more');
is_deeply($enough->{json}{error}{details},
	{ field => 'daily', problem => 'the limit is 10 credits a day' },
	'... and told of which limit');
is(retry($enough), 12, '... until midnight');
is(use_once($ten, 'test')->{status}, 200, 'test mode goes on');
$clock->set('2028-02-28T23:59:59.2Z');
is(retry(use_once($ten)), 1, 'a second before midnight');
$clock->set('2028-02-29T00:00:00.0Z');
is(left(use_once($ten), 'daily'), 9, 'the leap day is a day of its own');
is(left(use_five($ten), 'daily'), 4, '... with ten credits');
is(use_five($ten)->code, 'quota_exceeded', 'five more are too many');
is(left(use_once($ten), 'daily'), 3, '... and cost nothing');
$clock->set('2028-03-02T08:00:00.0Z');
is(left(use_once($ten), 'daily'), 9, 'after a day without traffic too');

# What it turns out to cost.
sub cost_more
{
	my ($credits, $mode) = @_;

	return $http->post("/t/more?credits=$credits",
		headers => $ten->auth($mode // 'live'), body => '');
}
my $more = cost_more(4);
is(left($more, 'daily'), 4, 'credits more are charged and told');
is(() = $more->{headers}{ratelimit} =~ /daily/g, 1, '... once');
my $too_much = cost_more(4);
is($too_much->code, 'quota_exceeded', 'too many more are refused');
is(left($too_much, 'daily'), 3, '... and what it has cost before is kept');
is(cost_more(1000, 'test')->{status}, 200, 'not so in test mode');

# Our own faults.
my $fault = $http->get('/t/fault', headers => $ten->auth('live'));
is($fault->{status}, 500, 'a fault of ours');
is(left($fault, 'daily'), 3, '... is given back');
is(left(use_once($ten), 'daily'), 2, '... indeed');

# --- At once ----------------------------------------------------------------

$clock->shift_by(0);
my $many = account('some');
my $clients = Io7::Clients->start($stack, 20, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $many->auth('live')));
}, most => 10);
ok($clients->wait, '200 requests by 20 clients');
is($clients->count(200), R, 'of R credits exactly R are used');
is($clients->count(429), 200 - R, '... and the others told so');
eventually { $stack->psql(<<"END") eq R . '|' . (200 - R) . "\n" }
	SELECT sum(credits), sum(quota_exceeded) FROM io7.daily_usage
	WHERE user_id = '@{[$many->user_id]}';
END
	'the ledger says the same';

# --- Addresses --------------------------------------------------------------

# The answers' statuses of so many requests from that address, in short.
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
	'twenty from one address');
is_deeply(from('192.0.2.2', 1), { 200 => 1 }, 'another has its own');
is_deeply(from('::ffff:192.0.2.2', 21), { 200 => 19, 429 => 2 },
	'an IPv4 address is the same in IPv6');
is_deeply(from('2001:db8:1:2::1', 12), { 200 => 12 }, 'of IPv6');
is_deeply(from('2001:db8:1:2:ffff:ffff:ffff:ffff', 12),
	{ 200 => 8, 429 => 4 }, '... the first 64 bits count');
is_deeply(from('2001:db8:1:3::1', 1), { 200 => 1 }, '... all of them');
is_deeply(from('not an address', 1), { 200 => 1 }, 'no address is none');

my $unknown = $stack->http(from => '127.0.0.77');
my $checked = 'test_io7_' . '0' x 26;
chomp(my $sum = run_ok({ input => $checked }, 'sha256sum'));
my $key = $checked . substr $sum, 0, 6;
my %seen;
$seen{$unknown->get('/t/use',
	headers => [Authorization => "Bearer $key"])->{status}}++ for 1 .. 15;
$seen{$unknown->get('/t/use')->{status}}++ for 1 .. 7;
is_deeply(\%seen, { 401 => 20, 429 => 2 },
	'without a key, or with one that nobody has');
my $asked = $unknown->get('/t/use');
is(retry($asked), policy($asked, 'ratelimit', 'minute', 't'),
	'it is told when to come again');
$seen{$unknown->get('/t/use', headers => [Authorization => "Bearer $key"]
	)->{status}}++ for 1 .. 2;
is($seen{401}, 20, 'an unknown key is no way around it');
is($unknown->get('/t/use',
	headers => [Authorization => 'Bearer ' . ('x' x 41)])->{status}, 401,
	'what can be no key is not even counted');

finish;
