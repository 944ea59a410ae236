#!/usr/bin/perl
# openapi.json is complete: whatever can be sent or come back has an example and
# its bounds, nothing stands there that nobody uses, and a validator that others
# wrote takes it for OpenAPI 3.1. t/house/contract.t holds the examples against their
# schemas, t/house/examples-live.t sends them.

use strict;
use warnings;

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

# Each member says what it means, unless what it refers to does.
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
}

# An error says the status that it comes with.
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
is_deeply(\@missing, [], 'nothing is without an example and a description');

# --- Bounds -----------------------------------------------------------------

my @unbounded;

# Of what is sent: a text says how long or what it may be, a number how large, a
# list how many it holds. A value of the store is any value.
sub look_at_schema
{
	my ($name, $schema) = @_;

	$schema = resolved($schema);
	my %is = map { $_ => 1 } ref $schema->{type} ? @{$schema->{type}}
		: $schema->{type} // ();
	my $says = sub { !grep { exists $schema->{$_} } @_ };

	push @unbounded, "$name is a text without bounds"
		if $is{string} && $says->(qw(maxLength enum const pattern format));
	push @unbounded, "$name is a number without bounds" if $is{integer}
		&& ($says->('minimum') || $says->(qw(maximum format)));
	push @unbounded, "$name is a list without bounds"
		if $is{array} && $says->('maxItems');
	look_at_schema("$name\[]", $schema->{items}) if $schema->{items};
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
is_deeply(\@unbounded, [], 'nothing that is sent is without bounds');

# --- Nothing idle -----------------------------------------------------------

my %used;

sub note_references
{
	my ($node) = @_;

	$used{$node->{'$ref'}} = 1 if ref $node eq 'HASH' && $node->{'$ref'};
	note_references($_) for ref $node eq 'HASH' ? values %$node
		: ref $node eq 'ARRAY' ? @$node : ();
}

# The responses of the error codes are the table of errors, used or not.
note_references($document);
my %is_code = map { $_ => 1 } @{$components->{schemas}{ErrorCode}{enum}};
my @idle;
for my $kind (grep { $_ ne 'securitySchemes' } sort keys %$components) {
	push @idle, grep { !$used{"#/components/$_"} } map { "$kind/$_" }
		grep { $kind ne 'responses' || !$is_code{$_} }
		sort keys %{$components->{$kind}};
}
is_deeply(\@idle, [], 'nothing stands there for nobody');

my %tagged = map { $_ => 1 } map { @{$_->[2]{tags}} } @operations;
is_deeply([sort keys %tagged], [sort map { $_->{name} } @{$document->{tags}}],
	'each tag is told, and used');
ok(!(grep { !$_->{description} } @{$document->{tags}}), '... and described');
my %schemes = map { $_ => 1 } map { map { keys %$_ } @$_ }
	$document->{security}, map { $_->[2]{security} // [] } @operations;
is_deeply([sort keys %schemes],
	[sort keys %{$components->{securitySchemes}}],
	'each kind of credential is told, and used');

# --- What others say --------------------------------------------------------

SKIP: {
	my ($at, $reason) = npm_client('openapi');
	skip $reason, 1 unless $at;
	my $judged = run('node', "$at/check.mjs", www() . '/openapi.json');
	is($judged->{exit}, 0, 'a validator takes it for OpenAPI 3.1')
		or diag($judged->{out}, $judged->{err});
}

finish;
