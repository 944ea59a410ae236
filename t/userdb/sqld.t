#!/usr/bin/perl
# Random requests of Hrana, answered by io7 as by sqld, the server of libSQL: one run
# with a fixed seed, one with a new one. IO7_SEED=N repeats a run; t/userdb/slow/sqld.t
# has the long one.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::HranaRandom;
use Io7::Sqld;
use Io7::Test;

my ($sqld, $reason) = Io7::Sqld->start;
plan(skip_all => $reason) unless $sqld;

my $account = new_account(stack, plan => new_plan(stack, 'endless'));

for my $seed (1, $ENV{IO7_SEED} // time) {
	is(hrana_random(seed => $seed, statements => 800, servers => [
		database_of($account, 'test'), Io7::Hrana->of_url($sqld->url)]),
		'', "800 statements have equal answers, seed $seed")
		or diag("the seed is $seed");
}

finish;
