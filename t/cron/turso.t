#!/usr/bin/perl
# Cron jobs of an account whose user database is at a service.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;
use Io7::Turso;

my ($turso, $reason) = Io7::Turso->new;
plan(skip_all => $reason) unless $turso;

my $stack = private_stack(set => $turso->options);
my $http = $stack->http;
my $account = new_account($stack);

sub call
{
	my ($method, $path, $body) = @_;

	return $http->$method("/api/cron/$path", headers => $account->auth('test'),
		defined $body ? (body => encode_json($body)) : ());
}

# Creates a job, runs it, and returns the run after its end.
my $jobs = 0;
sub run_of
{
	my ($command) = @_;
	my $job = call(post => 'jobs', { name => 'job ' . ++$jobs, schedule => '@yearly',
		command => $command });

	is($job->{status}, 201, "a job is created: $jobs") or diag($job->{body});
	my $answer = call(post => "jobs/$job->{json}{id}/run");
	return eventually {
		my $run = call(get => "runs/$answer->{json}{id}")->{json};
		$run->{status} =~ /^(queued|running)$/ ? undef : $run;
	} '... and run', 60;
}

eventually { $http->get('/api/database', headers => $account->auth('test'))
	->{status} == 200 } 'the database is created';

my $run = run_of(q{sql CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES ('x'), (2);
	SELECT a FROM t ORDER BY a});
is($run->{status}, 'ok', 'statements run at the service') or diag($run->{error});
is($run->{output}, "0 rows changed\n\n2 rows changed\n\n[\"a\"]\n[2]\n[\"x\"]\n2 rows\n",
	'... and the output has their results');
$run = run_of(q{sql INSERT INTO t VALUES (3); INSERT INTO t VALUES ('x')});
is($run->{status}, 'failed', 'a constraint is a failure');
like($run->{error}, qr/^Statement 2: .*UNIQUE constraint failed/,
	'... with the error of the service');
is(run_of('sql SELECT count(*) AS n FROM t')->{output}, "[\"n\"]\n[2]\n1 row\n",
	'... which undoes the statements before it');
is(scalar @{call(get => 'jobs')->{json}{items}}, 3, 'the jobs are listed');

finish;
