#!/usr/bin/perl
# t/serve/fairness.t, with a minute of the hostile crowd.

use strict;
use warnings;

use FindBin;

$ENV{TEST_SECONDS} = 30;
exec $^X, '-It/lib', "$FindBin::Bin/../fairness.t" or die "exec: $!\n";
