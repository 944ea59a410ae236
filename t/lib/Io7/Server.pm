# Io7::Server: the base of the small HTTP servers on loopback that stand in for outside
# services. A subclass has the method serve($client) and a table of behaviours:
#
#     my $self = Io7::Server::new($class, behaviour => \%behaviour);
#     $self->start;
#     $self->behave('slow');
#
# It runs in its own process, so it answers while a test waits for io7. It listens at
# address => ADDRESS, 127.0.0.1 by default.
package Io7::Server;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Io7::Process qw(end_child);
use Io7::Wait;
use POSIX ();
use Socket qw(MSG_PEEK);

our @EXPORT_OK = qw(answer read_request);

sub new
{
	my ($class, %own) = @_;

	return bless { address => '127.0.0.1', %own,
		dir => tempdir(CLEANUP => 1), owner => $$ },
		$class;
}

# Starts it, at the port that it had before if there was one.
sub start
{
	my ($self) = @_;
	my $listener;

	# A port that was ours may still be closing.
	wait_until(10, sub {
		$listener = IO::Socket::INET->new(Listen => 512, ReuseAddr => 1,
			LocalAddr => $self->{address},
			LocalPort => $self->{port} // 0) })
		or die "listen: $!\n";
	$self->{port} = $listener->sockport;
	$self->{pid} = fork // die "fork: $!\n";
	return if $self->{pid};
	$SIG{CHLD} = 'IGNORE';
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
	for (;;) {
		my $client = $listener->accept or next;
		next if fork // 1;
		close $listener;
		$SIG{PIPE} = 'IGNORE';
		# A browser opens connections in advance and may not use them.
		$client->recv(my $first, 1, MSG_PEEK);
		POSIX::_exit(0) if ($first // '') eq '';
		eval { $self->serve($client); 1 } or warn ref($self) . ": $@";
		POSIX::_exit(0);
	}
}

sub stop
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;

	end_child($pid);
}

# Selects a behaviour from the table.
sub behave
{
	my ($self, $how) = @_;

	$self->{behaviour}{$how} or die "there is no behaviour $how\n";
	$self->write_file('behaviour', $how);
}

# --- HTTP -------------------------------------------------------------------

sub read_request
{
	my ($client) = @_;

	my $first = <$client> // die "no request\n";
	my ($method, $path, undef, $query) = $first
		=~ m{^([A-Z]+) ([^ ?]+)(\?(\S*))? HTTP/1\.1\r\n$}
		or die "not a request\n";
	my %headers;
	while (defined(my $line = <$client>)) {
		last if $line eq "\r\n";
		$headers{lc $1} = $2 if $line =~ /^([^:]+):\s*(.*?)\s*$/;
	}
	read $client, my $body, $headers{'content-length'} // 0;
	return { method => $method, path => $path, headers => \%headers,
		query => $query // '', body => $body };
}

sub answer
{
	my ($client, $status, $body, $location) = @_;

	print $client "HTTP/1.1 $status So\r\nConnection: close\r\n"
		. "Content-Type: application/json; charset=utf-8\r\n"
		. ($location ? "Location: $location\r\n" : '')
		. 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

# --- Files, which both sides see --------------------------------------------

sub write_file
{
	my ($self, $name, $text) = @_;
	my $path = "$self->{dir}/$name";

	open my $out, '>', "$path.$$" or die "$path: $!\n";
	print $out $text;
	close $out or die "$path: $!\n";
	chmod 0600, "$path.$$";
	rename "$path.$$", $path or die "$path: $!\n";
}

sub read_file
{
	my ($self, $name, $else) = @_;

	open my $in, '<', "$self->{dir}/$name"
		or return $else // die "$name: $!\n";
	local $/;
	return <$in>;
}

# Records an event, which count() counts.
sub note
{
	my ($self, $name) = @_;

	open my $out, '>>', "$self->{dir}/$name" or die "$name: $!\n";
	syswrite $out, '.';
}

sub count
{
	my ($self, $name) = @_;

	return -s "$self->{dir}/$name" // 0;
}

sub DESTROY
{
	my ($self) = @_;

	$self->stop if $self->{owner} == $$;
}

1;
