# Io7::HranaAnswer: an answer of Hrana in a form in which two servers can be compared.
#
#     is(canonical('v2/pipeline', $one), canonical('v2/pipeline', $other));
#
# It leaves out what differs between two servers that are both right:
#   - batons and base urls, the time a statement took, rows read and written, and the
#     position of a replica
#   - the text of an error of a parser: sqld parses statements by itself first
#   - the body of an answer that is no result: its status says all
#   - the order of rows: a plan chooses it unless the statement does
# Floats are compared by value, whichever way they are written. sqld cannot say what a
# text is that is not UTF-8: that answer, or the end of the connection, is undef.
package Io7::HranaAnswer;

use strict;
use warnings;

use Exporter 'import';
use Io7::Json;

our @EXPORT_OK = qw(canonical);

my $json = json_codec()->canonical;
my $LEFT_OUT = qr/^(?:baton|base_url|query_duration_ms|rows_read|rows_written
	|replication_index)$/x;

sub canonical
{
	my ($path, $answer) = @_;

	return if $answer->{status} == 0;
	return if $answer->{status} == 500 && $answer->{body} =~ /invalid utf-8/;
	return 'status ' . status($answer) if $answer->{status} != 200;
	my @values = map { plain($json->decode($_)) } $path =~ /cursor/
		? split /\n/, $answer->{body} : $answer->{body};
	@values = sorted_rows(grep { ($_->{type} // '') ne 'replication_index' }
		@values);
	return join "\n", "status $answer->{status}",
		map { $json->encode($_) } @values;
}

# sqld blames itself for a cursor whose statements it refuses before it runs one.
sub status
{
	my ($answer) = @_;

	return 400 if $answer->{status} == 500
		&& $answer->{body} =~ /Internal Error: `/;
	return $answer->{status};
}

# Rows between two other entries of a cursor, sorted.
sub sorted_rows
{
	my (@entries) = @_;
	my (@sorted, @rows);

	for my $entry (@entries, undef) {
		if ($entry && ($entry->{type} // '') eq 'row') {
			push @rows, $entry;
			next;
		}
		push @sorted, by_text(@rows);
		@rows = ();
		push @sorted, $entry if $entry;
	}
	return @sorted;
}

sub by_text
{
	return map { $_->[1] } sort { $a->[0] cmp $b->[0] }
		map { [$json->encode($_), $_] } @_;
}

# Returns a value without what may differ.
sub plain
{
	my ($value) = @_;

	return [map { plain($_) } @$value] if ref $value eq 'ARRAY';
	return $value if ref $value ne 'HASH';
	return { type => 'float', value => defined $value->{value}
		? sprintf('%.17g', $value->{value}) : undef }
		if ($value->{type} // '') eq 'float';
	return plain_error($value) if exists $value->{code};
	my %plain = map { $_ => plain($value->{$_}) }
		grep { !/$LEFT_OUT/ } keys %$value;
	$plain{rows} = [by_text(@{$plain{rows}})] if ref $plain{rows} eq 'ARRAY';
	return \%plain;
}

# SQLite may name another place of an error in each version.
sub plain_error
{
	my ($error) = @_;

	return { code => $error->{code} } if $error->{code} eq 'SQL_PARSE_ERROR';
	return { code => $error->{code}, message => $error->{message} };
}

1;
