#!/usr/bin/perl
# The data page, in Chromium: finding, opening, editing, saving and deleting keys,
# conflicts with other writers, and drafts.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Pages;
use Io7::Test;
use Io7::Json;

use constant { ENTER => "\x{e007}", ESCAPE => "\x{e00c}", DOWN => "\x{e015}",
	UP => "\x{e013}", CONTROL => "\x{e009}", NONE => "\x{e000}" };

my $stack = private_stack;
my $chrome = open_pages($stack);
$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
my $http = $stack->http;
my $account = new_account($stack);

sub escaped
{
	my ($key) = @_;

	utf8::encode($key);
	return $key =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
}

# A request of another client.
sub ask
{
	my ($method, $key, $body, @headers) = @_;

	return $http->request($method, '/kv/' . escaped($key),
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

sub stored
{
	return ask(GET => @_)->{body};
}

sub written
{
	return $chrome->run_script(
		'return document.querySelector("#value")?.value');
}

# The keys in the list.
sub listed
{
	return join ' ', @{$chrome->run_script('return [...document
		.querySelectorAll("#keys a")].map((one) => one.dataset.key)')};
}

sub lists
{
	my ($keys, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { listed() eq $keys } $what or diag(listed());
}

sub holds
{
	my ($text, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { (written() // '') eq $text } $what or diag(written());
}

sub opens
{
	my ($key, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$chrome->click(qq([data-key="$key"]));
	says('#entry-title', qr/^\Q$key\E$/, $what // "$key opens");
	shown('document.querySelector("#facts")', '... with its facts');
}

# The id or key of the focused element.
sub focused
{
	return $chrome->run_script('return document.activeElement.id
		|| document.activeElement.dataset.key');
}

# --- Empty store ------------------------------------------------------------

$chrome->visit('/dashboard/data#key=user:2');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata',
	'without a session the login page opens, without the key in its URL');
use_key($account->test_key);
says('#missing', qr/does not exist in test data/,
	'after the login the page shows that the key does not exist');
is($chrome->place, '/dashboard/data#key=user:2', 'the URL names the key again');
is_accessible('the page of a missing key');
says('#nothing', qr/No test data yet/, 'the list says that the store is empty');
like($chrome->text('#nothing pre'), qr{^curl\ -X\ PUT\ https://\S+/kv/hello
	.*Bearer\ test_io7_.*'\{"greeting":\ "Hello"\}'$}xs,
	'an empty store shows a command that creates a key');
$chrome->click('#close');
is_accessible('the page of an empty store');

# --- List -------------------------------------------------------------------

my $digits = '{"big": 12345678901234567890, "tiny": 0.10, "huge": 1e400}';
ask(PUT => 'user:2', $digits);
ask(PUT => "user:$_", $_) for 1, 3;
ask(PUT => "note/$_", '"x"') for 'a b', '100%', 'ü*';
my @many = map { sprintf 'many:%03d', $_ } 1 .. 250;
$http->post('/kv/batch', headers => $account->auth('test'), body =>
	encode_json({ ops => [map { { op => 'put', key => $_,
		value => 1 } } @many] }));
$chrome->visit('/dashboard/data');
$chrome->call(POST => '/refresh');
says('#how-many', qr/^256 keys$/, 'all keys are counted');
says('#shown', qr/^100 shown$/, 'the first 100 keys are shown');
$chrome->click('#more');
says('#shown', qr/^200 shown$/, 'the next page is appended');
is(focused(), 'many:101', 'the focus moves to the first appended key');
$chrome->click('#more');
eventually { !$chrome->shows('#more') } 'the last page has no button for more';
is(listed(), join(' ', @many, map { ($_) } 'note/100%', 'note/a b', 'note/ü*',
	'user:1', 'user:2', 'user:3'), 'no key is missing or repeated');

$chrome->type('#pattern', 'user:');
lists('user:1 user:2 user:3', 'text without wildcards is a prefix');
says('#how-many', qr/^3 keys match user:\*$/, 'the count names the pattern');
is($chrome->place, '/dashboard/data#pattern=user%3A*',
	'the URL contains the pattern');
$chrome->type('#pattern', 'many:?5?');
says('#how-many', qr/^21 keys match/, 'a pattern');
$chrome->type('#pattern', 'note/ü\\*');
lists('note/ü*', 'an escaped * matches itself');
is_accessible('a list');
$chrome->type('#pattern', 'nobody');
says('#nothing', qr/No keys match.*nobody\*/s,
	'a pattern without matches says so');
is_accessible('the page of a pattern without matches');
my $before = () = $chrome->requests;
$chrome->type('#pattern', 'user:1');
lists('user:1', 'the last of several quick inputs is shown');
my @asked = $chrome->requests;
cmp_ok(scalar(grep { m{/kv\?} } @asked[$before .. $#asked]), '<=', 4,
	'fast typing sends few requests');

# A late answer is dropped.
$chrome->run_script(<<'END');
	const real = window.fetch;
	window.fetch = async (path, options) => {
		const answer = await real(path, options);
		if (path.includes("slow"))
			await new Promise((go, stop) => {
				window.release = go;
				options.signal.addEventListener("abort", () =>
					stop(options.signal.reason));
			});
		return answer;
	};
END
$chrome->type('#pattern', 'slow');
shown('window.release', 'a request is pending');
$chrome->type('#pattern', 'user:');
lists('user:1 user:2 user:3',
	'a new pattern does not wait for a pending request');
$chrome->run_script('window.release()');
lists('user:1 user:2 user:3', 'the late answer is not shown');

# --- Keyboard ---------------------------------------------------------------

$chrome->press(DOWN);
is(focused(), 'user:1', 'arrow down moves the focus into the list');
$chrome->press(DOWN . DOWN . UP);
is(focused(), 'user:2', 'arrow keys move through the list');
$chrome->press(ENTER);
says('#entry-title', qr/^user:2$/, 'Enter opens a key');
my $huge = '1' . '0' x 400;
my $laid = qq({\n  "big": 12345678901234567890,\n  "huge": $huge,\n)
	. qq(  "tiny": 0.10\n});
holds($laid, 'the value is formatted and keeps all digits');
like($chrome->text('#facts'), qr/Version\s+\d+\b.*just now.*Expires\s+never/s,
	'the facts of the key are shown');
is($chrome->run_script('return document.querySelector("[aria-current=true]")
	.dataset.key'), 'user:2', 'the open key is marked in the list');
is_accessible('the page of an open key');
$chrome->press(ESCAPE);
eventually { !$chrome->shows('#entry') } 'Escape closes the key';
is(focused(), 'user:2', 'the focus returns to the row');

# --- Editing ----------------------------------------------------------------

sub types
{
	my ($text) = @_;

	$chrome->type('#value', $text);
}

sub save
{
	$chrome->press(CONTROL . 's' . NONE);
}

# Compares the version on the page with the stored one.
sub is_saved
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually {
		$chrome->text('#message') eq 'Saved.' or return;
		my $shown = $chrome->text('#version');
		my $stored = ask(HEAD => $chrome->text('#entry-title'));
		($stored->{headers}{etag} // '') =~ /^(?:W\/)?"$shown"$/;
	} $what;
}

opens('user:2');
types(qq({\n"big": 12345678901234567890,\n"tiny" 0.10}));
says('#value-verdict', qr/^Line 3, column 8: Expected a colon\.$/,
	'a syntax error is reported with its position');
is_accessible('an invalid value');
$chrome->click('#save');
is($chrome->run_script('return document.querySelector("#value")
	.selectionStart'), 38, 'Save moves the caret to the error');
is(stored('user:2') =~ s/ //gr, qq({"big":12345678901234567890,"huge":$huge,)
	. '"tiny":0.10}', 'an invalid value is not stored');
types('{"a": 1, "\\u0061": 2}');
says('#value-verdict', qr/^Line 1, column 10: duplicate name “a”/,
	'a duplicate name is reported');
types('"\\u0000"');
says('#value-verdict', qr/cannot hold/,
	'a value that the store does not accept is reported');
types('{"tiny":0.10,"big":12345678901234567890,"e":1e400,"s":"\\u00e9\\/"}');
says('#value-verdict', qr/^JSON, 1 line, \d+ B$/,
	'a valid value is reported as JSON');
$chrome->click('#format');
holds(qq({\n  "tiny": 0.10,\n  "big": 12345678901234567890,\n)
	. qq(  "e": 1e400,\n  "s": "\\u00e9\\/"\n}),
	'Format keeps digits, escapes and order');
is(focused(), 'value', 'Format keeps the focus in the field');
$chrome->run_script('const value = document.querySelector("#value");
	value.setSelectionRange(5, 5);
	window.sent = []; const real = window.fetch;
	window.fetch = (path, options) => {
		window.sent.push(options.body);
		return real(path, options);
	};');
save();
is_saved('a value is saved');
is($chrome->run_script('return window.sent[0]'), '{"tiny":0.10,'
	. '"big":12345678901234567890,"e":1e400,"s":"\\u00e9\\/"}',
	'it is sent byte for byte');
is($chrome->run_script('return document.querySelector("#value")
	.selectionStart'), 5, 'the caret does not move');
my $version = ask(GET => 'user:2')->{headers}{etag} =~ s/\D//gr;
is(stored('user:2'), qq({"e": $huge, "s": "\xc3\xa9/", "big": 12345678901234567890,)
	. ' "tiny": 0.10}', 'it is stored with all digits')
	or diag(stored('user:2'));
like($chrome->text('#facts'), qr/^Version\s+$version\b/,
	'the facts show the new version');
ok(!$chrome->shows('#revert'), 'there are no unsaved edits');

# --- Leaving ----------------------------------------------------------------

types('[1]');
$chrome->press(ESCAPE);
says('dialog', qr/Leave without saving\?.*user:2/s,
	'closing a key with unsaved edits asks for confirmation');
is_accessible('the dialog about unsaved edits');
$chrome->press(ESCAPE);
eventually { !$chrome->shows('dialog') } 'Escape closes the dialog';
is(written(), '[1]', 'the edits remain');
$chrome->run_script('history.back()');
says('dialog', qr/Leave without/, 'the back button asks for confirmation');
$chrome->press(ESCAPE);
eventually { $chrome->place =~ /key=user%3A2/ } 'Escape returns to the key';
$chrome->click('#revert');
eventually { (written() // '') =~ /"tiny": 0\.10/ }
	'Discard edits restores the stored value';
types('[2]');
eventually { $chrome->run_script('return Object.keys(sessionStorage)
	.includes("io7.draft.test." + arguments[0] + ".user:2")',
	$account->user_id) } 'edits are kept as a draft';
ok($chrome->run_script('return !dispatchEvent(new Event("beforeunload",
	{ cancelable: true }))'), 'closing the tab asks for confirmation');
$chrome->click('#sign-out');
says('dialog', qr/Leave without/, 'signing out asks for confirmation');
$chrome->press(ESCAPE);

# --- Conflicts --------------------------------------------------------------

$version = ask(PUT => 'user:2', '{"theirs":0.20}')->{json}{version};
types(qq({"mine":0.10}));
save();
says('#conflict', qr/This\ value\ was\ changed.*version\ $version.*
	"theirs":\ 0\.20.*Your\ edits.*"mine":\ 0\.10/xs,
		'after a write of another client both values are shown');
is($chrome->run_script('return [...document.querySelectorAll(".side .other")]
	.length'), 2, 'lines that differ are marked');
is_accessible('a conflict');

# The numbers of the lines that differ in two texts.
sub differing
{
	return join ' | ', map { "@$_" } @{$chrome->run_script(
		'return import("/assets/data/compare.js").then(({ compareLines }) =>
			compareLines(...arguments).map((side) => side.flatMap(
				({ isSame }, i) => isSame ? [] : [i + 1])))', @_)};
}

is(differing("a\nb", "a\nb"), ' | ', 'equal texts have no differences');
is(differing("a\nb\nc\nd", "a\nx\nc\ny\nd"), '2 | 2 4',
	'differences in the middle are found');
is(differing("{\n1,\n2\n}", "{\n1\n}"), '3 | ', 'a trailing comma is ignored');
is(differing(join("\n", 'a', 1 .. 2500, 'z'), join("\n", 'a', map({ -$_ }
	1 .. 2500), 'z')), join(' | ', ("@{[2 .. 2501]}") x 2),
	'in very long texts everything between the differences differs');
ask(PUT => 'user:2', '{"theirs":0.30}');
$chrome->click('#keep-mine');
says('#theirs', qr/0\.30/,
	'a second write of another client is a conflict again');
$chrome->click('#keep-mine');
is_saved('Save my edits saves the edits');
is(stored('user:2'), '{"mine": 0.10}', 'the edits are stored');
holds('{"mine":0.10}', 'the editor keeps the edits');

$version = ask(PUT => 'user:2', '{"theirs":0.40}')->{json}{version};
types('[3]');
save();
$chrome->click('#take-theirs');
holds(qq({\n  "theirs": 0.40\n}), 'Use current value shows the stored value');
like($chrome->text('#facts'), qr/Version\s+$version\b/,
	'the facts show its version');
ok(!$chrome->shows('#revert'), 'there are no unsaved edits');

$version = ask(PUT => 'user:2', '{"theirs":0.50}')->{json}{version};
types('[4]');
save();
$chrome->click('#keep-editing');
says('#notice', qr/If you save now, you replace version $version\./,
	'Keep editing says which version will be replaced');
holds('[4]', 'the edits are kept');
$chrome->type('#value', '[5]');
save();
is_saved('a later save succeeds');

ask(PUT => 'user:2', '[6]');
types(' [6] ');
save();
says('#message', qr/same value was already saved/,
	'saving the same value as the other client causes no conflict');

ask(DELETE => 'user:2');
types('[7]');
save();
says('#conflict', qr/This key was deleted/, 'saving a deleted key is a conflict');
is_accessible('the page of a deleted key');
$chrome->click('#save-again');
is_saved('Save as new key creates it again');
is(stored('user:2'), '[7]', 'the edits are stored');
ask(DELETE => 'user:2');
types('[8]');
save();
$chrome->click('#discard');
eventually { !$chrome->shows('#entry') } 'Discard edits closes the deleted key';
lists('user:1 user:3', 'the list no longer contains it');

# --- New keys, expiry and deletion ------------------------------------------

$chrome->click('#new');
$chrome->click('#save');
says('#new-key-problem', qr/Enter a name/, 'a key needs a name');
$chrome->type('#new-key', '..');
$chrome->click('#save');
says('#new-key-problem', qr/remove this name/,
	'a name that URLs cannot contain is rejected');
$chrome->type('#new-key', 'user:1');
types('{"new": true}');
is_accessible('the form for a new key');
save();
says('#conflict', qr/This key already exists.*1.*"new": true/s,
	'a name that exists is a conflict');
$chrome->click('#keep-editing');
$chrome->click('#revert');
eventually { (written() // '') eq '1' } 'the existing value is unchanged';
$chrome->click('#new');
$chrome->type('#new-key', 'user:/?#%ü');
types('"new"');
$chrome->run_script('const end = document.querySelector("#new-ttl");
	end.value = "3600"; end.dispatchEvent(new Event("change"))');
save();
is_saved('a key is created');
is(stored('user:/?#%ü'), '"new"', 'it is stored under its name');
like($chrome->place, qr/#key=user%3A%2F%3F%23%25%C3%BC&pattern=user/,
	'the URL contains the name');
says('#expires', qr/^in (?:1 hour|59 minutes)/, 'the facts show the expiry');
types('"newer"');
save();
is_saved('the key is saved again');
cmp_ok(ask(GET => 'user:/?#%ü')->{headers}{'io7-expires-at'} // '', 'ne', '',
	'a save keeps the expiry');
like($chrome->text('#expires'), qr/^in (?:1 hour|59 minutes)/,
	'the facts show the same expiry');
$chrome->click('#change-expiry');
is_accessible('the dialog for the expiry');
$chrome->run_script('const end = document.querySelector("#ttl");
	end.value = ""; end.dispatchEvent(new Event("change"))');
$chrome->click('#ttl-set');
says('#expires', qr/^never$/, 'the expiry can be removed');
is(ask(GET => 'user:/?#%ü')->{headers}{'io7-expires-at'}, undef,
	'the key no longer expires');
$chrome->click('#change-expiry');
$chrome->run_script('const end = document.querySelector("#ttl");
	end.value = "other"; end.dispatchEvent(new Event("change"))');
$chrome->type('#ttl-seconds', '120');
$chrome->click('#ttl-set');
says('#expires', qr/^in [12] minute/, 'the expiry can be set in seconds');
is(stored('user:/?#%ü'), '"newer"', 'the value is unchanged');

$chrome->click('#delete');
says('dialog', qr{Delete user:/\?#%ü\?}, 'Delete asks for confirmation');
$chrome->press(ESCAPE);
ask(PUT => 'user:/?#%ü', '1');
$chrome->click('#delete');
$chrome->click('dialog .danger');
says('#notice', qr/value was changed/,
	'a key changed meanwhile is not deleted');
holds('1', 'its current value is shown');
$chrome->click('#delete');
$chrome->click('dialog .danger');
says('#message', qr/^Deleted user/, 'a key is deleted');
is(ask(GET => 'user:/?#%ü')->{status}, 404, 'it is gone from the store');
lists('user:1 user:3', 'it is gone from the list');

# --- Drafts and failures ----------------------------------------------------

opens('user:1');
types('{"kept": 0.10}');
$stack->stop('nginx');
save();
says('#entry-trouble', qr/The server does not answer/,
	'a save without a server shows an error');
is(written(), '{"kept": 0.10}', 'the edits remain');
$stack->up;
save();
is_saved('the edits can be saved when the server is back');

types('{"draft": 0.10}');
eventually { $chrome->run_script('return sessionStorage
	.getItem("io7.draft.test." + arguments[0] + ".user:1")',
	$account->user_id) } 'a draft is stored';
$chrome->call(POST => '/refresh');
eval { $chrome->call(POST => '/alert/accept') };
says('#notice', qr/Your unsaved edits were restored/,
	'a reload restores the draft');
holds('{"draft": 0.10}', 'the draft is complete');
lists('user:1 user:3', 'the list is unchanged');
says('[data-key="user:1"]', qr/unsaved edits/,
	'the list marks the key with a draft');

# The other mode.
$chrome->run_script('sessionStorage.setItem("io7.key.live", arguments[0])',
	$account->live_key);
$chrome->click('label:has(#mode-live)');
says('#nothing', qr/No live data yet/, 'live mode shows live data');
says('#message', qr/Your edits of test data are kept/,
	'a message says that the edits are kept');
ok(!$chrome->shows('#entry'), 'the key of the other mode is closed');
$chrome->click('label:has(#mode-test)');
holds('{"draft": 0.10}', 'switching back restores the edits');
save();
is_saved('they can be saved');
is(stored('user:1'), '{"draft": 0.10}', 'they are saved to test data');

# --- Login and sessions -----------------------------------------------------

types('{"draft": 0.20}');
$chrome->run_script('sessionStorage.setItem("io7.key.test",
	"test_io7_" + "0".repeat(32))');
save();
eventually { $chrome->place =~ m{^/dashboard/login} }
	'a rejected key leads to the login page';
use_key($account->test_key);
holds('{"draft": 0.20}', 'after the login the draft is restored');
$chrome->click('#revert');
eventually { (written() // '') =~ /0\.10/ }
	'Discard edits restores the stored value';

sign_in($account);
$chrome->visit('/dashboard/data#key=user:1');
says('#missing', qr/does not exist in live data/,
	'a session shows live data first');
$chrome->click('label:has(#mode-test)');
$chrome->type('#pattern', 'user:');
opens('user:3', 'a session opens a key in test data');
types('33');
save();
is_saved('a session saves');
is(stored('user:3'), '33', 'the value is stored');
$chrome->set_cookie('__Host-io7_session', $account->session);
types('34');
save();
is_saved('a session started in another tab can save too');
$chrome->click('#copy-value button');
says('#copy-value', qr/^(?:Copied|Not allowed)/, 'Copy reports the result');
like($chrome->run_script('return document.querySelector("#transform").href'),
	qr{/dashboard/transform#key=user%3A3$}, 'Transform links to the key');

end_pages;
