#!/usr/bin/perl
# The pages when things happen in another order: late answers, two tabs, two accounts,
# a wrong clock, and the back button.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Pages;
use Io7::Test;
use Io7::Json;
use POSIX ();

my $stack = private_stack;
my $chrome = open_pages($stack);
$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
my $http = $stack->http;
my $account = new_account($stack);
my $other = new_account($stack);

# Holds the answers to matching requests until let_go() releases them by number.
sub hold
{
	my ($pattern) = @_;

	$chrome->run_script('window.asks ??= window.fetch;
		window.held = [];
		window.fetch = (path, options) => {
			const said = window.asks(path, options);
			if (!new RegExp(arguments[0]).test(
				`${options?.method ?? "GET"} ${path}`))
				return said;
			return new Promise((go, fail) => {
				said.then(() => held.push(() => go(said)), fail);
			});
		};', $pattern);
}

sub is_held
{
	my ($count) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	shown("held.length === $count", "$count answers are held");
}

sub let_go
{
	my (@order) = @_;

	$chrome->run_script('window.fetch = window.asks;
		arguments[0].forEach((i) => held[i]());', \@order);
}

sub stored
{
	my ($who, $key) = @_;

	return $http->get("/kv/$key", headers => $who->auth('test'))->{body};
}

sub store
{
	my ($who, $key, $value) = @_;

	$http->put("/kv/$key", headers => $who->auth('test'), body => $value);
}

sub types
{
	my ($text) = @_;

	$chrome->run_script('const field = document.querySelector("#value");
		field.value = arguments[0];
		field.dispatchEvent(new Event("input", { bubbles: true }));', $text);
}

sub choose_mode
{
	my ($mode) = @_;

	$chrome->click("label:has(#mode-$mode)");
}

sub opens
{
	my ($key) = @_;

	$chrome->click(qq([data-key="$key"]));
	says('#entry-title', qr/^\Q$key\E$/, "$key opens");
	shown('!!document.querySelector("#value")?.value', '... with its value');
}

# --- API keys ---------------------------------------------------------------

sub key_body
{
	my ($label, $mode, @more) = @_;

	return encode_json({ label => $label, mode => $mode,
		scopes => ['read'], @more });
}

sub end_keys
{
	my ($mode, $count) = @_;

	for my $i (1 .. $count) {
		my $key = $http->post('/api/keys', headers => $account->auth($mode),
			body => key_body("$mode $i", $mode))->{json};
		$http->delete("/api/keys/$key->{id}",
			headers => $account->auth($mode));
	}
}

sub keys_shown
{
	return $chrome->run_script('return document.querySelectorAll("#keys .key").length');
}

end_keys(live => 28);
end_keys(test => 2);
sign_in($account);
$chrome->visit('/dashboard/keys');
$chrome->click('label:has(#filter-ended)');
eventually { keys_shown() == 25 } 'the first page of past keys is shown';
hold('GET /api/keys');
$chrome->run_script('document.querySelector("#more").click();
	document.querySelector("#more").click();');
is_held(2);
let_go(1, 0);
eventually { keys_shown() == 28 } 'a double click does not show keys twice';

$chrome->click('label:has(#filter-current)');
eventually { keys_shown() == 1 } 'the current keys are shown';
$chrome->click('label:has(#filter-ended)');
eventually { keys_shown() == 25 } 'the past keys are shown again';
hold('GET /api/keys\?mode=live');
$chrome->click('#more');
is_held(1);
choose_mode('test');
says('#keys-title', qr/^Test keys/,
	'the mode is switched while an answer is held');
eventually { keys_shown() == 2 } 'the keys of the new mode are shown';
let_go(0);
$chrome->click('label:has(#filter-current)');
eventually { keys_shown() == 1 } 'the late answer arrives';
$chrome->click('label:has(#filter-ended)');
eventually { keys_shown() == 2 } 'it does not mix with the keys of the new mode';

choose_mode('live');
says('#keys-title', qr/^Live keys/, 'live keys are shown again');
hold('GET /api/keys\?mode=test');
choose_mode('test');
is_held(1);
is(keys_shown(), 0, 'live keys disappear at once in test mode');
let_go(0);

# --- A wrong clock ----------------------------------------------------------

my $wrong = $chrome->devtools('Page.addScriptToEvaluateOnNewDocument',
	source => 'const right = Date.now;
		Date.now = () => right() + 3 * 86400000;')->{identifier};
$http->post('/api/keys', headers => $account->auth('test'), body =>
	key_body('short', 'test', expires_at => POSIX::strftime(
		'%Y-%m-%dT%TZ', gmtime(time + 2 * 86400))));
$chrome->visit('/dashboard/keys');
$chrome->click('label:has(#filter-current)');
says('#keys', qr/short\s+Active/, 'the state follows the clock of the server');
unlike($chrome->text('#keys'), qr/Expired|3 days ago/,
	'the relative times follow it too');
$chrome->devtools('Page.removeScriptToEvaluateOnNewDocument',
	identifier => $wrong);

# --- Data -------------------------------------------------------------------

store($account, $_, qq("$_")) for qw(a b c);
$chrome->visit('/dashboard/data');
opens('a');
types('"mine"');
hold('PUT /kv/a');
store($account, a => '"theirs"');
$chrome->run_script('document.querySelector("#save").click()');
is_held(1);
$chrome->click('[data-key="b"]');
$chrome->click('dialog .danger');
says('#entry-title', qr/^b$/, 'another key opens while a save is held');
shown('document.querySelector("#value")?.value === "\"b\""',
	'... with its value');
let_go(0);
says('#message', qr/^a was not saved/,
	'a message names the key that was not saved');
is($chrome->run_script('return !!document.querySelector("#conflict")?.childElementCount'),
	false, 'the open key shows no conflict');
is(stored($account, 'b'), '"b"', 'the open key is unchanged');

opens('c');
$chrome->click('#delete');
says('dialog', qr/Delete c/, 'Delete asks for confirmation');
$chrome->call(POST => '/back');
says('#entry-title', qr/^b$/, 'the back button opens another key');
$chrome->click('dialog .danger');
says('#message', qr/^Deleted c/, 'the key of the dialog is deleted');
says('#entry-title', qr/^b$/, 'the other key stays open');

opens('a');
types('"not yet"');
$chrome->call(POST => '/back');
says('dialog', qr/Leave without saving/,
	'the back button asks about unsaved edits');
$chrome->call(POST => '/back');
is($chrome->run_script('return document.querySelectorAll("dialog").length'), 1,
	'using it twice opens only one dialog');
$chrome->click('dialog .danger');
shown('!document.querySelector("dialog")', 'the dialog closes');

hold('GET /kv\?');
choose_mode('live');
is_held(2);
is($chrome->run_script('return document.querySelectorAll("#keys a").length'),
	0, 'test keys are not listed in live mode');
let_go(0, 1);
choose_mode('test');

# --- Large values -----------------------------------------------------------

sub many
{
	my ($first) = @_;

	return '[' . join(', ', $first, 2 .. 20000) . ']';
}

store($account, a => many(1));
store($account, c => '[' x 900 . join(', ', 1 .. 10000) . ']' x 900);
$chrome->click('#refresh');
opens('c');
ok($chrome->run_script(
	'return document.querySelector("#value").value.length') < 1e6,
	'deep levels are not indented further');
opens('a');
types(many('"mine"'));
store($account, a => many('"theirs"'));
$chrome->click('#save');
says('#theirs', qr/"theirs",\n.*2,\n.*… \d\d,\d{3} lines …/s,
	'a conflict of long values shows the lines that differ');
says('#mine', qr/"mine",\n.*2,\n.*… \d\d,\d{3} lines …/s,
	'it does so on both sides');
$chrome->click('#take-theirs');

# --- Two accounts -----------------------------------------------------------

store($other, a => '"of the other"');
opens('a');
types('"of the first"');
eventually { $chrome->run_script('return Object.keys(sessionStorage)
	.some((name) => name.startsWith("io7.draft."))') } 'there is a draft';
$chrome->set_cookie('__Host-io7_session', $other->session);
$chrome->click('#save');
says('#entry-trouble', qr/now signed in as/,
	'edits of one account are not saved to another');
is(stored($other, 'a'), '"of the other"',
	'the value of the other account is unchanged');
$chrome->call(POST => '/refresh');
eval { $chrome->call(POST => '/alert/accept') };
shown('document.querySelector("#value")?.value === "\"of the other\""',
	'after a reload the other account sees its own value, without the draft');

# --- Two keys, one rejected -------------------------------------------------

$chrome->visit('/dashboard/login');
$chrome->run_script('sessionStorage.clear();
	sessionStorage.setItem("io7.key.live", arguments[0]);
	sessionStorage.setItem("io7.key.test", arguments[1]);
	sessionStorage.setItem("io7.mode", "live")',
	'live_io7_' . '0' x 32, $account->test_key);
$chrome->visit('/dashboard/data');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata',
	'a rejected key leads to the login page');
is($chrome->run_script('return sessionStorage.getItem("io7.key.live")'),
	undef, 'the rejected key is removed');
is($chrome->run_script('return sessionStorage.getItem("io7.key.test")'),
	$account->test_key, 'the other key is kept');

# --- The back button --------------------------------------------------------

$chrome->run_script('sessionStorage.clear()');
use_key($account->test_key);
comes_to('/dashboard/data', 'the login opens the page');
$chrome->call(POST => '/back');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata',
	'the back button returns to the login page');
is($chrome->run_script('return document.querySelector("#key").value'), '',
	'the field for the key is empty');
use_key($account->test_key);
comes_to('/dashboard/data', 'the key can be entered again');

# --- Malformed fragments ----------------------------------------------------

$chrome->visit('/docs#100%');
shown('!!document.querySelector("#reference section.call")',
	'the API reference is drawn with an invalid fragment');

end_pages;
