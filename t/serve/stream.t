#!/usr/bin/perl
# An open stream: it keeps neither a stop waiting nor, when the supervisor was
# killed, the next one from its sockets.

use strict;
use warnings;

use Io7::Test;
use Time::HiRes qw(time);

my $stack = private_stack(workers => 1);

# A reader that has had its first event.
sub reader
{
	my $http = $stack->http;

	is($http->open_stream('/status/stream')->{status}, 200, 'a stream opens');
	is($http->next_event->{event}, 'status', '... and an event comes');
	return $http;
}

my $first = reader();
my ($supervisor) = $stack->processes('io7');
my $began = time;
kill TERM => $supervisor;
eventually { !alive($supervisor) } 'a stop comes to its end';
is_within(time - $began, 10, '... without waiting for the stream');
is(scalar(() = $stack->events('ended_in_drain')), 0, '... and ends it softly');
$stack->up;

my $second = reader();
my @processes = $stack->processes('io7');
kill KILL => $processes[0];
eventually { !alive(@processes) } 'without a supervisor all leave';
$stack->up;
is($stack->http->get('/health')->{status}, 200, '... and the next one serves');
reader();

finish;
