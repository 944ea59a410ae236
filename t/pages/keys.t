#!/usr/bin/perl
# The API keys page, in Chromium: keys are created, renamed, disabled, rotated and
# revoked by real clicks, and curl checks the result. A secret is shown once and is
# nowhere in the page afterwards.

use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8);
use Io7::Account;
use Io7::Pages;
use Io7::Test;
use Io7::Json;

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

# --- Helpers ----------------------------------------------------------------

# The status that curl gets with a key.
sub curl_with
{
	my ($key) = @_;

	my $ended = run('curl', '-s', '--cacert', $stack->env('IO7_TLS_CERT'),
		'-o', '/dev/null', '-w', '%{http_code}',
		'-H', "Authorization: Bearer $key", "$site/api/me");
	return $ended->{out};
}

# The output of the command that the page shows.
sub curl_by
{
	my ($command) = @_;

	return run({ env => { CURL_CA_BUNDLE => $stack->env('IO7_TLS_CERT') } },
		'bash', '-c', "$command -s -w ' %{http_code}'")->{out};
}

# The key with this label that has not expired and was not revoked, from the API.
sub key_of
{
	my ($label) = @_;

	my ($key) = grep { $_->{label} eq $label } @{$http->get(
		'/api/keys?ended=false', headers =>
		[Authorization => "Bearer $session"])->{json}{items}};
	return $key;
}

# Clicks a button in the row of a key.
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

# Everything that the page contains or stores.
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

# Closes the dialog of a new key and returns the secret.
sub take_secret
{
	my ($what) = @_;

	my $key = $chrome->text('#secret');
	like($key, qr/^(?:live|test)_io7_[0-9a-f]{32}$/, "$what is shown");
	$chrome->click('#stored');
	shown('!document.querySelector("dialog")',
		'the dialog closes when the key is stored');
	unlike(whole_page(), qr/\Q$key/, 'the secret is nowhere in the page');
	return $key;
}

# Waits until the element with this id has the focus.
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
	says('#keys', $heading, 'the keys are shown');
}

# --- With a session ---------------------------------------------------------

$chrome->visit('/dashboard/keys');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'without a session the login page opens');
sign_in($account);
visit(qr/^Live keys/);
my $first = key_of('First live key');
row_says($first, qr/^First live key\s+Active\s+live_io7_\w{3}…\w{4}/,
	'a key is listed with its state');
row_says($first, qr/Permissions\s+read, write, admin\s+Created\s+just now/,
	'its permissions and creation time are shown');
unlike($chrome->text(row_of($first)), qr/this tab/,
	'a session is not marked as using the key');
says('[aria-current]', qr/^API keys$/, 'the navigation marks the page');
is_accessible('the API keys page');

# --- Create -----------------------------------------------------------------

$chrome->click('#create');
keyboard_is('label', 'the label has the focus in the dialog for a new key');
$chrome->press(ENTER);
says('#label-problem', qr/Enter a label/, 'a label is required');
$chrome->type('#label', 'é' x 101);
$chrome->click('#form-submit');
says('#label-problem', qr/^This must be 1 to 100 characters/,
	'the API limits the length of a label');
keyboard_is('label', 'the invalid field gets the focus');
$chrome->type('#label', 'laptop');
$chrome->click("label:has(#scope-$_)") for qw(read write);
$chrome->click('#form-submit');
says('#scopes-problem', qr/at least one permission/, 'a permission is required');
is_accessible('the dialog for a new key');
$chrome->click('label:has(#scope-read)');
says('#key-end-note', qr/^The key works until \d+ \w+ 20\d\d at \d\d:\d\d UTC\.$/,
	'the default expiry is shown');
$chrome->click('#key-end option[value=own]');
$chrome->click('#form-submit');
says('#expires_at-problem', qr/Choose a date/, 'an expiry date is required');
$chrome->run_script('document.querySelector("#key-end-day").value = "2999-01-01"');
$chrome->click('#form-submit');
says('#expires_at-problem', qr/within 10 years/,
	'the API limits the expiry date');
