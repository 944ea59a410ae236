#!/usr/bin/perl
# t/70-ledger.t, with Redis and PostgreSQL gone for a minute each.

use strict;
use warnings;

use FindBin;

$ENV{TEST_OUTAGE} = 60;
exec $^X, '-It/lib', "$FindBin::Bin/../70-ledger.t" or die "exec: $!\n";
