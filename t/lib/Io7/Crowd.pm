# Io7::Crowd: many connections in one process, each of which sends one request after
# another, without a pause.
#
#     my $crowd = Io7::Crowd->new(port => $stack->port, from => '127.0.0.9');
#     $crowd->add(20, sub { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" });
#     $crowd->start;
#     ...
#     my %seen = $crowd->stop;     # how often each status came, by kind
#
# The sub returns the bytes of the next request. Options of add(): kind, a name for the
# statuses; slow => 1 sends a byte of the body each second; deaf => 1 reads no answer.
package Io7::Crowd;

use strict;
use warnings;

use Errno qw(EAGAIN EINPROGRESS);
use File::Temp ();
use IO::Poll qw(POLLIN POLLOUT POLLERR POLLHUP);
use IO::Socket::INET;
use Io7::Process qw(end_child);
use POSIX ();
use Time::HiRes qw(time);

use constant { DEAF_S => 2, PART => 65536 };

sub new
{
	my ($class, %options) = @_;

	return bless { members => [], go => File::Temp->new,
		counts => File::Temp->new, %options }, $class;
}

sub add
{
	my ($self, $n, $next, %options) = @_;

	push @{$self->{members}}, map {
		{ next => $next, kind => 'any', number => $_, %options } } 1 .. $n;
}

sub start
{
	my ($self) = @_;

	$self->{pid} = fork // die "fork: $!\n";
	return if $self->{pid};
	eval { $self->run; 1 } or print STDERR $@;
	POSIX::_exit($@ ? 1 : 0);
}

# Ends the process. Returns, for each "KIND STATUS", how often it came; the status 0 is
# a connection that ended without an answer.
sub stop
{
	my ($self) = @_;

	unlink $self->{go}->filename;
	waitpid delete $self->{pid}, 0;
	die "the crowd failed\n" if $?;
	open my $in, '<', $self->{counts}->filename or die "counts: $!\n";
	return map { /^(.*) (\d+)$/ } <$in>;
}

sub DESTROY
{
	my ($self) = @_;

	end_child($self->{pid}) if $self->{pid};
}

# --- In the process -----------------------------------------------------------

sub run
{
	my ($self) = @_;
	my $poll = $self->{poll} = IO::Poll->new;
	my $tended = 0;

	$SIG{PIPE} = 'IGNORE';
	srand $$;
	while (-e $self->{go}->filename) {
		if (time - $tended > 0.05) {
			$self->tend($_) for @{$self->{members}};
			$tended = time;
		}
		$poll->poll(0.02);
		$self->serve($_, $poll->events($_)) for $poll->handles;
	}
	open my $out, '>', $self->{counts}->filename or die "counts: $!\n";
	print $out "$_ $self->{seen}{$_}\n" for sort keys %{$self->{seen}};
	close $out or die "counts: $!\n";
}

# What has no event of its own: a connection that has ended, and time that passes.
sub tend
{
	my ($self, $member) = @_;

	$self->begin($member) unless $member->{socket};
	$self->trickle($member) if $member->{slow};
	$self->finish($member, undef)
		if $member->{deaf} && time > $member->{deadline};
}

sub serve
{
	my ($self, $socket, $events) = @_;

	return unless $events;
	my $member = $self->{by_socket}{fileno $socket};
	$self->put($member) if $events & POLLOUT;
	$self->take($member) if $member->{socket}
		&& $events & (POLLIN | POLLERR | POLLHUP);
}

sub begin
{
	my ($self, $member) = @_;

	my $socket = $member->{socket} = $self->connect($member) or return;
	$socket->blocking(0);
	$self->{by_socket}{fileno $socket} = $member;
	$self->ask($member);
}

sub connect
{
	my ($self, $member) = @_;

	# A deaf client has room for little.
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $self->{port}, LocalAddr => $self->{from},
		$member->{deaf} ? (Sockopts => [[SO_RCVBUF => 4096]]) : ());
}

sub ask
{
	my ($self, $member) = @_;

	$member->{out} = $member->{next}->($member);
	$member->{got} = '';
	$member->{deadline} = time + DEAF_S;
	if ($member->{slow}) {
		my $head = index($member->{out}, "\r\n\r\n") + 4;
		$member->{body} = substr $member->{out}, $head, length
			$member->{out}, '';
		$member->{next_byte} = time + 1;
	}
	$self->{poll}->mask($member->{socket},
		($member->{deaf} ? 0 : POLLIN) | POLLOUT);
}

sub put
{
	my ($self, $member) = @_;

	my $n = syswrite $member->{socket}, substr($member->{out}, 0, PART);
	return $self->finish($member, 0) if !defined $n && $! != EAGAIN
		&& $! != EINPROGRESS;
	substr $member->{out}, 0, $n // 0, '';
	$self->{poll}->mask($member->{socket}, $member->{deaf} ? POLLERR : POLLIN)
		unless length $member->{out};
}

sub trickle
{
	my ($self, $member) = @_;

	return if !$member->{socket} || time < $member->{next_byte}
		|| !length $member->{body};
	$member->{next_byte} = time + 1;
	$member->{out} .= substr $member->{body}, 0, 1, '';
	$self->{poll}->mask($member->{socket}, POLLIN | POLLOUT);
}

sub take
{
	my ($self, $member) = @_;

	my $n = sysread $member->{socket}, my $bytes, PART;
	return if !defined $n && $! == EAGAIN;
	return $self->finish($member, 0) unless $n;
	$member->{got} .= $bytes;
	my $end = index $member->{got}, "\r\n\r\n";
	return if $end < 0;
	my $head = substr $member->{got}, 0, $end;
	my ($status) = $head =~ m{^HTTP/1\.1 (\d+)} or return;
	my ($length) = $head =~ /^Content-Length: (\d+)/mi;
	return if $status >= 200 && (defined $length
		? length($member->{got}) - $end - 4 < $length
		: $status != 204 && $member->{got} !~ /\r\n0\r\n\r\n\z/);
	$self->{seen}{"$member->{kind} $status"}++;
	# A request may be refused before all of its body is sent.
	return $self->finish($member, undef) if $head =~ /^Connection: close/mi
		|| $member->{slow} || length $member->{out};
	$self->ask($member);
}

sub finish
{
	my ($self, $member, $status) = @_;

	$self->{seen}{"$member->{kind} $status"}++ if defined $status;
	my $socket = delete $member->{socket} or return;
	$self->{poll}->remove($socket);
	close $socket;
}

1;
