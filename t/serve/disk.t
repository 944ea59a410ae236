#!/usr/bin/perl
# A full disk under the log: lines are lost and counted, requests go on.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(set => { IO7_LOG => '/dev/full' });
my $http = $stack->http;

my @answers = $http->pipeline(map { [GET => '/nowhere'] } 1 .. 100);
is(scalar grep({ $_->{status} == 404 } @answers), 100, 'requests go on');
is($http->get('/health')->{json}{status}, 'ok', 'it is healthy');

eventually { $stack->metric('io7_log_dropped_total', pool => 'live') >= 100 }
	'each line that was lost is counted';
my $before = $stack->metric('io7_log_dropped_total', pool => 'live');
$http->get('/nowhere');
eventually { $stack->metric('io7_log_dropped_total', pool => 'live') > $before }
	'... and the next one';

my ($victim) = $stack->workers('live');
kill KILL => $victim->{pid};
eventually {
	grep { $_->{slot} == $victim->{slot} && $_->{pid}
		&& $_->{pid} != $victim->{pid} } $stack->workers('live')
} 'the supervisor goes on too';
is($http->get('/nowhere')->{status}, 404, '... and serves');
cmp_ok($stack->metric('io7_log_dropped_total', pool => 'live'), '>=', $before,
	'... and the new worker does not forget what the old one counted');

finish;
