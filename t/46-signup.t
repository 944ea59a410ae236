#!/usr/bin/perl
# A signup that was cut off between its steps: the janitor completes it, and
# leaves alone the one that is still under way.

use strict;
use warnings;

use Io7::Test;

my $stack = stack;

# A user's id, whose row was made that many seconds ago and nothing else.
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
	'before its first schema' => user(120),
	'between the databases' => user(120),
	'before its end was noted' => user(120),
);
my $under_way = user(0);

for my $id (@cut_off{'between the databases', 'before its end was noted'}) {
	$stack->psql("SELECT io7.provision('$id');");
}
$stack->psql("SELECT io7.provision("
	. "'$cut_off{'before its end was noted'}');", 'io7_test');

for my $where (sort keys %cut_off) {
	my $id = $cut_off{$where};

	eventually { is_ready($id) } "cut off $where: the janitor completes it";
	ok(has_schema($id, $_), "... with a schema in $_")
		for qw(io7_live io7_test);
}
ok(!is_ready($under_way), 'one that is under way is left alone');
ok(!has_schema($under_way, 'io7_live'), '... and has no schema yet');
$stack->psql("DELETE FROM io7.users WHERE id = '$under_way';");

finish;
