# Io7::OpenApi: compares responses with openapi.json.
#
# A response is correct if its path, method and status are declared and its headers
# and body match their schemas, or if it is an error of the common shape whose
# status and request id are those of the response.
package Io7::OpenApi;

use strict;
use warnings;

use Io7::Schema;
use Io7::File;
use Io7::Json;

my $error_schema = { '$ref' => '#/components/schemas/Error' };

sub load
{
	my ($class, $file) = @_;

	return $class->new(decode_json(slurp($file)));
}

sub new
{
	my ($class, $document) = @_;

	my @patterns = map { [path_pattern($_), $_] }
		sort keys %{$document->{paths}};
	return bless {
		document => $document,
		schema => Io7::Schema->new($document),
		patterns => \@patterns,
	}, $class;
}

sub document
{
	return $_[0]{document};
}

sub schema
{
	return $_[0]{schema};
}

# A parameter matches one segment. Literal segments are tried first, because `{`
# sorts after every letter.
sub path_pattern
{
	my ($template) = @_;

	my $pattern = join '', map { /^\{/ ? '[^/]+' : quotemeta }
		split /(\{\w+\})/, $template;
	return qr{^$pattern$};
}

# The path templates that match a request's target.
sub paths_of
{
	my ($self, $target) = @_;

	my $path = $target =~ s/\?.*//sr;
	return map { $_->[1] } grep { $path =~ $_->[0] } @{$self->{patterns}};
}

# All operations, as [METHOD, path, operation].
sub operations
{
	my ($self) = @_;
	my $paths = $self->{document}{paths};
	my @found;

	for my $path (sort keys %$paths) {
		push @found, map { [uc, $path, $paths->{$path}{$_}] }
			grep { /^(get|head|post|put|patch|delete|options)$/ }
			sort keys %{$paths->{$path}};
	}
	return @found;
}

# Returns the problems of a response of Io7::Http as sentences. Preflight requests
# are accepted everywhere, and pages may have HTML errors.
sub problems
{
	my ($self, $method, $target, $answer) = @_;

	my @found = $answer->{headers}{'x-request-id'} ? ()
		: 'it has no X-Request-Id';
	my $response = $self->response($method, $target, $answer->{status});
	if ($response) {
		push @found, $self->header_problems($response, $answer),
			$self->body_problems($method, $response, $answer);
	} elsif ($answer->{status} < 400) {
		push @found, "$method with $answer->{status} is not declared"
			if $self->paths_of($target) && $method ne 'OPTIONS';
	} elsif ($answer->{type} ne 'text/html' && $method ne 'HEAD') {
		push @found, $self->{schema}->mismatches($error_schema,
			$answer->{json}, 'body');
	}
	return @found ? @found : error_problems($answer);
}

# The declared response, or undef. HEAD is declared as GET. If a literal path does
# not declare the method, a path with a parameter may.
sub response
{
	my ($self, $method, $target, $status) = @_;

	my ($operation) = grep { defined } map {
		my $item = $self->{document}{paths}{$_};
		$item->{lc $method} // ($method eq 'HEAD' ? $item->{get} : undef)
	} $self->paths_of($target) or return;
	my $response = $operation->{responses}{$status}
		// $operation->{responses}{default} // return;
	return $response->{'$ref'}
		? $self->{schema}->resolve($response->{'$ref'}) : $response;
}

# Headers are optional; those present must match their schemas.
sub header_problems
{
	my ($self, $response, $answer) = @_;
	my $stated = $response->{headers} // {};

	return map {
		my $value = $answer->{headers}{lc $_};
		my $header = $stated->{$_}{'$ref'}
			? $self->{schema}->resolve($stated->{$_}{'$ref'}) : $stated->{$_};
		$value += 0 if defined $value && $value =~ /^[0-9]{1,15}$/
			&& ($header->{schema}{type} // '') eq 'integer';
		defined $value ? $self->{schema}->mismatches($header->{schema},
			$value, "header $_") : ()
	} sort keys %$stated;
}

sub body_problems
{
	my ($self, $method, $response, $answer) = @_;

	my $content = $response->{content};
	return if $method eq 'HEAD' || $answer->{status} == 304;
	return length $answer->{body} ? 'it has a body' : () unless $content;
	my $declared = $content->{$answer->{type}}
		// return "its type $answer->{type} is not declared";
	return unless $answer->{type} eq 'application/json';
	return 'its body is not JSON' unless exists $answer->{json};
	return $self->{schema}->mismatches($declared->{schema}, $answer->{json},
		'body');
}

# The body of an error has the status and the request id of the response.
sub error_problems
{
	my ($answer) = @_;

	return unless defined $answer->code;
	my $error = $answer->{json}{error};
	my @found;
	push @found, "its body says status $error->{status}"
		if $error->{status} ne $answer->{status};
	push @found, "its body says request $error->{request_id}"
		if $error->{request_id} ne $answer->{headers}{'x-request-id'}
		&& !$answer->{headers}{'idempotent-replayed'};
	return @found;
}

1;