my $year = (gmtime)[5] + 1902;
$chrome->type('#key-end-day', "0131$year");
says('#key-end-note', qr/^The key works until 31 January $year at 23:59 UTC\.$/,
	'the chosen expiry is shown');
$chrome->click('#form-submit');
says('#secret', qr/^live_io7_/, 'a key is created');
is_accessible('the dialog with a secret');
$chrome->press(ESCAPE) for 1 .. 3;
says('[role=status].warning', qr/Store the key first/,
	'Escape does not close the dialog with a secret');
ok($chrome->shows('#secret'), 'repeated Escape does not close it');
ok($chrome->run_script('return !dispatchEvent(new Event("beforeunload",
	{ cancelable: true }))'), 'the browser asks before the page is left');
my $secret = $chrome->text('#secret');
for my $copied (['.secret', qr/^$secret$/], ['.command', qr/^curl .*$secret/]) {
	$chrome->click("$copied->[0] button");
	says("$copied->[0] button", qr/^Copied$/, 'Copy copies the secret');
	like($chrome->run_script('return navigator.clipboard.readText()'),
		$copied->[1], 'the clipboard holds the secret');
}
like(curl_by($chrome->text('.command code')),
	qr/"name": ?"\Q@{[$account->name]}\E".* 200$/s,
	'the command that is shown works');
is(take_secret('the key'), $secret, 'the dialog showed the same key');
says('#message', qr/^Created “laptop”\.$/,
	'a message says that the key was created');
my $laptop = key_of('laptop');
row_says($laptop, qr/Permissions\s+read\n.*Expires\s+in \d\d months/s,
	'the new key is listed');
is($laptop->{expires_at}, "$year-01-31T23:59:59.000000Z",
	'it has the chosen expiry');
keyboard_is('create', 'the focus returns to the button');
is(curl_with($secret), 200, 'the key works with curl');
eventually {
	visit(qr/laptop/);
	$chrome->text(row_of($laptop)) =~ /Last used\s+just now/;
} 'its last use is shown';

# With the keyboard only and the default values.
$chrome->run_script('document.querySelector("#create").focus()');
$chrome->press(ENTER);
$chrome->press('<b>phone</b>' . ENTER);
take_secret('a key created with the keyboard');
my $phone = key_of('<b>phone</b>');
is("@{$phone->{scopes}}", 'read write',
	'the default permissions are read and write');
ok($phone->{expires_at}, 'the default expiry is set');
row_says($phone, qr/^<b>phone<\/b>/, 'the label is shown as text');
$chrome->click('#create');
$chrome->press(ESCAPE);
ok(!$chrome->shows('dialog'), 'Escape closes a dialog without a secret');

# --- Rename -----------------------------------------------------------------

click_on(relabel => $laptop);
is($chrome->run_script('return document.activeElement.value'), 'laptop',
	'Rename shows the label in a field');
is_accessible('the form for a label');
$chrome->type("[id='label-$laptop->{id}']", 'x' x 101 . ENTER);
says("[id='label-$laptop->{id}-problem']", qr/^This must be 1 to 100/,
	'a label that is too long is rejected');
$chrome->type("[id='label-$laptop->{id}']", ' ' . ENTER);
says("[id='label-$laptop->{id}-problem']", qr/Enter a label/,
	'an empty label is rejected');
$chrome->press(ESCAPE);
row_says($laptop, qr/^laptop/, 'Escape cancels');
click_on(relabel => $laptop);
$chrome->type("[id='label-$laptop->{id}']", 'bed & breakfast' . ENTER);
row_says($laptop, qr/^bed & breakfast/, 'a key is renamed');
says('#message', qr/Renamed the key to “bed & breakfast”/,
	'a message shows the new label');

# --- Disable and enable -----------------------------------------------------

click_on(toggle => $laptop);
row_says($laptop, qr/Disabled/, 'a disabled key is marked');
is(curl_with($secret), 401, 'it gets 401');
ok(!$chrome->shows("[id='rotate-$laptop->{id}']"),
	'it cannot be rotated');
click_on(toggle => $laptop);
row_says($laptop, qr/Active/, 'an enabled key is active');
is(curl_with($secret), 200, 'it works again');
keyboard_is("toggle-$laptop->{id}",
	'the button keeps the focus');

