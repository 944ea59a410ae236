#!/usr/bin/perl
# t/meter/faults.t, with twenty thousand requests and sixty deaths.

use strict;
use warnings;

use FindBin;

@ENV{qw(TEST_REQUESTS TEST_KILLS TEST_RESTARTS)} = (20_000, 60, 5);
exec $^X, '-It/lib', "$FindBin::Bin/../faults.t" or die "exec: $!\n";
