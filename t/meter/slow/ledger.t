#!/usr/bin/perl
# t/meter/ledger.t, with Redis and PostgreSQL gone for a minute each.

use strict;
use warnings;

use FindBin;

$ENV{TEST_OUTAGE} = 60;
exec $^X, '-It/lib', "$FindBin::Bin/../ledger.t" or die "exec: $!\n";
