#!/usr/bin/perl
# t/52-faults.t, for a minute and with a hundred deaths.

use strict;
use warnings;

use FindBin;

@ENV{qw(TEST_KILLS TEST_SECONDS)} = (100, 60);
exec $^X, '-It/lib', "$FindBin::Bin/../52-faults.t" or die "exec: $!\n";
