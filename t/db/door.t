#!/usr/bin/perl
# What a request through the door costs PostgreSQL, by its own statistics: one
# statement, without a BEGIN or a SET around it and so in one round trip, also for
# a tenant that was never met before; and no planning for one that is known.

use strict;
use warnings;

use Io7::Test;

my $stack = private_stack(io7 => tested_program,
	set => { IO7_TEST_WORKERS => 1 });
my $http = $stack->http;

use constant REQUESTS => 200;

# A tenant of io7_test, by the 32 digits of its id.
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

# What io7_app has asked for since the last look: statements by name of what
# they touch, [calls, plans], and everything else it sent.
sub asked_for
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

$stack->psql('ALTER SYSTEM SET pg_stat_statements.track_planning = on;'
	. 'SELECT pg_reload_conf()');
my ($known, $other) = (new_tenant(), new_tenant());

# --- A tenant that is met for the first time --------------------------------

$http->get('/t/value/x', as($known));
eventually { $http->get('/health')->{status} == 200 } 'all is up';
asked_for();
is($http->put('/t/value/k', as($other), body => '[1, 2]')->{status}, 201,
	'a tenant that the worker never met stores a value');
my $first = asked_for();
is_deeply([sort keys %$first], ['put'], 'by one statement and nothing else');
is($first->{put}[0], 1, '... called once');

# --- One that is known ------------------------------------------------------

for (1 .. REQUESTS) {
	my $answer = $http->get('/t/value/k', as($other));
	$answer->{status} == 200 && $answer->{body} eq '[1, 2]'
		or fail('the value is read'), last;
}
my $warm = asked_for();
is_deeply([sort keys %$warm], ['get'],
	REQUESTS . ' reads are one statement and nothing else');
is($warm->{get}[0], REQUESTS, '... each called it once');
cmp_ok($warm->{get}[1], '<=', 6,
	'... and it was planned for the first few alone');

# --- A connection that was closed while nobody used it ----------------------

is($http->get('/health')->{status}, 200, 'all are connected');
$stack->psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE usename = 'io7_app';");
eventually { $stack->psql("SELECT count(*) FROM pg_stat_activity
	WHERE usename = 'io7_app';") == 0 } 'every connection is ended';
is($http->get('/t/value/k', as($other))->{status}, 200,
	'... and the next request does not notice');
is($http->get('/health')->{status}, 200, '... nor does the look at health');

# --- What the door does not let in ------------------------------------------

for my $user ('', 'x', "'; DROP SCHEMA app; --", '0' x 31, '0' x 33,
	'"' . '0' x 30 . '"') {
	is($http->get('/t/value/k', as($user))->code, 'unauthorized',
		"'$user' is nobody");
}
is($http->get('/t/value/k', as('0' x 32))->{status}, 404,
	'who has no schema gets one in test mode, and finds it empty');
is($http->get('/t/value/k', headers => ['Test-User' => '0' x 32,
	'Io7-Mode' => 'live'])->{status}, 409,
	'in live mode only a user of ours has one');

finish;
