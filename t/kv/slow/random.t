#!/usr/bin/perl
# 50,000 random operations on six stores against a model in memory; IO7_SEED=N
# asks the same again.

use strict;
use warnings;

use Io7::KvRandom;
use Io7::Test;

my $seed = $ENV{IO7_SEED} // time;

is(kv_random(stack, seed => $seed, operations => 50_000), '',
	"50,000 operations do what the model says, seed $seed")
	or diag("the seed is $seed");

finish;
