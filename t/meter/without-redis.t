#!/usr/bin/perl
# Redis down: stopped, paused, flushed, restarted. Requests are served and metered,
# each worker applies its share of the limits, cached credentials expire within a
# second, and the log has one line about it. Also the calls to Redis while it is up.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Io7::Account;
use Io7::Clients;
use Io7::Json;
use Io7::Test;
use Time::HiRes qw(time);

use constant { WORKERS => 2, WARM => 1000 };

my $balancer = '127.0.0.9';
my $stack = private_stack(io7 => tested_program, balancer => $balancer, set => {
	IO7_LIVE_WORKERS => WORKERS,
	IO7_TEST_WORKERS => 1,
	IO7_ADDRESS_LIMIT => 100_000,
});
my $http = $stack->http;

new_plan($stack, 'forty', requests => 40);
new_plan($stack, 'thirty', credits => 30);
new_plan($stack, 'endless');

my $warm;

sub account
{
	return new_account($stack, plan => $_[0] // 'endless');
}

sub use_once
{
	my ($account, $mode) = @_;

	return $http->get('/t/use', headers => $account->auth($mode // 'live'));
}

# Sends n requests of an account and counts the statuses.
sub use_often
{
	my ($account, $n, $mode) = @_;
	my %seen;

	$seen{use_once($account, $mode)->{status}}++ for 1 .. $n;
	return \%seen;
}

sub credits
{
	my ($account) = @_;
	my $n = $stack->psql("SELECT coalesce(sum(credits), 0)
		FROM io7.daily_usage WHERE user_id = '@{[$account->user_id]}';");

	chomp $n;
	return $n;
}

sub eventually_credits
{
	my ($account, $n, $what) = @_;

	eventually { credits($account) == $n } $what
		or diag('they are ' . credits($account));
}

# The number of calls of each command since the last call of this function. Redis also
# counts the commands inside a script, so only the script itself is of interest.
sub redis_calls
{
	my %calls = map { /^cmdstat_(\S+?):calls=(\d+)/ ? ($1, $2) : () }
		split /\r?\n/, $stack->redis('INFO', 'commandstats');

	$stack->redis('CONFIG', 'RESETSTAT');
	# The janitor checks the health of Redis, and the listener calls a script with
	# one ZADD several times a second.
	delete @calls{qw(info ping config|resetstat)};
	$calls{evalsha} -= $calls{zadd} if $calls{zadd};
	delete @calls{qw(zadd time zremrangebyscore expire script|load)};
	return \%calls;
}

# The number of lookups of a credential or of today's usage since the last call.
sub lookups
{
	my $n = $stack->psql(<<'END');
		SELECT coalesce(sum(calls), 0) FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		WHERE rolname = 'io7_app' AND toplevel
			AND query ~ 'api_keys|daily_usage';
END
	chomp $n;
	$stack->psql('SELECT pg_stat_statements_reset()');
	return $n;
}

sub operate
{
	my $said = io7(@_, '-c', $stack->conf_file);

	is($said->{exit}, 0, "io7 $_[0] $_[1]") or diag($said->{err});
	return $said->{out};
}

sub health
{
	return $http->get('/health')->{json}{status};
}

# Health reports it, and the workers have noticed.
sub redis_back
{
	my ($what) = @_;

	eventually { health() eq 'ok' } "$what, and health is ok";
	eventually {
		redis_calls();
		use_often($warm, 20);
		(redis_calls()->{evalsha} // 0) >= 1;
	} '... and Redis is asked again';
}

# Lines since the log was this long.
my $mark = 0;
sub logged
{
	my ($event) = @_;

	return (grep { /"event":"$event"/ }
		($stack->log_lines('io7'))[$mark .. $#{[$stack->log_lines('io7')]}]);
}

# --- With Redis ---------------------------------------------------------------

$warm = account();
use_often($warm, 20, 'test');
$stack->psql('SELECT pg_stat_statements_reset()');
redis_calls();
is_deeply(use_often($warm, WARM, 'test'), { 200 => WARM }, 'cached requests');
my $calls = redis_calls();
cmp_ok($calls->{evalsha}, '<=', WARM / 20,
	'... cost at most fifty calls of the script in a thousand');
is_deeply([sort keys %$calls], [qw(evalsha get set)],
	'... and commands within the script only');
is(lookups(), 0, '... and no statement');
# The flusher returns the leases of these requests at any time.
eventually {
	lookups();
	redis_calls();
	use_often(account(), 1, 'test')->{200} && lookups() == 1
		&& redis_calls()->{evalsha} == 2
} 'a request with an unknown credential costs one lookup between two script calls';

# --- Keys in Redis ------------------------------------------------------------

sub check_keys
{
	my ($when) = @_;
	my $bad = $stack->redis('EVAL', <<'END', 0);
		local bad, cursor = {}, '0'
		repeat
			local found = redis.call('SCAN', cursor, 'COUNT', 1000)
			cursor = found[1]
			for _, key in ipairs(found[2]) do
				if key:sub(1, 3) ~= 'io7' or redis.call('TTL', key) < 0 then
					bad[#bad + 1] = key
				end
			end
		until cursor == '0'
		return bad
END
	is($bad =~ s/\s+//gr, '', "$when every key of Redis is ours and expires");
}
check_keys('with some traffic');

# --- Redis stops --------------------------------------------------------------

my $steady = account();
my $forty = account('forty');
my $thirty = account('thirty');
is_deeply(use_often($steady, 10), { 200 => 10 }, 'ten requests before it stops');
is_deeply(use_often($thirty, 10), { 200 => 10 }, '... ten credits of thirty are used');
eventually_credits($thirty, 10, '... and in the ledger');

$mark = () = $stack->log_lines('io7');
$stack->stop('redis');
is_deeply(use_often($steady, 40), { 200 => 40 }, 'without Redis requests are served');
is(health(), 'degraded', '... health reports it');
eventually_credits($steady, 50, '... and they are metered');

# Two workers with a share of twenty; requests spread unevenly.
my $clients = Io7::Clients->start($stack, 8, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $forty->auth('live')));
}, most => 20);
ok($clients->wait, 'eight clients send more than the limit allows');
cmp_ok($clients->count(200), '>=', 20, 'a worker grants its share of a minute');
cmp_ok($clients->count(200), '<=', 40, '... and all of them no more than the limit');
is($clients->count(429), 160 - $clients->count(200), '... and refuse the rest');
my $refused = use_once($forty);
is($refused->{headers}{'x-ratelimit-limit'}, 20, '... with the share in the headers');
cmp_ok($refused->{headers}{'retry-after'}, '>', 0, '... and the time to wait');

sub cost_more
{
	my ($credits) = @_;

	return $http->post("/t/more?credits=$credits",
		headers => $thirty->auth('live'), body => '');
}
is(cost_more(9)->{status}, 200, 'more credits of one request');
eventually_credits($thirty, 20, '... are in the ledger');
is(cost_more(40)->code, 'quota_exceeded', '... and are limited by it');
is($http->get('/t/fault', headers => $thirty->auth('live'))->{status}, 500,
	'a request that fails with 500');
eventually_credits($thirty, 21, '... costs nothing');

my $answer;
my %seen = (200 => 21);
eventually {
	$answer = use_once($thirty);
	$seen{$answer->{status}}++;
	$answer->{status} == 429;
} 'the ledger limits the day';
is($answer->code, 'quota_exceeded', '... and the answer says so');
cmp_ok($seen{200}, '>=', 30, '... and not before the credits are used');

# A cached credential holds for at most a second.
$stack->psql("UPDATE io7.api_keys SET enabled = false
	WHERE user_id = '@{[$forty->user_id]}';");
my $began = time;
eventually { use_once($forty)->{status} == 401 } 'a disabled key is refused';
is_within(time - $began, 3, '... soon');

my $news = join ' ', map { /"event":"redis_(away|back)"/ } $stack->log_lines('io7');
like($news, qr/away$/, 'the log says that Redis is down');
unlike($news, qr/away away/, '... once for all processes');

# --- Redis is back, and empty -------------------------------------------------

# Clients send requests all the time, so workers notice it one after the other.
my $askers = Io7::Clients->start($stack, 4, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $warm->auth('live')));
});
$stack->up;
redis_back('Redis starts again');
ok($askers->stop, '... under load');
my $served = 0;
eventually { logged('redis_back') } '... which is logged';
is(scalar(logged('redis_away')), 1, '... and no further outage');
eventually { $served++; use_once($steady)->{status} == 200 } 'requests are served';
eventually_credits($steady, 50 + $served, 'no answer was lost');
is(use_once($thirty)->code, 'quota_exceeded',
	'use during the outage counts');

# --- Redis is paused ----------------------------------------------------------

# The credits that are left today by a response, plus those of this request.
sub used
{
	return 1e12 - (use_once($steady)->{headers}{ratelimit}
		=~ /"daily";r=(\d+)/)[0];
}

$stack->pause('redis');
$began = time;
is_deeply(use_often($steady, 50), { 200 => 50 }, 'requests are served meanwhile');
is_within(time - $began, 3, '... quickly');
$stack->resume('redis');
redis_back('Redis goes on');
eventually_credits($steady, 100 + $served, 'no answer was lost');
# At the next lookup: within a minute, or when the credential changes.
operate('plan', 'set', $steady->name, 'endless');
is(used(), 101 + $served, '... and its counter is corrected');

# --- Flushed ----------------------------------------------------------------

eventually_credits($steady, 101 + $served, 'everything is flushed to the ledger');
$stack->redis('FLUSHALL');
$stack->redis('SCRIPT', 'FLUSH');
is(used(), 102 + $served, 'FLUSHALL loses nothing that is in the ledger');

# --- Revocation stamps --------------------------------------------------------

sub revoke
{
	my ($account) = @_;
	my ($id) = map { $_->{id} } grep { $_->{mode} eq 'live' }
		@{decode_json(operate('key', 'list', $account->name,
			'--json'))->{keys}};

	operate('key', 'revoke', $account->name, $id);
}

my $revoked = account();
is_deeply(use_often($revoked, 20), { 200 => 20 }, 'all workers have cached a key');
revoke($revoked);
is_deeply(use_often($revoked, 20), { 401 => 20 }, 'a revoked key is refused by all');

# No request comes while Redis is paused, so no worker drops its cache.
my $missed = account();
is_deeply(use_often($missed, 20), { 200 => 20 }, 'all workers have cached another key');
$stack->pause('redis');
revoke($missed);
isnt($stack->psql('SELECT count(*) FROM io7.epochs_due;'), "0\n",
	'it is revoked while Redis is paused, and the change is queued');
$stack->resume('redis');
eventually { $stack->psql('SELECT count(*) FROM io7.epochs_due;') eq "0\n" }
	'... and published when Redis goes on', 5;
is_deeply(use_often($missed, 20), { 401 => 20 }, '... every worker refuses it');

# Workers that saw no stamp of a credential, because it had not been used yet, and
# that cannot learn of its change.
my $forgotten = account();
sub validate
{
	return $http->post('/api/auth/validate', headers => [],
		body => '{"token":"' . $forgotten->live_key . '"}')->{status};
}
is_deeply([map { validate() } 1 .. 10], [(200) x 10],
	'all workers have looked a key up');
revoke($forgotten);
$stack->redis('FLUSHALL');
is_deeply(use_often($forgotten, 20), { 401 => 20 },
	'it is revoked, Redis loses the stamp, and every worker refuses it');

my $upgraded = account('forty');
is(use_once($upgraded)->{headers}{'x-ratelimit-limit'}, 40, 'a plan');
operate('plan', 'set', $upgraded->name, 'pro');
is(use_once($upgraded)->{headers}{'x-ratelimit-limit'}, 600,
	'another plan applies at once');

# --- Ten thousand clients -----------------------------------------------------

sub many
{
	my ($n, $target, $headers) = @_;
	my $through = $stack->http(from => $balancer);
	my %seen;

	for my $round (0 .. $n / 100 - 1) {
		my @requests = map { ['GET', $target,
			headers => $headers->($_)] }
			$round * 100 .. $round * 100 + 99;
		$seen{$_->{status}}++ for $through->pipeline(@requests);
	}
	return \%seen;
}

sub made_up_key
{
	my $key = sprintf 'test_io7_%026x', $_[0];

	return $key . substr sha256_hex($key), 0, 6;
}

sub memory
{
	return ($stack->redis('INFO', 'memory') =~ /^used_memory:(\d+)/m)[0];
}

my $empty = memory();
is_deeply(many(5000, '/t/public',
	sub { ['X-Forwarded-For' => join '.', 10, 0, $_[0] >> 8, $_[0] & 255] }),
	{ 200 => 5000 }, 'requests from five thousand addresses');
is_deeply(many(5000, '/t/use', sub { [
	'X-Forwarded-For' => '192.0.2.1',
	Authorization => 'Bearer ' . made_up_key($_[0]),
] }), { 401 => 5000 }, '... and with five thousand unknown keys');
check_keys('afterwards');
my $n = $stack->redis('DBSIZE');
cmp_ok($n, '<', 5100, '... a key per address, and none per unknown key');
cmp_ok(memory() - $empty, '<', 5000 * 200, '... of few bytes each');

finish;
