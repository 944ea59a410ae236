#!/usr/bin/perl
# t/serve/faults.t, for a minute and with a hundred deaths.

use strict;
use warnings;

use FindBin;

@ENV{qw(TEST_KILLS TEST_SECONDS)} = (100, 60);
exec $^X, '-It/lib', "$FindBin::Bin/../faults.t" or die "exec: $!\n";
