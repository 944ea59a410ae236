#!/usr/bin/perl
# The operator's commands for users, plans and keys.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use Io7::Json;

my $stack = stack;

# Runs io7 with the stack's configuration.
sub command
{
	return io7(@_, '-c', $stack->conf_file);
}

sub json_of
{
	my $result = command(@_, '--json');

	is($result->{exit}, 0, "io7 @_") or diag($result->{err});
	return eval { decode_json($result->{out}) } // diag($result->{out});
}

# --- Create -----------------------------------------------------------------

my $name = "ops.$$-a_b";
my $made = json_of('user', 'create', $name, '--plan', 'pro');
like($made->{test_key}, qr/^test_io7_[0-9a-f]{32}$/, 'a new user has a test key');
like($made->{live_key}, qr/^live_io7_[0-9a-f]{32}$/, '... and a live key');
is($made->{plan}, 'pro', '... and the requested plan');
is($made->{kind}, 'local', '... it is a local user');
ok($made->{ready}, '... whose signup is complete');
is($made->{schema}, 'user_' . $made->{id} =~ tr/-//dr, '... with a schema');
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT to_regclass('$made->{schema}.kv_store')"
		. ' IS NOT NULL;', $database), "t\n", "... in $database");
}

my $again = json_of('user', 'create', $name, '--plan', 'pro');
is($again->{id}, $made->{id}, 'creating it again returns the same user');
is_deeply([@$again{qw(test_key live_key)}], [undef, undef],
	'... and no key is shown twice');
is($again->{keys}, 2, '... and no key is added');

my $text = command('user', 'create', "ops.$$-text");
like($text->{out}, qr/^id \s+ \S{36}\n schema \s+ user_\w{32}\n
	plan \s+ starter\n test\ key \s+ test_io7_\w{32}\n
	live\ key \s+ live_io7_\w{32}\n\z/x,
	'without --json the result is text');
like(command('user', 'create', "ops.$$-text")->{out}, qr/already existed/,
	'... that says if the user existed');

my @refused = (
	['another plan', 64, qr/already exists with the plan pro/,
		'create', $name, '--plan', 'business'],
	['no such plan', 64, qr/no plan gold/,
		'create', "ops.$$-c", '--plan', 'gold'],
	['no name', 64, qr/NAME is missing/, 'create'],
	['an upper-case name', 64, qr/NAME must be 1 to 64/, 'create', 'Ops'],
	['a blank name', 64, qr/NAME must be 1 to 64/, 'create', ''],
	['a name of 65', 64, qr/NAME must be 1 to 64/, 'create', 'a' x 65],
	['a word too many', 64, qr/unexpected argument more/, 'create', 'a', 'more'],
	['no verb', 64, qr/create NAME/],
	['another verb', 64, qr/create NAME/, 'make'],
	['an unknown user', 67, qr/no user nobody/, 'show', 'nobody'],
);
for (@refused) {
	my ($what, $exit, $said, @words) = @$_;
	my $result = command('user', @words);
	is($result->{exit}, $exit, "refused: $what");
	like($result->{err}, $said, '... with the reason');
}

# --- Show -------------------------------------------------------------------

$stack->psql("INSERT INTO io7.users (github_id, github_username) VALUES"
	. " (90000$$, 'Octo-$$'), (91000$$, 'twice-$$');");
for my $who ($name, $made->{id}, uc $made->{id}, $made->{schema}) {
	is(json_of('user', 'show', $who)->{id}, $made->{id}, "$who is found");
}
is(json_of('user', 'show', "octo-$$")->{name}, "Octo-$$",
	'a GitHub username is found in either case');
json_of('user', 'create', "twice-$$");
my $twice = command('user', 'show', "twice-$$");
is($twice->{exit}, 64, 'a name of two users is refused');
like($twice->{err}, qr/two users are named/, '... as ambiguous');

like(command('user', 'show', $name)->{out},
	qr/^ID .*\n$made->{id} +local +pro +active +2 +\S+ +\Q$name\E\n\z/,
	'without --json the user is a table row');

# --- List -------------------------------------------------------------------

my $list = json_of('user', 'list');
is(scalar(grep { $_->{id} eq $made->{id} } @{$list->{users}}), 1,
	'the list has the user once');
