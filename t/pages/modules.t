#!/usr/bin/perl
# Modules of the pages that need no page, in node: events.js reads streams of events
# as the HTML standard says, wherever they are cut; json.js keeps every digit;
# jsoncheck.js takes for JSON what the store does, and says where it goes wrong.

use strict;
use warnings;
use utf8;

use Encode qw(FB_CROAK decode encode_utf8);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Command;
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;

plan(skip_all => 'there is no node')
	if run('node', '--version')->{exit} != 0;

# What a program of t/clients/pages says of a module about its cases: a line each.
sub told
{
	my ($program, $module, $cases) = @_;
	my $folder = tempdir(CLEANUP => 1);

	copy(www() . "/assets/$module.js", "$folder/$module.mjs")
		or die "$module.js: $!\n";
	return map { JSON::PP->new->utf8->decode($_) } split /\n/,
		run_ok({ input => JSON::PP::encode_json($cases) }, 'node',
		top() . "/t/clients/pages/$program.mjs", "$folder/$module.mjs");
}

# --- Streams of events ------------------------------------------------------

# As an event is without a name and an id.
sub said
{
	my ($data, %more) = @_;

	return { event => 'message', id => '', data => $data, %more };
}

my @two = (said('1'), said('2'));
my @cases = (
	['nothing', '', []],
	['lines that end in LF', "data: 1\n\ndata: 2\n\n", [@two]],
	['in CR', "data: 1\r\rdata: 2\r\r", [@two]],
	['in both', "data: 1\r\n\r\ndata: 2\r\n\r\n", [@two]],
	['in each', "data: 1\r\n\ndata: 2\r\r\n", [@two]],
	['CR and LF of two lines', "data: 1\n\r\ndata: 2\n\r", [@two]],
	['a name and an id', "event: chunk\nid: 7\ndata: x\n\n",
		[said('x', event => 'chunk', id => '7')]],
	['an id stays, a name does not',
		"id: 7\nevent: a\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",
		[said('x', event => 'a', id => '7'), said('y', id => '7'),
		said('z')]],
	['an id with NUL is none', "id: 7\nid: \0\ndata: x\n\n",
		[said('x', id => '7')]],
	['many lines', "data: a\ndata:\ndata:  b\ndata\n\n",
		[said("a\n\n b\n")]],
	['no blank behind the colon', "data:a:b\nevent:e\n\n",
		[said('a:b', event => 'e')]],
	['comments', ":\n: data: no\n\n:\r\ndata: a\n:\ndata: b\n\n",
		[said("a\nb")]],
	['fields that nobody knows', "retry: 5\nData: x\n data: y\n\ndata: z\n\n",
		[said('z')]],
	['no data, no event', "event: e\nid: 1\n\ndata: a\n\n",
		[said('a', id => '1')]],
	['data that is empty', "data\n\ndata:\n\n", [said(''), said('')]],
	['a mark at the beginning', "\x{feff}data: a\n\n", [said('a')]],
	['... and only there', "\x{feff}\x{feff}data: a\n\ndata: \x{feff}b\n\n",
		[said("\x{feff}b")]],
	['letters of two, three and four bytes',
		"data: \x{e9}\x{20ac}\x{1f600}\x{2028}x\n\n",
		[said("\x{e9}\x{20ac}\x{1f600}\x{2028}x")]],
	['what is not UTF-8', \"data: a\xffb\xe2\x82\n\n",
		[said("a\x{fffd}b\x{fffd}")]],
	['an event that is not whole', "data: a\n\ndata: b\n", [said('a')]],
	['a line that is not whole', "data: a\n\ndata: b", [said('a')]],
	['as much as may be', 'data: ' . 'x' x 19 . "\n\n", [said('x' x 19)], 26],
	['a line too long', "data: 1\n\n: " . 'x' x 40,
		[said('1'), { error => 'RangeError' }], 26],
	['an event too long', "data: 1\n\n" . "data: 12345678\n" x 3,
		[said('1'), { error => 'RangeError' }], 26],
);

my @told = told('cut', 'events', [map { {
	bytes => encode_base64(ref $_->[1] ? ${$_->[1]} : encode_utf8($_->[1]), ''),
	$_->[3] ? (most => $_->[3]) : () } } @cases]);
for (@cases) {
	my ($what, undef, $events) = @$_;
	my $seen = shift @told;

	is_deeply($seen->{events}, $events, $what) or diag(explain($seen));
	is_deeply($seen->{wrong}, [], '... wherever it is cut');
}
is_deeply(shift @told, { first => '1',
	left => JSON::PP::true },
	'an event is there before the stream ends, which can be left');
