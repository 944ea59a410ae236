#!/usr/bin/perl
# Modules that need no page, in Node.js: events.js parses event streams as the HTML
# standard defines, however they are split; json.js keeps all digits; jsoncheck.js
# accepts the same JSON as the store and reports the position of errors.

use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use Encode qw(FB_CROAK decode encode_utf8);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Command;
use Io7::File;
use Io7::Json;
use MIME::Base64 qw(encode_base64);
use Test::More;

plan(skip_all => 'there is no node: deploy/deps clients')
	if run('node', '--version')->{exit} != 0;

# What a program of t/clients/pages prints for its cases, one line each.
sub results_of
{
	my ($program, $module, $cases) = @_;
	my $folder = tempdir(CLEANUP => 1);

	copy(www() . "/assets/$module.js", "$folder/$module.mjs")
		or die "$module.js: $!\n";
	return map { decode_json($_) } split /\n/,
		run_ok({ input => encode_json($cases) }, 'node',
		top() . "/t/clients/pages/$program.mjs", "$folder/$module.mjs");
}

# --- Event streams ----------------------------------------------------------

# An event with default values.
sub event
{
	my ($data, %more) = @_;

	return { event => 'message', id => '', data => $data, %more };
}

my @two = (event('1'), event('2'));
my @cases = (
	['an empty stream', '', []],
	['lines that end in LF', "data: 1\n\ndata: 2\n\n", [@two]],
	['lines that end in CR', "data: 1\r\rdata: 2\r\r", [@two]],
	['lines that end in CRLF', "data: 1\r\n\r\ndata: 2\r\n\r\n", [@two]],
	['lines that end in any of the three', "data: 1\r\n\ndata: 2\r\r\n", [@two]],
	['an LF after a CR that ended another line', "data: 1\n\r\ndata: 2\n\r", [@two]],
	['name and id', "event: chunk\nid: 7\ndata: x\n\n",
		[event('x', event => 'chunk', id => '7')]],
	['the id applies to later events, the name does not',
		"id: 7\nevent: a\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",
		[event('x', event => 'a', id => '7'), event('y', id => '7'),
		event('z')]],
	['an id with NUL is ignored', "id: 7\nid: \0\ndata: x\n\n",
		[event('x', id => '7')]],
	['data of several lines', "data: a\ndata:\ndata:  b\ndata\n\n",
		[event("a\n\n b\n")]],
	['no space after the colon', "data:a:b\nevent:e\n\n",
		[event('a:b', event => 'e')]],
	['comments', ":\n: data: no\n\n:\r\ndata: a\n:\ndata: b\n\n",
		[event("a\nb")]],
	['unknown fields are ignored', "retry: 5\nData: x\n data: y\n\ndata: z\n\n",
		[event('z')]],
	['an event without data is dropped', "event: e\nid: 1\n\ndata: a\n\n",
		[event('a', id => '1')]],
	['empty data', "data\n\ndata:\n\n", [event(''), event('')]],
	['a byte order mark at the beginning', "\x{feff}data: a\n\n", [event('a')]],
	['a byte order mark elsewhere is data', "\x{feff}\x{feff}data: a\n\ndata: \x{feff}b\n\n",
		[event("\x{feff}b")]],
	['characters of two, three and four bytes',
		"data: \x{e9}\x{20ac}\x{1f600}\x{2028}x\n\n",
		[event("\x{e9}\x{20ac}\x{1f600}\x{2028}x")]],
	['invalid UTF-8 is replaced', \"data: a\xffb\xe2\x82\n\n",
		[event("a\x{fffd}b\x{fffd}")]],
	['an incomplete event is dropped', "data: a\n\ndata: b\n", [event('a')]],
	['an incomplete line is dropped', "data: a\n\ndata: b", [event('a')]],
	['an event of the maximum length', 'data: ' . 'x' x 19 . "\n\n", [event('x' x 19)], 26],
	['a line that is too long', "data: 1\n\n: " . 'x' x 40,
		[event('1'), { error => 'RangeError' }], 26],
	['an event that is too long', "data: 1\n\n" . "data: 12345678\n" x 3,
		[event('1'), { error => 'RangeError' }], 26],
);

my @results = results_of('cut', 'events', [map { {
	bytes => encode_base64(ref $_->[1] ? ${$_->[1]} : encode_utf8($_->[1]), ''),
	$_->[3] ? (most => $_->[3]) : () } } @cases]);