like(command('user', 'list')->{out}, qr/^$made->{id} .*\Q$name\E$/m,
	'... also without --json');

# --- Suspend ----------------------------------------------------------------

my $account = new_account($stack, name => "suspended.$$");
my $http = $stack->http;

# Returns the status and the error message that a request with this key gets.
sub response_to
{
	my ($key) = @_;

	my $answer = $http->get('/api/keys',
		headers => [Authorization => "Bearer $key"]);
	return join ' ', $answer->{status},
		$answer->{json}{error}{message} // ();
}

is(response_to($account->live_key), '200', 'a key works');
is(command('user', 'suspend', $account->name)->{out},
	"@{[$account->name]} is suspended\n", 'a user can be suspended');
eventually { response_to($account->live_key) eq '401 This account is suspended.' }
	'... the key is refused';
is(json_of('user', 'show', $account->name)->{status}, 'suspended',
	'... and the status is shown');
is(command('user', 'suspend', $account->name)->{exit}, 0,
	'suspending again succeeds');
is(command('user', 'resume', $account->name)->{exit}, 0, 'the user can be resumed');
eventually { response_to($account->live_key) eq '200' }
	'... and the key works again';
is($stack->psql("SELECT string_agg(event, ' ' ORDER BY at) FROM io7.audit_log
	WHERE user_id = '@{[$account->user_id]}' AND actor = 'operator';"),
	"account_created account_suspended account_resumed\n",
	'... and each change is in the audit log once');

# --- Plans ------------------------------------------------------------------

is(join(' ', grep { /^(?:starter|pro|business)$/ }
		map { $_->{id} } @{json_of('plan', 'list')->{plans}}),
	'starter pro business', 'the three plans are listed');
like(command('plan', 'list')->{out}, qr/^starter +1000 +100 +100000000 +2 /m,
	'... also without --json');
is(command('plan', 'set', $account->name, 'pro')->{exit}, 0,
	'a plan can be changed');
is(json_of('user', 'show', $account->name)->{plan}, 'pro', '... and is shown');
is($stack->psql("SELECT details->>'plan' FROM io7.audit_log
	WHERE user_id = '@{[$account->user_id]}' AND event = 'plan_changed';"),
	"pro\n", '... and is in the audit log');
is(command('plan', 'set', $account->name, 'gold')->{exit}, 64,
	'an unknown plan is refused');
is(command('plan', 'set', $account->name)->{exit}, 64, 'a missing plan is refused');
is(command('plan', 'set', 'nobody', 'pro')->{exit}, 67,
	'an unknown user is refused');

# --- Keys -------------------------------------------------------------------

my $key = json_of('key', 'create', $account->name, '--mode', 'live',
	'--label', 'from the desk', '--scopes', 'read,admin');
eventually { response_to($key->{key}) eq '200' }
	'a key that the operator created works';
my ($shown) = grep { $_->{id} eq $key->{id} }
	@{json_of('key', 'list', $account->name)->{keys}};
is($shown->{label}, 'from the desk', '... and is listed');
is("@{$shown->{scopes}}", 'read admin', '... with its scopes');
ok(!exists $shown->{key}, '... and without the key itself');
like(command('key', 'list', $account->name)->{out},
	qr/^$key->{id} +live_io7_\w{3}\.{3}\w{4} +active +read admin +\S+ +from/m,
	'... also without --json');
is(command('key', 'revoke', $account->name, $key->{id})->{exit}, 0,
	'a key can be revoked');
eventually { response_to($key->{key}) =~ /^401 .* revoked/ } '... and is refused';
like(command('key', 'list', $account->name)->{out}, qr/^$key->{id} .* revoked /m,
	'... and is listed as revoked');

my @no_key = (
	['a key of another user', 1, 'revoke', $name, $key->{id}],
	['a revoked key', 1, 'revoke', $account->name, $key->{id}],
	['a malformed id', 64, 'revoke', $account->name, 'x'],
	['an unknown scope', 64, 'create', $name, '--scopes', 'read,root'],
	['an unknown mode', 64, 'create', $name, '--mode', 'both'],
	['an empty label', 64, 'create', $name, '--label', ''],
	['a label of 101', 64, 'create', $name, '--label', 'a' x 101],
	['a label with a control character', 64, 'create', $name, '--label', "a\nb"],
	['a label with a C1 control character', 64, 'create', $name, '--label', "a\xc2\x9b31m"],
	['an unknown user', 67, 'list', 'nobody'],
);
is(command('key', @$_[2 .. $#$_])->{exit}, $_->[1], "refused: $_->[0]")
	for @no_key;
is(command('key', 'revoke', $name, $key->{id})->{err},
	"io7: $name has no such active key: $key->{id}\n",
	"... with the reason");

# --- Delete -----------------------------------------------------------------

my $id = $account->user_id;
is(command('user', 'delete', $account->name)->{exit}, 64,
	'user delete needs --yes');
my $gone = json_of('user', 'delete', $account->name, '--yes');
is($gone->{id}, $id, 'a user can be deleted');
is($gone->{removed}{keys}, 3, '... the answer counts the deleted keys');
ok($gone->{removed}{$_}{tables},
	"... and the tables of the $_ schema") for qw(live test);
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT count(*) FROM pg_namespace WHERE nspname ="
		. " '@{[$account->schema]}';", $database), "0\n",
		"... the schema in $database is dropped");
	is($stack->psql("SELECT count(*) FROM io7.tenants WHERE user_id ="
		. " '$id';", $database), "0\n",
			'... and its tenant record is deleted');
}
# Every table with a user_id, of any room.
my @tables = split /\n/, $stack->psql("SELECT format('%I.%I WHERE %I', n.nspname,
	c.relname, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
	JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('io7', 'app')
	AND relkind IN ('r', 'p') AND attname = 'user_id';");
cmp_ok(scalar @tables, '>=', 3, 'three or more tables have a user_id');
is($stack->psql("SELECT count(*) FROM $_ = '$id';"), "0\n",
	"... no row is left in $_")
	for @tables;
is($stack->psql("SELECT count(*) FROM io7.users WHERE id = '$id';"), "0\n",
	'... and none in io7.users');
eventually { response_to($account->live_key) =~ /^401/ } '... and its key gets 401';
is(command('user', 'delete', $account->name, '--yes')->{exit}, 67,
	'a deleted user is unknown');

# The janitor completes a deletion that stopped after its first step.
my $half = new_account($stack);
$stack->psql("UPDATE io7.users SET status = 'leaving'
	WHERE id = '@{[$half->user_id]}';");
eventually { $stack->psql("SELECT count(*) FROM io7.users
	WHERE id = '@{[$half->user_id]}';") eq "0\n" }
	'the janitor completes an interrupted deletion';
is($stack->psql("SELECT count(*) FROM pg_namespace WHERE nspname ="
	. " '@{[$half->schema]}';", $_), "0\n",
		"... and its schema in $_ is dropped")
	for qw(io7_live io7_test);

# --- Permissions of workers -------------------------------------------------

# A worker can mark an account as leaving; it cannot drop or delete anything.
my @forbidden = (
	"SELECT io7.tenant_drop('$made->{id}')",
	"DELETE FROM io7.users WHERE id = '$made->{id}'",
	"DELETE FROM io7.api_keys WHERE user_id = '$made->{id}'",
	"DELETE FROM io7.audit_log WHERE user_id = '$made->{id}'",
	"UPDATE io7.audit_log SET event = 'nothing'",
	"DROP SCHEMA $made->{schema} CASCADE",
);
for my $sql (@forbidden) {
	my $dsn = $stack->env('IO7_SUPER_DSN') =~ s{//\w+@}{//io7_app@}r;
	my $result = run('psql', '-XqAt', '-c', "$sql;", $dsn);
	like($result->{err}, qr/permission denied|must be owner/,
		'a worker cannot ' . $sql =~ s/[0-9a-f]{8}-?.*?(?=['_ ])/.../r);
}

# --- The audit log ----------------------------------------------------------

$stack->psql("INSERT INTO io7.audit_log (user_id, event, at) VALUES
	('$made->{id}', 'signed_in', now() - interval '401 days'),
	('$made->{id}', 'signed_in', now() - interval '399 days');");
eventually { $stack->psql("SELECT extract(day FROM now() - at) FROM io7.audit_log
	WHERE user_id = '$made->{id}' AND event = 'signed_in';") eq "399\n" }
	'audit entries older than 400 days are deleted';

finish;