# --- Rotate -----------------------------------------------------------------

click_on(rotate => $laptop);
is_accessible('the dialog for a rotation');
$chrome->click('#grace option[value="3600"]');
$chrome->click('#form-submit');
says('#old-key', qr/^The old key, live_io7_\w{3}…\w{4}, works until \d+ \w+ \d+ at/,
	'a rotation shows until when the old key works');
my $new = take_secret('the new key');
isnt($new, $secret, 'the new key is another one');
is_deeply([map { curl_with($_) } $secret, $new], [200, 200],
	'both keys work during the grace period');
row_says($laptop, qr/Expiring in (?:1 hour|\d+ minutes)/,
	'the old key is expiring');
my $heir = key_of('bed & breakfast');
isnt($heir->{id}, $laptop->{id}, 'the new key');
click_on(rotate => $heir);
$chrome->click('#grace option[value="0"]');
$chrome->click('#form-submit');
says('#old-key', qr/no longer works/,
	'a rotation without a grace period says that the old key no longer works');
my $newest = take_secret('the newest key');
is_deeply([map { curl_with($_) } $new, $newest], [401, 200],
	'the old key gets 401 at once');

# --- Revoke -----------------------------------------------------------------

$heir = key_of('bed & breakfast');
click_on(revoke => $heir);
says('dialog h2', qr/^Revoke “bed & breakfast”\?$/,
	'Revoke asks for confirmation');
says('dialog', qr/\Q$heir->{prefix}\E….*cannot undo.*(?:last|never) used/s,
	'the dialog names the key and its last use');
is_accessible('the dialog that confirms a revocation');
$chrome->press(ENTER);
ok(!$chrome->shows('dialog'), 'Enter does not confirm a revocation');
is(curl_with($newest), 200, 'the key still works');
click_on(revoke => $heir);
$chrome->click('dialog .danger');
says('#message', qr/^Revoked “bed & breakfast”\.$/, 'a key is revoked');
is(curl_with($newest), 401, 'it gets 401');
ok(!$chrome->shows(row_of($heir)),
	'it is no longer listed among the current keys');
