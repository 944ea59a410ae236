#!/usr/bin/perl
# The page of the keys, in Chromium: keys are made, relabelled, turned off and on,
# rotated and revoked with real clicks, and curl tells whether that is true. Their
# secrets are seen once, and nowhere after that.

use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8);
use Io7::Account;
use Io7::Pages;
use Io7::Test;
use JSON::PP ();

use constant {
	ENTER => "\x{e007}",
	ESCAPE => "\x{e00c}",
};

my $stack = private_stack;
my $site = $stack->env('IO7_TLS_URL');
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $http = $stack->http;
my $session = $account->session;
$chrome->devtools('Browser.grantPermissions', permissions =>
	[qw(clipboardReadWrite clipboardSanitizedWrite)]);

# --- What is looked at ------------------------------------------------------

# The real program: the status that it gets with a key.
sub curl_with
{
	my ($key) = @_;

	my $ended = run('curl', '-s', '--cacert', $stack->env('IO7_TLS_CERT'),
		'-o', '/dev/null', '-w', '%{http_code}',
		'-H', "Authorization: Bearer $key", "$site/api/me");
	return $ended->{out};
}

# The same by the command that the page shows, as it stands there.
sub curl_by
{
	my ($command) = @_;

	return run({ env => { CURL_CA_BUNDLE => $stack->env('IO7_TLS_CERT') } },
		'bash', '-c', "$command -s -w ' %{http_code}'")->{out};
}

# The row of the key of this label that has not ended, as the API has it.
sub key_of
{
	my ($label) = @_;

	my ($key) = grep { $_->{label} eq $label } @{$http->get(
		'/api/keys?ended=false', headers =>
		[Authorization => "Bearer $session"])->{json}{items}};
	return $key;
}

# A button of that key's row.
sub click_on
{
	my ($act, $key) = @_;

	$chrome->click("[id='$act-$key->{id}']");
}

sub row_of
{
	my ($key) = @_;

	return "[id='key-$key->{id}']";
}

sub row_says
{
	my ($key, $text, $what) = @_;

	says(row_of($key), $text, $what);
}

# All that the page holds or keeps.
sub whole_page
{
	return $chrome->run_script('return [
		document.documentElement.outerHTML,
		...[...document.querySelectorAll("input, select, textarea")]
			.map((one) => one.value),
		JSON.stringify({ ...sessionStorage }),
		JSON.stringify({ ...localStorage }),
		document.cookie, location.href, document.title, window.name,
		JSON.stringify(history.state),
	].join("\n")');
}

# Where the secret stands, until it is stored: the secret.
sub take_secret
{
	my ($what) = @_;

	my $key = $chrome->text('#secret');
	like($key, qr/^(?:live|test)_io7_[0-9a-f]{32}$/, "$what is shown");
	$chrome->click('#stored');
	shown('!document.querySelector("dialog")', '... until it is stored');
	unlike(whole_page(), qr/\Q$key/, '... and is nowhere after that');
	return $key;
}

# The id of what has the keyboard comes to be that.
sub keyboard_is
{
	my ($id, $what) = @_;

	shown("document.activeElement.id === '$id'", $what);
}

sub create
{
	my ($label) = @_;

	$chrome->click('#create');
	$chrome->type('#label', $label);
	$chrome->click('#form-submit');
}

sub visit
{
	my ($heading) = @_;

	$chrome->visit('/dashboard/keys');
	says('#keys', $heading, 'the keys are there');
}

# --- By session -------------------------------------------------------------

$chrome->visit('/dashboard/keys');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'who is not signed in comes to the login');
sign_in($account);
visit(qr/^Live keys/);
my $first = key_of('First live key');
row_says($first, qr/^First live key\s+Works\s+live_io7_\w{3}…\w{4}/,
	'the first key');
row_says($first, qr/May\s+read, write, admin\s+Created\s+just now/,
	'... what it may, and since when');
unlike($chrome->text(row_of($first)), qr/this tab/, '... used elsewhere');
says('[aria-current]', qr/^Keys$/, '... and the way there says so');
is_accessible('the page of the keys');

# --- A new one --------------------------------------------------------------

$chrome->click('#create');
keyboard_is('label', 'a new key: one may type at once');
$chrome->press(ENTER);
says('#label-problem', qr/needs a label/, '... but must');
$chrome->type('#label', 'é' x 101);
$chrome->click('#form-submit');
says('#label-problem', qr/^This must be 1 to 100 characters/,
	'... not too much, as the API says');
