#!/usr/bin/perl
# The operator's commands about users: made, found, listed.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use Io7::Json;

my $stack = stack;

# io7 with the stack's configuration.
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

# --- Made -------------------------------------------------------------------

my $name = "ops.$$-a_b";
my $made = json_of('user', 'create', $name, '--plan', 'pro');
like($made->{test_key}, qr/^test_io7_[0-9a-f]{32}$/, 'a test key');
like($made->{live_key}, qr/^live_io7_[0-9a-f]{32}$/, '... and a live one');
is($made->{plan}, 'pro', '... and the plan');
is($made->{kind}, 'local', '... a local user');
ok($made->{ready}, '... whose signup is complete');
is($made->{schema}, 'user_' . $made->{id} =~ tr/-//dr, '... with a schema');
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT to_regclass('$made->{schema}.kv_store')"
		. ' IS NOT NULL;', $database), "t\n", "... in $database");
}

my $again = json_of('user', 'create', $name, '--plan', 'pro');
is($again->{id}, $made->{id}, 'made again: the same user');
is_deeply([@$again{qw(test_key live_key)}], [undef, undef],
	'... and no key is shown twice');
is($again->{keys}, 2, '... nor a new one made');

my $text = command('user', 'create', "ops.$$-text");
like($text->{out}, qr/^id \s+ \S{36}\n schema \s+ user_\w{32}\n
	plan \s+ starter\n test\ key \s+ test_io7_\w{32}\n
	live\ key \s+ live_io7_\w{32}\n\z/x,
	'for people');
like(command('user', 'create', "ops.$$-text")->{out}, qr/already existed/,
	'... who are told when it was there');

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
	['nobody', 67, qr/no user nobody/, 'show', 'nobody'],
);
for (@refused) {
	my ($what, $exit, $said, @words) = @$_;
	my $result = command('user', @words);
	is($result->{exit}, $exit, "refused: $what");
	like($result->{err}, $said, '... and why');
}

# --- Found ------------------------------------------------------------------

$stack->psql("INSERT INTO io7.users (github_id, github_username) VALUES"
	. " (90000$$, 'Octo-$$'), (91000$$, 'twice-$$');");
for my $who ($name, $made->{id}, uc $made->{id}, $made->{schema}) {
	is(json_of('user', 'show', $who)->{id}, $made->{id}, "$who is found");
}
is(json_of('user', 'show', "octo-$$")->{name}, "Octo-$$",
	'a GitHub username is found in either case');
json_of('user', 'create', "twice-$$");
my $twice = command('user', 'show', "twice-$$");
is($twice->{exit}, 64, 'a name of two users');
like($twice->{err}, qr/two users are named/, '... is not guessed');

like(command('user', 'show', $name)->{out},
	qr/^ID .*\n$made->{id} +local +pro +active +2 +\S+ +\Q$name\E\n\z/,
	'for people');

# --- Listed -----------------------------------------------------------------

my $list = json_of('user', 'list');
is(scalar(grep { $_->{id} eq $made->{id} } @{$list->{users}}), 1,
	'a list has it once');
like(command('user', 'list')->{out}, qr/^$made->{id} .*\Q$name\E$/m,
	'... for people too');

# --- Suspended --------------------------------------------------------------

my $account = new_account($stack, name => "suspended.$$");
my $http = $stack->http;

# What the API says to a key: its status, and its sentence.
sub asked
{
	my ($key) = @_;

	my $answer = $http->get('/api/keys',
		headers => [Authorization => "Bearer $key"]);
	return join ' ', $answer->{status},
		$answer->{json}{error}{message} // ();
}

is(asked($account->live_key), '200', 'a key works');
is(command('user', 'suspend', $account->name)->{out},
	"@{[$account->name]} is suspended\n", 'its user is suspended');
eventually { asked($account->live_key) eq '401 This account is suspended.' }
	'... the key is refused';
is(json_of('user', 'show', $account->name)->{status}, 'suspended',
	'... and it is shown');
