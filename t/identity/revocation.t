#!/usr/bin/perl
# A revocation takes effect once it is committed: also on another host, beside other
# changes of the same credential, if its worker is killed, and if any worker has cached
# the credential.

use strict;
use warnings;

use Io7::Account;
use Io7::FastCgi;
use Io7::Service;
use Io7::Test;
use POSIX ();

my $stack = private_stack(io7 => tested_program, workers => 6,
	set => { IO7_STATEMENT_TIMEOUT => '60s' });
my $http = $stack->http;

# The test holds locks for a long time: raise the timeouts.
$stack->psql("ALTER ROLE $_ IN DATABASE io7_live SET statement_timeout = '60s';
	ALTER ROLE $_ IN DATABASE io7_live SET lock_timeout = '60s'")
	for qw(io7_app io7_chore);
my @workers = map { $_->{pid} } $stack->workers;
kill HUP => $stack->pid;
eventually { !alive(grep { $_ } @workers) } 'workers wait long for locks';

# Begins a transaction as the superuser, which ends with end().
sub begin
{
	my ($sql, $wait) = @_;

	open my $psql, '|-', 'psql', '-XqAt', '-o', '/dev/null',
		$stack->env('IO7_SUPER_DSN') or die "psql: $!\n";
	$psql->autoflush;
	print $psql "BEGIN; $sql;\n";
	eventually { $stack->psql("SELECT count(*) FROM pg_locks
		WHERE $wait AND granted;") > 0 } 'a lock is held';
	return $psql;
}

sub end
{
	my ($psql) = @_;

	print $psql "COMMIT; \\q\n";
	close $psql;
}

sub waits
{
	my ($wait) = @_;

	return $stack->psql("SELECT count(*) FROM pg_locks
		WHERE $wait AND NOT granted;") > 0;
}

# Sends n requests with a credential and returns how many are accepted.
sub let_in
{
	my ($token, $times) = @_;
	my @clients = map { $stack->http } 1 .. $times // 20;

	$_->send($_->compose(GET => '/api/me',
		headers => [Authorization => "Bearer $token"])) for @clients;
	return scalar grep { $_->receive->{status} == 200 } @clients;
}

sub second_key
{
	my ($account) = @_;

	return $http->post('/api/keys', headers => $account->auth('live'),
		body => '{"label":"second","mode":"live"}')->{json};
}

# --- Killed after COMMIT ------------------------------------------------------

# The COMMIT waits for a lock and does not notice that its client dies.
$stack->psql(<<'END');
	CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql
		SECURITY DEFINER AS
		$$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
	GRANT EXECUTE ON FUNCTION public.wait() TO io7_app;
	CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON io7.api_keys
		DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
		WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION public.wait();
END

my $account = new_account($stack);
my $key = second_key($account);
my $advisory = "locktype = 'advisory'";
my $holder = begin('SELECT pg_advisory_xact_lock(7)', $advisory);

$http->send($http->compose(DELETE => "/api/keys/$key->{id}",
	headers => $account->auth('live')));
eventually { waits($advisory) } 'a revocation waits before its COMMIT';
is(let_in($key->{key}), 20, '... meanwhile the key is accepted, and cached');
my ($revoker) = grep { ($_->{route} // '') =~ /DELETE/ } $stack->workers('live');
kill KILL => $revoker->{pid};
expect_losses(1);
is($http->receive->{status}, 502, '... its worker is killed');
end($holder);
eventually { $stack->psql("SELECT count(*) FROM io7.api_keys
	WHERE id = '$key->{id}' AND revoked_at IS NOT NULL") == 1 }
	'... the revocation is committed nevertheless';
eventually { let_in($key->{key}) == 0 } '... the key is refused within seconds', 5;
eventually { $stack->psql('SELECT count(*) FROM io7.epochs_due') == 0 }
	'... and the queue of changes is empty';

# --- Two changes of one key -------------------------------------------------

my $contested = second_key($account);
my $rotator = $stack->http;
$holder = begin('SELECT pg_advisory_xact_lock(7)', $advisory);
$http->send($http->compose(DELETE => "/api/keys/$contested->{id}",
	headers => $account->auth('live')));
eventually { waits($advisory) } 'a second revocation waits before its COMMIT';
$rotator->send($rotator->compose(POST => "/api/keys/$contested->{id}/rotate",
	headers => $account->auth('live'), body => '{}'));
eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
	WHERE usename = 'io7_app' AND wait_event_type = 'Lock'
	AND wait_event <> 'advisory'") > 0 } '... and a rotation of the same key waits for it';
end($holder);
is($http->receive('DELETE')->{status}, 204, '... the key is revoked');
is($rotator->receive('POST')->{status}, 409, '... and the rotation gets 409');

# --- Created while its user is being suspended --------------------------------

# A request for one more key, and a device's poll that gets a session.
sub late_key
{
	my ($client, $user) = @_;

	return $client->compose(POST => '/api/keys',
		headers => $user->auth('live'),
		body => '{"label":"late","mode":"live"}');
}

sub late_session
{
	my ($client, $user) = @_;
	my @form = (headers =>
		['Content-Type' => 'application/x-www-form-urlencoded']);
	my $asked = $client->post('/auth/device', @form, body => 'client_id=t')
		->{json};

	$stack->psql("UPDATE io7.device_codes SET approved = true,
		user_id = '@{[$user->user_id]}' WHERE user_code =
		replace('$asked->{user_code}', '-', '')");
	return $client->compose(POST => '/auth/device/token', @form, body =>
		'grant_type=urn:ietf:params:oauth:grant-type:device_code'
			. "&device_code=$asked->{device_code}");
}

my $audit = "relation = 'io7.audit_log'::regclass";

# A suspension that has done all but its line of the audit log.
sub suspend_slowly
{
	my ($user) = @_;
	my $log = begin('LOCK TABLE io7.audit_log IN SHARE MODE',
		"$audit AND mode = 'ShareLock'");
	my $pid = fork // die "fork: $!\n";

	if (!$pid) {
		my $made = io7('user', 'suspend', $user->name,
			'-c', $stack->conf_file);
		POSIX::_exit($made->{exit});
	}
	return ($log, $pid);
}

sub finish_suspension
{
	my ($log, $pid) = @_;

	end($log);
	waitpid $pid, 0;
	is($?, 0, '... the user is suspended');
}

# The suspension has locked the user: a new credential has to wait.
for (['a key', \&late_key], ['a session', \&late_session]) {
	my ($what, $ask) = @$_;
	my $user = new_account($stack);
	my $client = $stack->http;
	my $question = $ask->($client, $user);
	my @suspension = suspend_slowly($user);

	eventually { waits($audit) } 'a suspension is in progress';
	$client->send($question);
	eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
		WHERE usename = 'io7_app' AND wait_event_type = 'Lock'
		AND query LIKE '%io7.users%FOR NO KEY UPDATE%'") > 0 }
		"... a request for $what waits";
	finish_suspension(@suspension);
	my $made = $client->receive('POST')->{json};
	my $token = $made->{key} // $made->{access_token};
	ok($token, "... $what is created");
	is(let_in($token), 0, '... and is refused');
}

# A credential that was added before the suspension locks the user is refused after
# it, even if it was cached in between.
{
	my $user = new_account($stack);
	my $id = $user->user_id;
	my $token = 'session_io7_' . '5e' x 32;
	my $adding = begin("SELECT FROM io7.users WHERE id = '$id'
		FOR NO KEY UPDATE; INSERT INTO io7.sessions
		(user_id, hash, kind, user_agent)
		VALUES ('$id', sha256('$token'), 'web', 't')",
		"relation = 'io7.sessions'::regclass
		AND mode = 'RowExclusiveLock'");
	my @suspension = suspend_slowly($user);

	eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
		WHERE usename = 'io7_chore' AND application_name NOT IN ('janitor', 'flusher')
		AND wait_event_type = 'Lock'
		AND query LIKE '%io7.users%'") > 0 }
		'a suspension waits for a session to be added';
	end($adding);
	eventually { waits($audit) } '... and continues';
	is(let_in($token), 20, '... the session is accepted, and cached');
	finish_suspension(@suspension);
	is(let_in($token), 0, '... and is refused after the suspension');
}

# --- On another host --------------------------------------------------------

# Another supervisor with the same databases and the same Redis.
my $run = $stack->dir . '/run/other';
mkdir $run or die "$run: $!\n";
open my $in, '<', $stack->conf_file or die "conf: $!\n";
open my $out, '>', "$run/conf" or die "conf: $!\n";
print $out grep { !/^IO7_(?:RUN_DIR|LOG)=/ } <$in>;
print $out "IO7_RUN_DIR=$run\nIO7_LOG=$run/log\n";
close $out;
my $host = Io7::Service->new(conf => "$run/conf", folder => $run);
$host->start;
eventually { $host->heard(qr/^READY=1$/m) } 'another host starts';

# How many of forty requests it accepts: enough that each of its workers gets one.
sub let_in_there
{
	my ($token) = @_;

	return scalar grep { Io7::FastCgi->ask("$run/live.sock", 'GET', '/api/me',
		HTTP_AUTHORIZATION => "Bearer $token")->{status} == 200 } 1 .. 40;
}

my $owner = new_account($stack);
for my $how (['revoked', DELETE => ''], ['disabled', PATCH => '{"enabled":false}'],
	['rotated', POST => '/rotate'], ['given other scopes', PATCH =>
		'{"scopes":["write"]}']) {
	my ($what, $method, $more) = @$how;
	my $made = second_key($owner);
	my $target = "/api/keys/$made->{id}" . ($more =~ m{^/} ? $more : '');

	is(let_in_there($made->{key}), 40, 'the other host has cached a key');
	like($http->request($method, $target, headers => $owner->auth('live'),
		$more =~ /^\{/ ? (body => $more) : ())->{status}, qr/^20/,
		"... which is $what on this one");
	is(Io7::FastCgi->ask("$run/live.sock", 'GET', '/kv/none',
		HTTP_AUTHORIZATION => "Bearer $made->{key}")->{status},
		$what =~ /scopes/ ? 403 : 401, '... and is refused there at once');
	is(let_in_there($made->{key}), 0, '... by each worker')
		if $what !~ /scopes/;
}
is(let_in_there($owner->live_key), 40, 'the other host has cached the owner\'s key');
is(io7('user', 'suspend', $owner->name, '-c', $stack->conf_file)->{exit}, 0,
	'... the owner is suspended');
is(let_in_there($owner->live_key), 0, '... and the key is refused at once');
$host->signal('TERM');
eventually { $host->ended } 'the other host ends';

# --- Deleting old keys --------------------------------------------------------

# Keys of a user that ended that many days ago, oldest first.
sub ended
{
	my ($user, @days) = @_;

	$stack->psql("INSERT INTO io7.api_keys (user_id, hash, prefix, last4,
			label, mode, scopes, created_at, $_->[0])
		VALUES ('@{[$user->user_id]}',
			sha256('@{[$user->user_id]} $_->[1] $_->[0]'),
			'live_io7_000', '0000', '$_->[0] $_->[1]', 'live',
			'{read}', now() - interval '$_->[2] days',
			now() - interval '$_->[1] days')")
		for @days;
}

sub labels
{
	my ($user) = @_;

	return join ', ', map { chomp; $_ } split /^/, $stack->psql(
		"SELECT label FROM io7.api_keys
		WHERE user_id = '@{[$user->user_id]}' ORDER BY label");
}

my $old = new_account($stack);
my $gone = new_account($stack);
ended($old, [revoked_at => 91, 200], [revoked_at => 89, 200],
	[expires_at => 91, 200], [expires_at => 89, 200]);
$stack->psql("UPDATE io7.api_keys SET revoked_at = now() - interval '1 year',
	created_at = now() - interval '2 years'
	WHERE user_id = '@{[$gone->user_id]}'");
ended($gone, [expires_at => 300, 301]);
my $used = $stack->psql("SELECT id FROM io7.api_keys
	WHERE label = 'revoked_at 91'") =~ s/\n//r;
$stack->psql("INSERT INTO io7.daily_usage
		(user_id, api_key_id, mode, date, credits, ok)
	VALUES ('@{[$old->user_id]}', '$used', 'live', current_date - 100, 5, 7);
	INSERT INTO io7.audit_log (user_id, event, about_id)
	VALUES ('@{[$old->user_id]}', 'key_revoked', '$used');
	UPDATE io7.api_keys SET rotated_from = '$used'
	WHERE label = 'revoked_at 89'");

# A new janitor runs all chores.
kill HUP => $stack->pid;
eventually { $stack->events('keys_forgotten') } 'old keys are deleted';
is(labels($old), 'First live key, First test key, expires_at 89, revoked_at 89',
	'... 90 days after they ended');
is(labels($gone), 'expires_at 300',
	'... except a user\'s last one: without it first keys would be made again');
my ($day) = grep { $_->{mode} eq 'live' && $_->{requests} }
	@{$http->get('/api/usage/history?days=120',
		headers => $old->auth('live'))->{json}{items}};
is("$day->{requests} $day->{credits}", '7 5', '... their usage stays');
is(scalar(grep { ($_->{about_id} // '') eq $used }
	@{$http->get('/api/audit', headers => $old->auth('live'))
		->{json}{items}}), 1, '... and their lines in the audit log');

finish;
