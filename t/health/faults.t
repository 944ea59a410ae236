#!/usr/bin/perl
# A database or Redis that is stopped or paused: /health reports it within a second,
# and io7 recovers without a restart.

use strict;
use warnings;

use Io7::Test;
use List::Util qw(max);
use Time::HiRes qw(time);

my $stack = private_stack();
my $http = $stack->http;
my $up = { live => 'up', test => 'up', redis => 'up' };

sub seen
{
	my ($answer) = @_;
	my $json = $answer->{json};

	return { %{$json->{databases}}, redis => $json->{redis} };
}

# For each fault: its name, how to cause and to remove it, and the status code, the
# status and the components that /health reports in between.
my @faults = (
	['Redis stopped',
		sub { $stack->stop('redis') }, sub { $stack->up },
		200, 'degraded', { redis => 'down' }],
	['Redis paused',
		sub { $stack->pause('redis') }, sub { $stack->resume('redis') },
		200, 'degraded', { redis => 'down' }],
	['the test database closed',
		sub { close_database('io7_test') },
		sub { open_database('io7_test') },
		200, 'degraded', { test => 'down' }],
	['the live database closed',
		sub { close_database('io7_live') },
		sub { open_database('io7_live') },
		503, 'down', { live => 'down' }],
	['PostgreSQL paused',
		sub { $stack->pause('postgres') },
		sub { $stack->resume('postgres') },
		503, 'down', { live => 'down', test => 'down' }],
	['PostgreSQL stopped',
		sub { $stack->stop('postgres') }, sub { $stack->up },
		503, 'down', { live => 'down', test => 'down' }],
	['both paused',
		sub { $stack->pause($_) for qw(postgres redis) },
		sub { $stack->resume($_) for qw(postgres redis) },
		503, 'down', { live => 'down', test => 'down', redis => 'down' }],
	['both stopped',
		sub { $stack->stop('postgres'); $stack->stop('redis') },
		sub { $stack->up },
		503, 'down', { live => 'down', test => 'down', redis => 'down' }],
);

sub close_database
{
	my ($name) = @_;

	$stack->psql(<<"END", 'postgres');
		ALTER DATABASE $name ALLOW_CONNECTIONS false;
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = '$name';
END
}

sub open_database
{
	my ($name) = @_;

	$stack->psql("ALTER DATABASE $name ALLOW_CONNECTIONS true;", 'postgres');
}

is($http->get('/health')->{json}{status}, 'ok', '/health says ok');
my $workers = "@{[map { $_->{pid} } $stack->workers]}";

# The number of log lines about components that went down or came up.
sub logged
{
	return scalar(@{[$stack->events('went'), $stack->events('came')]});
}

for (@faults) {
	my ($name, $break, $mend, $code, $status, $down) = @$_;
	my $logged = logged();
	$break->();

	# Ask more than twenty times, so that no verdict comes from a cache.
	my ($answer, @took);
	eventually {
		my $began = time;
		$answer = $http->get('/health');
		push @took, time - $began;
		@took > 20 && $answer->{json}{status} eq $status;
	} "$name: $status";
	is($answer->{status}, $code, "... $code");
	is_deeply(seen($answer), { %$up, %$down }, '... and names what is down');
	is_within(max(@took), 1.5, '... within 1.5 seconds');
	is($http->get('/health/live')->{status}, 200,
		'... /health/live answers 200');
	is($http->get('/nowhere')->{status}, 404, '... and other routes work');

	eventually { logged() > $logged } '... it is logged';
	$logged = logged();
	$mend->();
	my $mended = time;
	eventually { $http->get('/health')->{json}{status} eq 'ok' }
		'... it recovers';
	is_within(time - $mended, 5, '... within five seconds');
	eventually { logged() > $logged } '... and the recovery is logged';
}

is("@{[map { $_->{pid} } $stack->workers]}", $workers,
	'no worker was replaced');
for my $what ('Redis', 'database test', 'database live') {
	for my $event (qw(went came)) {
		eventually { grep { $_->{detail} =~ /^$what/ }
			$stack->events($event) } "the log says that $what $event";
	}
}

finish;
