#!/usr/bin/perl
# The pages by keys alone: every place is reached in its order and seen when it is,
# nothing needs a mouse, and what the pages are for can be done from end to end.

use strict;
use warnings;

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
says('#problem', qr/A key looks like/, 'what is no key is refused');
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
says('#mode-note', qr/^Test mode/, 'an arrow shows test data');
ok(is_at('#mode-test'), '... and the keyboard stays there');
$chrome->strike(LEFT);
eventually { !$chrome->shows('#mode-note') } '... and another live data';

# --- A device ---------------------------------------------------------------

my $device = $http->post('/auth/device')->{json};
open_page('/dashboard/device');
tab_to('#code');
enter($device->{user_code} . ENTER);
says('#shown-code', qr/^\Q$device->{user_code}\E$/, 'a code is looked up');
tab_to('#approve');
$chrome->strike(ENTER);
says('#decided', qr/^It is let in/, '... and let in');
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
