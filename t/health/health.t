#!/usr/bin/perl
# GET /health and /health/live of a healthy stack.

use strict;
use warnings;

use Io7::Test;

my $http = stack->http;

my $health = $http->get('/health');
is($health->{status}, 200, '/health answers 200');
my $json = $health->{json};
is($json->{status}, 'ok', '... with status ok');
is_deeply($json->{databases}, { live => 'up', test => 'up' },
	'both databases are up');
is($json->{redis}, 'up', 'Redis is up');
is("io7 $json->{version}\n", run_ok(io7_program(), 'version'),
	'the version is that of the program');
is($health->{headers}{'content-type'}, 'application/json; charset=utf-8',
	'the answer is JSON');
is($health->{headers}{'cache-control'}, 'no-store', '... and is not cached');

eventually {
	$http->get('/health')->{json}{uptime_s} > $json->{uptime_s}
} 'the uptime grows';

my $head = $http->head('/health');
is($head->{status}, 200, 'HEAD is answered');
is($head->{headers}{'content-length'}, length $health->{body},
	'... with the length of the body') if $head->{headers}{'content-length'};

is($http->get('/health?verbose=1&x')->{status}, 200, 'a query is ignored');

my $live = $http->get('/health/live');
is($live->{status}, 200, '/health/live answers 200');
is_deeply($live->{json}, { status => 'ok' }, '... with nothing but the status');
is($http->head('/health/live')->{status}, 200, '... also to HEAD');

is(stack->http(tls => 1)->get('/health')->{json}{status}, 'ok',
	'/health answers over TLS');

my $wrong = $http->post('/health', body => '{}');
is($wrong->{status}, 405, 'POST is refused');
is($wrong->{headers}{allow}, 'GET, HEAD', '... with the allowed methods');
is($wrong->code, 'method_not_allowed', '... in JSON');
for my $path ('/health/', '/health/live/', '/healthy', '/Health') {
	is($http->get($path)->{status}, 404, "$path does not exist");
}

finish;
