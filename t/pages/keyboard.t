#!/usr/bin/perl
# The pages with the keyboard only: the order and visibility of the focus, controls
# that need a mouse, and the main tasks from start to end.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Keyboard;
use Io7::Pages;
use Io7::PageQuality;
use Io7::Test;

my $stack = private_stack;
my $chrome = open_pages($stack);
my $http = $stack->http;
my $account = new_account($stack, plan => 'pro');

watch_pages($chrome);
use_keyboard($chrome);
fill_store($http, $account);

# --- Every page -------------------------------------------------------------

sub skips
{
	my ($path) = @_;

	open_page($path);
	$chrome->strike(TAB);
	SKIP: {
		skip("$path has nothing to skip", 2) unless is_at('a.skip');
		$chrome->strike(ENTER);
		shown('location.hash === "#main"', "$path: the skip link works");
		settle();
		$chrome->strike(TAB);
		ok(is_at('main *'), "$path: the focus moves into the content");
	}
}

sign_out();
for my $page (pages()) {
	sign_in($account) if $page->{private};
	open_page($page->{path});
	walks($page->{path});
	skips($page->{path});
	sign_out() if $page->{private};
}

# --- Login with a key -------------------------------------------------------

open_page('/dashboard');
tab_to('#key');
enter('swordfish' . ENTER);
announces('#problem', qr/A key starts with/, 'a malformed key is rejected');
ok(is_at('#key'), 'the field keeps the focus');
$chrome->strike(["\x{e009}", 'a']);
enter($account->test_key);
$chrome->strike(ENTER);
comes_to('/dashboard', 'a key opens the dashboard');
settle();
tab_to('#mode-test');
$chrome->strike(LEFT);
comes_to('/dashboard/login?return=%2Fdashboard&mode=live',
	'an arrow key switches to live mode, which needs a login');
tab_to('#key');
enter($account->live_key . ENTER);
comes_to('/dashboard', 'a live key opens live mode');

# --- Mode -------------------------------------------------------------------

sign_in($account);
open_page('/dashboard');
tab_to('#mode-live');
$chrome->strike(RIGHT);
announces('#mode-note', qr/^Test mode/, 'an arrow key switches to test mode');
ok(is_at('#mode-test'), 'the switch keeps the focus');
$chrome->strike(LEFT);
eventually { !$chrome->shows('#mode-note') } 'another arrow key switches back';

# --- API keys ---------------------------------------------------------------

# Waits until a dialog has closed and the focus is back.
sub comes_back_to
{
	my ($selector, $what) = @_;

	shown('!document.querySelector("dialog")', $what);
	ok(is_at($selector), 'the focus is where it was');
}

open_page('/dashboard/keys');
tab_to('#create');
$chrome->strike(ENTER);
shown('!!document.querySelector("dialog:modal")',
	'Enter opens the dialog for a new key');
walks_both_ways('the dialog for a new key');
$chrome->strike(ESCAPE);
comes_back_to('#create', 'Escape closes it');
$chrome->strike(SPACE);
tab_to('#label');
enter('by hand' . ENTER);
my $secret = $chrome->text('#secret');
like($secret, qr/^live_io7_[0-9a-f]{32}$/, 'Enter creates a key');
walks_both_ways('the dialog with the secret');
$chrome->strike(ESCAPE);
says('dialog', qr/Store the key first/,
	'Escape does not close the dialog with the secret');
tab_to('#stored');
$chrome->strike(SPACE);
comes_back_to('#create', 'the button closes it');

sub status_of
{
	my ($key) = @_;

	return $http->get('/api/me', headers =>
		[Authorization => "Bearer $key"])->{status};
}

