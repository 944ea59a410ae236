# Io7::Bench::Figures: what several rounds say together.
package Io7::Bench::Figures;

use strict;
use warnings;

use Exporter 'import';
use List::Util qw(min max);

our @EXPORT = qw(quantile median spread);

# The value below which a share of the values lies.
sub quantile
{
	my ($share, @values) = @_;
	my @sorted = sort { $a <=> $b } @values;

	return @sorted ? $sorted[$share * $#sorted] : undef;
}

# The value in the middle, or the mean of the two.
sub median
{
	my @sorted = sort { $a <=> $b } @_;

	return ($sorted[@sorted / 2] + $sorted[$#sorted / 2]) / 2;
}

# { median, min, max } of the rounds, or nothing without a round.
sub spread
{
	my @values = grep { defined } @_;

	return unless @values;
	return { median => median(@values), min => min(@values),
		max => max(@values) };
}

1;