keyboard_is('label', '... where one can mend it');
$chrome->type('#label', 'laptop');
$chrome->click("label:has(#scope-$_)") for qw(read write);
$chrome->click('#form-submit');
says('#scopes-problem', qr/able to do something/, '... and what it may');
is_accessible('the dialog that asks for a new key');
$chrome->click('label:has(#scope-read)');
says('#key-end-note', qr/^It works until \d+ \w+ 20\d\d at \d\d:\d\d UTC\.$/,
	'it ends when one does not say');
$chrome->click('#key-end option[value=own]');
$chrome->click('#form-submit');
says('#expires_at-problem', qr/Choose the day/, '... or on a day');
$chrome->run_script('document.querySelector("#key-end-day").value = "2999-01-01"');
$chrome->click('#form-submit');
says('#expires_at-problem', qr/within 10 years/, '... of these years');
my $year = (gmtime)[5] + 1902;
$chrome->type('#key-end-day', "0131$year");
says('#key-end-note', qr/^It works until 31 January $year at 23:59 UTC\.$/,
	'... as it says');
$chrome->click('#form-submit');
says('#secret', qr/^live_io7_/, 'the key is made');
is_accessible('the dialog that shows a secret');
$chrome->press(ESCAPE) for 1 .. 3;
says('[role=status].warning', qr/Store it first/, 'Escape does not lose it');
ok($chrome->shows('#secret'), '... whoever insists');
ok($chrome->run_script('return !dispatchEvent(new Event("beforeunload",
	{ cancelable: true }))'), '... nor does leaving, unasked');
my $secret = $chrome->text('#secret');
for my $copied (['.secret', qr/^$secret$/], ['.command', qr/^curl .*$secret/]) {
	$chrome->click("$copied->[0] button");
	says("$copied->[0] button", qr/^Copied$/, 'it is copied');
	like($chrome->run_script('return navigator.clipboard.readText()'),
		$copied->[1], '... to the clipboard');
}
like(curl_by($chrome->text('.command code')),
	qr/"name": ?"\Q@{[$account->name]}\E".* 200$/s,
	'the command works as it stands there');
is(take_secret('the key'), $secret, 'the same key');
says('#said', qr/^“laptop” works now\.$/, 'the page says what happened');
my $laptop = key_of('laptop');
row_says($laptop, qr/May\s+read\n.*Expires\s+in \d\d months/s,
	'... and lists it');
is($laptop->{expires_at}, "$year-01-31T23:59:59.000000Z", '... with its end');
keyboard_is('create', 'the keyboard is where it was');
is(curl_with($secret), 200, 'the key works with curl');
eventually {
	visit(qr/laptop/);
	$chrome->text(row_of($laptop)) =~ /Last used\s+just now/;
} '... which is seen';

# By keyboard alone, with what is chosen for one.
$chrome->run_script('document.querySelector("#create").focus()');
$chrome->press(ENTER);
$chrome->press('<b>phone</b>' . ENTER);
take_secret('a key made by keyboard');
my $phone = key_of('<b>phone</b>');
is("@{$phone->{scopes}}", 'read write', '... may read and write');
ok($phone->{expires_at}, '... and ends');
row_says($phone, qr/^<b>phone<\/b>/, '... and its label is a text');
$chrome->click('#create');
$chrome->press(ESCAPE);
ok(!$chrome->shows('dialog'), 'Escape leaves a dialog that holds nothing');

# --- Another label ----------------------------------------------------------

click_on(relabel => $laptop);
is($chrome->run_script('return document.activeElement.value'), 'laptop',
	'a label may be changed');
is_accessible('a label that is being changed');
$chrome->type("[id='label-$laptop->{id}']", 'x' x 101 . ENTER);
says("[id='label-$laptop->{id}-problem']", qr/^This must be 1 to 100/,
	'... not to anything');
$chrome->type("[id='label-$laptop->{id}']", ' ' . ENTER);
says("[id='label-$laptop->{id}-problem']", qr/needs a label/,
	'... nor to nothing');
$chrome->press(ESCAPE);
row_says($laptop, qr/^laptop/, '... and may stay');
click_on(relabel => $laptop);
$chrome->type("[id='label-$laptop->{id}']", 'bed & breakfast' . ENTER);
row_says($laptop, qr/^bed & breakfast/, 'another label');
says('#said', qr/called “bed & breakfast” now/, '... as the page says');

# --- Off and on -------------------------------------------------------------

