# Io7::Http: a small HTTP/1.1 client that gives a test control of every byte.
#
# It keeps its connection for further requests, pipelined or not. Answers are
# Io7::Answer. Each is compared with openapi.json: a mismatch fails the running test,
# and so does a secret in an error. What send() and receive() exchange is not checked.
package Io7::Http;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::SSL;
use Io7::Answer;
use Io7::Command;
use Io7::OpenApi;
use Io7::Secrets qw(secrets_in);
use Io7::Json;
use Test::More;
use Time::HiRes qw(time);

my $contract;

# Options: port; tls => 1; from => source address; timeout => seconds for an answer;
# host => value of the Host header; patient => 1 to send a request again, after the time
# in Retry-After, that is refused because the account has too many slow requests. A burst
# on the shared stack needs it: other tests are other accounts there.
sub new
{
	my ($class, %options) = @_;

	return bless { host => 'localhost', timeout => 30, %options, got => '' },
		$class;
}

# The document that answers are compared with.
sub contract
{
	$contract //= Io7::OpenApi->load(www() . '/openapi.json');
	return $contract;
}

# --- Requests ---------------------------------------------------------------

for my $method (qw(get head post put patch delete options)) {
	no strict 'refs';
	*$method = sub {
		my ($self, $target, %options) = @_;
		return $self->request(uc $method, $target, %options);
	};
}

# Options: headers => [NAME => VALUE, ...]; body => bytes, sent with Content-Length.
sub request
{
	my ($self, $method, $target, %options) = @_;

	for (;;) {
		$self->send($self->compose($method, $target, %options));
		my $answer = $self->judged($method, $target,
			$self->receive($method));
		return $answer unless $self->{patient} && $answer->is_slow;
		sleep $answer->{headers}{'retry-after'};
	}
}

# Sends requests in one write, each [METHOD, TARGET, OPTIONS], and returns the answers.
sub pipeline
{
	my ($self, @requests) = @_;

	$self->send(join '', map { $self->compose(@$_) } @requests);
	return map { $self->judged(@$_[0, 1], $self->receive($_->[0])) }
		@requests;
}

sub judged
{
	my ($self, $method, $target, $answer) = @_;

	$answer // die "$method $target: no answer\n";
	my @problems = contract()->problems($method, $target, $answer);
	push @problems, map { "its error holds a secret: $_" }
		secrets_in($answer->{body}) if $answer->{status} >= 400;
	if (@problems) {
		fail("$method $target keeps the contract");
		diag("status $answer->{status}: $_") for @problems;
	}
	return $answer;
}

