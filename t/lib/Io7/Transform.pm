# Io7::Transform: requests transforms and parses their events.
#
#     my $t = Io7::Transform->new($account, 'test');
#     my @events = $t->events('/kv/a/transform', { engine => 'jq', program => '.' });
package Io7::Transform;

use strict;
use warnings;

use Io7::Json;
use Test::More;

sub new
{
	my ($class, $account, $mode, $http) = @_;

	return bless { account => $account, mode => $mode // 'test',
		http => $http // $account->{stack}->http }, $class;
}

sub json
{
	return ref $_[0] ? json_codec()->canonical->encode($_[0])
		: $_[0];
}

# Sends a request and returns the complete answer. The body of a stream is its text.
sub post
{
	my ($self, $target, $body, @headers) = @_;

	return $self->{http}->post($target, body => json($body), headers =>
		$self->{account}->auth($self->{mode}, 'Content-Type',
		'application/json', @headers));
}

sub put
{
	my ($self, $key, $value) = @_;
	my $answer = $self->{http}->put("/kv/$key", body => json($value),
		headers => $self->{account}->auth($self->{mode}));

	die "PUT $key: $answer->{status} $answer->{body}" if $answer->{status} >= 300;
	return $answer->{json}{version};
}

sub get
{
	my ($self, $key) = @_;

	return $self->{http}->get("/kv/$key",
		headers => $self->{account}->auth($self->{mode}))->{body};
}

# Parses the events of a text, each with id, event, data and json. Anything else,
# except comments, fails the test.
sub parse
{
	my ($text) = @_;
	my ($n, @events) = 0;

	for (split /\n\n/, $text) {
		next if /\A:[^\n]*\z/;
		my ($id, $event, $data) =
			/\Aid: (\d+(?:-end)?)\nevent: (\w+)\ndata: ([^\n]*)\z/
			or fail("an event: $_"), next;
		$n++;
		my $right = $event eq 'done' ? "$n-end" : $n;
		fail("event $n has the id $id, not $right") if $id ne $right;
		push @events, { id => $id, event => $event, data => $data,
			json => json_codec()->allow_bignum
				->decode($data) };
	}
	return @events;
}

sub events
{
	my ($self, $target, $body, @headers) = @_;
	my $answer = $self->post($target, $body, @headers);

	is($answer->{type}, 'text/event-stream', "$target streams")
		or diag $answer->{body};
	return parse($answer->{body});
}

# Returns the events with a name.
sub named
{
	my ($name, @events) = @_;

	return grep { $_->{event} eq $name } @events;
}

1;
