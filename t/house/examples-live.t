#!/usr/bin/perl
# Sends each request example and each optional parameter of openapi.json to a
# running stack, and checks that the response is a declared one.

use strict;
use warnings;

use Io7::Examples;
use Io7::Json;
use Io7::Test;

# Headers that nginx adds to every response.
my %everywhere = map { $_ => 1 } qw(server date connection vary
	content-type content-length transfer-encoding content-encoding
	cache-control content-security-policy x-content-type-options
	x-frame-options referrer-policy permissions-policy
	cross-origin-opener-policy cross-origin-resource-policy
	strict-transport-security x-accel-buffering);

my $examples = Io7::Examples->new;
my $stack = $examples->stack;
my $contract = Io7::Http->contract;
my $http = $stack->http;

sub escaped
{
	return $_[0] =~ s/([^\w.~:-])/sprintf '%%%02X', ord $1/ger;
}

sub shown
{
	my ($value) = @_;

	return is_bool($value) ? $value ? 'true' : 'false' : $value;
}

# The target and headers of an example, with its required parameters and one
# optional parameter. A live key accepts no other mode than its own.
sub composed
{
	my ($example, $who, $besides) = @_;
	my ($target, @query, @headers) = $example->{path};

	for my $one (Io7::Examples::parameters($example)) {
		next unless $one->{required} || $besides && $one == $besides;
		my $value = $one->{name} eq 'Io7-Mode' && $who =~ /^live_/
			? 'live' : shown($one->{example});
		if ($one->{in} eq 'path') {
			$target =~ s/\{$one->{name}\}/escaped($value)/e;
		} elsif ($one->{in} eq 'query') {
			push @query, "$one->{name}=" . escaped($value);
		} else {
			push @headers, $one->{name} => $value;
		}
	}
	return ($target . (@query ? '?' . join '&', @query : ''), @headers);
}

sub send_it
{
	my ($example, $besides) = @_;
	my $who = $examples->prepare($example);
	my ($target, @headers) = composed($example, $who // '', $besides);
	my ($real, $body) = split /\n/, $examples->real(join "\n", $target,
		$example->{body} // ''), 2;

	push @headers, Authorization => "Bearer $who" if $who;
	push @headers, 'Content-Type' => $example->{type} if $example->{type};
	my %options = (headers => \@headers,
		defined $example->{body} ? (body => $body) : ());
	return $example->{id} eq 'streamStatus'
		? first_event($target, %options)
		: $http->request($example->{method}, $real, %options);
}

# Reads the first event of a stream that does not end.
sub first_event
{
	my ($target, %options) = @_;
	my $stream = $stack->http;

	my $answer = $stream->open_stream($target, %options);
	$answer->{body} = ($stream->next_event // {})->{data};
	$stream->close;
	return $answer;
}

# Headers of a response that openapi.json does not declare.
sub unstated
{
	my ($example, $answer) = @_;
	my $response = $contract->response($example->{method}, $example->{path},
		$answer->{status});
	my %stated = map { lc $_ => 1 } keys %{$response->{headers} // {}};

	return grep { !$everywhere{$_} && !$stated{$_} }
		sort keys %{$answer->{headers}};
}

# Headers that every such response must have, and this one lacks.
sub lacking
{
	my ($example, $answer) = @_;
	my $response = $contract->response($example->{method}, $example->{path},
		$answer->{status});
	my $headers = $response->{headers};

	return grep { !defined $answer->{headers}{lc $_} }
		grep { $contract->schema->resolve($headers->{$_}{'$ref'})
			->{'x-everywhere'} }
		grep { $headers->{$_}{'$ref'} } sort keys %$headers;
}

# Checks the events of a transform: its results match their schema, and it is
# complete.
sub is_stream_whole
{
	my ($answer, $what) = @_;
	my @events = map { { /^(\w+): (.*)$/mg } }
		split /\n\n/, $answer->{body};

	is_deeply([map { $contract->schema->mismatches(
		{ '$ref' => '#/components/schemas/TransformResult' },
		decode_json($_->{data}), 'result') }
		grep { ($_->{event} // '') eq 'result' } @events], [],
		"... and its results match their schema");
	is($events[-1]{event}, 'done', '... and it ends with done');
	ok(!(grep { ($_->{event} // '') eq 'error' } @events),
		'... without an error') or diag($answer->{body});
}

for my $example ($examples->all) {
	my $what = "$example->{id} $example->{name}" =~ s/ $//r;
	if (my $why = Io7::Examples::obstacle($example)) {
		pass("$what: $why");
		next;
	}
	my $answer = send_it($example);
	my $stated = $example->{operation}{responses};
	ok($answer->{status} < 400 && $stated->{$answer->{status}},
		"$what: $answer->{status}") or diag($answer->{body});
	is_deeply([unstated($example, $answer)], [], '... with declared headers only');
	is_deeply([lacking($example, $answer)], [], '... and with all general headers');
	is_stream_whole($answer, $what) if $example->{path} =~ /transform/;
}

# Each optional parameter is accepted.
my %seen;
for my $example (grep { !$seen{$_->{id}}++ && !Io7::Examples::obstacle($_) }
	$examples->all) {
	for my $one (grep { !$_->{required} }
		Io7::Examples::parameters($example)) {
		$stack->psql('DELETE FROM io7.idempotency_keys;')
			if $one->{name} eq 'Idempotency-Key';
		my $answer = send_it($example, $one);
		ok($example->{operation}{responses}{$answer->{status}}
			&& $answer->{status} !~ /^(400|401|403|415|5..)$/,
			"$example->{id} with $one->{name}: $answer->{status}")
			or diag($answer->{body});
	}
}

finish;