# The bytes of a request.
sub compose
{
	my ($self, $method, $target, %options) = @_;

	my @headers = (Host => $self->{host}, @{$options{headers} // []});
	push @headers, 'Content-Length' => length $options{body}
		if defined $options{body};
	my $text = "$method $target HTTP/1.1\r\n";
	while (my ($name, $value) = splice @headers, 0, 2) {
		$text .= "$name: $value\r\n";
	}
	return $text . "\r\n" . ($options{body} // '');
}

# --- The connection ---------------------------------------------------------

# Returns the socket, a new one if the server has closed the connection.
sub socket
{
	my ($self) = @_;

	my $socket = $self->{socket};
	if ($socket && $self->{got} eq '' && !$self->is_tls_pending
		&& IO::Select->new($socket)->can_read(0)) {
		$self->close;
	}
	return $self->{socket} //= $self->connect;
}

sub is_tls_pending
{
	my ($self) = @_;

	return $self->{tls} && $self->{socket}->pending;
}

sub connect
{
	my ($self) = @_;

	$self->{got} = '';
	my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $self->{port},
		LocalAddr => $self->{from},
		Timeout => $self->{timeout},
	) or die "port $self->{port}: $@\n";
	return $socket unless $self->{tls};
	return IO::Socket::SSL->start_SSL($socket,
		SSL_verify_mode => SSL_VERIFY_NONE,
		SSL_hostname => $self->{host})
		|| die "TLS on port $self->{port}: $SSL_ERROR\n";
}

sub close
{
	my ($self) = @_;

	(delete $self->{socket})->close if $self->{socket};
}

# --- Event streams ----------------------------------------------------------

# Requests an event stream and returns the answer, which has a body only if it is an
# error. next_event() reads the events. Options: method (default GET).
sub open_stream
{
	my ($self, $target, %options) = @_;
	my $method = delete $options{method} // 'GET';

	$self->send($self->compose($method, $target, %options));
	$self->{deadline} = time + $self->{timeout};
	$self->{events} = '';
	my $head = $self->take_until("\r\n\r\n") // die "no answer\n";
	my $answer = Io7::Answer->of_head($head);
	return $self->judged($method, $target, $answer->with_body(
		$answer->{status} == 200 ? ''
			: $self->receive_body($method, $answer)));
}

# Returns the fields of the next event, and json if its data is JSON; undef at the end
# of the stream. Comments are skipped.
sub next_event
{
	my ($self) = @_;

	$self->{deadline} = time + $self->{timeout};
	for (;;) {
		while ($self->{events} =~ s/\A(.*?)\n\n//s) {
			my %field = map { /^(\w+): ?(.*)$/ ? ($1, $2) : () }
				split /\n/, $1;
			next unless defined $field{data};
			$field{json} = eval {
				decode_json($field{data}) };
			return \%field;
		}
		$self->{events} .= $self->receive_chunk // return;
	}
}

# --- Bytes ------------------------------------------------------------------

# Sends bytes unchanged. It is not an error if the server stops reading: it may have
# answered already.
sub send
{
	my ($self, $bytes) = @_;

	local $SIG{PIPE} = 'IGNORE';
	my $socket = $self->socket;
	my $at = 0;
	while ($at < length $bytes) {
		$at += syswrite($socket, $bytes, length($bytes) - $at, $at)
			// last;
	}
}

# Returns one answer without checking it; undef if the connection ends first.
sub receive
{
	my ($self, $method) = @_;

	$self->{deadline} = time + $self->{timeout};
	my $head;
	do {
		$head = $self->take_until("\r\n\r\n") // return $self->close;
	} while $head =~ m{^HTTP/1\.\d 1\d\d};
	my $answer = Io7::Answer->of_head($head);
	$answer->with_body($self->receive_body($method // 'GET', $answer));
	$self->close if ($answer->{headers}{connection} // '') eq 'close';
	return $answer;
}

sub receive_body
{
	my ($self, $method, $answer) = @_;
	my $headers = $answer->{headers};

	return '' if $method eq 'HEAD' || $answer->{status} =~ /^(204|304)$/;
	return $self->receive_chunks
		if ($headers->{'transfer-encoding'} // '') eq 'chunked';
	return $self->take($headers->{'content-length'})
		if defined $headers->{'content-length'};
	while ($self->read_more) {
	}
	return substr $self->{got}, 0, length $self->{got}, '';
}

sub receive_chunks
{
	my ($self) = @_;
	my $body = '';

	while (defined(my $chunk = $self->receive_chunk)) {
		$body .= $chunk;
	}
	return $body;
}

# Returns a chunk; undef for the empty one that ends the body.
sub receive_chunk
{
	my ($self) = @_;

	my $size = hex($self->take_until("\r\n") // die "a chunk is missing\n");
	my $chunk = $self->take($size);
	$self->take(2);
	return $size ? $chunk : undef;
}

# Returns what precedes the mark and removes both; undef if the connection ends first.
sub take_until
{
	my ($self, $mark) = @_;
	my $at;

	while (($at = index $self->{got}, $mark) < 0) {
		$self->read_more or return;
	}
	return substr($self->{got}, 0, $at + length $mark, '')
		=~ s/\Q$mark\E$//r;
}

sub take
{
	my ($self, $n) = @_;

	while (length $self->{got} < $n) {
		$self->read_more or die "the answer ends too early\n";
	}
	return substr $self->{got}, 0, $n, '';
}

# Reads more bytes. Returns false at the end of the connection.
sub read_more
{
	my ($self) = @_;

	my $socket = $self->{socket} or return;
	my $left = $self->{deadline} - time;
	$self->is_tls_pending || IO::Select->new($socket)->can_read(
		$left > 0 ? $left : 0)
		or die "no answer within $self->{timeout} s\n";
	return sysread $socket, $self->{got}, 65536, length $self->{got};
}

1;
