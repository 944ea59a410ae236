#!/usr/bin/perl
# The page of the data, in Chromium: what goes out and comes in as files, what is
# deleted at once, and what the page says when it is refused.

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Pages;
use Io7::Test;
use JSON::PP ();

use constant { ESCAPE => "\x{e00c}", KEYS => 3000 };

my $stack = private_stack;
my $chrome = open_pages($stack);
$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
my $http = $stack->http;
my $account = new_account($stack);
my $folder = tempdir(CLEANUP => 1);
chmod 0755, $folder;
$chrome->devtools('Browser.setDownloadBehavior', behavior => 'allow',
	downloadPath => $folder);

sub ask
{
	my ($method, $path, $body, $as) = @_;

	return $http->request($method, $path,
		headers => ($as // $account)->auth('test'),
		defined $body ? (body => $body) : ());
}

sub count
{
	return ask(GET => '/kv?count=true')->{json}{count};
}

# The lines that the API exports, but for their versions.
sub exported
{
	return ask(GET => '/api/kv/export')->{body} =~ s/,"version":\d+//gr;
}

sub file_of
{
	my ($name, @lines) = @_;

	spew("$folder/$name", join '', map { "$_\n" } @lines);
	return "$folder/$name";
}

# The field is there to be pressed, not to be seen.
sub choose
{
	my ($file) = @_;
	my ($id) = values %{$chrome->call(POST => '/element',
		{ using => 'css selector', value => '#import-file' })};

	$chrome->call(POST => "/element/$id/value", { text => $file });
}

# How quick the net is, in bytes a second each way; without arguments: as it is.
sub throttle
{
	my ($down, $up) = @_;

	$chrome->devtools('Network.emulateNetworkConditions', latency => 0,
		offline => JSON::PP::false, downloadThroughput => $down // -1,
		uploadThroughput => $up // -1);
}

sub closes
{
	my ($what) = @_;

	eventually { !$chrome->shows('dialog') } $what;
}

# --- Out and in -------------------------------------------------------------

my @lines = map { encode_utf8(qq({"key":") . sprintf('row:%05d/ü"', $_)
	=~ s/"/\\"/r . qq(","value":{"n":12345678901234567890$_,"f":0.10,)
	. qq("s":"“$_”","l":[1e400,{"x":null}]}})) } 1 .. KEYS;
ask(POST => '/api/kv/import', join '', map { "$_\n" } @lines);
is(count(), KEYS, 'there are thousands of keys');
$chrome->visit('/dashboard/data');
use_key($account->test_key);
says('#how-many', qr/^3,000 keys$/, '... which are counted');

$chrome->click('#export');
says('#export-said', qr/^3,000 keys, [\d.]+ MB: all of it, saved\.$/,
	'all is exported');
is_accessible('an export');
$chrome->click('#export-close');
my $saved;
eventually { ($saved) = glob "$folder/io7-test-*.ndjson" } '... to a file';
is(slurp($saved), ask(GET => '/api/kv/export')->{body},
	'... byte for byte as the API gives it');
my $all = exported();

$chrome->type('#pattern', 'row:0299?');
says('#how-many', qr/^0 keys/, 'a pattern of which there is none');
$chrome->type('#pattern', 'row:0299');
says('#how-many', qr/^10 keys/, '... and one of which there are some');
$chrome->click('#wipe');
says('#wipe-said', qr/^10 keys of test data will be gone/,
	'before they are deleted they are counted');
$chrome->type('#wipe-pattern', 'row:0299');
ok($chrome->run_script('return document.querySelector("#wipe-go").disabled'),
	'... and the pattern has to be typed');
is_accessible('deleting many');
$chrome->type('#wipe-pattern', 'row:0299*');
$chrome->click('#wipe-go');
closes('... and then they are deleted');
says('#said', qr/^Deleted 10 keys\.$/, '... which is said');
says('#nothing', qr/No key is like that/, '... and seen');
is(count(), KEYS - 10, '... and no others');

$chrome->click('#import');
choose($saved);
says('#import-file-said', qr/^io7-test-.*ndjson, [\d.]+ MB$/,
	'a file is chosen');
$chrome->click('[value=skip]');
is_accessible('an import');
$chrome->click('#import-start');
says('#import-said', qr/^3,000 lines: 10 stored, 2,990 were there and stay\.$/,
	'what is not there comes back');
$chrome->click('#import-close');
is(exported(), $all, '... and all is as it was');
says('#how-many', qr/^10 keys like/, '... which the list shows');

# --- A line that is wrong ---------------------------------------------------

my $wrong = file_of('wrong.ndjson', @lines[0 .. 699],
	'{"key": "odd", "value": 01}', @lines[700 .. 1199]);
ask(DELETE => '/kv?pattern=*&confirm=true');
$chrome->click('#import');
choose($wrong);
$chrome->click('#import-start');
says('#import-trouble', qr/line 701 .*all lines before it are done\.$/,
	'a line is wrong, and which is said');
says('#wrong-line', qr/^Line 701:\n\{"key": "odd", "value": 01\}$/,
	'... and shown');
is(count(), 700, '... and what was before it is done');
is_accessible('a line that is wrong');
$chrome->click('#import-on');
says('#import-said', qr/^500 lines: 500 stored\.$/, '... and it is gone on from');
is(count(), 1200, '... to the end');
$chrome->click('#import-close');

# By dropping it.
$chrome->click('#import');
my $box = $chrome->run_script('const { x, y, width, height } =
	document.querySelector(".drop").getBoundingClientRect();
	return [x + width / 2, y + height / 2]');
for my $what (qw(dragEnter dragOver drop)) {
	$chrome->devtools('Input.dispatchDragEvent', type => $what,
		x => $box->[0], y => $box->[1], data => { items => [],
			files => [file_of('one.ndjson', '{"key":"one","value":1}')],
			dragOperationsMask => 1 });
}
says('#import-file-said', qr/^one\.ndjson, 24 B$/, 'a file is dropped');
$chrome->click('#import-start');
says('#import-said', qr/^1 line: 1 stored\.$/, '... and stored');
$chrome->click('#import-close');

$chrome->click('#import');
open my $out, '>', "$folder/large" or die "large: $!\n";
truncate $out, (64 << 20) + 1;
close $out;
choose("$folder/large");
says('#import-trouble', qr/64 MiB at most/, 'a file that is too large');
$chrome->press(ESCAPE);
closes('... is not sent');

# --- Given up, and cut off --------------------------------------------------

ask(DELETE => '/kv?pattern=*&confirm=true');
my $slow = file_of('slow.ndjson', map {
	qq({"key":"slow:$_","value":") . 'x' x 100_000 . '"}' } 1 .. 100);
throttle(-1, 500_000);
$chrome->click('#import');
choose($slow);
$chrome->click('#import-start');
says('#import-said', qr/^[\d.]+ [kM]?B of 10 MB sent$/, 'an import is slow');
$chrome->press(ESCAPE);
ok($chrome->shows('dialog'), '... and is not left by accident');
$chrome->click('#import-cancel');
says('#import-said', qr/^Cancelled/, '... but can be given up');
throttle();
$chrome->click('#import-start');
says('#import-said', qr/^100 lines: 100 stored\.$/, '... and begun again');
$chrome->click('#import-close');

$chrome->type('#pattern', 'slow:');
says('#how-many', qr/^100 keys/, 'they are there');
throttle(300_000);
unlink glob "$folder/*.ndjson";
$chrome->click('#export');
says('#export-said', qr/^\d+ of 100 keys, [\d.]+ [kM]B$/, 'an export is slow');
$chrome->click('#export-cancel');
closes('... and given up');

sub at_work
{
	return grep { ($_->{route} // '') =~ /export/ } $stack->workers('stream');
}

eventually { !at_work() } '... by the worker, too';
$chrome->click('#export');
says('#export-said', qr/^[1-9]\d* of 100 keys/, 'another one');
expect_losses(1);
kill KILL => (at_work())[0]{pid};
throttle();
says('#export-trouble', qr/cut off before its end/, '... is cut off, and says so');
like($chrome->text('#export-said'), qr/^\d+ of 100 keys came\. Nothing is saved/,
	'... and how much came');
is_accessible('an export that was cut off');
is_deeply([glob "$folder/*.ndjson"], [], '... and no file is left behind');
$chrome->click('#export-part');
my $part;
eventually { ($part) = glob "$folder/part-of-*.ndjson" } '... unless one wants it';
like(slurp($part), qr/\A(?:\{"key":"slow:\d+","value":"x+","version":\d+\}\n)+\z/,
	'... in whole lines');
$chrome->click('#export-close');

# --- What is refused --------------------------------------------------------

sub types
{
	my ($text) = @_;

	$chrome->run_script('const value = document.querySelector("#value");
		value.value = arguments[0];
		value.dispatchEvent(new Event("input"))', $text);
}

sub as
{
	my ($key, $place) = @_;

	$chrome->run_script('sessionStorage.clear(); window.onbeforeunload = null');
	$chrome->visit('/dashboard/login');
	$chrome->run_script('sessionStorage.setItem("io7.key.test", arguments[0]);
		sessionStorage.setItem("io7.mode", "test")', $key);
	$chrome->visit("/dashboard/data$place");
}

sub key_that_may
{
	my (@scopes) = @_;
	my $made = $http->post('/api/keys', headers => $account->auth('test'),
		body => JSON::PP::encode_json({ label => "@scopes", mode => 'test',
			scopes => \@scopes }));

	return $made->{json}{key} // die "no key: $made->{body}\n";
}

ask(DELETE => '/kv?pattern=*&confirm=true');
ask(PUT => '/kv/a', '{"a": 0.10}');
as(key_that_may('read'), '#key=a');
says('#notice', qr/may read, but not write/, 'a key that may only read');
is($chrome->run_script('return document.querySelector("#value").value'),
	qq({\n  "a": 0.10\n}), '... reads');
ok($chrome->run_script('return document.querySelector("#value").readOnly'),
	'... and nothing is edited');
ok(!$chrome->shows("#$_"), "... there is no $_")
	for qw(save delete change-end new import wipe);
is_accessible('what may only be read');
as(key_that_may('write'), '');
says('#list-trouble', qr/^This credential may not do that/,
	'a key that may only write');
ok(!$chrome->shows('#again'), '... for which waiting is no help');

as($account->test_key, '#key=a');
says('#facts', qr/Version/, 'a key that may all');
types('"' . 'x' x (1 << 20) . '"');
$chrome->click('#save');
says('#entry-trouble', qr/larger than allowed/, 'a value that is too large');
is($chrome->run_script('return document.querySelector("#value").value.length'),
	(1 << 20) + 2, '... and is not lost');
ask(PUT => '/kv/.', 1);
types('{"a": 0.10}');
$chrome->visit('/dashboard/data#key=..');
$chrome->click('dialog .danger') if $chrome->shows('dialog');
says('#missing', qr/Browsers take this name for a folder/,
	'a name that no address can have');
$chrome->click('#close');

$stack->stop('nginx');
$chrome->type('#pattern', 'b');
says('#list-trouble', qr/The server does not answer/, 'the server is away');
$stack->up;
$chrome->click('#again');
says('#nothing', qr/No key is like that/, '... and back');

new_plan($stack, 'tiny', bytes => 2000);
my $tiny = new_account($stack, plan => 'tiny');
ask(PUT => '/kv/a', '1', $tiny);
as($tiny->test_key, '#key=a');
says('#facts', qr/Version/, 'one with little room');
types('"' . 'x' x 3000 . '"');
$chrome->click('#save');
says('#entry-trouble', qr/The plan's storage is full/, '... has none left');
is($chrome->run_script('return document.querySelector("#value").value.length'),
	3002, '... and loses nothing');
types('2');
$chrome->click('#save');
says('#said', qr/^Saved as version/, '... and goes on with less');

new_plan($stack, 'seldom', requests => 20);
my $seldom = new_account($stack, plan => 'seldom');
ask(PUT => '/kv/a', '1', $seldom);
as($seldom->test_key, '#key=a');
says('#facts', qr/Version/, 'one who may ask seldom');
eventually {
	1 while ask(GET => '/kv/a', undef, $seldom)->{status} == 200;
	types('3');
	$chrome->click('#save');
	wait_until(2, sub { $chrome->text('#entry-trouble') =~
		/Too many requests.*Again in \d+ seconds?\.$/s });
} '... is told when they ask too often, and for how long';
ok($chrome->run_script('return document.querySelector("#save").disabled'),
	'... and waits');
is_accessible('somebody who waits');
is($chrome->run_script('return document.querySelector("#value").value'), '3',
	'... and loses nothing');

end_pages;
