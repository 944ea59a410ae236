#!/usr/bin/perl
# t/serve/overload.t, for twenty seconds.

use strict;
use warnings;

use FindBin;

$ENV{TEST_SECONDS} = 20;
exec $^X, '-It/lib', "$FindBin::Bin/../overload.t" or die "exec: $!\n";
