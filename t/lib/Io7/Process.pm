# Io7::Process: reads processes from /proc.
package Io7::Process;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(alive family);

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

1;
