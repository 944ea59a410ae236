# Io7::Process: reads processes from /proc, ends them, and finds ports for them.
package Io7::Process;

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET;

our @EXPORT = qw(alive family);
our @EXPORT_OK = qw(end_child free_port);

# Returns state and parent, or nothing if there is no such process.
sub look_at
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/stat" or return;
	return (<$in> // '') =~ /^\d+ \(.*\) (\S) (\d+)/s;
}

# Returns those of the processes that run. Zombies do not count: a container without an
# init does not reap orphans.
sub alive
{
	my (@pids) = @_;

	return grep {
		my ($state) = look_at($_);
		defined $state && $state ne 'Z';
	} @pids;
}

# Returns a process and its descendants.
sub family
{
	my ($pid) = @_;
	my %children;

	for my $other (map { m{/(\d+)$} } glob '/proc/[0-9]*') {
		my (undef, $parent) = look_at($other) or next;
		push @{$children{$parent}}, $other;
	}
	my @found = $pid;
	for (my $i = 0; $i < @found; $i++) {
		push @found, @{$children{$found[$i]} // []};
	}
	return @found;
}

# Kills a child and waits for its end; keeps the status of the test.
sub end_child
{
	my ($pid) = @_;

	local ($?, $!);
	kill KILL => $pid;
	waitpid $pid, 0;
}

# Returns a port for a program that cannot choose one itself.
sub free_port
{
	my $socket = IO::Socket::INET->new(Listen => 1,
		LocalAddr => '127.0.0.1') or die "listen: $!\n";

	return $socket->sockport;
}

1;
