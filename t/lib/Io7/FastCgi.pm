# Io7::FastCgi: a FastCGI client that can send malformed requests to a worker.
#
# A test composes a request from records and may omit, truncate or falsify them.
# Answers are not compared with openapi.json: these tests are about the worker.
package Io7::FastCgi;

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::UNIX;
use Io7::Answer;
use Time::HiRes qw(time);

our @EXPORT_OK = qw(record begin params stdin parameters);

use constant {
	TYPE_BEGIN => 1,
	TYPE_END => 3,
	TYPE_PARAMS => 4,
	TYPE_STDIN => 5,
	TYPE_STDOUT => 6,
	RECORD_MAX => 65535,
};

# --- Records ----------------------------------------------------------------

sub record
{
	my ($type, $content) = @_;

	return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content;
}

# Splits content into the records of a stream, without the empty one that ends it.
sub records
{
	my ($type, $content) = @_;

	return join '', map { record($type, $_) }
		unpack '(a' . RECORD_MAX . ')*', $content;
}

# Begins a request of a responder that closes the connection after its answer.
sub begin
{
	return record(TYPE_BEGIN, pack 'nCx5', 1, 0);
}

# All parameters and the empty record that ends them.
sub params
{
	my (@pairs) = @_;
	my $content = '';

	while (my ($name, $value) = splice @pairs, 0, 2) {
		$content .= pack_length($name) . pack_length($value)
			. $name . $value;
	}
	return records(TYPE_PARAMS, $content) . record(TYPE_PARAMS, '');
}

sub pack_length
{
	my $n = length $_[0];

	return $n < 128 ? pack('C', $n) : pack('N', $n | 0x80000000);
}

# A part of the body. No bytes end the body.
sub stdin
{
	my ($bytes) = @_;

	return length $bytes ? records(TYPE_STDIN, $bytes) : record(TYPE_STDIN, '');
}

# The parameters that nginx sends for a request, with changes.
sub parameters
{
	my ($method, $target, %changes) = @_;

	my %of = (
		REQUEST_METHOD => $method,
		REQUEST_URI => $target,
		REQUEST_SCHEME => 'http',
		REQUEST_ID => join('', map { sprintf '%x', int rand 16 } 1 .. 32),
		CONTENT_LENGTH => '',
		CONTENT_TYPE => '',
		REMOTE_ADDR => '127.0.0.1',
		SERVER_PROTOCOL => 'HTTP/1.1',
		HTTP_HOST => 'localhost',
		IO7_BEGAN => sprintf('%.3f', time),
		IO7_OPERATOR => 0,
		%changes,
	);
	return map { ($_, $of{$_}) } sort keys %of;
}

# --- A connection -----------------------------------------------------------

sub connect
{
	my ($class, $path) = @_;

	my $socket = IO::Socket::UNIX->new(Peer => $path)
		or die "$path: $!\n";
	return bless { socket => $socket }, $class;
}

# Sends a request without a body and returns the answer.
sub ask
{
	my ($class, $path, $method, $target, %changes) = @_;

	my $self = $class->connect($path);
	$self->send(begin, params(parameters($method, $target, %changes)),
		stdin(''));
	return $self->answer;
}

sub send
{
	my ($self, @bytes) = @_;

	local $SIG{PIPE} = 'IGNORE';
	my $bytes = join '', @bytes;
	my $at = 0;
	while ($at < length $bytes) {
		$at += syswrite($self->{socket}, $bytes, length($bytes) - $at,
			$at) // last;
	}
}

sub close
{
	my ($self) = @_;

	(delete $self->{socket})->close;
}

# Returns the answer, or undef if the worker closes without one. Then it closes this
# side too, as nginx does, because the worker waits for that.
sub answer
{
	my ($self, $timeout) = @_;

	my $bytes = $self->read_all($timeout // 30);
	$self->close;
	my ($output, $is_ended) = ('', 0);
	while (length $bytes >= 8) {
		my (undef, $type, undef, $n, $padding) = unpack 'CCnnC', $bytes;
		last if length $bytes < 8 + $n + $padding;
		$output .= substr $bytes, 8, $n if $type == TYPE_STDOUT;
		$is_ended = 1 if $type == TYPE_END;
		substr $bytes, 0, 8 + $n + $padding, '';
	}
	return unless $is_ended && length $output;
	return Io7::Answer->of_cgi($output);
}

# Reads until the worker closes the connection.
sub read_all
{
	my ($self, $timeout) = @_;

	$self->{deadline} = time + $timeout;
	my $bytes = '';
	while (length(my $some = $self->read_some)) {
		$bytes .= $some;
	}
	return $bytes;
}

# Reads the next bytes; '' at the end.
sub read_some
{
	my ($self) = @_;

	my $left = ($self->{deadline} //= time + 30) - time;
	IO::Select->new($self->{socket})->can_read($left > 0 ? $left : 0)
		or die "the worker does not answer\n";
	sysread $self->{socket}, my $bytes, 65536;
	return $bytes // '';
}

1;