click_on(toggle => $laptop);
row_says($laptop, qr/Disabled/, 'a key is disabled');
is(curl_with($secret), 401, '... and refused');
ok(!$chrome->shows("[id='rotate-$laptop->{id}']"),
	'... and cannot be rotated');
click_on(toggle => $laptop);
row_says($laptop, qr/Works/, 'it is enabled');
is(curl_with($secret), 200, '... and works again');
keyboard_is("toggle-$laptop->{id}",
	'... and the keyboard stays where it was');

# --- Rotated ----------------------------------------------------------------

click_on(rotate => $laptop);
is_accessible('the dialog that rotates');
$chrome->click('#grace option[value="3600"]');
$chrome->click('#form-submit');
says('#old-key', qr/^The old key, live_io7_\w{3}…\w{4}, works until \d+ \w+ \d+ at/,
	'a key is rotated, and it is said when the old one ends');
my $new = take_secret('the new one');
isnt($new, $secret, '... which is another');
is_deeply([map { curl_with($_) } $secret, $new], [200, 200], 'both work');
row_says($laptop, qr/In grace, ends in (?:1 hour|\d+ minutes)/,
	'... the old one in its grace');
my $heir = key_of('bed & breakfast');
isnt($heir->{id}, $laptop->{id}, 'the new one');
click_on(rotate => $heir);
$chrome->click('#grace option[value="0"]');
$chrome->click('#form-submit');
says('#old-key', qr/works no more/, 'rotated without a grace');
my $newest = take_secret('the newest');
is_deeply([map { curl_with($_) } $new, $newest], [401, 200],
	'... the old one is refused at once');

# --- Revoked ----------------------------------------------------------------

$heir = key_of('bed & breakfast');
click_on(revoke => $heir);
says('dialog h2', qr/^Revoke “bed & breakfast”\?$/, 'a key is to be revoked');
says('dialog', qr/\Q$heir->{prefix}\E….*for good.*(?:last|never) used/s,
	'... which one');
