#!/usr/bin/perl
# The rights of io7_app, the role of the workers: what it may do for a request, and that
# somebody who controls a worker cannot change plans, statuses, usage or histories.

use strict;
use warnings;

use Io7::Account;
use Io7::Psql;
use Io7::Test;

my $stack = private_stack();
my ($own, $other) = map { new_account($stack, plan => 'starter') } 1 .. 2;
my ($user, $victim) = map { $_->user_id } $own, $other;
my $dsn = $stack->env('IO7_SUPER_DSN') =~ s{//postgres@}{//io7_app@}r;

# The error of SQL as io7_app; '' if it succeeds.
sub as_app
{
	my ($sql) = @_;

	return eval { Io7::Psql->new($dsn)->ask($sql); 1 } ? '' : $@;
}

sub refused
{
	my ($what, $sql) = @_;

	like(as_app($sql), qr/permission denied|stays revoked|must be owner/, $what);
}

sub allowed
{
	my ($what, $sql) = @_;

	is(as_app("BEGIN; $sql; ROLLBACK"), '', $what);
}

is($stack->psql('SELECT 1'), "1\n", 'the stack is up');
like(Io7::Psql->new($dsn)->ask('SELECT current_user'), qr/^io7_app$/,
	'this is the role of the workers');

# --- Users ----------------------------------------------------------------------

refused('a worker cannot change a plan',
	"UPDATE io7.users SET plan_id = 'business' WHERE id = '$user'");
refused('... nor create a user with another plan', "INSERT INTO io7.users
	(auth_iss, auth_sub, plan_id) VALUES ('x', 'y', 'business')");
refused('... nor change the limits of a plan',
	'UPDATE io7.plans SET credits_per_day = 1e9');
refused("... nor $_ a user", "UPDATE io7.users SET status = '"
	. ($_ eq 'suspend' ? 'suspended' : 'active') . "' WHERE id = '$victim'")
	for qw(suspend resume);
refused('... nor create a suspended user', "INSERT INTO io7.users
	(auth_iss, auth_sub, status) VALUES ('x', 'y', 'suspended')");
refused("... nor change $_", "UPDATE io7.users SET $_ = 0")
	for qw(live_request_count test_storage_bytes github_id);
refused('... nor give an account to another identity',
	"UPDATE io7.users SET auth_sub = 'me' WHERE id = '$victim'");
refused('... nor delete a user', "DELETE FROM io7.users WHERE id = '$victim'");
refused('... nor change the usage',
	"UPDATE io7.daily_usage SET credits = 0 WHERE user_id = '$user'");
refused('... nor delete it', 'DELETE FROM io7.daily_usage');
refused('... nor the marks of what was flushed', 'DELETE FROM io7.usage_flushes');

allowed('a worker can sign up a user', "INSERT INTO io7.users
	(auth_iss, auth_sub, auth_email, last_login_at)
	VALUES ('x', 'y', 'z\@example.com', now()) RETURNING id");
allowed('... and complete that',
	"UPDATE io7.users SET ready_at = now() WHERE id = '$user'");
allowed('... and lock a user',
	"SELECT FROM io7.users WHERE id = '$user' FOR NO KEY UPDATE");
allowed('... and begin the deletion of an account',
	"SELECT io7.user_leave('$user')");

# --- Credentials ----------------------------------------------------------------

refused('a worker cannot give a key to another user',
	"UPDATE io7.api_keys SET user_id = '$user'");
refused('... nor change the secret of a key',
	"UPDATE io7.api_keys SET hash = sha256('mine') WHERE user_id = '$victim'");
refused('... nor make a test key a live key',
	"UPDATE io7.api_keys SET mode = 'live'");
refused('... nor say when a key was created',
	"UPDATE io7.api_keys SET created_at = now() - interval '1 year'");
refused('... nor delete a key', 'DELETE FROM io7.api_keys');
$stack->psql("UPDATE io7.api_keys SET revoked_at = now()
	WHERE user_id = '$victim' AND mode = 'test'");
refused('... nor use a revoked key again',
	"UPDATE io7.api_keys SET revoked_at = NULL WHERE user_id = '$victim'");
my $session = $other->session;
refused('... nor make a session last longer than it may',
	"UPDATE io7.sessions SET ends_at = now() + interval '1 year'");
refused('... nor give a session to another user',
	"UPDATE io7.sessions SET user_id = '$user'");
refused('... nor create one that lasts longer', "INSERT INTO io7.sessions
	(user_id, hash, kind, user_agent, ends_at) VALUES ('$user',
	sha256('x'), 'web', '', now() + interval '1 year')");

allowed('a worker can create a key', "INSERT INTO io7.api_keys (user_id, hash, prefix,
	last4, label, mode, scopes) VALUES ('$user', sha256('x'), 'test_io7_abc',
	'abcd', 'one', 'test', '{read}') RETURNING id, created_at");
allowed('... change one', "UPDATE io7.api_keys SET label = 'two', enabled = false,
	scopes = '{read}' WHERE user_id = '$user'");
allowed('... and revoke one',
	"UPDATE io7.api_keys SET revoked_at = now() WHERE user_id = '$user'");

# --- Histories ------------------------------------------------------------------

refused('a worker cannot change the audit log', "UPDATE io7.audit_log SET event = 'x'");
refused('... nor delete from it', 'DELETE FROM io7.audit_log');
refused('... nor date an entry', "INSERT INTO io7.audit_log (user_id, event, at)
	VALUES ('$user', 'sign_in', now() - interval '1 year')");
refused('... nor delete recent errors', 'DELETE FROM io7.recent_errors');
allowed('... but add an entry', "INSERT INTO io7.audit_log (user_id, event)
	VALUES ('$user', 'sign_in')");

# --- Roles and schemas ----------------------------------------------------------

refused("a worker cannot become $_", "SET ROLE $_")
	for qw(io7_chore io7_owner io7_backup postgres);
refused('... nor create a table', 'CREATE TABLE io7.mine (a int)');
refused('... nor replace a function', 'CREATE OR REPLACE FUNCTION
	io7.user_leave(who uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT who $$');
refused('... nor drop a tenant', "SELECT io7.tenant_drop('$victim')");
refused('... nor disable a trigger',
	'ALTER TABLE io7.api_keys DISABLE TRIGGER keep_revoked');
is($stack->psql(<<'END'), '', 'functions that act for others have a fixed search_path');
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE prosecdef AND pronamespace IN ('io7'::regnamespace,
		'app'::regnamespace)
	AND NOT coalesce(proconfig::text LIKE '%search_path=%', false)
END

# --- The doctor -----------------------------------------------------------------

sub doctor
{
	return io7('doctor', '-c', $stack->conf_file)->{out};
}

unlike(doctor(), qr/it may /, 'the doctor finds no right too many');
$stack->psql('GRANT UPDATE (plan_id) ON io7.users TO io7_app');
like(doctor(), qr/io7_app.*it may update io7\.users\.plan_id: revoke that/s,
	'... and names one that was granted by hand');

finish;
