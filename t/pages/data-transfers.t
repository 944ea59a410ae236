#!/usr/bin/perl
# The data page, in Chromium: export, import, deleting many keys, and the errors of
# the API.

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Pages;
use Io7::Test;
use Io7::Json;

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

# The exported lines without their versions.
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

# The file field is invisible: clicks go through WebDriver to the element.
sub choose
{
	my ($file) = @_;
	my ($id) = values %{$chrome->call(POST => '/element',
		{ using => 'css selector', value => '#import-file' })};

	$chrome->call(POST => "/element/$id/value", { text => $file });
}

# Limits the network to bytes per second each way; without arguments: no limit.
sub throttle
{
	my ($down, $up) = @_;

	$chrome->devtools('Network.emulateNetworkConditions', latency => 0,
		offline => false, downloadThroughput => $down // -1,
		uploadThroughput => $up // -1);
}

sub closes
{
	my ($what) = @_;

	eventually { !$chrome->shows('dialog') } $what;
}

# --- Export and import ------------------------------------------------------

my @lines = map { encode_utf8(qq({"key":") . sprintf('row:%05d/ü"', $_)
	=~ s/"/\\"/r . qq(","value":{"n":12345678901234567890$_,"f":0.10,)
	. qq("s":"“$_”","l":[1e400,{"x":null}]}})) } 1 .. KEYS;
ask(POST => '/api/kv/import', join '', map { "$_\n" } @lines);
is(count(), KEYS, 'the store has thousands of keys');
$chrome->visit('/dashboard/data');
use_key($account->test_key);
says('#how-many', qr/^3,000 keys$/, 'the page counts them');

$chrome->click('#export');
says('#export-status', qr/^3,000 keys, [\d.]+ MB exported\.$/,
	'all keys are exported');
is_accessible('the dialog of a finished export');
$chrome->click('#export-close');
my $saved;
eventually { ($saved) = grep { -s } glob "$folder/io7-test-*.ndjson" }
	'the file is saved';
is(slurp($saved), ask(GET => '/api/kv/export')->{body},
	'the file is the API\'s answer, byte for byte');
my $all = exported();

$chrome->type('#pattern', 'row:0299?');
says('#how-many', qr/^0 keys/, 'a pattern without matches');
$chrome->type('#pattern', 'row:0299');
says('#how-many', qr/^10 keys/, 'a pattern with matches');
$chrome->click('#delete-all');
says('dialog h2', qr/^Delete 10 keys that match row:0299\*\?$/,
	'the dialog shows how many keys will be deleted');
$chrome->type('#delete-all-pattern', 'row:0299');
ok($chrome->run_script('return document.querySelector("#delete-all-go").disabled'),
	'the pattern must be typed completely');
is_accessible('the dialog that deletes many keys');
$chrome->type('#delete-all-pattern', 'row:0299*');
$chrome->click('#delete-all-go');
closes('the matching keys are deleted');
says('#message', qr/^Deleted 10 keys\.$/, 'a message shows the number');
says('#nothing', qr/No keys match/, 'the list is empty');
is(count(), KEYS - 10, 'no other key is deleted');

$chrome->click('#import');
choose($saved);
says('#import-file-name', qr/^io7-test-.*ndjson, [\d.]+ MB$/,
	'a file is chosen');
$chrome->click('[value=skip]');
is_accessible('the import dialog');
$chrome->click('#import-start');
says('#import-status', qr/^3,000 lines: 10 stored, 2,990 skipped\.$/,
	'existing keys are skipped');
$chrome->click('#import-close');
is(exported(), $all, 'export and import restore the store');
says('#how-many', qr/^10 keys match/, 'the list shows the imported keys');

# --- Rejected lines ---------------------------------------------------------

my $wrong = file_of('wrong.ndjson', @lines[0 .. 699],
	'{"key": "odd", "value": 01}', @lines[700 .. 1199]);
ask(DELETE => '/kv?pattern=*&confirm=true');
$chrome->click('#import');
choose($wrong);
$chrome->click('#import-start');
says('#import-trouble', qr/line 701 .*all lines before it are stored\.$/,
	'the number of a rejected line is shown');
says('#wrong-line', qr/^Line 701:\n\{"key": "odd", "value": 01\}$/,
	'the line is shown');
is(count(), 700, 'the lines before it are stored');
is_accessible('a rejected line');
$chrome->click('#import-continue');
says('#import-status', qr/^500 lines: 500 stored\.$/,
	'the import continues after the line');
is(count(), 1200, 'the other lines are stored');
$chrome->click('#import-close');

# Nothing is left to import after a rejected last line.
$chrome->click('#import');
choose(file_of('last.ndjson', '[{"key":"x","value":1}]'));
$chrome->click('#import-start');
says('#wrong-line', qr/^Line 1:\n\[\{"key":"x","value":1\}\]$/,
	'a rejected last line is shown');
is($chrome->run_script('return document.querySelector("dialog .answers")
	.innerText.replace(/\s+/g, " ").trim()'), 'Close Import',
	'a rejected last line leaves the buttons of the form');
$chrome->click('#import-close');

# Drag and drop.
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
says('#import-file-name', qr/^one\.ndjson, 24 B$/, 'a file is dropped');
$chrome->click('#import-start');
says('#import-status', qr/^1 line: 1 stored\.$/, 'it is stored');
$chrome->click('#import-close');

$chrome->click('#import');
open my $out, '>', "$folder/large" or die "large: $!\n";
truncate $out, (64 << 20) + 1;
close $out;
choose("$folder/large");
says('#import-trouble', qr/up to 64 MiB/, 'a file that is too large is rejected');
$chrome->press(ESCAPE);
closes('Escape closes the dialog');

# --- Cancelled and interrupted ----------------------------------------------

ask(DELETE => '/kv?pattern=*&confirm=true');
my $slow = file_of('slow.ndjson', map {
	qq({"key":"slow:$_","value":") . 'x' x 100_000 . '"}' } 1 .. 100);
throttle(-1, 500_000);
$chrome->click('#import');
choose($slow);
$chrome->click('#import-start');
says('#import-status', qr/^[\d.]+ [kM]?B of 10 MB sent$/,
	'the progress of an import is shown');
$chrome->press(ESCAPE);
ok($chrome->shows('dialog'), 'Escape does not close a running import');
$chrome->click('#import-cancel');
says('#import-status', qr/^Cancelled/, 'Cancel stops it');
throttle();
$chrome->click('#import-start');
says('#import-status', qr/^100 lines: 100 stored\.$/, 'it can be started again');
$chrome->click('#import-close');

$chrome->type('#pattern', 'slow:');
says('#how-many', qr/^100 keys/, 'the keys are stored');
throttle(300_000);
unlink glob "$folder/*.ndjson";
$chrome->click('#export');
says('#export-status', qr/^\d+ of 100 keys, [\d.]+ [kM]B$/,
	'the progress of an export is shown');
$chrome->click('#export-cancel');
closes('Cancel stops the export');

sub at_work
{
	return grep { ($_->{route} // '') =~ /export/ } $stack->workers('stream');
}

eventually { !at_work() } 'the worker stops too';
$chrome->click('#export');
says('#export-status', qr/^[1-9]\d* of 100 keys/, 'an export is running');
expect_losses(1);
kill KILL => (at_work())[0]{pid};
throttle();
says('#export-trouble', qr/is incomplete/, 'an interrupted export is reported');
like($chrome->text('#export-status'), qr/^\d+ of 100 keys received\. No file was saved/,
	'the number of received keys is shown');
is_accessible('an interrupted export');
is_deeply([glob "$folder/*.ndjson"], [], 'no file is saved');
$chrome->click('#export-part');
my $part;
eventually { ($part) = grep { -s } glob "$folder/part-of-*.ndjson" }
	'the partial file can be saved';
like(slurp($part), qr/\A(?:\{"key":"slow:\d+","value":"x+","version":\d+\}\n)+\z/,
	'it has complete lines only');
$chrome->click('#export-close');

# --- Errors of the API ------------------------------------------------------

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
		body => encode_json({ label => "@scopes", mode => 'test',
			scopes => \@scopes }));

	return $made->{json}{key} // die "no key: $made->{body}\n";
}

ask(DELETE => '/kv?pattern=*&confirm=true');
ask(PUT => '/kv/a', '{"a": 0.10}');
as(key_that_may('read'), '#key=a');
says('#notice', qr/can only read/, 'the page says that a key is read-only');
is($chrome->run_script('return document.querySelector("#value").value'),
	qq({\n  "a": 0.10\n}), 'it shows the value');
ok($chrome->run_script('return document.querySelector("#value").readOnly'),
	'the field is read-only');
ok(!$chrome->shows("#$_"), "a read-only key has no button $_")
	for qw(save delete change-expiry new import delete-all);
is_accessible('the page for a read-only key');
as(key_that_may('write'), '');
says('#list-trouble', qr/lacks the scope read/,
	'a write-only key cannot list keys');
ok(!$chrome->shows('#again'), 'there is no button to try again');

as($account->test_key, '#key=a');
says('#facts', qr/Version/, 'a key with all scopes opens a key');
types('"' . 'x' x (1 << 20) . '"');
$chrome->click('#save');
says('#entry-trouble', qr/larger than allowed/,
	'a value that is too large is rejected');
is($chrome->run_script('return document.querySelector("#value").value.length'),
	(1 << 20) + 2, 'the text remains');
ask(PUT => '/kv/.', 1);
types('{"a": 0.10}');
$chrome->visit('/dashboard/data#key=..');
$chrome->click('dialog .danger') if $chrome->shows('dialog');
says('#missing', qr/Browsers remove this name/,
	'a name that URLs cannot contain is explained');
$chrome->click('#close');

$stack->stop('nginx');
$chrome->type('#pattern', 'b');
says('#list-trouble', qr/The server does not answer/,
	'a server that does not answer is reported');
$stack->up;
$chrome->click('#again');
says('#nothing', qr/No keys match/, 'Try again shows the list');

new_plan($stack, 'tiny', bytes => 2000);
my $tiny = new_account($stack, plan => 'tiny');
ask(PUT => '/kv/a', '1', $tiny);
as($tiny->test_key, '#key=a');
says('#facts', qr/Version/, 'an account with little storage opens a key');
types('"' . 'x' x 3000 . '"');
$chrome->click('#save');
says('#entry-trouble', qr/The plan's storage is full/,
	'a full storage is reported');
is($chrome->run_script('return document.querySelector("#value").value.length'),
	3002, 'the text remains');
types('2');
$chrome->click('#save');
says('#message', qr/^Saved\.$/, 'a smaller value is saved');

new_plan($stack, 'seldom', requests => 20);
my $seldom = new_account($stack, plan => 'seldom');
ask(PUT => '/kv/a', '1', $seldom);
as($seldom->test_key, '#key=a');
says('#facts', qr/Version/, 'an account with few requests opens a key');
eventually {
	1 while ask(GET => '/kv/a', undef, $seldom)->{status} == 200;
	types('3');
	$chrome->click('#save');
	wait_until(2, sub { $chrome->text('#entry-trouble') =~
		/Too many requests.*Try again in \d+ seconds?\.$/s });
} 'a rate limit is reported with the time to wait';
ok($chrome->run_script('return document.querySelector("#save").disabled'),
	'the button is disabled meanwhile');
is_accessible('a page that waits');
is($chrome->run_script('return document.querySelector("#value").value'), '3',
	'the text remains');

end_pages;
