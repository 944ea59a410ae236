#!/usr/bin/perl
# openapi.json is complete: requests and responses have examples and bounds, every
# component is used, and npm's OpenAPI tools accept it. t/house/contract.t checks
# the examples against their schemas, t/house/examples-live.t sends them.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Http;
use Io7::Npm;
use Io7::Test;

my $contract = Io7::Http->contract;
my $document = $contract->document;
my $components = $document->{components};
my @operations = $contract->operations;

sub resolved
{
	my ($thing) = @_;

	return $thing->{'$ref'} ? $contract->schema->resolve($thing->{'$ref'})
		: $thing;
}

sub examples
{
	my ($thing) = @_;

	my @given = ($thing->{example} // (),
		map { $_->{value} } values %{$thing->{examples} // {}});
	return @given;
}

# --- Examples ---------------------------------------------------------------

my @missing;

sub wants
{
	my ($what, $thing, @members) = @_;

	push @missing, map { "$what has no $_" } grep { $_ eq 'example'
		? !examples($thing) : !$thing->{$_} } @members;
}

sub look_at_request
{
	my ($name, $operation) = @_;
	my $content = ($operation->{requestBody} // {})->{content} // {};

	for (map { resolved($_) } @{$operation->{parameters} // []}) {
		wants("$name, $_->{name}", $_, qw(description schema example));
	}
	for my $type (sort keys %$content) {
		wants("$name, $type", $content->{$type}, qw(schema example));
		look_at_members("$name, $type", $content->{$type}{schema});
		my $named = $content->{$type}{examples} // {};
		wants("$name, $type, $_", $named->{$_}, 'summary')
			for sort keys %$named;
	}
}

# Every member has a description, or refers to a schema that has one.
sub look_at_members
{
	my ($name, $schema) = @_;

	return if $schema->{'$ref'};
	my $properties = $schema->{properties} // {};
	for (sort keys %$properties) {
		my $member = $properties->{$_};
		wants("$name.$_", { %{resolved($member)}, %$member },
			'description');
		look_at_members("$name.$_", $member);
	}
	look_at_members("$name\[]", $schema->{items}) if $schema->{items};
	look_at_members($name, $_) for @{$schema->{oneOf} // []};
}

# The example of an error has the status of its response.
sub look_at_answer
{
	my ($name, $status, $answer) = @_;
	my ($headers, $content) = map { $answer->{$_} // {} } qw(headers content);

	wants($name, $answer, 'description');
	push @missing, "$name has no X-Request-Id" unless $headers->{'X-Request-Id'};
	for (sort keys %$headers) {
		wants("$name, $_", resolved($headers->{$_}),
			qw(description schema example));
	}
	for my $type (sort keys %$content) {
		wants("$name, $type", $content->{$type}, qw(schema example));
		look_at_members("$name, $type", $content->{$type}{schema});
		push @missing, grep { defined } map { ref $_ eq 'HASH'
			&& ref $_->{error} && $_->{error}{status} ne $status
			? "$name shows another status" : undef }
			$status eq 'default' ? () : examples($content->{$type});
	}
}

for (@operations) {
	my ($method, $path, $operation) = @$_;
	my $name = "$method $path";

	wants($name, $operation, qw(summary operationId tags));
	look_at_request($name, $operation);
	for my $status (sort keys %{$operation->{responses}}) {
		look_at_answer("$name $status", $status,
			resolved($operation->{responses}{$status}));
	}
}
look_at_members($_, $components->{schemas}{$_})
	for sort keys %{$components->{schemas}};
is_deeply(\@missing, [], 'everything has a description and an example');

# --- Bounds -----------------------------------------------------------------

my @unbounded;

# In requests, strings, numbers and arrays have bounds. Values of the store may be
# any JSON.
sub look_at_schema
{
	my ($name, $schema) = @_;

	$schema = resolved($schema);
	my %is = map { $_ => 1 } ref $schema->{type} ? @{$schema->{type}}
		: $schema->{type} // ();
	my $says = sub { !grep { exists $schema->{$_} } @_ };

	push @unbounded, "$name is a string without bounds"
		if $is{string} && $says->(qw(maxLength enum const pattern format));
	push @unbounded, "$name is a number without bounds" if $is{integer}
		&& ($says->('minimum') || $says->(qw(maximum format)));
	push @unbounded, "$name is an array without bounds"
		if $is{array} && $says->('maxItems');
	look_at_schema("$name\[]", $schema->{items}) if $schema->{items};
	look_at_schema($name, $_) for @{$schema->{oneOf} // []};
	my $properties = $schema->{properties} // {};
	look_at_schema("$name.$_", $properties->{$_}) for sort keys %$properties;
}

for (@operations) {
	my ($method, $path, $operation) = @$_;
	my $content = ($operation->{requestBody} // {})->{content} // {};

	look_at_schema("$method $path, $_->{name}", $_->{schema})
		for map { resolved($_) } @{$operation->{parameters} // []};
	look_at_schema("$method $path, $_", $content->{$_}{schema})
		for grep { !/ndjson/ } sort keys %$content;
}
is_deeply(\@unbounded, [], 'everything in a request has bounds');

# --- Unused components ------------------------------------------------------

my %used;

sub note_references
{
	my ($node) = @_;

	$used{$node->{'$ref'}} = 1 if ref $node eq 'HASH' && $node->{'$ref'};
	note_references($_) for ref $node eq 'HASH' ? values %$node
		: ref $node eq 'ARRAY' ? @$node : ();
}

note_references($document);
my @idle;
for my $kind (grep { $_ ne 'securitySchemes' } sort keys %$components) {
	push @idle, grep { !$used{"#/components/$_"} } map { "$kind/$_" }
		sort keys %{$components->{$kind}};
}
is_deeply(\@idle, [], 'every component is used');

my %tagged = map { $_ => 1 } map { @{$_->[2]{tags}} } @operations;
is_deeply([sort keys %tagged], [sort map { $_->{name} } @{$document->{tags}}],
	'every tag is declared and used');
ok(!(grep { !$_->{description} } @{$document->{tags}}), '... and has a description');
my %schemes = map { $_ => 1 } map { map { keys %$_ } @$_ }
	$document->{security}, map { $_->[2]{security} // [] } @operations;
is_deeply([sort keys %schemes],
	[sort keys %{$components->{securitySchemes}}],
	'every security scheme is declared and used');

# --- OpenAPI tools ------------------------------------------------------------

SKIP: {
	my ($at, $reason) = npm_client('openapi');
	skip $reason, 4 unless $at;
	my $types = tempdir(CLEANUP => 1) . '/types.ts';
	my $judged = run('node', "$at/check.mjs", www() . '/openapi.json', $types);
	is($judged->{exit}, 0, 'a validator and a linter accept it as OpenAPI 3.1')
		or diag($judged->{out}, $judged->{err});

	# A default must not make a member of a request required.
	my $text = slurp($types);
	my ($jq) = $text =~ /^ +TransformJq: \{(.*?)^ +\};/ms;
	like($jq, qr/ program: .* save\?: /s,
		'types: a jq transform requires its program, and save is optional');
	my ($put, $get) = map { $text =~ /^ +$_: \{(.*?)^ +\};/ms } qw(KvPut KvGet);
	like($put, qr/ value: .* ttl\?: /s,
		'types: put requires a value, and ttl is optional');
	unlike($get, qr/ (?:value|version|ttl)\??: /, 'types: get takes a key only');
}

finish;
