#!/usr/bin/perl
# A first sign-in whose worker is killed at each of its steps: no key is shown, no
# session opened, and the next sign-in completes the account and shows the keys once.
# A lock on the table that a step writes to holds it there.

use strict;
use warnings;

use Io7::Browser;
use Io7::GitHub;
use Io7::Test;

my $github = Io7::GitHub->new;
my $stack = private_stack(io7 => tested_program, set => $github->options);
my $people = 2000;
my $kills = 0;

# The test holds locks for a long time: raise the timeouts.
for my $database (qw(io7_live io7_test)) {
	$stack->psql("ALTER ROLE io7_app IN DATABASE $database
		SET lock_timeout = '60s';");
	$stack->psql("ALTER ROLE io7_app IN DATABASE $database
		SET statement_timeout = '60s';");
}
my @workers = map { $_->{pid} } $stack->workers;
kill HUP => $stack->pid;
eventually { !alive(grep { $_ } @workers) } 'workers wait long for locks';

# A session that locks a table against writes until its handle is closed.
sub hold
{
	my ($table, $database) = @_;

	my $dsn = $stack->env('IO7_SUPER_DSN') =~ s{/io7_live\?}{/$database?}r;
	open my $psql, '|-', 'psql', '-XqAt', '-o', '/dev/null', $dsn
		or die "psql: $!\n";
	$psql->autoflush;
	print $psql "BEGIN; LOCK TABLE $table IN SHARE MODE;\n";
	eventually { $stack->psql("SELECT count(*) FROM pg_locks
		WHERE relation = '$table'::regclass AND mode = 'ShareLock'
		AND granted;", $database) > 0 } "$table in $database is held";
	return $psql;
}

sub new_user
{
	my $id = ++$people;

	$github->person(id => $id, login => "person-$id");
	return $id;
}

sub count
{
	my ($id, $from) = @_;

	return 0 + $stack->psql("SELECT count(*) FROM io7.users u $from
		WHERE u.github_id = $id;");
}

sub count_keys
{
	return count($_[0], 'JOIN io7.api_keys k ON k.user_id = u.id');
}

sub count_sessions
{
	return count($_[0], 'JOIN io7.sessions s ON s.user_id = u.id');
}

# A browser whose callback is waiting for its answer.
sub send_back
{
	my $browser = Io7::Browser->new($stack);
	my $path = $browser->come_back($github, $browser->begin);

	$browser->{http}->send($browser->{http}->compose(GET => $path,
		headers => [Cookie =>
			'__Host-io7_sign_in=' . $browser->cookie('sign_in')]));
	return $browser;
}

# The worker of that request, once it waits for a lock on the table.
sub stuck_at
{
	my ($table, $database) = @_;

	return eventually { $stack->psql("SELECT count(*) FROM pg_locks
		WHERE relation = '$table'::regclass AND NOT granted;",
		$database) > 0 } "a sign-in waits for $table in $database";
}

sub kill_worker
{
	my ($worker) = grep { ($_->{route} // '') =~ /callback/ }
		$stack->workers('stream');

	$kills++;
	kill KILL => $worker->{pid};
	eventually { !alive($worker->{pid}) } '... and its worker is killed';
}

# What holds after the kill, and then for the next sign-in.
sub completes
{
	my ($id, $what) = @_;

	is(count_keys($id), 0, "killed $what: no key is shown");
	is(count_sessions($id), 0, '... no session is open');
	my $answer = Io7::Browser->new($stack)->sign_in($github);
	is($answer->{status}, 200, '... the next sign-in works');
	my %keys = $answer->{body} =~ /id="(test|live)-key">(\w+)</g;
	is(join(' ', sort keys %keys), 'live test', '... and shows both keys');
	is($stack->http->get('/api/keys', headers =>
		[Authorization => "Bearer $keys{$_}"])->{status}, 200,
		"... the $_ key works") for sort keys %keys;
	is_whole($id);
	is(Io7::Browser->new($stack)->sign_in($github)->{status}, 302,
		'... the one after it shows no keys');
	is(count_keys($id), 2, '... and creates none');
}

sub is_whole
{
	my ($id) = @_;
	my ($user, $schema) = split /[|\n]/, $stack->psql("SELECT id, schema_name
		FROM io7.users WHERE github_id = $id AND ready_at IS NOT NULL;");

	ok($user, '... for one user, who is complete');
	is(count_keys($id), 2, '... with two keys');
	is(count($id, 'JOIN app.user_profiles p ON p.user_id = u.id'), 1,
		'... a profile');
	is($stack->psql("SELECT to_regclass('$schema.kv_store') IS NOT NULL;",
		$_), "t\n", "... a schema in $_") for qw(io7_live io7_test);
	eventually { grep { $_->{detail} eq $user } $stack->events('test_step') }
		'... and the data of another room';
}

# --- Killed at each step ----------------------------------------------------

my @steps = (
	['at the sign-in', 'io7.sign_ins', 'io7_live'],
	['at the user', 'io7.users', 'io7_live'],
	['at the profile', 'app.user_profiles', 'io7_live'],
	['at the live schema', 'io7.tenants', 'io7_live'],
	['at the test schema', 'io7.tenants', 'io7_test'],
	['at the keys', 'io7.api_keys', 'io7_live'],
	['at the session', 'io7.sessions', 'io7_live'],
	['at the audit log', 'io7.audit_log', 'io7_live'],
);

for my $step (@steps) {
	my ($what, $table, $database) = @$step;
	my $id = new_user();
	my $browser = Io7::Browser->new($stack);
	my $path = $browser->come_back($github, $browser->begin);
	my $holder = hold($table, $database);
	$browser->{http}->send($browser->{http}->compose(GET => $path,
		headers => [Cookie =>
			'__Host-io7_sign_in=' . $browser->cookie('sign_in')]));

	stuck_at($table, $database);
	kill_worker();
	is($browser->{http}->receive->{status}, 502, '... and the client gets 502');
	close $holder;
	completes($id, $what);
}

# The last step is held while the one before it runs.
{
	my $id = new_user();
	my $before = hold('io7.tenants', 'io7_test');
	my $browser = send_back();
	stuck_at('io7.tenants', 'io7_test');
	my $holder = hold('io7.users', 'io7_live');
	close $before;
	stuck_at('io7.users', 'io7_live');
	kill_worker();
	$browser->{http}->receive;
	close $holder;
	completes($id, 'at the last step');
}

# Killed at the first schema a while ago: the janitor completes the rest, except the
# keys, which the next sign-in shows.
{
	my $id = new_user();
	$stack->psql("INSERT INTO io7.users (github_id, created_at)
		VALUES ($id, now() - interval '2 min');");
	eventually { count($id, 'JOIN io7.tenants t ON t.user_id = u.id
		AND u.ready_at IS NOT NULL') == 1 }
		'the janitor completes the signup';
	completes($id, 'and completed by the janitor');
}

# --- Two sign-ins of one user, one of them killed -----------------------------

{
	my $id = new_user();
	my $holder = hold('io7.api_keys', 'io7_live');
	my $first = send_back();
	stuck_at('io7.api_keys', 'io7_live');
	my $second = send_back();
	eventually { 2 <= grep { ($_->{route} // '') =~ /callback/ }
		$stack->workers('stream') } 'two sign-ins of one user';
	kill_worker();
	close $holder;
	my @answers = map { $_->{http}->receive } $first, $second;
	is(join(' ', sort map { $_->{status} } @answers), '200 502',
		'the other one works');
	is_whole($id);
}

# --- Failures without a kill --------------------------------------------------

$stack->psql("ALTER ROLE io7_app IN DATABASE $_ SET lock_timeout = '200ms';")
	for qw(io7_live io7_test);
@workers = map { $_->{pid} } $stack->workers;
kill HUP => $stack->pid;
eventually { !alive(grep { $_ } @workers) } 'workers wait briefly for locks';
for my $step (@steps) {
	my ($what, $table, $database) = @$step;
	my $id = new_user();
	my $browser = Io7::Browser->new($stack);
	my $path = $browser->come_back($github, $browser->begin);
	my $holder = hold($table, $database);
	my $answer = $browser->get($path);

	like($answer->{status}, qr/^50[34]$/, "held $what: the sign-in fails");
	is($answer->{type}, 'text/html', '... with a page');
	ok(!$browser->cookie('session'), '... and without a session');
	close $holder;
	completes($id, $what);
}

expect_losses($kills);
finish;
