# Io7::File: a whole file at once.
#
#     my $text = slurp('conf/io7.conf');
#     spew("$folder/io7.conf", $text =~ s/live/test/r);
#
# Bytes, unless a layer says that it is text: slurp($file, ':encoding(UTF-8)').
package Io7::File;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(slurp spew);

sub slurp
{
	my ($file, $layer) = @_;

	open my $in, '<' . ($layer // ':raw'), $file or die "$file: $!\n";
	local $/;
	return <$in>;
}

sub spew
{
	my ($file, $text, $layer) = @_;

	open my $out, '>' . ($layer // ':raw'), $file or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
}

1;