is_accessible('the dialog that revokes');
$chrome->press(ENTER);
ok(!$chrome->shows('dialog'), 'Enter does not mean it');
is(curl_with($newest), 200, '... and it works');
click_on(revoke => $heir);
$chrome->click('dialog .danger');
says('#said', qr/^“bed & breakfast” is revoked\.$/, 'it is revoked');
is(curl_with($newest), 401, '... and refused at the next request');
ok(!$chrome->shows(row_of($heir)), '... and no more in the list');
keyboard_is('title', 'the keyboard is at the title, as its button is gone');
$chrome->click('label:has(#filter-past)');
row_says($heir, qr/Revoked\s+just now/, '... but in that of what has ended');
ok(!$chrome->shows("[id='revoke-$heir->{id}']"), '... where nothing is to do');
is_accessible('what has ended');
$stack->psql("UPDATE io7.api_keys SET expires_at = now(), revoked_at = NULL
	WHERE id = '$heir->{id}';");
$chrome->click("label:has(#filter-$_)") for qw(current past);
row_says($heir, qr/Expired\s.*Expired\s+just now/s, '... as is what expired');
$chrome->click('label:has(#filter-current)');
row_says($laptop, qr/In grace/, 'the others are there again');

# --- What is risky ----------------------------------------------------------

says('#risk-endless', qr/First live key/, 'a key never expires');
says('#risk-unlimited', qr/First live key/, '... and may do everything');
ok(!$chrome->shows('#risk-idle'), '... and none is idle');
$stack->psql("UPDATE io7.api_keys SET created_at = now() - interval '91 days'
	WHERE id = '$phone->{id}';
	UPDATE io7.api_keys SET last_used_at = now() - interval '91 days'
	WHERE id = '$laptop->{id}';");
visit(qr/^Live keys/);
says('#summary', qr/2 worth a look/, 'two keys are worth a look');
says('#risk-idle', qr/phone.*never used, made 3 months ago/s, 'one is idle');
unlike($chrome->text('#risks'), qr/bed & breakfast/,
	'... what ends anyway is not');
is_accessible('keys that are risky');
$chrome->click('#risk-idle button');
$chrome->click('dialog .danger');
shown('!document.querySelector("#risk-idle")', '... and is revoked');
is(key_of('<b>phone</b>'), undef, '... indeed');
$chrome->click('#risk-endless button');
ok(!$chrome->shows('#key-end option[value=never]'),
	'a key gets an end, which is not never');
$chrome->click('#key-end option[value="30"]');
$chrome->click('#form-submit');
shown('!document.querySelector("#risk-endless")', '... and has one');
ok(key_of('First live key')->{expires_at}, '... indeed');
$chrome->click('#risk-unlimited button');
$chrome->click('#form-submit');
says('#no-risk', qr/nothing to mend/, 'a key is limited, and nothing is left');
is("@{key_of('First live key')->{scopes}}", 'read write', '... indeed');
is_accessible('keys that are all right');

# --- The other mode ---------------------------------------------------------

$chrome->click('#create');
$chrome->type('#label', 'for trying');
$chrome->click('label:has(#key-mode-test)');
$chrome->click('#form-submit');
says('.command code', qr/test_io7_/, 'a session makes keys of either mode');
my $trying = take_secret('a test key');
says('#said', qr/Switch to test to see it/, '... and says where it is');
ok(!key_of('for trying')->{revoked_at}, '... which is so');
unlike($chrome->text('#keys'), qr/for trying/, '... not here');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys.*for trying/s, '... but there');
unlike($chrome->text('#keys'), qr/First live/, '... where no other is');
ok($chrome->shows('#mode-note'), '... and it is seen to be test data');
is(curl_with($trying), 200, '... and it works');
$chrome->click('label:has(#filter-past)');
says('#empty', qr/No test key has been revoked/, 'nothing has ended there');

# --- Many -------------------------------------------------------------------

$stack->psql("INSERT INTO io7.api_keys (user_id, hash, prefix, last4, label,
		mode, scopes, revoked_at, created_at)
	SELECT '@{[$account->user_id]}', sha256(('old' || n)::bytea),
		'test_io7_000', '0000', 'old ' || n, 'test', '{read}', now(),
		now() - n * interval '1 hour'
	FROM generate_series(1, 60) n;");
$chrome->click('label:has(#filter-current)');
says('#keys', qr/for trying/, 'those that work');
$chrome->click('label:has(#filter-past)');
says('#keys', qr/old 25\b/, 'what has ended comes page by page');
unlike($chrome->text('#keys'), qr/old 26\b/, '... not all at once');
$chrome->click('#more');
says('#keys', qr/old 1\b.*old 50\b/s, '... more below what is there');
$chrome->click('#more');
shown('!document.querySelector("#more")', '... to the end');
is($chrome->run_script('return document.querySelectorAll(".key").length'), 60,
	'... and each once');

# --- By a key ---------------------------------------------------------------

$chrome->click('#sign-out');
comes_to('/dashboard/login', 'the session is over');
$chrome->visit('/dashboard/keys');
my $mine = new_account($stack, plan => 'pro');
use_key($mine->test_key);
says('#keys', qr/^Test keys\n.*First test key\s+Works\s+used by this tab/s,
	'by a pasted key, which is seen to be the tab\'s own');
$chrome->click('#create');
ok($chrome->run_script('return document.querySelector("#key-mode-live").disabled'),
	'it makes keys of its mode');
says('dialog', qr/A test key makes test keys\./, '... as is said');
$chrome->type('#label', 'reader');
$chrome->click('label:has(#scope-write)');
$chrome->click('#form-submit');
my $reader = take_secret('a key made with a key');
is(curl_with($reader), 200, '... works');
is($chrome->run_script('return sessionStorage.getItem("io7.key.test")'),
	$mine->test_key, '... and the tab keeps its own, which it came with');
my ($own) = grep { $_->{label} eq 'First test key' } @{$http->get('/api/keys',
	headers => $mine->auth('test'))->{json}{items}};
click_on(rotate => $own);
$chrome->click('#grace option[value="0"]');
$chrome->click('#form-submit');
my $successor = take_secret('the successor of the tab\'s own key');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'... with which one has to come back');
use_key($successor);
says('#keys', qr/First test key\s+Works\s+used by this tab/, '... and does');
($own) = grep { $_->{label} eq 'First test key' } @{$http->get(
	'/api/keys?ended=false', headers => [Authorization =>
		"Bearer $successor"])->{json}{items}};
click_on(revoke => $own);
says('dialog .warning', qr/This tab itself uses this key/,
	'to revoke the tab\'s own is warned of');
$chrome->click('dialog .quiet');
click_on(rotate => $own);
says('dialog .warning', qr/This tab itself uses/, '... to rotate it as well');
$chrome->press(ESCAPE);
click_on(toggle => $own);
says('dialog .warning', qr/This tab itself uses/, '... and to disable it');
is_accessible('a warning');
$chrome->click('dialog .danger');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'who does it comes to the login');
says('#problem', qr/disabled/, '... and reads why');

