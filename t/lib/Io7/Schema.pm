# Io7::Schema: a validator for the part of JSON Schema 2020-12 that openapi.json
# uses.
#
# Each row of the table is a keyword. An unknown keyword is an error: otherwise a
# misspelt one would accept everything.
package Io7::Schema;

use strict;
use warnings;

use B ();
use Io7::Json;

my %type = (
	object => sub { ref $_[0] eq 'HASH' },
	array => sub { ref $_[0] eq 'ARRAY' },
	string => sub { is_string($_[0]) },
	number => sub { is_number($_[0]) },
	integer => sub { is_number($_[0]) && $_[0] == int $_[0] },
	boolean => sub { is_bool($_[0]) },
	null => sub { !defined $_[0] },
);

my $hex = '[0-9a-f]';
my %format = (
	date => qr/^\d{4}-\d\d-\d\d$/,
	'date-time' => qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
	uuid => qr/^$hex{8}-$hex{4}-$hex{4}-$hex{4}-$hex{12}$/,
);

# Each function returns the problems of a value as sentences that begin with the
# place.
my %keyword = (
	'$ref' => sub {
		my ($self, $ref, $value, $at) = @_;
		return $self->mismatches($self->resolve($ref), $value, $at);
	},
	type => sub {
		my ($self, $types, $value, $at) = @_;
		my @types = ref $types ? @$types : $types;
		return if grep { known(\%type, $_)->($value) } @types;
		return "$at is not @{[join ' or ', @types]}";
	},
	enum => sub {
		my ($self, $list, $value, $at) = @_;
		return if grep { same($_, $value) } @$list;
		return "$at is none of @{[encode($list)]}";
	},
	const => sub {
		my ($self, $const, $value, $at) = @_;
		return same($const, $value) ? () : "$at is not @{[encode($const)]}";
	},
	pattern => sub {
		my ($self, $pattern, $value, $at) = @_;
		return if !is_string($value) || $value =~ /$pattern/;
		return "$at does not match $pattern";
	},
	format => sub {
		my ($self, $name, $value, $at) = @_;
		return if !is_string($value) || $value =~ known(\%format, $name);
		return "$at is not a $name";
	},
	minLength => sub {
		my ($self, $least, $value, $at) = @_;
		return if ref $value || !defined $value || length $value >= $least;
		return "$at has fewer than $least characters";
	},
	maxLength => sub {
		my ($self, $most, $value, $at) = @_;
		return if ref $value || !defined $value || length $value <= $most;
		return "$at has more than $most characters";
	},
	minimum => sub {
		my ($self, $minimum, $value, $at) = @_;
		return if !is_number($value) || $value >= $minimum;
		return "$at is less than $minimum";
	},
	maximum => sub {
		my ($self, $maximum, $value, $at) = @_;
		return if !is_number($value) || $value <= $maximum;
		return "$at is more than $maximum";
	},
	required => sub {
		my ($self, $names, $value, $at) = @_;
		return unless ref $value eq 'HASH';
		return map { "$at has no $_" } grep { !exists $value->{$_} } @$names;
	},
	dependentRequired => sub {
		my ($self, $names, $value, $at) = @_;
		return unless ref $value eq 'HASH';
		return map {
			my $given = $_;
			map { "$at has $given and no $_" }
				grep { !exists $value->{$_} } @{$names->{$given}}
		} grep { exists $value->{$_} } sort keys %$names;
	},
	properties => sub {
		my ($self, $properties, $value, $at) = @_;
		return unless ref $value eq 'HASH';
		return map { $self->mismatches($properties->{$_}, $value->{$_}, "$at.$_") }
			grep { exists $value->{$_} } sort keys %$properties;
	},
	additionalProperties => sub {
		my ($self, $rest, $value, $at, $schema) = @_;
		return unless ref $value eq 'HASH';
		return map { $self->mismatches($rest, $value->{$_}, "$at.$_") }
			grep { !exists $schema->{properties}{$_} } sort keys %$value;
	},
	items => sub {
		my ($self, $item, $value, $at) = @_;
		return unless ref $value eq 'ARRAY';
		return map { $self->mismatches($item, $value->[$_], "$at\[$_]") }
			0 .. $#$value;
	},
	minItems => sub {
		my ($self, $least, $value, $at) = @_;
		return if ref $value ne 'ARRAY' || @$value >= $least;
		return "$at has fewer than $least items";
	},
	maxItems => sub {
		my ($self, $most, $value, $at) = @_;
		return if ref $value ne 'ARRAY' || @$value <= $most;
		return "$at has more than $most items";
	},
	allOf => sub {
		my ($self, $schemas, $value, $at) = @_;
		return map { $self->mismatches($_, $value, $at) } @$schemas;
	},
	anyOf => sub {
		my ($self, $schemas, $value, $at) = @_;
		return $self->matching($schemas, $value) ? () : "$at fits none of anyOf";
	},
	oneOf => sub {
		my ($self, $schemas, $value, $at) = @_;
		my $n = $self->matching($schemas, $value);
		return $n == 1 ? () : "$at fits $n of oneOf";
	},
	map { $_ => sub { } } qw(title description default example examples),
);

# Creates a validator that resolves references in a document.
sub new
{
	my ($class, $document) = @_;

	return bless { document => $document }, $class;
}

# Resolves a local reference ("#/components/...").
sub resolve
{
	my ($self, $ref) = @_;

	my ($path) = $ref =~ m{^#/(.+)$} or die "$ref: not a local reference\n";
	my $node = $self->{document};
	for (split m{/}, $path) {
		my $step = s/~1/\//gr =~ s/~0/~/gr;
		$node = $node->{$step} // die "$ref: points nowhere\n";
	}
	return $node;
}

# Returns all problems of a value; none if it matches.
sub mismatches
{
	my ($self, $schema, $value, $at) = @_;

	if (is_bool($schema)) {
		return $schema ? () : "$at may not be there";
	}
	return map {
		known(\%keyword, $_)->($self, $schema->{$_}, $value, $at, $schema)
	} sort keys %$schema;
}

sub matching
{
	my ($self, $schemas, $value) = @_;

	return scalar grep { !$self->mismatches($_, $value, '') } @$schemas;
}

sub known
{
	my ($table, $name) = @_;

	return $table->{$name} // die "schema: $name is unknown\n";
}

# JSON distinguishes "1" from 1 only by the flags of the scalar.
sub is_number
{
	my ($value) = @_;

	return 0 if !defined $value || ref $value;
	my $flags = B::svref_2object(\$value)->FLAGS;
	return !($flags & B::SVf_POK) && !!($flags & (B::SVf_IOK | B::SVf_NOK));
}

sub is_string
{
	my ($value) = @_;

	return defined $value && !ref $value && !is_number($value);
}

sub encode
{
	return json_codec()->utf8(0)->canonical->encode($_[0]);
}

sub same
{
	my ($one, $other) = @_;

	return encode($one) eq encode($other);
}

1;
