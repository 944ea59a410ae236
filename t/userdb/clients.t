#!/usr/bin/perl
# Unmodified clients of libSQL see the same from io7 as from sqld. Each script of
# t/clients prints what it sees, one line of JSON for each step.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Npm;
use Io7::Sqld;
use Io7::Test;

# Package of t/clients, script, and the least number of lines that it prints.
my @CLIENTS = (
	['libsql', 'client', 120], ['libsql', 'drizzle', 50], ['libsql', 'kysely', 50],
	['libsql', 'serverless', 80], ['prisma', 'prisma', 20],
);

my ($sqld, $no_sqld) = Io7::Sqld->start;
plan(skip_all => $no_sqld) unless $sqld;

my $account = new_account(stack, plan => new_plan(stack, 'endless'));
my $url = database_url($account, 'test');

# The lines that a script prints about a server.
sub transcript
{
	my ($script, @server) = @_;

	my $result = run({ timeout => 120 }, 'node', $script, @server);
	diag("$script: $result->{err}") if $result->{exit} != 0;
	return split /\n/, $result->{out};
}

# Pairs of lines that differ.
sub differences
{
	my ($io7, $sqld) = @_;
	my $last = $#$io7 > $#$sqld ? $#$io7 : $#$sqld;

	return map { my ($one, $other) = map { $_ // 'nothing' }
		($io7->[$_], $sqld->[$_]);
		$one eq $other ? () : "io7:  $one\nsqld: $other\n" } 0 .. $last;
}

for (@CLIENTS) {
	my ($package, $name, $lines) = @$_;
	SKIP: {
		my ($at, $reason) = npm_client($package);
		skip($reason, 2) unless $at;
		my @of_sqld = transcript("$at/$name.mjs", $sqld->url, 'any');
		my @of_io7 = transcript("$at/$name.mjs", $url,
			$account->test_key);
		cmp_ok(scalar @of_sqld, '>=', $lines,
			"$name prints all steps with sqld");
		my @found = differences(\@of_io7, \@of_sqld);
		is(scalar @found, 0, "$name sees the same from io7")
			or diag(@found);
	}
}

finish;