keyboard_is('title', 'the focus moves to the title, as the button is gone');
$chrome->click('label:has(#filter-ended)');
row_says($heir, qr/Revoked\s+just now/, 'it is listed among the past keys');
ok(!$chrome->shows("[id='revoke-$heir->{id}']"), 'a revoked key has no actions');
is_accessible('the list of past keys');
# A trigger keeps a revoked key revoked, unless the row comes from a replica.
$stack->psql("SET session_replication_role = replica;
	UPDATE io7.api_keys SET expires_at = now(), revoked_at = NULL
	WHERE id = '$heir->{id}';");
$chrome->click("label:has(#filter-$_)") for qw(current ended);
row_says($heir, qr/Expired\s.*Expired\s+just now/s,
	'an expired key is listed as expired');
$chrome->click('label:has(#filter-current)');
row_says($laptop, qr/Expiring/, 'the current keys are shown again');

# --- Security suggestions ---------------------------------------------------

says('#risk-endless', qr/First live key/, 'a key that never expires is listed');
says('#risk-unlimited', qr/First live key/, 'a key with full access is listed');
ok(!$chrome->shows('#risk-idle'), 'no key is idle');
$stack->psql("UPDATE io7.api_keys SET created_at = now() - interval '91 days'
	WHERE id = '$phone->{id}';
	UPDATE io7.api_keys SET last_used_at = now() - interval '91 days'
	WHERE id = '$laptop->{id}';");
visit(qr/^Live keys/);
says('#summary', qr/2 with security suggestions/,
	'the summary counts the keys with suggestions');
says('#risk-idle', qr/phone.*never used, created 3 months ago/s,
	'an idle key is listed');
unlike($chrome->text('#risks'), qr/bed & breakfast/,
	'an expiring key is not listed');
is_accessible('a page with security suggestions');
$chrome->click('#risk-idle button');
$chrome->click('dialog .danger');
shown('!document.querySelector("#risk-idle")', 'the idle key is revoked');
is(key_of('<b>phone</b>'), undef, 'the API confirms it');
$chrome->click('#risk-endless button');
ok(!$chrome->shows('#key-end option[value=never]'),
	'the dialog for an expiry does not offer never');
$chrome->click('#key-end option[value="30"]');
$chrome->click('#form-submit');
shown('!document.querySelector("#risk-endless")', 'the expiry is set');
ok(key_of('First live key')->{expires_at}, 'the API confirms it');
$chrome->click('#risk-unlimited button');
$chrome->click('#form-submit');
says('#no-risk', qr/No suggestions/,
	'after reducing permissions no suggestion is left');
is("@{key_of('First live key')->{scopes}}", 'read write', 'the API confirms it');
is_accessible('a page without suggestions');

# --- The other mode ---------------------------------------------------------

$chrome->click('#create');
$chrome->type('#label', 'for trying');
$chrome->click('label:has(#key-mode-test)');
$chrome->click('#form-submit');
says('.command code', qr/test_io7_/, 'a session creates keys of both modes');
my $trying = take_secret('a test key');
says('#message', qr/Switch to test data to see it/,
	'a message says in which mode the key is listed');
ok(!key_of('for trying')->{revoked_at}, 'the key exists');
unlike($chrome->text('#keys'), qr/for trying/,
	'a test key is not listed in live mode');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys.*for trying/s, 'it is listed in test mode');
unlike($chrome->text('#keys'), qr/First live/,
	'live keys are not listed in test mode');
ok($chrome->shows('#mode-note'), 'test mode is marked');
is(curl_with($trying), 200, 'the test key works');
$chrome->click('label:has(#filter-ended)');
says('#empty', qr/No test key has expired/,
	'the list of past test keys is empty');

# --- Many keys --------------------------------------------------------------

$stack->psql("INSERT INTO io7.api_keys (user_id, hash, prefix, last4, label,
		mode, scopes, revoked_at, created_at)
	SELECT '@{[$account->user_id]}', sha256(('old' || n)::bytea),
		'test_io7_000', '0000', 'old ' || n, 'test', '{read}', now(),
		now() - n * interval '1 hour'
	FROM generate_series(1, 60) n;");
$chrome->click('label:has(#filter-current)');
says('#keys', qr/for trying/, 'the current keys are listed');
$chrome->click('label:has(#filter-ended)');
says('#keys', qr/old 25\b/, 'past keys are listed page by page');
unlike($chrome->text('#keys'), qr/old 26\b/, 'the first page has 25 keys');
$chrome->click('#more');
says('#keys', qr/old 1\b.*old 50\b/s, 'the next page is appended');
$chrome->click('#more');
shown('!document.querySelector("#more")', 'the last page has no button for more');
is($chrome->run_script('return document.querySelectorAll(".key").length'), 60,
	'each key is listed once');

# --- With a key -------------------------------------------------------------

$chrome->click('#sign-out');
comes_to('/dashboard/login', 'signing out ends the session');
$chrome->visit('/dashboard/keys');
my $mine = new_account($stack, plan => 'pro');
use_key($mine->test_key);
says('#keys', qr/^Test keys\n.*First test key\s+Active\s+used by this tab/s,
	'the key of this tab is marked');
$chrome->click('#create');
ok($chrome->run_script('return document.querySelector("#key-mode-live").disabled'),
	'a test key cannot create live keys');
says('dialog', qr/A test key can create test keys only\./, 'the dialog says so');
$chrome->type('#label', 'reader');
$chrome->click('label:has(#scope-write)');
$chrome->click('#form-submit');
my $reader = take_secret('a key created with a key');
is(curl_with($reader), 200, 'it works');
is($chrome->run_script('return sessionStorage.getItem("io7.key.test")'),
	$mine->test_key, 'the tab keeps using its own key');
my ($own) = grep { $_->{label} eq 'First test key' } @{$http->get('/api/keys',
	headers => $mine->auth('test'))->{json}{items}};
click_on(rotate => $own);
$chrome->click('#grace option[value="0"]');
$chrome->click('#form-submit');
my $successor = take_secret('the successor of the tab\'s own key');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'rotating the tab\'s own key without grace leads to the login page');
use_key($successor);
says('#keys', qr/First test key\s+Active\s+used by this tab/,
	'its successor is accepted');
