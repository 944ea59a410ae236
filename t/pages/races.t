#!/usr/bin/perl
# The pages when things come in another order than they were asked for: late answers,
# two tabs, two accounts, a clock that is wrong, and the way back.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Pages;
use Io7::Test;
use JSON::PP ();
use POSIX ();

my $stack = private_stack;
my $chrome = open_pages($stack);
$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
my $http = $stack->http;
my $account = new_account($stack);
my $other = new_account($stack);

# From now on answers to what matches are held, until they are let go in the order
# of their numbers.
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
	shown("held.length === $count", "$count answers are on their way");
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
	says('#entry-title', qr/^\Q$key\E$/, "$key is open");
	shown('!!document.querySelector("#value")?.value', '... and there');
}

# --- The keys ---------------------------------------------------------------

sub key_body
{
	my ($label, $mode, @more) = @_;

	return JSON::PP::encode_json({ label => $label, mode => $mode,
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
$chrome->click('label:has(#filter-past)');
eventually { keys_shown() == 25 } 'the first page of keys that have ended';
hold('GET /api/keys');
$chrome->run_script('document.querySelector("#more").click();
	document.querySelector("#more").click();');
is_held(2);
let_go(1, 0);
eventually { keys_shown() == 28 } 'a double click shows each of them once';

$chrome->click('label:has(#filter-current)');
eventually { keys_shown() == 1 } 'the current ones';
$chrome->click('label:has(#filter-past)');
eventually { keys_shown() == 25 } 'and those that have ended again';
hold('GET /api/keys\?mode=live');
$chrome->click('#more');
is_held(1);
choose_mode('test');
says('#keys-title', qr/^Test keys/, 'another mode is chosen meanwhile');
eventually { keys_shown() == 2 } '... and shows its own';
let_go(0);
$chrome->click('label:has(#filter-current)');
eventually { keys_shown() == 1 } 'the late answer';
$chrome->click('label:has(#filter-past)');
eventually { keys_shown() == 2 } '... is not among those of the other mode';

choose_mode('live');
says('#keys-title', qr/^Live keys/, 'back to live');
hold('GET /api/keys\?mode=test');
choose_mode('test');
is_held(1);
is(keys_shown(), 0, 'live keys do not stand there in test mode');
let_go(0);

# --- A clock that is wrong --------------------------------------------------

my $wrong = $chrome->devtools('Page.addScriptToEvaluateOnNewDocument',
	source => 'const right = Date.now;
		Date.now = () => right() + 3 * 86400000;')->{identifier};
$http->post('/api/keys', headers => $account->auth('test'), body =>
	key_body('short', 'test', expires_at => POSIX::strftime(
		'%Y-%m-%dT%TZ', gmtime(time + 2 * 86400))));
$chrome->visit('/dashboard/keys');
$chrome->click('label:has(#filter-current)');
says('#keys', qr/short\s+Works/, 'a key works by the clock of the server');
unlike($chrome->text('#keys'), qr/Expired|3 days ago/,
	'... and nothing is said by another');
$chrome->devtools('Page.removeScriptToEvaluateOnNewDocument',
	identifier => $wrong);

# --- The data ---------------------------------------------------------------

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
says('#entry-title', qr/^b$/, 'another key is opened while one is saved');
shown('document.querySelector("#value")?.value === "\"b\""', '... and there');
let_go(0);
says('#said', qr/^a was not saved/, 'what failed is named');
is($chrome->run_script('return !!document.querySelector("#conflict")?.childElementCount'),
	JSON::PP::false, '... and is no conflict of the key that is open');
is(stored($account, 'b'), '"b"', '... which is as it was');

opens('c');
$chrome->click('#delete');
says('dialog', qr/Delete c/, 'one is asked whether to delete a key');
$chrome->call(POST => '/back');
says('#entry-title', qr/^b$/, 'going back opens another');
$chrome->click('dialog .danger');
says('#said', qr/^Deleted c/, '... and the key of the question goes');
says('#entry-title', qr/^b$/, '... while the other stays open');

opens('a');
types('"not yet"');
$chrome->call(POST => '/back');
says('dialog', qr/Leave without saving/, 'one is asked before one goes back');
$chrome->call(POST => '/back');
is($chrome->run_script('return document.querySelectorAll("dialog").length'), 1,
	'... and once only, if one goes on');
$chrome->click('dialog .danger');
shown('!document.querySelector("dialog")', '... and goes');

hold('GET /kv\?');
choose_mode('live');
is_held(2);
is($chrome->run_script('return document.querySelectorAll("#keys a").length'),
	0, 'test keys are not listed in live mode');
let_go(0, 1);
choose_mode('test');

# --- Values that are large --------------------------------------------------

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
	'what lies deep is not made of blanks for the most');
opens('a');
types(many('"mine"'));
store($account, a => many('"theirs"'));
$chrome->click('#save');
says('#theirs', qr/"theirs",\n.*2,\n.*… \d\d,\d{3} lines …/s,
	'of long values the lines that differ are shown');
says('#mine', qr/"mine",\n.*2,\n.*… \d\d,\d{3} lines …/s, '... on both sides');
$chrome->click('#take-theirs');

# --- Two accounts -----------------------------------------------------------

store($other, a => '"of the other"');
opens('a');
types('"of the first"');
eventually { $chrome->run_script('return Object.keys(sessionStorage)
	.some((name) => name.startsWith("io7.draft."))') } 'there are edits';
$chrome->set_cookie('__Host-io7_session', $other->session);
$chrome->click('#save');
says('#entry-trouble', qr/now signed in as/,
	'what one account meant is not done to another');
is(stored($other, 'a'), '"of the other"', '... whose value stays');
$chrome->call(POST => '/refresh');
eval { $chrome->call(POST => '/alert/accept') };
shown('document.querySelector("#value")?.value === "\"of the other\""',
	'the other account sees its own, without the edits of the first');

# --- Keys of both modes, one of them refused --------------------------------

$chrome->visit('/dashboard/login');
$chrome->run_script('sessionStorage.clear();
	sessionStorage.setItem("io7.key.live", arguments[0]);
	sessionStorage.setItem("io7.key.test", arguments[1]);
	sessionStorage.setItem("io7.mode", "live")',
	'live_io7_' . '0' x 32, $account->test_key);
$chrome->visit('/dashboard/data');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata',
	'a key that is refused leads to the login');
is($chrome->run_script('return sessionStorage.getItem("io7.key.live")'),
	undef, '... and is forgotten');
is($chrome->run_script('return sessionStorage.getItem("io7.key.test")'),
	$account->test_key, '... and the other is not');

# --- The way back -----------------------------------------------------------

$chrome->run_script('sessionStorage.clear()');
use_key($account->test_key);
comes_to('/dashboard/data', 'in by a key');
$chrome->call(POST => '/back');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata', 'and back');
is($chrome->run_script('return document.querySelector("#key").value'), '',
	'the field of the key is empty');
use_key($account->test_key);
comes_to('/dashboard/data', '... and takes it again');

# --- Addresses that are none ------------------------------------------------

$chrome->visit('/docs#100%');
shown('!!document.querySelector("#reference section.call")',
	'the reference is drawn whatever stands behind #');

end_pages;