is(status_of($secret), 200, 'the key works');
settle();
tab_to('[aria-label="Revoke “by hand”"]');
$chrome->strike(ENTER);
shown('!!document.querySelector("dialog:modal")', 'Revoke asks for confirmation');
ok(!is_at('.danger'), 'the focus is not on the dangerous button');
walks_both_ways('the dialog that confirms');
$chrome->strike(ESCAPE);
comes_back_to('[aria-label="Revoke “by hand”"]', 'Escape cancels');
$chrome->strike(ENTER);
tab_to('dialog .danger');
$chrome->strike(ENTER);
shown('!document.querySelector("dialog")', 'the key is revoked');
is(status_of($secret), 401, 'it gets 401');
settle();
ok(!is_at('body'), 'an element has the focus');

# --- Data -------------------------------------------------------------------

open_page('/dashboard/data');
tab_to('[data-key="user:1"]');
$chrome->strike(ENTER);
says('#entry-title', qr/^user:1$/, 'Enter opens a value');
tab_to('#value');
$chrome->strike(["\x{e009}", 'a']);
enter('{"n": 12345678901234567890}');
tab_to('#save');
$chrome->strike(SPACE);
announces('#message', qr/^Saved\.$/, 'the value is saved');
is($http->get('/kv/user:1', headers => $account->auth('live'))->{body},
	'{"n": 12345678901234567890}', 'the store has the value');
settle();
walks_both_ways('an open value');

# --- Transform --------------------------------------------------------------

open_page('/dashboard/transform');
tab_to('#key');
enter('user:1');
$chrome->strike(ESCAPE);
tab_to('#text');
$chrome->strike(["\x{e009}", 'a']);
enter('.n');
tab_to('#run');
$chrome->strike(SPACE);
announces('#state', qr/^Done\./, 'a transform runs');
says('#live', qr/12345678901234567000|1234567890123456\d{4}/,
	'its result is shown');
settle();
walks_both_ways('a finished transform');

# --- Cron -------------------------------------------------------------------

open_page('/dashboard/cron');
tab_to('#create');
$chrome->strike(ENTER);
tab_to('#name');
enter('by hand');
tab_to('#schedule');
enter('@daily');
says('#preview-summary', qr/00:00/, 'the schedule is previewed');
settle();
walks_both_ways('the dialog for a job');
tab_to('#command');
$chrome->strike(["\x{e009}", 'a']);
enter('sql SELECT 5');
tab_to('#form-submit');
$chrome->strike(ENTER);
announces('#message', qr/^Created/, 'Enter creates a job');
tab_to('[aria-label="Run now “by hand”"]');
$chrome->strike(ENTER);
says('#run-status', qr/^Succeeded/, 'Enter runs it');
ok(is_at('#run-close'), 'the focus is in the dialog');
walks_both_ways('the dialog with the output');
$chrome->strike(ESCAPE);
comes_back_to('[aria-label="Run now “by hand”"]', 'Escape closes it');

# --- Device -----------------------------------------------------------------

my $device = $http->post('/auth/device')->{json};
open_page('/dashboard/device');
tab_to('#code');
enter($device->{user_code} . ENTER);
says('#shown-code', qr/^\Q$device->{user_code}\E$/, 'Enter looks up a code');
tab_to('#approve');
$chrome->strike(ENTER);
announces('#decided', qr/^Device approved/, 'the device is approved');
ok(is_at('#decided'), 'the message has the focus');

# --- API reference ----------------------------------------------------------

open_page('/docs');
tab_to('#contents summary');
$chrome->strike(SPACE);
tab_to('#filter');
enter('get /health' . ENTER);
comes_to('/docs#getHealth', 'Enter opens a call');
tab_to('#getHealth .try summary');
$chrome->strike(SPACE);
tab_to('#getHealth .try [type=submit]');
$chrome->strike(SPACE);
says('#getHealth .try', qr/^200\b.* in \d+ ms/m, 'the call is tried');

# --- Sign-out ---------------------------------------------------------------

open_page('/dashboard');
tab_to('#sign-out');
$chrome->strike(ENTER);
comes_to('/dashboard/login', 'Enter signs out');

end_pages;
