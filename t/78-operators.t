#!/usr/bin/perl
# The operator's commands about users: made, found, listed.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use JSON::PP qw(decode_json);

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
like(command('user', 'create', "ops.$$-text")->{out}, qr/there already/,
	'... who are told when it was there');

my @refused = (
	['another plan', 64, qr/is there with the plan pro/,
		'create', $name, '--plan', 'business'],
	['no such plan', 64, qr/no plan gold/,
		'create', "ops.$$-c", '--plan', 'gold'],
	['no name', 64, qr/NAME is missing/, 'create'],
	['an upper-case name', 64, qr/a name is 1 to 64/, 'create', 'Ops'],
	['a blank name', 64, qr/a name is 1 to 64/, 'create', ''],
	['a name of 65', 64, qr/a name is 1 to 64/, 'create', 'a' x 65],
	['a word too many', 64, qr/what is more\?/, 'create', 'a', 'more'],
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
like($twice->{err}, qr/is two users/, '... is not guessed');

like(command('user', 'show', $name)->{out},
	qr/^ID .*\n$made->{id} +local +pro +active +2 +\S+ +\Q$name\E\n\z/,
	'for people');

# --- Listed -----------------------------------------------------------------

my $list = json_of('user', 'list');
is(scalar(grep { $_->{id} eq $made->{id} } @{$list->{users}}), 1,
	'a list has it once');
like(command('user', 'list')->{out}, qr/^$made->{id} .*\Q$name\E$/m,
	'... for people too');

finish;
