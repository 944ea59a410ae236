#!/usr/bin/perl
# The pages by keys alone: every place is reached in its order and seen when it is,
# nothing needs a mouse, and what the pages are for can be done from end to end.

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
		shown('location.hash === "#main"', "$path: it skips");
		settle();
		$chrome->strike(TAB);
		ok(is_at('main *'), "$path: who skips is in the middle of it");
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

# --- The way in, with a key -------------------------------------------------

open_page('/dashboard');
tab_to('#key');
enter('swordfish' . ENTER);
announces('#problem', qr/A key looks like/, 'what is no key is refused');
ok(is_at('#key'), '... and one may type on');
$chrome->strike(["\x{e009}", 'a']);
enter($account->test_key);
$chrome->strike(ENTER);
comes_to('/dashboard', 'a key opens the dashboard');
settle();
tab_to('#mode-test');
$chrome->strike(LEFT);
comes_to('/dashboard/login?return=%2Fdashboard&mode=live',
	'an arrow asks for live data');
tab_to('#key');
enter($account->live_key . ENTER);
comes_to('/dashboard', '... and the live key shows them');

# --- The modes --------------------------------------------------------------

sign_in($account);
open_page('/dashboard');
tab_to('#mode-live');
$chrome->strike(RIGHT);
announces('#mode-note', qr/^Test mode/, 'an arrow shows test data');
ok(is_at('#mode-test'), '... and the keyboard stays there');
$chrome->strike(LEFT);
eventually { !$chrome->shows('#mode-note') } '... and another live data';

# --- A key ------------------------------------------------------------------

# With the keyboard where it was, once a dialog has closed.
sub comes_back_to
{
	my ($selector, $what) = @_;

	shown('!document.querySelector("dialog")', $what);
	ok(is_at($selector), '... and the keyboard is where it was');
}

open_page('/dashboard/keys');
tab_to('#create');
$chrome->strike(ENTER);
shown('!!document.querySelector("dialog:modal")', 'a dialog for a new key');
walks_both_ways('the dialog for a new key');
$chrome->strike(ESCAPE);
comes_back_to('#create', 'Escape leaves it');
$chrome->strike(SPACE);
tab_to('#label');
enter('by hand' . ENTER);
my $secret = $chrome->text('#secret');
like($secret, qr/^live_io7_[0-9a-f]{32}$/, '... and Enter makes one');
walks_both_ways('the dialog with the secret');
$chrome->strike(ESCAPE);
says('dialog', qr/Store it first/, '... which Escape does not throw away');
tab_to('#stored');
$chrome->strike(SPACE);
comes_back_to('#create', '... but a button does');

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
shown('!!document.querySelector("dialog:modal")', 'it is asked whether');
ok(!is_at('.danger'), '... and a hasty Enter does no harm');
walks_both_ways('the question');
$chrome->strike(ESCAPE);
comes_back_to('[aria-label="Revoke “by hand”"]', 'Escape says no');
$chrome->strike(ENTER);
tab_to('dialog .danger');
$chrome->strike(ENTER);
shown('!document.querySelector("dialog")', 'it is revoked');
is(status_of($secret), 401, '... and works no more');
settle();
ok(!is_at('body'), '... and the keyboard is somewhere');

# --- A value ----------------------------------------------------------------

open_page('/dashboard/data');
tab_to('[data-key="user:1"]');
$chrome->strike(ENTER);
says('#entry-title', qr/^user:1$/, 'a value is opened');
tab_to('#value');
$chrome->strike(["\x{e009}", 'a']);
enter('{"n": 12345678901234567890}');
tab_to('#save');
$chrome->strike(SPACE);
announces('#said', qr/^Saved as version/, '... and saved');
is($http->get('/kv/user:1', headers => $account->auth('live'))->{body},
	'{"n": 12345678901234567890}', '... as it was typed');
settle();
walks_both_ways('an open value');

# --- A transform ------------------------------------------------------------

open_page('/dashboard/transform');
tab_to('#key');
enter('user:1');
$chrome->strike(ESCAPE);
tab_to('#text');
$chrome->strike(["\x{e009}", 'a']);
enter('.n');
tab_to('#run');
$chrome->strike(SPACE);
announces('#state', qr/^Done\./, 'a transform is run');
says('#live', qr/12345678901234567000|1234567890123456\d{4}/, '... and seen');
settle();
walks_both_ways('a transform that is done');

# --- A device ---------------------------------------------------------------

my $device = $http->post('/auth/device')->{json};
open_page('/dashboard/device');
tab_to('#code');
enter($device->{user_code} . ENTER);
says('#shown-code', qr/^\Q$device->{user_code}\E$/, 'a code is looked up');
tab_to('#approve');
$chrome->strike(ENTER);
announces('#decided', qr/^It is let in/, '... and let in');
ok(is_at('#decided'), '... and the keyboard is where it is said');

# --- /docs ------------------------------------------------------------------

open_page('/docs');
tab_to('#contents summary');
$chrome->strike(SPACE);
tab_to('#filter');
enter('get /health' . ENTER);
comes_to('/docs#getHealth', 'a call is found');
tab_to('#getHealth .try summary');
$chrome->strike(SPACE);
tab_to('#getHealth .try [type=submit]');
$chrome->strike(SPACE);
says('#getHealth .try', qr/^200\b.* in \d+ ms/m, '... and tried');

# --- The way out ------------------------------------------------------------

open_page('/dashboard');
tab_to('#sign-out');
$chrome->strike(ENTER);
comes_to('/dashboard/login', 'the way out');

end_pages;
