#!/usr/bin/perl
# The door sends one statement per request, without BEGIN or SET, in one round trip.
# This also holds for the first request of a tenant. Known statements are not
# planned again. PostgreSQL's own statistics count the statements.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(io7 => tested_program,
	set => { IO7_TEST_WORKERS => 1, IO7_RENEW_AFTER => 20 });
my $http = $stack->http;

use constant REQUESTS => 200;

# Creates a tenant in io7_test and returns the 32 digits of its id.
sub new_tenant
{
	my $schema = $stack->psql("SELECT io7.provision(gen_random_uuid())",
		'io7_test');

	chomp $schema;
	return $schema =~ s/^user_//r;
}

sub as
{
	my ($tenant) = @_;

	return (headers => ['Test-User' => $tenant, 'Io7-Mode' => 'test']);
}

# The statements that io7_app has sent since the last call, as
# name => [calls, plans].
sub statements_sent
{
	my %seen;

	for (split /\n/, $stack->psql(<<'END')) {
		SELECT CASE WHEN query LIKE '%kv_store%' THEN
				CASE WHEN query LIKE '%INSERT%' THEN 'put'
				ELSE 'get' END
			ELSE left(query, 60) END,
			sum(calls), sum(plans)
		FROM pg_stat_statements(true) s
		JOIN pg_roles r ON r.oid = s.userid
		JOIN pg_database d ON d.oid = s.dbid
		WHERE rolname = 'io7_app' AND datname = 'io7_test' AND toplevel
		GROUP BY 1;
END
		my ($what, $calls, $plans) = split /\|/;
		$seen{$what} = [$calls, $plans];
	}
	$stack->psql('SELECT pg_stat_statements_reset()');
	return \%seen;
}

# Autovacuum would invalidate plans at any time.
$stack->psql('ALTER SYSTEM SET pg_stat_statements.track_planning = on;
	ALTER SYSTEM SET autovacuum = off;
	SELECT pg_reload_conf()');
my ($known, $other) = (new_tenant(), new_tenant());

# --- The first request of a tenant ------------------------------------------

$http->get('/t/value/x', as($known));
eventually { $http->get('/health')->{status} == 200 } 'all services are up';
statements_sent();
is($http->put('/t/value/k', as($other), body => '[1, 2]')->{status}, 201,
	'the first request of a tenant stores a value');
my $first = statements_sent();
is_deeply([sort keys %$first], ['put'], '... with one statement and nothing else');
is($first->{put}[0], 1, '... called once');

# --- Further requests -------------------------------------------------------

for (1 .. REQUESTS) {
	my $answer = $http->get('/t/value/k', as($other));
	$answer->{status} == 200 && $answer->{body} eq '[1, 2]'
		or fail('the value is read'), last;
}
my $warm = statements_sent();
is_deeply([sort keys %$warm], ['get'],
	REQUESTS . ' reads send one kind of statement and nothing else');
is($warm->{get}[0], REQUESTS, '... once each');
cmp_ok($warm->{get}[1], '<=', 2,
	'... and planned at most twice: without a name, and when it gets one');

# --- A connection that is closed while idle ---------------------------------

is($http->get('/health')->{status}, 200, 'all workers are connected');
$stack->psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE usename = 'io7_app';");
eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
	WHERE usename = 'io7_app';") == 0 } 'all connections are closed';
is($http->get('/t/value/k', as($other))->{status}, 200,
	'... and the next request succeeds');
is($http->get('/health')->{status}, 200, '... and the health check too');

# --- Many tenants -----------------------------------------------------------

# A backend keeps memory for each tenant that it has met, so that it is replaced.
sub backend
{
	return $stack->psql("SELECT pid FROM pg_stat_activity WHERE
		(usename, datname, application_name)
			= ('io7_app', 'io7_test', 'test');") =~ s/\n\z//r;
}

my $backend = backend();
is(scalar(grep { $http->get('/t/value/k', as($other))->{status} == 200 }
	1 .. 30), 30, 'a tenant reads many times');
like($backend, qr/^\d+$/, '... in a backend');
is(backend(), $backend, '... on the same connection');
my @crowd = map { new_tenant() } 1 .. 21;
is(scalar(grep { $http->put('/t/value/k', as($_), body => 1)->{status} == 201 }
	@crowd), @crowd, 'more tenants than IO7_RENEW_AFTER write');
isnt(backend(), $backend, '... and the connection is replaced');

# --- Invalid tenants --------------------------------------------------------

for my $user ('', 'x', "'; DROP SCHEMA app; --", '0' x 31, '0' x 33,
	'"' . '0' x 30 . '"') {
	is($http->get('/t/value/k', as($user))->code, 'unauthorized',
		"the user id '$user' is rejected");
}
is($http->get('/t/value/k', as('0' x 32))->{status}, 404,
	'a missing schema is created in test mode');
is($http->get('/t/value/k', headers => ['Test-User' => '0' x 32,
	'Io7-Mode' => 'live'])->{status}, 409,
	'in live mode only existing users have a schema');

finish;
