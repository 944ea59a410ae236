# Io7::Process: processes as /proc shows them.
package Io7::Process;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(alive family);

# State and parent; nothing where there is no such process.
sub look_at
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/stat" or return;
	return (<$in> // '') =~ /^\d+ \(.*\) (\S) (\d+)/s;
}

# Those of these processes that run. One that has ended and that nobody has
# waited for does not: in a container that may be the fate of every orphan.
sub alive
{
	my (@pids) = @_;

	return grep {
		my ($state) = look_at($_);
		defined $state && $state ne 'Z';
	} @pids;
}

# A process and all below it.
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
