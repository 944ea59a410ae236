# Tree: the common functions of the rules: the files below the current folder, and the
# report of violations. A rule is a script that prints each violation on its own line,
# as file:line: sentence, and exits with 1 if there was one.
package Tree;

use strict;
use warnings;

use Exporter 'import';
use File::Find ();

our @EXPORT = qw(files lines offence remark finish);

# Folders that hold nothing written by hand.
my %foreign = map { $_ => 1 } qw(.git build node_modules);

my $offences = 0;

# The names of all files that match, sorted.
sub files
{
	my ($pattern) = @_;
	my @found;

	File::Find::find({
		no_chdir => 1,
		preprocess => sub { grep { !$foreign{$_} } @_ },
		wanted => sub {
			my $name = s{^\./}{}r;
			push @found, $name if $name =~ $pattern && -f && !-l;
		},
	}, '.');
	return sort @found;
}

# A file's lines without their ends; nothing for what is not text.
sub lines
{
	my ($file) = @_;

	open my $in, '<', $file or die "$file: $!\n";
	my @lines = <$in>;
	chomp @lines;
	return grep({ /\0/ } @lines) ? () : @lines;
}

sub remark
{
	my ($file, $line, $sentence) = @_;

	print "$file:$line: $sentence\n";
}

sub offence
{
	remark(@_);
	$offences++;
}

# The last call of each rule: its verdict as the exit code.
sub finish
{
	exit($offences ? 1 : 0);
}

1;
