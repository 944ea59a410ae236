# Io7::Answer: an answer, from HTTP or FastCGI. It is a hash of status, headers
# (names in lower case), type (without parameters), body (decompressed), and json if
# the body is JSON.
package Io7::Answer;

use strict;
use warnings;
no warnings 'nonchar';

use IO::Uncompress::Gunzip qw(gunzip);
use Io7::Json;

# Parses the head of an HTTP answer.
sub of_head
{
	my ($class, $head) = @_;

	my ($first, @lines) = split /\r\n/, $head;
	my ($status) = $first =~ m{^HTTP/1\.\d (\d{3}) }
		or die "not an answer: $first\n";
	return $class->of_lines($status, @lines);
}

# Parses the output of a FastCGI program: headers, among them Status, and a body.
sub of_cgi
{
	my ($class, $output) = @_;

	my ($head, $body) = split /\r\n\r\n/, $output, 2;
	my $self = $class->of_lines(200, split /\r\n/, $head);
	($self->{status}) = $self->{headers}{status} =~ /^(\d{3})\b/
		if $self->{headers}{status};
	return $self->with_body($body);
}

sub of_lines
{
	my ($class, $status, @lines) = @_;
	my %headers;

	for (@lines) {
		my ($name, $value) = /^([^:\s]+):\s*(.*?)\s*$/
			or die "not a header: $_\n";
		$name = lc $name;
		$headers{$name} = exists $headers{$name}
			? "$headers{$name}, $value" : $value;
	}
	my $type = ($headers{'content-type'} // '') =~ s/\s*;.*//sr;
	return bless { status => $status, headers => \%headers, type => $type },
		$class;
}

sub with_body
{
	my ($self, $body) = @_;

	if (($self->{headers}{'content-encoding'} // '') eq 'gzip') {
		gunzip(\$body => \$self->{body}) or die "not gzip\n";
	} else {
		$self->{body} = $body;
	}
	if ($self->{type} eq 'application/json') {
		my $json = eval { json_codec()->max_depth(2000)
			->decode($self->{body}) };
		$self->{json} = $json unless $@;
	}
	return $self;
}

# Returns the code of an error, or undef.
sub code
{
	my ($self) = @_;

	my $json = $self->{json};
	return unless ref $json eq 'HASH' && ref $json->{error} eq 'HASH';
	return $json->{error}{code};
}

# Whether a request was refused because its account has too many slow ones: a client
# may send it again after the time in Retry-After.
sub is_slow
{
	my ($self) = @_;

	return $self->{status} == 429
		&& ($self->{json}{error}{details}{field} // '') eq 'slow_requests';
}

1;
