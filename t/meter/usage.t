#!/usr/bin/perl
# The usage of an account: today, earlier days, and `io7 usage` for operators.

use strict;
use warnings;

use Io7::Account;
use Io7::Clock;
use Io7::Test;
use Io7::Json;

my $clock = Io7::Clock->new;
my $stack = private_stack(io7 => tested_program,
	set => { IO7_CLOCK => $clock->file });
my $http = $stack->http;
my $account = new_account($stack, plan => 'starter');

sub ask
{
	my ($target, $mode) = @_;

	return $http->get($target, headers => $account->auth($mode // 'live'));
}

sub today
{
	my $answer = ask('/api/usage/today');

	is($answer->{status}, 200, 'today') or return {};
	return $answer->{json};
}

sub history
{
	my ($query) = @_;
	my $answer = ask("/api/usage/history$query");

	is($answer->{status}, 200, "history$query") or return;
	return @{$answer->{json}{items}};
}

# --- No usage -----------------------------------------------------------------

$clock->set('2028-03-01T12:00:00Z');
my $today = today();
is($today->{date}, '2028-03-01', 'today is the current date');
is($today->{credits}, 0, 'nothing is used');
is($today->{limit}, 1000, '... the limit is that of the plan');
is($today->{remaining}, 1000, '... and all of it remains');
is($today->{resets_at}, '2028-03-02T00:00:00.000000Z',
	'... it is reset at midnight');
is_deeply($today->{keys}, [], '... and no key is listed');

# --- Some usage ---------------------------------------------------------------

# Reading the usage is counted too, but costs nothing.
is(ask('/t/use')->{status}, 200, 'a request of one credit') for 1 .. 3;
is(ask('/t/fault')->{status}, 500, 'a failed request');
is(ask('/t/use', 'test')->{status}, 200, 'a request in test mode');
eventually { $today = today();
	$today->{credits} == 3 && $today->{test}{credits} == 1
		&& $today->{live}{outcomes}{server_error} } 'the counts appear within a second';
is($today->{remaining}, 997, 'test mode is not charged');
is($today->{live}{credits}, 3, 'live mode is charged');
is($today->{live}{outcomes}{server_error}, 1, 'a failure is counted');
is($today->{live}{requests}, $today->{live}{outcomes}{ok} + 1,
	'... in addition to the successes');
cmp_ok($today->{live}{bytes_out}, '>', 0, 'the bytes of responses are counted');
my @keys = @{$today->{keys}};
is(join(' ', sort map { "$_->{mode} $_->{credits}" } @keys), 'live 3 test 1',
	'each key has its own row');
is((grep { $_->{mode} eq 'live' } @keys)[0]{requests},
	$today->{live}{requests}, '... with all its requests');
ok(!(grep { !$_->{label} } @keys), '... and its label');

# --- Over the limit -----------------------------------------------------------

$stack->psql("UPDATE io7.daily_usage SET credits = 1200
	WHERE user_id = '@{[$account->user_id]}' AND mode = 'live';");
is(today()->{remaining}, 0, 'the remaining credits are never negative');

# --- Days -------------------------------------------------------------------

$clock->set('2028-03-02T00:00:10Z');
$today = today();
is($today->{date}, '2028-03-02', 'a new day');
is($today->{credits}, 0, '... has no usage');
is($today->{remaining}, 1000, '... and the full limit');

my @days = history('?days=4');
is(join(' ', map { "$_->{date} $_->{mode}" } @days),
	join(' ', map { ("$_ live", "$_ test") } qw(2028-02-28 2028-02-29
		2028-03-01 2028-03-02)),
	'a row per day and mode, also for a leap day');
is($days[0]{requests}, 0, 'a day without usage is listed');
is($days[4]{credits}, 1200, '... and so is a day with usage');
is($days[5]{credits}, 1, '... in both modes');
is(scalar history(''), 60, 'history has thirty days by default');
is(scalar history('?days=365'), 730, '... a year at most');
is(scalar history('?days=1'), 2, '... and can have today only');

for my $bad (qw(0 366 -1 x 1.5), '') {
	my $answer = ask("/api/usage/history?days=$bad");
	is($answer->{status}, 400, "days=$bad is refused");
	is($answer->{json}{error}{details}{field}, 'days',
		'... and the error names the field');
}
for my $target (qw(/api/usage/today /api/usage/history)) {
	is($http->get($target)->{status}, 401, "$target needs a credential");
	is($http->post($target, headers => $account->auth('live'))->{status},
		405, '... and allows only reading');
}

# A key without the scope read.
my $writer = new_account($stack);
$stack->psql("UPDATE io7.api_keys SET scopes = '{write}'
	WHERE user_id = '@{[$writer->user_id]}';");
is($http->get('/api/usage/today', headers => $writer->auth('live'))->{status},
	403, 'the scope read is needed');

# The usage of another account is not shown.
my $other = new_account($stack);
is($http->get('/api/usage/history?days=4', headers => $other->auth('live'))
	->{json}{items}[4]{credits}, 0, 'each account sees its own usage');

# A deleted key, and use without a key.
$stack->psql(<<"END");
	INSERT INTO io7.daily_usage (user_id, api_key_id, mode, date, credits, ok)
	VALUES ('@{[$account->user_id]}', gen_random_uuid(), 'live',
			'2028-03-02', 5, 5),
		('@{[$account->user_id]}', NULL, 'test', '2028-03-02', 6, 6);
END
my %by = map { ($_->{credits} => $_) } @{today()->{keys}};
ok($by{5}{id} && !defined $by{5}{label}, 'a deleted key has no label');
ok(!defined $by{6}{id}, 'sessions and tokens have no key');

# --- The command ------------------------------------------------------------

sub usage
{
	return io7('usage', @_, '-c', $stack->conf_file);
}

my $shown = usage('show', $account->name, '--days', 4, '--json');
is($shown->{exit}, 0, 'io7 usage show') or diag($shown->{err});
my $said = eval { decode_json($shown->{out}) } // {};
is($said->{user_id}, $account->user_id, '... names the user');

# The last requests of yesterday may still be on their way to the ledger.
sub days_before
{
	return json_codec()->canonical->encode([@_[0 .. 5]]);
}
eventually {
	my $now = usage('show', $account->name, '--days', 4, '--json');
	days_before(@{decode_json($now->{out})->{days}})
		eq days_before(history('?days=4'))
} '... and agrees with the API about the days before';
for my $who ($account->user_id, $account->schema) {
	my $text = usage('show', $who, '--days', 2);
	is($text->{exit}, 0, "io7 usage show $who succeeds");
	like($text->{out}, qr/^DATE\s+MODE\s+REQUESTS\s+CREDITS/, '... prints a header');
	like($text->{out}, qr/^2028-03-01\s+live\s+\d+\s+1200\s/m, '... a day');
	is(scalar(() = $text->{out} =~ /\n/g), 5,
		'... and a row for each day and mode');
}

my @refused = (
	['no verb', 64, qr/show/],
	['no user', 64, qr/USER/, 'show'],
	['an unknown user', 67, qr/no user nobody-x/, 'show', 'nobody-x'],
	['a malformed number', 64, qr/--days must be 1 to 365/, 'show', 'x', '--days', 'all'],
	['too many days', 64, qr/--days must be 1 to 365/, 'show', 'x', '--days', 366],
	['too many arguments', 64, qr/unexpected argument y/, 'show', 'x', 'y'],
);
for my $case (@refused) {
	my ($what, $exit, $why, @words) = @$case;
	my $result = usage(@words);
	is($result->{exit}, $exit, "$what is refused");
	like($result->{err}, $why, '... with the reason');
}

# --- Without PostgreSQL -------------------------------------------------------

$stack->stop('postgres');
is(ask('/api/usage/today')->{status}, 503, 'without PostgreSQL it fails');
$stack->up;
eventually { ask('/api/usage/today')->{status} == 200 } '... until it is back';

finish;
