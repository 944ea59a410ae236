#!/usr/bin/perl
# 20,000 random statements, answered by io7 as by sqld; IO7_SEED=N asks the same again.

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
my $seed = $ENV{IO7_SEED} // time;

is(hrana_random(seed => $seed, statements => 20_000, servers => [
	database_of($account, 'live'), Io7::Hrana->of_url($sqld->url)]), '',
	"20,000 statements have equal answers, seed $seed")
	or diag("the seed is $seed");

finish;
