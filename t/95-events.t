#!/usr/bin/perl
# assets/events.js reads streams of events as the HTML standard says, wherever
# they are cut.

use strict;
use warnings;

use Encode qw(encode_utf8);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Command;
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;

plan(skip_all => 'there is no node')
	if run('node', '--version')->{exit} != 0;

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

my $folder = tempdir(CLEANUP => 1);
copy(top() . '/deploy/www/assets/events.js', "$folder/events.mjs")
	or die "events.js: $!\n";
my @lines = split /\n/, run_ok({ input => JSON::PP::encode_json([map {
	{ bytes => encode_base64(ref $_->[1] ? ${$_->[1]} : encode_utf8($_->[1]),
		''), $_->[3] ? (most => $_->[3]) : () } } @cases]) },
	'node', top() . '/t/clients/events/cut.mjs', "$folder/events.mjs");

for (@cases) {
	my ($what, undef, $events) = @$_;
	my $seen = JSON::PP::decode_json(shift @lines);

	is_deeply($seen->{events}, $events, $what) or diag(explain($seen));
	is_deeply($seen->{wrong}, [], '... wherever it is cut');
}
is_deeply(JSON::PP::decode_json(shift @lines), { first => '1',
	left => JSON::PP::true },
	'an event is there before the stream ends, which can be left');
is_deeply(JSON::PP::decode_json(shift @lines), [], 'no piece, no event');

done_testing;