is(command('user', 'suspend', $account->name)->{exit}, 0, 'suspended again');
is(command('user', 'resume', $account->name)->{exit}, 0, 'resumed');
eventually { asked($account->live_key) eq '200' } '... the key works';
is($stack->psql("SELECT string_agg(event, ' ' ORDER BY at) FROM io7.audit_log
	WHERE user_id = '@{[$account->user_id]}' AND actor = 'operator';"),
	"account_created account_suspended account_resumed\n",
	'... and each is written down once');

# --- Plans ------------------------------------------------------------------

is(join(' ', grep { /^(?:starter|pro|business)$/ }
		map { $_->{id} } @{json_of('plan', 'list')->{plans}}),
	'starter pro business', 'the plans, among those of other tests');
like(command('plan', 'list')->{out}, qr/^starter +1000 +100 +100000000 +2 /m,
	'... for people too');
is(command('plan', 'set', $account->name, 'pro')->{exit}, 0, 'another plan');
is(json_of('user', 'show', $account->name)->{plan}, 'pro', '... is shown');
is($stack->psql("SELECT details->>'plan' FROM io7.audit_log
	WHERE user_id = '@{[$account->user_id]}' AND event = 'plan_changed';"),
	"pro\n", '... and written down');
is(command('plan', 'set', $account->name, 'gold')->{exit}, 64, 'no such plan');
is(command('plan', 'set', $account->name)->{exit}, 64, 'none at all');
is(command('plan', 'set', 'nobody', 'pro')->{exit}, 67, 'nobody');

# --- Keys -------------------------------------------------------------------

my $key = json_of('key', 'create', $account->name, '--mode', 'live',
	'--label', 'from the desk', '--scopes', 'read,admin');
eventually { asked($key->{key}) eq '200' } 'a key made by the operator works';
my ($shown) = grep { $_->{id} eq $key->{id} }
	@{json_of('key', 'list', $account->name)->{keys}};
is($shown->{label}, 'from the desk', '... and is listed');
is("@{$shown->{scopes}}", 'read admin', '... with its scopes');
ok(!exists $shown->{key}, '... without the key');
like(command('key', 'list', $account->name)->{out},
	qr/^$key->{id} +live_io7_\w{3}\.{3}\w{4} +active +read admin +\S+ +from/m,
	'... for people too');
is(command('key', 'revoke', $account->name, $key->{id})->{exit}, 0, 'revoked');
eventually { asked($key->{key}) =~ /^401 .* revoked/ } '... it is refused';
like(command('key', 'list', $account->name)->{out}, qr/^$key->{id} .* revoked /m,
	'... and listed as that');

my @no_key = (
	['of another user', 1, 'revoke', $name, $key->{id}],
	['revoked already', 1, 'revoke', $account->name, $key->{id}],
	['no id', 64, 'revoke', $account->name, 'x'],
	['unknown scope', 64, 'create', $name, '--scopes', 'read,root'],
	['another mode', 64, 'create', $name, '--mode', 'both'],
	['an empty label', 64, 'create', $name, '--label', ''],
	['a label of 101', 64, 'create', $name, '--label', 'a' x 101],
	['a label with a control', 64, 'create', $name, '--label', "a\nb"],
	['... of C1', 64, 'create', $name, '--label', "a\xc2\x9b31m"],
	['nobody', 67, 'list', 'nobody'],
);
is(command('key', @$_[2 .. $#$_])->{exit}, $_->[1], "refused: $_->[0]")
	for @no_key;
is(command('key', 'revoke', $name, $key->{id})->{err},
	"io7: $name has no such active key: $key->{id}\n",
	"... and why");

# --- Deleted ----------------------------------------------------------------

my $id = $account->user_id;
is(command('user', 'delete', $account->name)->{exit}, 64, 'not by mistake');
my $gone = json_of('user', 'delete', $account->name, '--yes');
is($gone->{id}, $id, 'deleted');
is($gone->{removed}{keys}, 3, '... and it says what went: keys');
ok($gone->{removed}{$_}{tables}, "... and the $_ schema") for qw(live test);
for my $database (qw(io7_live io7_test)) {
	is($stack->psql("SELECT count(*) FROM pg_namespace WHERE nspname ="
		. " '@{[$account->schema]}';", $database), "0\n",
		"... nothing is left in $database");
	is($stack->psql("SELECT count(*) FROM io7.tenants WHERE user_id ="
		. " '$id';", $database), "0\n", '... nor its record');
}
# Every table that names a user, whichever room made it.
my @tables = split /\n/, $stack->psql("SELECT format('%I.%I WHERE %I', n.nspname,
	c.relname, a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
	JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('io7', 'app')
	AND relkind IN ('r', 'p') AND attname = 'user_id';");
cmp_ok(scalar @tables, '>=', 3, 'of all tables that know users');
is($stack->psql("SELECT count(*) FROM $_ = '$id';"), "0\n", "... $_: nothing")
	for @tables;
is($stack->psql("SELECT count(*) FROM io7.users WHERE id = '$id';"), "0\n",
	'... and no user');
eventually { asked($account->live_key) =~ /^401/ } '... whom nobody knows';
is(command('user', 'delete', $account->name, '--yes')->{exit}, 67,
	'deleted again: nobody');

# Cut off after its first step, it is completed by the janitor.
my $half = new_account($stack);
$stack->psql("UPDATE io7.users SET status = 'leaving'
	WHERE id = '@{[$half->user_id]}';");
eventually { $stack->psql("SELECT count(*) FROM io7.users
	WHERE id = '@{[$half->user_id]}';") eq "0\n" }
	'cut off: the janitor goes on';
is($stack->psql("SELECT count(*) FROM pg_namespace WHERE nspname ="
	. " '@{[$half->schema]}';", $_), "0\n", "... in $_")
	for qw(io7_live io7_test);

# --- Who may ----------------------------------------------------------------

# A worker begins the end of an account; it cannot drop or delete anything.
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
		'no worker may: ' . $sql =~ s/[0-9a-f]{8}-?.*?(?=['_ ])/.../r);
}

# --- The audit log ----------------------------------------------------------

$stack->psql("INSERT INTO io7.audit_log (user_id, event, at) VALUES
	('$made->{id}', 'signed_in', now() - interval '401 days'),
	('$made->{id}', 'signed_in', now() - interval '399 days');");
eventually { $stack->psql("SELECT extract(day FROM now() - at) FROM io7.audit_log
	WHERE user_id = '$made->{id}' AND event = 'signed_in';") eq "399\n" }
	'what is older than 400 days is forgotten';

finish;
