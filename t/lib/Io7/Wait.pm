# Io7::Wait: the one place where a test lets time pass.
package Io7::Wait;

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(wait_until);

# What the condition returns, as soon as that is true; undef after the time. A
# condition that dies is not true yet.
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