for (@cases) {
	my ($what, undef, $events) = @$_;
	my $seen = shift @results;

	is_deeply($seen->{events}, $events, $what) or diag(explain($seen));
	is_deeply($seen->{wrong}, [], 'the same events come from any split');
}
is_deeply(shift @results, { first => '1',
	left => true },
	'an event arrives before the stream ends, and the reader can leave');
is_deeply(shift @results, [], 'an empty stream has no events');

# --- Imports ----------------------------------------------------------------

# Import cycles would make the order matter in which modules run.
my %imports;
for my $file (glob(www() . '/assets/*.js'), glob(www() . '/assets/*/*.js')) {
	my $folder = $file =~ s{[^/]+$}{}r;
	$imports{$file} = [map { abs_path("$folder$_") }
		slurp($file) =~ /\bfrom "(\.[^"]+)";$/mg];
}

# Returns the modules of a cycle that can be reached from the last of a path.
sub cycle
{
	my ($done, @path) = @_;
	my $file = $path[-1];

	return @path if grep { $_ eq $file } @path[0 .. $#path - 1];
	return if $done->{$file};
	for my $next (@{$imports{$file}}) {
		my @cycle = cycle($done, @path, $next);
		return @cycle if @cycle;
	}
	$done->{$file} = 1;
	return;
}

cmp_ok(scalar keys %imports, '>', 50, 'there are modules');
is_deeply([grep { !$imports{$_} } map { @$_ } values %imports], [],
	'each import names a module');
my %done;
is_deeply([map { cycle(\%done, $_) } sort keys %imports], [],
	'no module imports itself through others');

# --- Formatting JSON --------------------------------------------------------

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
	my ($result) = results_of('json', 'json', [$text]);

	is($result->{layout}, $layout, "formatted: $text");
	is_deeply($result->{members}, $members, 'the members are found');
	is((results_of('json', 'json', [$layout]))[0]{packed}, $result->{packed},
		'the formatted text packs to the same');
}
my $long = '["' . 'x\\"' x 700_000 . '"]';
is(length((results_of('json', 'json', [$long]))[0]{layout}), length($long) + 4,
	'a long text is formatted');

# --- Checking JSON ----------------------------------------------------------

# Expands %XX to a byte and %(N*X) to N times X. Returns undef if the result is not
# UTF-8, which a user cannot enter.
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
my @judged = results_of('jsoncheck', 'jsoncheck', [map { $_->[2] } @verdicts]);
for (@verdicts) {
	my ($verdict, $name) = @$_;
	my $fault = (shift @judged)->{fault};

	is($fault && $fault->{kind}, $verdict eq 'yes' ? undef
		: $verdict eq 'no' ? 'syntax' : 'store', "$name: $verdict")
		or diag(explain($fault));
}

for (['{"a":1,}', 1, 7, qr/No value follows/],
	["[\n  1,\n  tru]", 3, 3, qr/“tru” is not valid JSON/],
	["[\n  1\n  2]", 3, 3, qr/Expected a comma or \]/],
	[qq({"a":"\x{1f600}" 1), 1, 10, qr/Expected a comma or \}/],
	['{"a":', 1, 6, qr/ends where a value/],
	["{'a':1}", 1, 2, qr/Expected a name in double quotes/],
	['["\\u0000"]', 1, 3, qr/cannot hold/],
	['{"a" 1}', 1, 6, qr/Expected a colon/],
	["[\"a\nb\"]", 1, 4, qr/line break as \\n/],
	['[1.]', 1, 4, qr/after the decimal point/],
	['1 // one', 1, 3, qr/after the value/]) {
	my ($text, $line, $column, $message) = @$_;
	my ($result) = results_of('jsoncheck', 'jsoncheck', [$text]);

	is_deeply([@{$result->{fault}}{qw(line column)}], [$line, $column],
		encode_utf8("position of the error: $text"))
		or diag(explain($result));
	like($result->{fault}{message}, $message, 'the message describes it');
}
is_deeply((results_of('jsoncheck', 'jsoncheck',
	[qq({"a":1,"b":{"a":2},\n"\\u0061":3})]))[0]{repeated},
	[{ name => 'a', line => 2, column => 1, at => 20 }],
	'a duplicate name is found, also if it is escaped');

done_testing;
