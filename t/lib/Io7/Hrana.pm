# Io7::Hrana: a client of the protocol of libSQL over HTTP, which sends what a test
# composes, right or wrong. Streams have numbers: it remembers their batons.
#
#     my $db = Io7::Hrana->new(port => 8080, base => '/db/NAME/', token => $key);
#     my $answer = $db->pipeline({ requests => [...] }, stream => 1);
#     my @rows = $db->query('SELECT 1');
package Io7::Hrana;

use strict;
use warnings;

use Io7::Http;
use Io7::Json;

my $json = json_codec()->canonical;

# The url is http://HOST:PORT/BASE, or https.
sub of_url
{
	my ($class, $url, %options) = @_;

	my ($scheme, $port, $base) = $url =~ m{^(\w+)://[^:/]+:(\d+)(/.*)?$}
		or die "not a url with a port: $url\n";
	return $class->new(port => $port, base => ($base // '') =~ s{/?$}{/}r,
		tls => $scheme eq 'https', %options);
}

sub new
{
	my ($class, %options) = @_;

	return bless { base => '/', batons => {},
		http => Io7::Http->new(port => $options{port},
			tls => $options{tls}, timeout => 60), %options }, $class;
}

# Sends a body, as text or as data; receive() returns the answer.
sub send
{
	my ($self, $path, $body) = @_;
	my @headers = ('Content-Type' => 'application/json');

	push @headers, Authorization => "Bearer $self->{token}"
		if defined $self->{token};
	my $http = $self->{http};
	$http->send($http->compose(POST => "$self->{base}$path",
		headers => \@headers,
		body => ref $body ? $json->encode($body) : $body));
	return;
}

# Returns the answer unchecked. Without a complete one its status is 0.
sub receive
{
	my ($self) = @_;

	my $answer = eval { $self->{http}->receive('POST') };
	return $answer if $answer;
	$self->{http}->close;
	return { status => 0, body => $@ || 'no answer' };
}

# Sends a body, and returns the answer unchecked.
sub post
{
	my ($self, $path, $body) = @_;

	$self->send($path, $body);
	return $self->receive;
}

# A request of a stream, by its number. The answer's baton is kept.
sub post_in
{
	my ($self, $stream, $path, $body) = @_;

	my $answer = $self->post($path, { %$body,
		baton => $self->{batons}{$stream} });
	my ($first) = $answer->{body} =~ /^([^\n]*)/;
	my $head = $answer->{status} == 200 ? eval { $json->decode($first) } : {};
	$self->{batons}{$stream} = $head->{baton};
	return $answer;
}

# Whether a stream is open.
sub is_open
{
	my ($self, $stream) = @_;

	return defined $self->{batons}{$stream};
}

# Executes one statement in a stream that ends with it, and returns its result. Dies
# if it fails.
sub execute
{
	my ($self, $sql, @args) = @_;

	my $answer = $self->post('v2/pipeline', { requests => [
		{ type => 'execute', stmt => { sql => $sql,
			@args ? (args => \@args) : () } }, { type => 'close' }] });
	my $first = ($answer->{json} // {})->{results}[0] // {};
	die "$sql: $answer->{status} $answer->{body}\n"
		unless ($first->{type} // '') eq 'ok';
	return $first->{response}{result};
}

# The rows of a statement, each a list of plain values.
sub query
{
	my ($self, @statement) = @_;

	return map { [map { $_->{value} // $_->{base64} } @$_] }
		@{$self->execute(@statement)->{rows}};
}

1;