is_deeply(shift @told, [], 'no piece, no event');

# --- JSON as text -----------------------------------------------------------

my $number = '-12345678901234567890.10e+400';
for (['1', '1', {}],
	['{}', '{}', {}],
	[' [ ] ', '[]', {}],
	[qq({"n":$number,"b":[1,{}, [ ]]}),
		qq({\n  "n": $number,\n  "b": [\n    1,\n    {},\n    []\n  ]\n}),
		{ n => $number, b => '[1,{}, [ ]]' }],
	['{"a" : {"x":{"y":1}, "z":2},"":null}',
		qq({\n  "a": {\n    "x": {\n      "y": 1\n    },\n    "z": 2\n  },)
		. qq(\n  "": null\n}),
		{ a => '{"x":{"y":1}, "z":2}', '' => 'null' }],
	['{"a\\"b":"}\\\\","c":"[\\"{:,"}', qq({\n  "a\\"b": "}\\\\",)
		. qq(\n  "c": "[\\"{:,"\n}),
		{ 'a"b' => '"}\\\\"', c => '"[\\"{:,"' }],
	['["a" , true]', qq([\n  "a",\n  true\n]), {}]) {
	my ($text, $layout, $members) = @$_;
	my ($told) = told('json', 'json', [$text]);

	is($told->{layout}, $layout, "laid out: $text");
	is_deeply($told->{members}, $members, '... and taken apart');
	is((told('json', 'json', [$layout]))[0]{packed}, $told->{packed},
		'... and packs to the same');
}
my $long = '["' . 'x\\"' x 700_000 . '"]';
is(length((told('json', 'json', [$long]))[0]{layout}), length($long) + 4,
	'a long one, too');

# --- What is JSON -----------------------------------------------------------

# %XX is a byte, %(N*X) is X, N times; undef where that is no UTF-8, which
# nobody can type.
sub unfold
{
	my ($text) = @_;

	$text =~ s/%\((\d+)\*([^)]*)\)/$2 x $1/ge;
	$text =~ s/%([0-9A-F]{2})/chr hex $1/ge;
	return eval { decode('UTF-8', $text, FB_CROAK) };
}

open my $in, '<', top() . '/t/data/json/cases' or die "cases: $!\n";
my @verdicts = grep { defined $_->[2] }
	map { /^(\w+)\t+([\w-]+)(?:\t+(.*))?$/ ? [$1, $2, unfold($3 // '')] : () }
	<$in>;
cmp_ok(scalar @verdicts, '>', 400, 'there are cases');
my @judged = told('jsoncheck', 'jsoncheck', [map { $_->[2] } @verdicts]);
for (@verdicts) {
	my ($verdict, $name) = @$_;
	my $fault = (shift @judged)->{fault};

	is($fault && $fault->{kind}, $verdict eq 'yes' ? undef
		: $verdict eq 'no' ? 'syntax' : 'store', "$name: $verdict")
		or diag(explain($fault));
}

for (['{"a":1,}', 1, 7, qr/Nothing follows/],
	["[\n  1,\n  tru]", 3, 3, qr/“tru” is no JSON/],
	["[\n  1\n  2]", 3, 3, qr/A comma or \] should/],
	[qq({"a":"\x{1f600}" 1), 1, 10, qr/A comma or \} should/],
	['{"a":', 1, 6, qr/ends where a value/],
	["{'a':1}", 1, 2, qr/A name in double quotes/],
	['["\\u0000"]', 1, 3, qr/cannot hold/],
	['{"a" 1}', 1, 6, qr/A colon should/],
	["[\"a\nb\"]", 1, 4, qr/written \\n/],
	['[1.]', 1, 4, qr/behind the point/],
	['1 // one', 1, 3, qr/behind the value/]) {
	my ($text, $line, $column, $message) = @$_;
	my ($told) = told('jsoncheck', 'jsoncheck', [$text]);

	is_deeply([@{$told->{fault}}{qw(line column)}], [$line, $column],
		encode_utf8("where it goes wrong: $text"))
		or diag(explain($told));
	like($told->{fault}{message}, $message, '... and how');
}
is_deeply((told('jsoncheck', 'jsoncheck',
	[qq({"a":1,"b":{"a":2},\n"\\u0061":3})]))[0]{repeated},
	[{ name => 'a', line => 2, column => 1, at => 20 }],
	'a name that stands twice, however it is written');

done_testing;
