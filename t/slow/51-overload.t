#!/usr/bin/perl
# t/51-overload.t, for twenty seconds.

use strict;
use warnings;

use FindBin;

$ENV{TEST_SECONDS} = 20;
exec $^X, '-It/lib', "$FindBin::Bin/../51-overload.t" or die "exec: $!\n";
