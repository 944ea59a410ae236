#!/usr/bin/perl
# A full disk: log lines are lost and counted, requests are served.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(set => { IO7_LOG => '/dev/full' });
my $http = $stack->http;

my @answers = $http->pipeline(map { [GET => '/nowhere'] } 1 .. 100);
is(scalar grep({ $_->{status} == 404 } @answers), 100, 'requests are served');
is($http->get('/health')->{json}{status}, 'ok', '... and /health says ok');

eventually { $stack->metric('io7_log_dropped_total', pool => 'live') >= 100 }
	'each lost line is counted';
my $before = $stack->metric('io7_log_dropped_total', pool => 'live');
$http->get('/nowhere');
eventually { $stack->metric('io7_log_dropped_total', pool => 'live') > $before }
	'... also of the next request';

my ($victim) = $stack->workers('live');
kill KILL => $victim->{pid};
eventually {
	grep { $_->{slot} == $victim->{slot} && $_->{pid}
		&& $_->{pid} != $victim->{pid} } $stack->workers('live')
} 'the supervisor replaces a killed worker';
is($http->get('/nowhere')->{status}, 404, '... which serves requests');
cmp_ok($stack->metric('io7_log_dropped_total', pool => 'live'), '>=', $before,
	'... and keeps the count of its predecessor');

finish;