use_key($reader);
says('#no-admin', qr/scope admin/, 'a key that may not manage keys says so');
ok(!$chrome->shows('#create'), '... and offers nothing');
is_accessible('a key that may not');
$chrome->click('#no-admin button');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys&mode=test',
	'... but another key');
use_key($account->test_key);
says('#keys', qr/for trying/, '... with which it goes on');
$chrome->click('label:has(#mode-live)');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys&mode=live',
	'for live keys a live key is asked for');

# --- What the API refuses ---------------------------------------------------

my $full = new_account($stack, plan => 'starter');
sign_in($full);
visit(qr/^Live keys/);
$stack->psql("INSERT INTO io7.api_keys
	(user_id, hash, prefix, last4, label, mode, scopes, expires_at)
	SELECT '@{[$full->user_id]}', sha256(('full' || n)::bytea),
		'live_io7_000', '0000', 'key ' || n, 'live', '{read}',
		now() + interval '1 day'
	FROM generate_series(1, 98) n;");
create('one too many');
says('#form-problem', qr/has 100 keys/, 'too many keys');
is_accessible('a dialog with a problem');
$chrome->press(ESCAPE);

# A key that somebody else has revoked meanwhile, or removed.
visit(qr/key 98\b.*First live key/s);
my %others = map { my $n = $_; $n => $stack->psql("SELECT id FROM io7.api_keys
	WHERE label = 'key $n' AND user_id = '@{[$full->user_id]}';")
	=~ s/\n//r } 1 .. 4;
$stack->psql("UPDATE io7.api_keys SET revoked_at = now()
	WHERE id IN ('$others{1}', '$others{2}', '$others{3}');
	DELETE FROM io7.api_keys WHERE id = '$others{4}';");
my ($one, $two, $three, $four) = map { { id => $others{$_} } } 1 .. 4;
click_on(relabel => $one);
$chrome->type("[id='label-$one->{id}']", 'another' . ENTER);
says(row_of($one) . ' form > .problem', qr/This key was revoked/,
	'it cannot be relabelled');
click_on(toggle => $two);
says(row_of($two) . ' .problem', qr/This key was revoked/,
	'... nor disabled');
click_on(rotate => $three);
$chrome->click('#form-submit');
says('#form-problem', qr/Only a key that works can be rotated/,
	'... nor rotated');
$chrome->press(ESCAPE);
click_on(revoke => $four);
$chrome->click('dialog .danger');
says('dialog .problem', qr/nothing here/, 'what is gone cannot be revoked');
ok($chrome->shows('dialog .danger'), '... which is said where it was asked');
$chrome->press(ESCAPE);

# An account of few requests, of which the next comes in two seconds.
sign_in(new_account($stack,
	plan => new_plan($stack, 'few', requests => 30)));

# All that the account may ask for in this minute.
sub use_up_the_minute
{
	$chrome->run_script('return (async () => {
		let status = 200;
		while (status === 200)
			({ status } = await fetch("/api/me"));
	})()');
}

sub says_to_wait
{
	my ($selector) = @_;

	return wait_until(2, sub { $chrome->run_script('return document
		.querySelector(arguments[0])?.innerText ?? ""', $selector) =~
		/Too many requests.*Again in \d+ second/s });
}

# The minute may end at any time, and all begins anew.
eventually {
	$chrome->visit('/dashboard/keys');
	$chrome->click('#create');
	$chrome->type('#label', 'soon');
	use_up_the_minute();
	$chrome->click('#form-submit');
	says_to_wait('#form-problem') && $chrome->run_script(
		'return document.querySelector("#form-submit").disabled');
} 'too many requests: why not, and for how long, and the button waits', 90;
is_accessible('a dialog that waits');
eventually {
	use_up_the_minute();
	$chrome->visit('/dashboard/keys');
	says_to_wait('#content');
} '... and so does the page', 90;

sign_in($account);
visit(qr/^Live keys/);
$chrome->click('#create');
$chrome->type('#label', 'never made');
$stack->stop('nginx');
$chrome->click('#form-submit');
says('#form-problem', qr/The server does not answer/,
	'a server that is away');
$stack->up;
$chrome->click('#form-submit');
take_secret('once it is back, the key');
$stack->stop('nginx');
$chrome->click('label:has(#mode-test)');
says('#content', qr/The server does not answer/, 'away again');
$stack->up;
$chrome->click('#content button');
says('#keys', qr/^Test keys/, '... and back');
io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
create('without a session');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'a session that is over leads to the login');

end_pages;
