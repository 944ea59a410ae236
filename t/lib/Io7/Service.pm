# Io7::Service: starts io7 as a service manager does, with a notification socket and
# with listening sockets that the manager keeps.
#
#     my $service = Io7::Service->new(conf => FILE, folder => DIR);
#     $service->listen(qw(live status));
#     $service->start(WATCHDOG_USEC => 200_000);
#     eventually { $service->heard(qr/^READY=1$/m) } 'it is ready';
package Io7::Service;

use strict;
use warnings;

use Fcntl qw(F_SETFD);
use File::Copy qw(copy);
use IO::Socket::UNIX;
use Io7::Command qw(io7_program);
use Io7::Process;
use Io7::Wait;
use POSIX ();
use Socket qw(SOCK_DGRAM SOCK_STREAM SOMAXCONN);

# Options: conf => FILE; folder => DIR for all sockets; abstract => 1 for a
# notification socket without a file; program => PATH.
sub new
{
	my ($class, %options) = @_;

	my $self = bless { program => io7_program(), said => [], %options },
		$class;
	$self->{address} = $self->{abstract}
		? "\0io7-test-$$-$self->{folder}" : "$self->{folder}/notify";
	$self->{manager} = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
		Local => $self->{address}) or die "notify: $!\n";
	$self->{manager}->blocking(0);
	return $self;
}

# Replaces a stack's io7. It uses a copy of the program, so that its processes can be
# recognized.
sub in_place_of
{
	my ($class, $stack) = @_;
	my $dir = $stack->dir;
	my $program = "$dir/io7";

	copy(io7_program(), $program) or die "$program: $!\n";
	chmod 0755, $program or die "$program: $!\n";
	kill TERM => $stack->pid;
	wait_until(30, sub { !alive($stack->pid) }) or die "io7 stays\n";
	return $class->new(conf => $stack->conf_file, folder => "$dir/run",
		program => $program, pid_file => "$dir/io7.pid");
}

# The path of the program.
sub program
{
	return $_[0]{program};
}

# Opens sockets of pools, which start() passes on.
sub listen
{
	my ($self, @pools) = @_;

	for my $pool (@pools) {
		my $path = "$self->{folder}/$pool.sock";
		my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM,
			Local => $path, Listen => SOMAXCONN)
			or die "$path: $!\n";
		chmod 0666, $path;
		push @{$self->{listeners}}, $socket;
	}
}

# Starts io7, with additional environment variables.
sub start
{
	my ($self, %environment) = @_;

	my $pid = fork // die "fork: $!\n";
	$self->become_io7(%environment) if $pid == 0;
	$self->{pid} = $pid;
	# deploy/stack finds its process by this file.
	$self->write_pid if $self->{pid_file};
	return $pid;
}

sub write_pid
{
	my ($self) = @_;

	open my $out, '>', $self->{pid_file} or die "$self->{pid_file}: $!\n";
	print $out "$self->{pid}\n";
	close $out;
}

sub become_io7
{
	my ($self, %environment) = @_;

	delete $ENV{$_} for grep { /^IO7_/ } keys %ENV;
	%ENV = (%ENV, %environment,
		NOTIFY_SOCKET => $self->{address} =~ s/^\0/@/r);
	my @listeners = @{$self->{listeners} // []};
	if (@listeners) {
		# Move the descriptors away from the numbers that the sockets get.
		my @aside = map { POSIX::dup2(fileno $_, 100 + fileno $_) }
			@listeners;
		POSIX::dup2($aside[$_], 3 + $_) for 0 .. $#aside;
		POSIX::close($_) for @aside;
		$ENV{LISTEN_PID} = $$;
		$ENV{LISTEN_FDS} = @listeners;
	}
	open STDERR, '>>', "$self->{folder}/service.err";
	exec { $self->{program} } $self->{program}, 'serve', '-c', $self->{conf}
		or POSIX::_exit(127);
}

sub pid
{
	return $_[0]{pid};
}

sub signal
{
	my ($self, $signal) = @_;

	kill $signal => $self->{pid};
}

# Returns how it ended, or nothing while it runs.
sub ended
{
	my ($self) = @_;

	return unless waitpid($self->{pid}, POSIX::WNOHANG) == $self->{pid};
	return $? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8);
}

# Returns the notifications so far that match.
sub heard
{
	my ($self, $pattern) = @_;

	while (defined $self->{manager}->recv(my $text, 4096)) {
		push @{$self->{said}}, $text;
	}
	return grep { /$pattern/ } @{$self->{said}};
}

sub forget
{
	my ($self) = @_;

	$self->heard(qr/./);
	$self->{said} = [];
}

sub DESTROY
{
	my ($self) = @_;

	return unless $self->{pid} && $self->{pid} > 0;
	local $?;
	kill KILL => $self->{pid} if alive($self->{pid});
}

1;
