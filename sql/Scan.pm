# Scan: the files that sql/gen reads and writes, and the text of SQL.
package Scan;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(fault faults read_file write_file scan find);

my @faults;

sub fault {
	my ($file, $line, $what) = @_;

	push @faults, "$file:$line: $what\n";
	return;
}

sub faults {
	return @faults;
}

sub read_file {
	my ($file) = @_;

	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return <$in> // '';
}

sub write_file {
	my ($file, $content) = @_;

	return if -e $file && read_file($file) eq $content;
	open my $out, '>', $file or die "$file: $!\n";
	print $out $content;
	close $out or die "$file: $!\n";
}

# --- SQL --------------------------------------------------------------------

my $COMMENT = qr{
	--[^\n]* | (?<nest> /\* (?: (?&nest) | (?!\*/) . )* \*/ )
}xs;
my $QUOTED = qr{
	[eE]' (?: [^'\\] | \\. | '' )* ' | ' (?: [^'] | '' )* ' |
	" (?: [^"] | "" )* " | (?<tag> \$ (?: [A-Za-z_]\w* )? \$ ) .*? \g{tag}
}xs;
my $OPENING = qr{ ['"] | /\* | \$ (?: [A-Za-z_]\w* )? \$ }x;

# Returns the SQL to send, without comments, and a copy for searching, in which
# comments are replaced by blanks and quoted text by quotes. The copy has the
# same lines and columns as the file.
sub scan {
	my ($file, $first_line, $sql) = @_;
	my ($sent, $bare) = ('', '');
	my $line = sub { $first_line + ($bare =~ tr/\n//) };

	while ($sql =~ m{ \G (?: (?<comment> $COMMENT ) | (?<quoted> $QUOTED )
	    | (?<opening> $OPENING ) | (?<plain> \w+ | . ) ) }gxs) {
		my ($comment, $quoted) = @+{qw(comment quoted)};

		fault($file, $line->(), "$& is not closed") if $+{opening};
		fault($file, $line->(), '{tenant} inside quotes, expected outside')
		    if defined $quoted && $quoted =~ /\{tenant\}/;

		$sent .= $& unless defined $comment;
		$bare .= defined $comment ? $comment =~ tr/\n/ /cr
		    : defined $quoted ? $quoted =~ tr/\n/'/cr : $&;
	}
	find($bare, qr/\{(?!tenant\})[^{}\n]*\}?/, $first_line, sub {
		fault($file, $_[0], "$_[1], expected no placeholder but {tenant}");
	});
	return ($sent, $bare);
}

# Calls $found->(LINE, TEXT) for each match.
sub find {
	my ($text, $pattern, $first_line, $found) = @_;

	while ($text =~ /$pattern/g) {
		my ($match, $before) = ($&, substr $text, 0, $-[0]);
		$found->($first_line + ($before =~ tr/\n//), $match);
	}
}

1;
