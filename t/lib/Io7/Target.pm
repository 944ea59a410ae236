# Io7::Target: a server on loopback that gets the requests which io7 sends to the URLs
# of tenants. The path selects the behaviour.
#
#     my $target = Io7::Target->new(address => '127.0.0.9');
#     $target->url('/flood');
#     $target->url('/to', 'http://127.0.0.1/');    # a redirect
#
# asked() returns the last request, hits() the number of requests. With tls => 1 it has
# a certificate that nobody trusts.
package Io7::Target;

use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);
use IO::Socket::SSL ();
use Io7::Command qw(run_ok);
use Io7::Json;
use Io7::Server qw(answer read_request);
use parent -norequire, 'Io7::Server';
use Time::HiRes qw(sleep);

use constant FLOOD => 100 << 20;

my $head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

# Sends a piece again and again, until the client leaves or has a number of bytes.
sub repeat
{
	my ($self, $client, $piece, $bytes) = @_;
	my $sent = 0;

	while ($sent < $bytes) {
		syswrite $client, $piece or return;
		$sent += length $piece;
	}
	$self->note('finished');
}

sub wait_for_end
{
	my ($self, $client) = @_;

	1 while sysread $client, my $nothing, 1;
	$self->note('left');
}

sub decoded
{
	return $_[0] =~ s/%([0-9A-F]{2})/chr hex $1/ger;
}

sub redirect
{
	my ($client, $location) = @_;

	answer($client, 302, '', $location);
}

my %behaviour = (
	echo => sub {
		my ($self, $client, $request) = @_;
		answer($client, 200, encode_json($request));
	},
	status => sub {
		my ($self, $client, $request) = @_;
		answer($client, $request->{query}, "{}\n");
	},
	# Status 503, and the Retry-After of the query.
	later => sub {
		my ($self, $client, $request) = @_;
		print $client "HTTP/1.1 503 Busy\r\nConnection: close\r\n"
			. 'Retry-After: ' . decoded($request->{query})
			. "\r\n\r\nbusy";
	},
	bytes => sub {
		my ($self, $client, $request) = @_;
		print $client $head, "\r\n", 'x' x $request->{query};
	},
	to => sub {
		my ($self, $client, $request) = @_;
		redirect($client, decoded($request->{query}));
	},
	# Redirects to itself as many times as the query says.
	loop => sub {
		my ($self, $client, $request) = @_;
		return answer($client, 200, 'arrived') if $request->{query} == 0;
		redirect($client, '/loop?' . ($request->{query} - 1));
	},
	silent => sub {
		my ($self, $client) = @_;
		$self->wait_for_end($client);
	},
	stuck => sub {
		my ($self, $client) = @_;
		print $client $head, "Content-Length: 9\r\n\r\nhalf";
		$client->flush;
		$self->wait_for_end($client);
	},
	# A byte at a time, so that no read waits long.
	trickle => sub {
		my ($self, $client) = @_;
		print $client $head, "\r\n";
		for (1 .. 600) {
			print $client '.' and $client->flush
				or return $self->note('left');
			sleep 0.1;
		}
	},
	# The second part follows go_on().
	parts => sub {
		my ($self, $client) = @_;
		print $client $head, "\r\nfirst \xC3";
		$client->flush;
		sleep 0.05 until -e "$self->{dir}/go_on";
		print $client "\xA9 second";
	},
	flood => sub {
		my ($self, $client) = @_;
		print $client $head, 'Content-Length: ' . FLOOD . "\r\n\r\n";
		$client->flush;
		$self->repeat($client, 'x' x 65536, FLOOD);
	},
	short => sub {
		my ($self, $client) = @_;
		print $client $head, "Content-Length: 9\r\n\r\nhalf";
	},
	chunk => sub {
		my ($self, $client) = @_;
		print $client $head, "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf";
	},
	hang_up => sub { },
	rubbish => sub {
		my ($self, $client) = @_;
		print $client "220 mail.example ESMTP\r\n";
	},
	half_head => sub {
		my ($self, $client) = @_;
		print $client "HTTP/1.1 200 OK\r\nContent-Ty";
	},
	# A hundred megabytes of zeros in a hundred kilobytes.
	bomb => sub {
		my ($self, $client) = @_;
		my $zeros = "\0" x (1 << 20);
		gzip(\$zeros, \my $member) or die "gzip\n";
		my $bomb = $member x (FLOOD >> 20);
		print $client $head, "Content-Encoding: gzip\r\nContent-Length: "
			. length($bomb) . "\r\n\r\n$bomb";
	},
	many_heads => sub {
		my ($self, $client) = @_;
		print $client $head;
		$client->flush;
		$self->repeat($client, "X-Flood: yes\r\n" x 100, FLOOD);
	},
	long_head => sub {
		my ($self, $client) = @_;
		print $client $head, 'X-Flood: ';
		$client->flush;
		$self->repeat($client, 'x' x 4096, FLOOD);
	},
	continues => sub {
		my ($self, $client) = @_;
		$self->repeat($client, "HTTP/1.1 100 Continue\r\n\r\n" x 100, FLOOD);
	},
);

sub new
{
	my ($class, %options) = @_;
	my $self = $class->SUPER::new(%options);

	run_ok('openssl', 'req', '-x509', '-nodes', '-subj', '/CN=localhost',
		'-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
		'-addext', "subjectAltName=IP:$self->{address}",
		'-keyout', "$self->{dir}/key.pem", '-out', "$self->{dir}/cert.pem")
		if $self->{tls};
	$self->start;
	return $self;
}

# The URL of a behaviour, perhaps with a query.
sub url
{
	my ($self, $path, $query) = @_;

	my $scheme = $self->{tls} ? 'https' : 'http';
	return "$scheme://$self->{address}:$self->{port}$path"
		. (defined $query ? "?$query" : '');
}

sub port
{
	return $_[0]{port};
}

sub hits
{
	return $_[0]->count('hits');
}

# The number of clients that disconnected during an answer.
sub left
{
	return $_[0]->count('left');
}

# The number of endless answers that were read to their end.
sub finished
{
	return $_[0]->count('finished');
}

sub go_on
{
	$_[0]->write_file('go_on', '');
}

sub asked
{
	return decode_json($_[0]->read_file('asked'));
}

sub encrypted
{
	my ($self, $client) = @_;

	return IO::Socket::SSL->start_SSL($client, SSL_server => 1,
		SSL_cert_file => "$self->{dir}/cert.pem",
		SSL_key_file => "$self->{dir}/key.pem");
}

sub serve
{
	my ($self, $client) = @_;
	$client = $self->{tls} ? $self->encrypted($client) : $client;
	# A client that speaks TLS, or does not trust ours, sends none.
	my $request = $client && eval { read_request($client) } or return;
	my ($name) = $request->{path} =~ m{^/(\w+)};

	$self->write_file('asked', encode_json($request));
	$self->note('hits');
	$behaviour{$name // 'echo'}->($self, $client, $request);
	close $client;
}

1;
