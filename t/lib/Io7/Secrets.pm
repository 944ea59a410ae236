# Io7::Secrets: what must never stand in a log or in an error: keys, tokens of
# sessions, of other issuers and of GitHub, and what the configuration keeps in
# files.
package Io7::Secrets;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(secrets_in secrets_of);

# One by one: each has a word that is looked for quickly.
my @forms = (
	qr/((?:test|live)_io7_[0-9a-f]{32})/,
	qr/(session_io7_[0-9a-f]{64})/,
	qr/(gh[a-z]_[A-Za-z0-9]{36})/,
	qr/(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)/,
);

# Those in a text, by the forms that they have or by the words given, each cut
# so that it can be shown.
sub secrets_in
{
	my ($text, @words) = @_;

	my @found = map { $text =~ /$_/g } @forms;
	push @found, grep { index($text, $_) >= 0 } @words;
	my %seen;
	return map { substr($_, 0, 12) . '...' } grep { !$seen{$_}++ } @found;
}

# What a configuration file keeps secret: the contents of the files it names.
sub secrets_of
{
	my ($conf) = @_;
	my @secrets;

	open my $in, '<', $conf or return;
	for (<$in>) {
		my ($file) = /^IO7_\w+_FILE=(\/\S+)$/ or next;
		open my $secret, '<', $file or next;
		my $text = do { local $/; <$secret> } // '';
		push @secrets, $text =~ /^\s*(\S{8,})\s*$/ ? $1 : ();
	}
	return @secrets;
}

1;
