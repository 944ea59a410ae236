#!/usr/bin/perl
# An open stream does not delay a shutdown. If the supervisor is killed, its streams end,
# and the next supervisor can bind the sockets.

use strict;
use warnings;

use Io7::Test;
use Time::HiRes qw(time);

my $stack = private_stack(workers => 1);

# Returns a client that has received its first event.
sub reader
{
	my $http = $stack->http;

	is($http->open_stream('/status/stream')->{status}, 200, 'a stream opens');
	is($http->next_event->{event}, 'status', '... and sends an event');
	return $http;
}

my $first = reader();
my ($supervisor) = $stack->processes('io7');
my $began = time;
kill TERM => $supervisor;
eventually { !alive($supervisor) } 'io7 shuts down';
is_within(time - $began, 10, '... without waiting for the stream');
is(scalar(() = $stack->events('ended_in_drain')), 0,
	'... whose worker is not killed');
$stack->up;

my $second = reader();
my @processes = $stack->processes('io7');
kill KILL => $processes[0];
eventually { !alive(@processes) } 'all processes exit when the supervisor is killed';
$stack->up;
is($stack->http->get('/health')->{status}, 200,
	'... and the next supervisor serves');
reader();

finish;
