# Io7::Bench::Memory: what processes keep of the tenants that they have served.
package Io7::Bench::Memory;

use strict;
use warnings;

use Exporter 'import';
use Io7::Bench::Load;
use Io7::Bench::Peers;
use Io7::File;
use List::Util qw(max);

our @EXPORT = qw(worker_memory connection_memory);

use constant { REQUESTS => 100_000, FEW => 1000, MANY => 10_000 };

# A figure of /proc/PID/smaps_rollup in megabytes, the largest of the processes. One may
# have ended meanwhile.
sub largest
{
	my ($what, @pids) = @_;

	return max map { (eval { slurp("/proc/$_/smaps_rollup") } // '')
		=~ /^$what:\s+(\d+) kB/m ? $1 / 1024 : 0 } @pids;
}

# The proportional set size of fresh workers after some requests: memory that they share
# with the supervisor counts in part.
sub worker_memory
{
	my ($cases) = @_;
	my $file = $cases->tenants_file('memory-few', 1 .. FEW);

	$cases->stack->reconfigure;
	for (my $done = 0; $done < REQUESTS;) {
		$done += load($cases->url, $file, connections => 16,
			seconds => 2)->{requests};
	}
	return largest('Pss', live_workers($cases->stack));
}

# The memory of PostgreSQL's processes without what they share, at its largest: io7
# replaces its connections before they grow without limit.
sub connection_memory
{
	my ($cases) = @_;
	my $stack = $cases->stack;
	my $file = $cases->tenants_file('memory-many', 1 .. MANY);
	my $most = 0;

	for (my $done = 0; $done < REQUESTS;) {
		$done += load($cases->url, $file, connections => 16,
			seconds => 1)->{requests};
		$most = max($most, largest('Pss_Anon', split ' ', $stack->psql(
			"SELECT pid FROM pg_stat_activity
			WHERE usename = 'io7_app' AND datname = 'io7_live'")));
	}
	return $most;
}

1;