($own) = grep { $_->{label} eq 'First test key' } @{$http->get(
	'/api/keys?ended=false', headers => [Authorization =>
		"Bearer $successor"])->{json}{items}};
click_on(revoke => $own);
says('dialog .warning', qr/This tab uses this key/,
	'revoking the tab\'s own key shows a warning');
$chrome->click('dialog .quiet');
click_on(rotate => $own);
says('dialog .warning', qr/This tab uses/, 'rotating it shows a warning');
$chrome->press(ESCAPE);
click_on(toggle => $own);
says('dialog .warning', qr/This tab uses/, 'disabling it shows a warning');
is_accessible('a warning');
$chrome->click('dialog .danger');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'disabling the tab\'s own key leads to the login page');
says('#problem', qr/disabled/, 'the login page shows the reason');

use_key($reader);
says('#no-admin', qr/scope admin/, 'the page says that a key lacks the scope admin');
ok(!$chrome->shows('#create'), 'it cannot create keys');
is_accessible('the page for a key without the scope admin');
$chrome->click('#no-admin button');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys&mode=test',
	'the page offers to use another key');
use_key($account->test_key);
says('#keys', qr/for trying/, 'a key with the scope admin is accepted');
$chrome->click('label:has(#mode-live)');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys&mode=live',
	'live mode asks for a live key');

# --- Errors of the API ------------------------------------------------------

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
says('#form-problem', qr/has 100 keys/, 'the limit of 100 keys is reported');
is_accessible('a dialog with an error');
$chrome->press(ESCAPE);

# Keys that were revoked or deleted meanwhile.
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
	'a revoked key cannot be renamed');
click_on(toggle => $two);
says(row_of($two) . ' .problem', qr/This key was revoked/,
	'a revoked key cannot be disabled');
click_on(rotate => $three);
$chrome->click('#form-submit');
says('#form-problem', qr/Only an active key can be rotated/,
	'a revoked key cannot be rotated');
$chrome->press(ESCAPE);
click_on(revoke => $four);
$chrome->click('dialog .danger');
says('dialog .problem', qr/does not exist/, 'a deleted key cannot be revoked');
ok($chrome->shows('dialog .danger'), 'the error is shown in the dialog');
$chrome->press(ESCAPE);

# An account that can send a request every two seconds.
sign_in(new_account($stack,
	plan => new_plan($stack, 'few', requests => 30)));

# Sends requests until the limit of this minute is reached.
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
		/Too many requests.*Try again in \d+ second/s });
}

# The minute may end at any moment: repeat everything then.
eventually {
	$chrome->visit('/dashboard/keys');
	$chrome->click('#create');
	$chrome->type('#label', 'soon');
	use_up_the_minute();
	$chrome->click('#form-submit');
	says_to_wait('#form-problem') && $chrome->run_script(
		'return document.querySelector("#form-submit").disabled');
} 'a rate limit is reported with the time to wait, and disables the button', 90;
is_accessible('a dialog that waits');
eventually {
	use_up_the_minute();
	$chrome->visit('/dashboard/keys');
	says_to_wait('#content');
} 'the page shows a rate limit with the time to wait', 90;

sign_in($account);
visit(qr/^Live keys/);
$chrome->click('#create');
$chrome->type('#label', 'never made');
$stack->stop('nginx');
$chrome->click('#form-submit');
says('#form-problem', qr/The server does not answer/,
	'a server that does not answer is reported');
$stack->up;
$chrome->click('#form-submit');
take_secret('when the server is back, the key');
$stack->stop('nginx');
$chrome->click('label:has(#mode-test)');
says('#content', qr/The server does not answer/,
	'the page reports a server that does not answer');
$stack->up;
$chrome->click('#content button');
says('#keys', qr/^Test keys/, 'Try again shows the keys when the server is back');
io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
create('without a session');
comes_to('/dashboard/login?return=%2Fdashboard%2Fkeys',
	'an expired session leads to the login page');

end_pages;
