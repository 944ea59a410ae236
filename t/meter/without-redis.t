#!/usr/bin/perl
# Redis away: stopped, standing still, flushed, restarted. Requests are served
# and metered, limits hold by share, nothing is believed for long, and the log
# says it once. And what Redis is asked while it is there, by its own count.

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

# So many requests by that account: how many of each status.
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

# Calls by command since the last look; what a script calls is counted too, so
# of those only the script itself is looked at.
sub redis_calls
{
	my %calls = map { /^cmdstat_(\S+?):calls=(\d+)/ ? ($1, $2) : () }
		split /\r?\n/, $stack->redis('INFO', 'commandstats');

	$stack->redis('CONFIG', 'RESETSTAT');
	# The janitor looks at the health of Redis.
	delete @calls{qw(info ping config|resetstat)};
	return \%calls;
}

# How often io7 has looked up who somebody is, or what he has used, since the
# last look.
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

# Health says so, and the workers have noticed.
sub redis_back
{
	my ($what) = @_;

	eventually { health() eq 'ok' } "$what, and all is well";
	eventually {
		redis_calls();
		use_often($warm, 20);
		(redis_calls()->{evalsha} // 0) >= 20;
	} '... and it is asked again';
}

# Since the log was this long.
my $mark = 0;
sub logged
{
	my ($event) = @_;

	return (grep { /"event":"$event"/ }
		($stack->log_lines('io7'))[$mark .. $#{[$stack->log_lines('io7')]}]);
}

# --- Warm -------------------------------------------------------------------

$warm = account();
use_often($warm, 20, 'test');
$stack->psql('SELECT pg_stat_statements_reset()');
redis_calls();
is_deeply(use_often($warm, WARM, 'test'), { 200 => WARM }, 'warm requests');
my $calls = redis_calls();
is($calls->{evalsha}, WARM, '... cost one call of the script each');
is_deeply([sort keys %$calls], [qw(evalsha get set)],
	'... and no other, but within it');
is(lookups(), 0, '... and PostgreSQL nothing');
is_deeply(use_often(account(), 1, 'test'), { 200 => 1 }, 'one who is not known');
is(lookups(), 1, '... is looked up once');
is(redis_calls()->{evalsha}, 2, '... in between two calls of the script');

# --- What Redis keeps -------------------------------------------------------

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
	is($bad =~ s/\s+//gr, '', "$when every key of Redis is ours, and ends");
}
check_keys('with a little traffic');

# --- Stopped ----------------------------------------------------------------

my $steady = account();
my $forty = account('forty');
my $thirty = account('thirty');
is_deeply(use_often($steady, 10), { 200 => 10 }, 'before it stops');
is_deeply(use_often($thirty, 10), { 200 => 10 }, '... ten credits of thirty');
eventually_credits($thirty, 10, '... are written down');

$mark = () = $stack->log_lines('io7');
$stack->stop('redis');
is_deeply(use_often($steady, 40), { 200 => 40 }, 'without Redis all is served');
is(health(), 'degraded', '... and health says so');
eventually_credits($steady, 50, '... and metered');

# Two workers with a share of twenty, and nobody knows who is asked how often.
my $clients = Io7::Clients->start($stack, 8, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $forty->auth('live')));
}, most => 20);
ok($clients->wait, 'eight clients ask for more than there is');
cmp_ok($clients->count(200), '>=', 20, 'a worker grants its share of a minute');
cmp_ok($clients->count(200), '<=', 40, '... and all of them no more than all');
is($clients->count(429), 160 - $clients->count(200), '... and refuse the rest');
my $refused = use_once($forty);
is($refused->{headers}{'x-ratelimit-limit'}, 20, '... and says how much it is');
cmp_ok($refused->{headers}{'retry-after'}, '>', 0, '... and when there is more');

sub cost_more
{
	my ($credits) = @_;

	return $http->post("/t/more?credits=$credits",
		headers => $thirty->auth('live'), body => '');
}
is(cost_more(9)->{status}, 200, 'what turns out to cost more');
eventually_credits($thirty, 20, '... is written down');
is(cost_more(40)->code, 'quota_exceeded', '... and limited by the ledger');
is($http->get('/t/fault', headers => $thirty->auth('live'))->{status}, 500,
	'a fault of ours');
eventually_credits($thirty, 21, '... costs nothing');

my $answer;
my %seen = (200 => 21);
eventually {
	$answer = use_once($thirty);
	$seen{$answer->{status}}++;
	$answer->{status} == 429;
} 'the day is limited by the ledger';
is($answer->code, 'quota_exceeded', '... and says so');
cmp_ok($seen{200}, '>=', 30, '... not before its credits are used');

