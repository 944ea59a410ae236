#!/usr/bin/perl
# Random operations on six stores, compared with a model in memory. IO7_SEED=N
# repeats a run; t/kv/slow/random.t has the long one.

use strict;
use warnings;

use Io7::KvRandom;
use Io7::Test;

my $seed = $ENV{IO7_SEED} // time;

is(kv_random(stack, seed => $seed, operations => 3000), '',
	"3,000 operations do what the model says, seed $seed")
	or diag("the seed is $seed");

finish;
