# Io7::Wait: waits for conditions. Nothing else in the tests sleeps.
package Io7::Wait;

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(wait_until);

# Waits until the condition is true and returns its value; undef after the time. A
# condition that dies counts as not true yet.
sub wait_until
{
	my ($seconds, $condition) = @_;
	my $until = Time::HiRes::time + $seconds;

	for (;;) {
		my $result = eval { $condition->() };
		return $result if $result;
		return if Time::HiRes::time > $until;
		Time::HiRes::sleep(0.02);
	}
}

1;