# A credential is not believed for over a second.
$stack->psql("UPDATE io7.api_keys SET enabled = false
	WHERE user_id = '@{[$forty->user_id]}';");
my $began = time;
eventually { use_once($forty)->{status} == 401 } 'a disabled key is found out';
cmp_ok(time - $began, '<', 3, '... soon');

my $news = join ' ', map { /"event":"redis_(away|back)"/ } $stack->log_lines('io7');
like($news, qr/away$/, 'the log says that Redis is away');
unlike($news, qr/away away/, '... once, whoever notices it too');

# --- Back, and empty --------------------------------------------------------

# Some ask all the time, and notice it one after the other.
my $askers = Io7::Clients->start($stack, 4, sub {
	my ($each) = @_;
	return ('', $each->get('/t/use', headers => $warm->auth('live')));
});
$stack->up;
redis_back('it is started again');
ok($askers->stop, '... while others ask');
my $served = 0;
eventually { logged('redis_back') } '... which the log says';
is(scalar(logged('redis_away')), 1, '... and not that it went again');
eventually { $served++; use_once($steady)->{status} == 200 } 'all is served';
eventually_credits($steady, 50 + $served, 'nothing was lost');
is(use_once($thirty)->code, 'quota_exceeded',
	'what was used meanwhile is not forgotten');

# --- Standing still ---------------------------------------------------------

# By what it says is left of the day, itself among them.
sub used
{
	return 1e12 - (use_once($steady)->{headers}{ratelimit}
		=~ /"daily";r=(\d+)/)[0];
}

$stack->pause('redis');
$began = time;
is_deeply(use_often($steady, 50), { 200 => 50 }, 'all is served meanwhile');
cmp_ok(time - $began, '<', 3, '... and soon');
$stack->resume('redis');
redis_back('it goes on');
eventually_credits($steady, 100 + $served, 'nothing was lost');
# At the next lookup: within a minute, or when something has changed.
operate('plan', 'set', $steady->name, 'endless');
is(used(), 101 + $served, '... and Redis learns what it has missed');

# --- Flushed ----------------------------------------------------------------

eventually_credits($steady, 101 + $served, 'all is written down');
$stack->redis('FLUSHALL');
$stack->redis('SCRIPT', 'FLUSH');
is(used(), 102 + $served, 'a flush forgets nothing that was written down');

# --- Epochs -----------------------------------------------------------------

sub revoke
{
	my ($account) = @_;
	my ($id) = map { $_->{id} } grep { $_->{mode} eq 'live' }
		@{decode_json(operate('key', 'list', $account->name,
			'--json'))->{keys}};

	operate('key', 'revoke', $account->name, $id);
}

my $revoked = account();
is_deeply(use_often($revoked, 20), { 200 => 20 }, 'a key that all workers know');
revoke($revoked);
is_deeply(use_often($revoked, 20), { 401 => 20 }, 'is revoked, and none does');

# Nobody asks while Redis stands still, so nobody has a reason to forget.
my $missed = account();
is_deeply(use_often($missed, 20), { 200 => 20 }, 'another that all know');
$stack->pause('redis');
revoke($missed);
isnt($stack->psql('SELECT count(*) FROM io7.epochs_due;'), "0\n",
	'is revoked while Redis stands still, and that is owed to it');
$stack->resume('redis');
eventually { $stack->psql('SELECT count(*) FROM io7.epochs_due;') eq "0\n" }
	'... and told as soon as it goes on', 5;
is_deeply(use_often($missed, 20), { 401 => 20 }, '... so that nobody lets it in');

# Workers that have heard no epoch, as nobody had come in yet, and then cannot
# hear that it was changed.
my $forgotten = account();
sub validate
{
	return $http->post('/api/auth/validate', headers => [],
		body => '{"token":"' . $forgotten->live_key . '"}')->{status};
}
is_deeply([map { validate() } 1 .. 10], [(200) x 10],
	'a key that all workers have looked at');
revoke($forgotten);
$stack->redis('FLUSHALL');
is_deeply(use_often($forgotten, 20), { 401 => 20 },
	'is revoked, Redis forgets it, and nobody lets it in');

my $upgraded = account('forty');
is(use_once($upgraded)->{headers}{'x-ratelimit-limit'}, 40, 'a plan');
operate('plan', 'set', $upgraded->name, 'pro');
is(use_once($upgraded)->{headers}{'x-ratelimit-limit'}, 600,
	'another plan counts at once');

# --- Ten thousand -----------------------------------------------------------

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
	{ 200 => 5000 }, 'five thousand addresses');
is_deeply(many(5000, '/t/use', sub { [
	'X-Forwarded-For' => '192.0.2.1',
	Authorization => 'Bearer ' . made_up_key($_[0]),
] }), { 401 => 5000 }, '... and five thousand keys that nobody has');
check_keys('after all this');
my $n = $stack->redis('DBSIZE');
cmp_ok($n, '<', 5100, '... and of the keys none');
cmp_ok(memory() - $empty, '<', 5000 * 200, '... few bytes each');

finish;
