#!/usr/bin/perl
# GET /health and /health/live, when all is well.

use strict;
use warnings;

use Io7::Test;

my $http = stack->http;

my $health = $http->get('/health');
is($health->{status}, 200, 'it is healthy');
my $json = $health->{json};
is($json->{status}, 'ok', '... and says so');
is_deeply($json->{databases}, { live => 'up', test => 'up' },
	'both databases are up');
is($json->{redis}, 'up', 'Redis is up');
is("io7 $json->{version}\n", run_ok(io7_program(), 'version'),
	'it tells its version');
is($health->{headers}{'content-type'}, 'application/json; charset=utf-8',
	'it is JSON');
is($health->{headers}{'cache-control'}, 'no-store', '... that nobody keeps');

eventually {
	$http->get('/health')->{json}{uptime_s} > $json->{uptime_s}
} 'it grows older';

my $head = $http->head('/health');
is($head->{status}, 200, 'HEAD is answered');
is($head->{headers}{'content-length'}, length $health->{body},
	'... with the length of the body') if $head->{headers}{'content-length'};

is($http->get('/health?verbose=1&x')->{status}, 200, 'a query does no harm');

my $live = $http->get('/health/live');
is($live->{status}, 200, 'the process is alive');
is_deeply($live->{json}, { status => 'ok' }, '... and says no more');
is($http->head('/health/live')->{status}, 200, '... to HEAD too');

is(stack->http(tls => 1)->get('/health')->{json}{status}, 'ok',
	'the same over TLS');

my $wrong = $http->post('/health', body => '{}');
is($wrong->{status}, 405, 'POST is refused');
is($wrong->{headers}{allow}, 'GET, HEAD', '... and told what is allowed');
is($wrong->code, 'method_not_allowed', '... in JSON');
for my $path ('/health/', '/health/live/', '/healthy', '/Health') {
	is($http->get($path)->{status}, 404, "there is nothing at $path");
}

finish;
