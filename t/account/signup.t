#!/usr/bin/perl
# The janitor completes an interrupted signup, and ignores a signup in progress. The
# steps of rooms run at signup and are undone when the account is deleted.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(io7 => tested_program);

# Adds the row of a user, with a creation time that many seconds ago, and returns the
# id.
sub user
{
	my ($seconds) = @_;
	my $id = $stack->psql("INSERT INTO io7.users
		(github_username, created_at)
		VALUES ('cut off', now() - interval '$seconds s')
		RETURNING id;");

	chomp $id;
	return $id;
}

sub is_ready
{
	my ($id) = @_;

	return $stack->psql("SELECT ready_at IS NOT NULL FROM io7.users
		WHERE id = '$id';") eq "t\n";
}

sub has_schema
{
	my ($id, $database) = @_;
	my $schema = 'user_' . $id =~ tr/-//dr;

	return $stack->psql("SELECT to_regclass('$schema.kv_store') IS NOT NULL;",
		$database) eq "t\n";
}

my %cut_off = (
	'before the first schema' => user(120),
	'between the databases' => user(120),
	'before its completion was recorded' => user(120),
);
my $under_way = user(0);

for my $id (@cut_off{'between the databases', 'before its completion was recorded'}) {
	$stack->psql("SELECT io7.provision('$id');");
}
$stack->psql("SELECT io7.provision("
	. "'$cut_off{'before its completion was recorded'}');", 'io7_test');

for my $where (sort keys %cut_off) {
	my $id = $cut_off{$where};

	eventually { is_ready($id) } "interrupted $where: the janitor completes it";
	ok(has_schema($id, $_), "... with a schema in $_")
		for qw(io7_live io7_test);
}

# --- The steps of rooms -----------------------------------------------------

# Returns how often the step of the room in t/room ran for a user.
sub runs_of
{
	my ($event, $id) = @_;

	return scalar grep { $_->{detail} eq $id } $stack->events($event);
}

my $done = $cut_off{'before its completion was recorded'};
eventually { runs_of(test_step => $done) == 1 } "a room's own step runs";
is(runs_of(test_step_undone => $done), 0, '... and is not undone');
$stack->psql("UPDATE io7.users SET status = 'leaving' WHERE id = '$done';");
eventually { $stack->psql("SELECT count(*) FROM io7.users
	WHERE id = '$done';") eq "0\n" } 'the user is deleted';
eventually { runs_of(test_step_undone => $done) == 1 } '... the step is undone';
is(runs_of(test_step => $done), 1, '... and was not run again');
ok(!has_schema($done, $_), "... the schema in $_ is dropped")
	for qw(io7_live io7_test);

# --- In progress --------------------------------------------------------------

ok(!is_ready($under_way), 'the janitor ignores a signup in progress');
ok(!has_schema($under_way, 'io7_live'), '... without a schema');
$stack->psql("DELETE FROM io7.users WHERE id = '$under_way';");

finish;
