# Io7::Secrets: finds secrets that must never appear in a log or an error: keys, tokens of
# sessions, other issuers and GitHub, and the secret files of the configuration.
package Io7::Secrets;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(secrets_in secrets_of);

# Separate expressions, since each begins with a literal that is found quickly.
my @forms = (
	qr/((?:test|live)_io7_[0-9a-f]{32})/,
	qr/(session_io7_[0-9a-f]{64})/,
	qr/(gh[a-z]_[A-Za-z0-9]{36})/,
	qr/(eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*)/,
);

# Returns the secrets in a text, by their form or by the given words. Each is shortened
# so that it can be printed.
sub secrets_in
{
	my ($text, @words) = @_;

	my @found = map { $text =~ /$_/g } @forms;
	push @found, grep { index($text, $_) >= 0 } @words;
	my %seen;
	return map { substr($_, 0, 12) . '...' } grep { !$seen{$_}++ } @found;
}

# Returns the secrets of a configuration: the contents of the files that it names.
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
