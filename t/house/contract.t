#!/usr/bin/perl
# openapi.json is consistent, and the checks that compare responses with it find
# every deviation.

use strict;
use warnings;

use Io7::Answer;
use Io7::Http;
use Io7::Json;
use Io7::Schema;
use Io7::Test;

binmode Test::More->builder->output, ':encoding(UTF-8)';

my $contract = Io7::Http->contract;
my $document = $contract->document;
my $schema = $contract->schema;

# --- The document -----------------------------------------------------------

sub walk
{
	my ($node, $visit) = @_;

	my @inner = ref $node eq 'HASH' ? map { $node->{$_} } sort keys %$node
		: ref $node eq 'ARRAY' ? @$node : ();
	$visit->($node) if ref $node eq 'HASH';
	walk($_, $visit) for @inner;
}

my @dangling;
walk($document, sub {
	my $ref = $_[0]{'$ref'} // return;
	push @dangling, $ref unless eval { $schema->resolve($ref) };
});
is("@dangling", '', 'every reference can be resolved');

# The examples of bodies, parameters and headers match their schemas.
my ($examples, @wrong) = 0;
walk($document, sub {
	my ($node) = @_;
	return unless ref $node->{schema};
	my @values = ($node->{example} // (),
		map { $_->{value} } values %{$node->{examples} // {}});
	$examples += @values;
	push @wrong, map { $schema->mismatches($node->{schema}, $_, 'example') }
		@values;
});
is("@wrong", '', 'every example matches its schema');
ok($examples, 'there are examples');

my %seen;
for ($contract->operations) {
	my ($method, $path, $operation) = @$_;
	my $name = "$method $path";
	like($operation->{summary}, qr/^[A-Z].*[^.]$/, "$name has a summary");
	ok(!$seen{$operation->{operationId}}++, '... and a unique operationId');
	ok($operation->{responses}{default}, '... and a default response');
	my @mine = map { /\{(\w+)\}/g } $path;
	my @declared = map { $_->{name} } grep { $_->{in} eq 'path' }
		map { $_->{'$ref'} ? $schema->resolve($_->{'$ref'}) : $_ }
		@{$operation->{parameters} // []};
	is("@{[sort @declared]}", "@{[sort @mine]}",
		'... and declares the parameters of its path');
}

# --- The schemas ------------------------------------------------------------

my $judge = Io7::Schema->new({ here => { small => { maximum => 9 } } });

sub fits
{
	my ($what, $rule, @values) = @_;

	for my $value (@values) {
		is_deeply([$judge->mismatches($rule, $value, 'it')], [],
			"$what accepts " . Io7::Schema::encode($value));
	}
}

sub misfits
{
	my ($what, $rule, @values) = @_;

	for my $value (@values) {
		is(scalar $judge->mismatches($rule, $value, 'it'), 1,
			"$what rejects " . Io7::Schema::encode($value));
	}
}

my ($true) = true();
my $point = {
	type => 'object',
	required => ['x'],
	properties => { x => { type => 'integer' }, y => { type => 'number' } },
	additionalProperties => false(),
};

fits('integer', { type => 'integer' }, 0, -1);
misfits('integer', { type => 'integer' }, 1.5, '1', $true, undef, []);
fits('number', { type => 'number' }, 1.5, 7);
misfits('number', { type => 'number' }, '7', $true);
fits('a choice of types', { type => ['string', 'null'] }, 'a', '1', undef);
misfits('a choice of types', { type => ['string', 'null'] }, 1, $true);
fits('object', $point, { x => 1 }, { x => 1, y => 1.5 });
misfits('object', $point, [], {}, { x => 'a' }, { x => 1, z => 1 });
fits('dependentRequired', { dependentRequired => { a => ['b'] } },
	{}, { b => 1 }, { a => 1, b => 1 });
misfits('dependentRequired', { dependentRequired => { a => ['b'] } }, { a => 1 });
fits('array', { type => 'array', items => $point }, [], [{ x => 1 }]);
misfits('array', { type => 'array', items => $point }, {}, [{ x => 1 }, 1]);
fits('few', { minItems => 1, maxItems => 2 }, [1], [1, 2]);
misfits('few', { minItems => 1, maxItems => 2 }, [], [1, 2, 3]);
fits('enum', { enum => ['a', 1] }, 'a', 1);
misfits('enum', { enum => ['a', 1] }, 'b', '1');
fits('const', { const => $true }, $true);
misfits('const', { const => $true }, 1, false());
fits('pattern', { pattern => '^a' }, 'abc');
misfits('pattern', { pattern => '^a' }, 'cba');
fits('a reference', { '$ref' => '#/here/small' }, 9);
misfits('a reference', { '$ref' => '#/here/small' }, 10);
fits('minLength', { minLength => 2 }, 'ab');
misfits('minLength', { minLength => 2 }, 'a');
fits('maxLength', { maxLength => 2 }, 'ab', "\x{e9}\x{4e00}");
misfits('maxLength', { maxLength => 2 }, 'abc');
fits('minimum', { minimum => 1 }, 1);
misfits('minimum', { minimum => 1 }, 0.5);
fits('a time', { format => 'date-time' }, '2026-01-31T12:34:56.123456Z');
misfits('a time', { format => 'date-time' }, '2026-01-31T12:34:56Z');
fits('a day', { format => 'date' }, '2026-01-31');
misfits('a day', { format => 'date' }, '2026-1-31', '2026-01-31T00');
fits('an id', { format => 'uuid' }, '9b2c54d0-5a0e-4b5f-8a6e-3d2f1c0b9a87');
misfits('an id', { format => 'uuid' }, '9B2C54D0-5A0E-4B5F-8A6E-3D2F1C0B9A87');

my @ranges = ({ minimum => 3 }, { maximum => 7 });
fits('allOf', { allOf => \@ranges }, 5);
misfits('allOf', { allOf => \@ranges }, 8);
fits('anyOf', { anyOf => [reverse @ranges] }, 2, 5);
misfits('anyOf', { anyOf => [{ const => 1 }, { const => 2 }] }, 3);
fits('oneOf', { oneOf => \@ranges }, 2, 8);
misfits('oneOf', { oneOf => \@ranges }, 5);

ok(!eval { $judge->mismatches({ requird => ['x'] }, {}, 'it'); 1 },
	'an unknown keyword is an error');

# --- Answers ----------------------------------------------------------------

my $id = '0123456789abcdef0123456789abcdef';

sub answer
{
	my ($status, $body, %headers) = @_;

	my %all = ('Content-Type' => 'application/json', 'X-Request-Id' => $id,
		%headers);
	return Io7::Answer->of_lines($status,
		map { "$_: $all{$_}" } keys %all)->with_body($body);
}

sub error
{
	my (%changes) = @_;

	return Io7::Schema::encode({ error => { code => 'not_found',
		message => 'The resource does not exist.', status => 404,
		request_id => $id, %changes } });
}

sub judged
{
	my ($what, $expected, $target, @answer) = @_;

	my @problems = $contract->problems('GET', $target, answer(@answer));
	like("@problems", $expected, $what);
}

my $nothing = qr/^$/;
my $alive = '{"status":"ok"}';

judged('a correct response is accepted', $nothing, '/health/live', 200, $alive);
judged('an undeclared status is reported', qr/type|no error/, '/health/live', 201, $alive);
judged('an undeclared media type is reported', qr{text/html}, '/health/live', 200, $alive,
	'Content-Type' => 'text/html');
judged('a body that is not JSON is reported', qr/not JSON/, '/health/live', 200, '{');
judged('a body that does not match is reported', qr/body\.status/, '/health/live', 200,
	'{"status":"well"}');
judged('a missing X-Request-Id is reported', qr/X-Request-Id/, '/health/live', 200, $alive,
	'X-Request-Id' => '');
judged('a header that does not match is reported', qr/header X-RateLimit-Limit is not/,
	'/api/plans', 200, '{"items":[],"next_cursor":null}',
	'X-RateLimit-Limit' => 'many');
judged('a header that matches is accepted', $nothing, '/api/plans', 200,
	'{"items":[],"next_cursor":null}', 'X-RateLimit-Limit' => '20');
judged('a correct error is accepted', $nothing, '/nowhere', 404, error());
judged('an undeclared error on a known path is accepted', $nothing, '/health', 404, error());
judged('an HTML error on an unknown path is accepted', $nothing, '/nowhere', 404, '<p>No.</p>',
	'Content-Type' => 'text/html');
judged('an HTML error on a known path is reported', qr{text/html}, '/health', 404,
	'<p>No.</p>', 'Content-Type' => 'text/html');
judged('an unknown error code is reported', qr/body\.error\.code/, '/nowhere', 404,
	error(code => 'lost'));
judged('an additional member of an error is reported', qr/body\.error\.hint/, '/nowhere', 404,
	error(hint => 'SELECT'));
judged('an error with the status of another is reported', qr/says status/, '/nowhere', 404,
	error(status => 400));
judged('an error with the id of another request is reported', qr/says request/, '/nowhere', 404,
	error(request_id => 'f' x 32));

finish;
