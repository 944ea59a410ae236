#!/usr/bin/perl
# The page of the data, in Chromium: keys are found, opened, edited, saved and
# deleted; whoever was quicker is shown; what is typed is not lost.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Pages;
use Io7::Test;
use JSON::PP ();

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

# Another writer.
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

# The keys that are listed.
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
	says('#entry-title', qr/^\Q$key\E$/, $what // "$key is opened");
	shown('document.querySelector("#facts")', '... and there');
}

# Where the keyboard is.
sub focused
{
	return $chrome->run_script('return document.activeElement.id
		|| document.activeElement.dataset.key');
}

# --- Nothing ----------------------------------------------------------------

$chrome->visit('/dashboard/data#key=user:2');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdata',
	'who is not signed in comes to the login, which is told no key');
use_key($account->test_key);
says('#missing', qr/no such key in test data/,
	'... and back to the key, which is not there');
is($chrome->place, '/dashboard/data#key=user:2', '... as the address says');
is_accessible('a key that is not there');
says('#nothing', qr/There is no test data yet/, 'the store is empty');
like($chrome->text('#nothing pre'), qr{^curl\ -X\ PUT\ https://\S+/kv/hello
	.*Bearer\ test_io7_.*'\{"greeting":\ "Hello"\}'$}xs,
	'... and a line would fill it');
$chrome->click('#close');
is_accessible('an empty store');

# --- Browsing ---------------------------------------------------------------

my $digits = '{"big": 12345678901234567890, "tiny": 0.10, "huge": 1e400}';
ask(PUT => 'user:2', $digits);
ask(PUT => "user:$_", $_) for 1, 3;
ask(PUT => "note/$_", '"x"') for 'a b', '100%', 'ü*';
my @many = map { sprintf 'many:%03d', $_ } 1 .. 250;
$http->post('/kv/batch', headers => $account->auth('test'), body =>
	JSON::PP::encode_json({ ops => [map { { op => 'put', key => $_,
		value => 1 } } @many] }));
$chrome->visit('/dashboard/data');
$chrome->call(POST => '/refresh');
says('#how-many', qr/^256 keys$/, 'all are counted');
says('#shown', qr/^100 shown$/, '... and the first hundred are shown');
$chrome->click('#more');
says('#shown', qr/^200 shown$/, '... and the next');
is(focused(), 'many:101', '... where the keyboard goes on');
$chrome->click('#more');
eventually { !$chrome->shows('#more') } '... to the end';
is(listed(), join(' ', @many, map { ($_) } 'note/100%', 'note/a b', 'note/ü*',
	'user:1', 'user:2', 'user:3'), '... none twice, none left out');

$chrome->type('#pattern', 'user:');
lists('user:1 user:2 user:3', 'how keys begin');
says('#how-many', qr/^3 keys like user:\*$/, '... is a pattern');
is($chrome->place, '/dashboard/data#pattern=user%3A*', '... in the address');
$chrome->type('#pattern', 'many:?5?');
says('#how-many', qr/^21 keys like/, 'a pattern');
$chrome->type('#pattern', 'note/ü\\*');
lists('note/ü*', 'a star that is one');
is_accessible('a list');
$chrome->type('#pattern', 'nobody');
says('#nothing', qr/No key is like that.*nobody\*/s, 'no key is like that');
is_accessible('no match');
my $before = () = $chrome->requests;
$chrome->type('#pattern', 'user:1');
lists('user:1', 'what is typed last');
my @asked = $chrome->requests;
cmp_ok(scalar(grep { m{/kv\?} } @asked[$before .. $#asked]), '<=', 4,
	'... is asked for, not every letter');

# An answer that comes late is not shown.
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
shown('window.release', 'a request is slow');
$chrome->type('#pattern', 'user:');
lists('user:1 user:2 user:3', '... and the next does not wait for it');
$chrome->run_script('window.release()');
lists('user:1 user:2 user:3', '... nor is it shown when it comes');

# --- By keyboard ------------------------------------------------------------

$chrome->press(DOWN);
is(focused(), 'user:1', 'an arrow goes into the list');
$chrome->press(DOWN . DOWN . UP);
is(focused(), 'user:2', '... and through it');
$chrome->press(ENTER);
says('#entry-title', qr/^user:2$/, 'Enter opens a key');
my $huge = '1' . '0' x 400;
my $laid = qq({\n  "big": 12345678901234567890,\n  "huge": $huge,\n)
	. qq(  "tiny": 0.10\n});
holds($laid, '... whose value is laid out, digit by digit as it is stored');
like($chrome->text('#facts'), qr/Version\s+\d+\b.*just now.*Expires\s+never/s,
	'... with what is known of it');
is($chrome->run_script('return document.querySelector("[aria-current=true]")
	.dataset.key'), 'user:2', '... and marked in the list');
is_accessible('an open key');
$chrome->press(ESCAPE);
eventually { !$chrome->shows('#entry') } 'Escape leaves';
is(focused(), 'user:2', '... to where one was');

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

# By the newest version, which the page says.
sub is_saved
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually {
		my ($said) = $chrome->text('#said') =~
			/^Saved as version (\d+)\.$/ or return;
		my $stored = ask(HEAD => $chrome->text('#entry-title'));
		($stored->{headers}{etag} // '') =~ /^(?:W\/)?"$said"$/;
	} $what;
}

opens('user:2');
types(qq({\n"big": 12345678901234567890,\n"tiny" 0.10}));
says('#value-verdict', qr/^Line 3, column 8: A colon should stand here\.$/,
	'what is no JSON is said, and where');
is_accessible('a value that is none');
$chrome->click('#save');
is($chrome->run_script('return document.querySelector("#value")
	.selectionStart'), 38, '... and is not saved, but shown');
is(stored('user:2') =~ s/ //gr, qq({"big":12345678901234567890,"huge":$huge,)
	. '"tiny":0.10}', '... and is not stored');
types('{"a": 1, "\\u0061": 2}');
says('#value-verdict', qr/^Line 1, column 10: “a” stands there again/,
	'a name that stands twice');
types('"\\u0000"');
says('#value-verdict', qr/cannot hold/, 'what the store does not take');
types('{"tiny":0.10,"big":12345678901234567890,"e":1e400,"s":"\\u00e9\\/"}');
says('#value-verdict', qr/^JSON, 1 line, \d+ B$/, 'what is JSON');
$chrome->click('#format');
holds(qq({\n  "tiny": 0.10,\n  "big": 12345678901234567890,\n)
	. qq(  "e": 1e400,\n  "s": "\\u00e9\\/"\n}),
	'it is formatted as the text that it is');
is(focused(), 'value', '... where one goes on');
$chrome->run_script('const value = document.querySelector("#value");
	value.setSelectionRange(5, 5);
	window.sent = []; const real = window.fetch;
	window.fetch = (path, options) => {
		window.sent.push(options.body);
		return real(path, options);
	};');
save();
is_saved('it is saved');
is($chrome->run_script('return window.sent[0]'), '{"tiny":0.10,'
	. '"big":12345678901234567890,"e":1e400,"s":"\\u00e9\\/"}',
	'... byte for byte');
is($chrome->run_script('return document.querySelector("#value")
	.selectionStart'), 5, '... and the caret stays');
my $version = ask(GET => 'user:2')->{headers}{etag} =~ s/\D//gr;
is(stored('user:2'), qq({"e": $huge, "s": "\xc3\xa9/", "big": 12345678901234567890,)
	. ' "tiny": 0.10}', '... digit by digit')
	or diag(stored('user:2'));
says('[data-key="user:2"]', qr/v$version/, '... which the list says, too');
ok(!$chrome->shows('#revert'), '... and nothing is unsaved');

# --- Leaving ----------------------------------------------------------------

types('[1]');
$chrome->press(ESCAPE);
says('dialog', qr/Leave without saving\?.*user:2/s, 'leaving asks');
is_accessible('the question');
$chrome->press(ESCAPE);
eventually { !$chrome->shows('dialog') } '... and one may stay';
is(written(), '[1]', '... with what was typed');
$chrome->run_script('history.back()');
says('dialog', qr/Leave without/, 'going back asks, too');
$chrome->press(ESCAPE);
eventually { $chrome->place =~ /key=user%3A2/ } '... and one may stay';
$chrome->click('#revert');
eventually { (written() // '') =~ /"tiny": 0\.10/ } 'edits can be discarded';
types('[2]');
eventually { $chrome->run_script('return Object.keys(sessionStorage)
	.includes("io7.draft.test." + arguments[0] + ".user:2")',
	$account->user_id) } 'what is typed is kept';
ok($chrome->run_script('return !dispatchEvent(new Event("beforeunload",
	{ cancelable: true }))'), '... and the browser would ask, too');
$chrome->click('#sign-out');
says('dialog', qr/Leave without/, '... and so does signing out');
$chrome->press(ESCAPE);

# --- Two writers ------------------------------------------------------------

$version = ask(PUT => 'user:2', '{"theirs":0.20}')->{json}{version};
types(qq({"mine":0.10}));
save();
says('#conflict', qr/Somebody\ changed\ it.*version\ $version.*
	"theirs":\ 0\.20.*Yours.*"mine":\ 0\.10/xs, 'both versions are shown');
is($chrome->run_script('return [...document.querySelectorAll(".side .other")]
	.length'), 2, '... with the lines that differ');
is_accessible('a conflict');

# Which lines of two texts differ, as their numbers.
sub differing
{
	return join ' | ', map { "@$_" } @{$chrome->run_script(
		'return import("/assets/data/diff.js").then(({ compareLines }) =>
			compareLines(...arguments).map((side) => side.flatMap(
				({ isSame }, i) => isSame ? [] : [i + 1])))', @_)};
}

is(differing("a\nb", "a\nb"), ' | ', 'no line differs');
is(differing("a\nb\nc\nd", "a\nx\nc\ny\nd"), '2 | 2 4',
	'lines in the midst of others');
is(differing("{\n1,\n2\n}", "{\n1\n}"), '3 | ', 'a comma makes no difference');
is(differing(join("\n", 'a', 1 .. 2500, 'z'), join("\n", 'a', map({ -$_ }
	1 .. 2500), 'z')), join(' | ', ("@{[2 .. 2501]}") x 2),
	'more than are worth comparing');
ask(PUT => 'user:2', '{"theirs":0.30}');
$chrome->click('#keep-mine');
says('#theirs', qr/0\.30/, 'somebody is quicker still');
$chrome->click('#keep-mine');
is_saved('one keeps one\'s own');
is(stored('user:2'), '{"mine": 0.10}', '... which is stored');
holds('{"mine":0.10}', '... and goes on');

$version = ask(PUT => 'user:2', '{"theirs":0.40}')->{json}{version};
types('[3]');
save();
$chrome->click('#take-theirs');
holds(qq({\n  "theirs": 0.40\n}), 'one takes the other\'s');
like($chrome->text('#facts'), qr/Version\s+$version\b/, '... as it is stored');
ok(!$chrome->shows('#revert'), '... and nothing is unsaved');

$version = ask(PUT => 'user:2', '{"theirs":0.50}')->{json}{version};
types('[4]');
save();
$chrome->click('#edit-on');
says('#notice', qr/Saving now replaces version $version\./, 'one edits on');
holds('[4]', '... what one had');
$chrome->type('#value', '[5]');
save();
is_saved('... and saves it');

ask(PUT => 'user:2', '[6]');
types(' [6] ');
save();
says('#said', qr/just the same/, 'both wrote the same');

ask(DELETE => 'user:2');
types('[7]');
save();
says('#conflict', qr/It was deleted meanwhile/, 'it was deleted meanwhile');
is_accessible('a key that was deleted');
$chrome->click('#save-again');
is_saved('... and is made again');
is(stored('user:2'), '[7]', '... as it was typed');
ask(DELETE => 'user:2');
types('[8]');
save();
$chrome->click('#let-go');
eventually { !$chrome->shows('#entry') } 'it is let go';
lists('user:1 user:3', '... and the list knows');

# --- Another key, and its end -----------------------------------------------

$chrome->click('#new');
$chrome->click('#save');
says('#new-key-problem', qr/needs a name/, 'a key needs a name');
$chrome->type('#new-key', '..');
$chrome->click('#save');
says('#new-key-problem', qr/for a folder/, '... that an address can have');
$chrome->type('#new-key', 'user:1');
types('{"new": true}');
is_accessible('a new key');
save();
says('#conflict', qr/This key is there already.*1.*"new": true/s,
	'... and that is not there');
$chrome->click('#edit-on');
$chrome->click('#revert');
eventually { (written() // '') eq '1' } '... which is left as it is';
$chrome->click('#new');
$chrome->type('#new-key', 'user:/?#%ü');
types('"new"');
$chrome->run_script('const end = document.querySelector("#new-ttl");
	end.value = "3600"; end.dispatchEvent(new Event("change"))');
save();
is_saved('it is made');
is(stored('user:/?#%ü'), '"new"', '... under its name');
like($chrome->place, qr/#key=user%3A%2F%3F%23%25%C3%BC&pattern=user/,
	'... which is in the address');
says('#ends', qr/^in (?:1 hour|59 minutes)/, '... with its end');
types('"newer"');
save();
is_saved('... which it keeps');
cmp_ok(ask(GET => 'user:/?#%ü')->{headers}{'io7-expires-at'} // '', 'ne', '',
	'... when it is saved');
like($chrome->text('#ends'), qr/^in (?:1 hour|59 minutes)/, '... and shows');
$chrome->click('#change-end');
is_accessible('the question for an end');
$chrome->run_script('const end = document.querySelector("#ttl");
	end.value = ""; end.dispatchEvent(new Event("change"))');
$chrome->click('#ttl-set');
says('#ends', qr/^never$/, 'its end is taken away');
is(ask(GET => 'user:/?#%ü')->{headers}{'io7-expires-at'}, undef,
	'... and it stays');
$chrome->click('#change-end');
$chrome->run_script('const end = document.querySelector("#ttl");
	end.value = "other"; end.dispatchEvent(new Event("change"))');
$chrome->type('#ttl-seconds', '120');
$chrome->click('#ttl-set');
says('#ends', qr/^in [12] minute/, 'or is set, by the second');
is(stored('user:/?#%ü'), '"newer"', '... and the value stays');

$chrome->click('#delete');
says('dialog', qr{Delete user:/\?#%ü\?}, 'deleting asks');
$chrome->press(ESCAPE);
ask(PUT => 'user:/?#%ü', '1');
$chrome->click('#delete');
$chrome->click('dialog .danger');
says('#notice', qr/Somebody changed it meanwhile/,
	'what was changed is not deleted unseen');
holds('1', '... but shown');
$chrome->click('#delete');
$chrome->click('dialog .danger');
says('#said', qr/^Deleted user/, 'it is deleted');
is(ask(GET => 'user:/?#%ü')->{status}, 404, '... for good');
lists('user:1 user:3', '... and out of the list');

# --- What is not lost -------------------------------------------------------

opens('user:1');
types('{"kept": 0.10}');
$stack->stop('nginx');
save();
says('#entry-trouble', qr/The server does not answer/, 'the server is away');
is(written(), '{"kept": 0.10}', '... and nothing is lost');
$stack->up;
save();
is_saved('... and it is saved when it is back');

types('{"draft": 0.10}');
eventually { $chrome->run_script('return sessionStorage
	.getItem("io7.draft.test." + arguments[0] + ".user:1")',
	$account->user_id) } 'a draft is kept';
$chrome->call(POST => '/refresh');
eval { $chrome->call(POST => '/alert/accept') };
says('#notice', qr/Your unsaved edits are back/, '... over a reload');
holds('{"draft": 0.10}', '... as it was typed');
lists('user:1 user:3', '... of a list that is as it was');
says('[data-key="user:1"]', qr/unsaved edits/, '... which marks it');

# A second mode, and its key.
$chrome->run_script('sessionStorage.setItem("io7.key.live", arguments[0])',
	$account->live_key);
$chrome->click('label:has(#mode-live)');
says('#nothing', qr/There is no live data yet/, 'live data is other data');
says('#said', qr/Your edits of test data are kept/,
	'... and what was edited is kept');
ok(!$chrome->shows('#entry'), '... with the data that it is of');
$chrome->click('label:has(#mode-test)');
holds('{"draft": 0.10}', '... and there when one is back');
save();
is_saved('... to be saved');
is(stored('user:1'), '{"draft": 0.10}', '... where it belongs');

# --- The session ------------------------------------------------------------

types('{"draft": 0.20}');
$chrome->run_script('sessionStorage.setItem("io7.key.test",
	"test_io7_" + "0".repeat(32))');
save();
eventually { $chrome->place =~ m{^/dashboard/login} }
	'a key that does not work leads to the login';
use_key($account->test_key);
holds('{"draft": 0.20}', '... and back to what one typed');
$chrome->click('#revert');
eventually { (written() // '') =~ /0\.10/ } '... or discards';

sign_in($account);
$chrome->visit('/dashboard/data#key=user:1');
says('#missing', qr/no such key in live data/, 'a session sees live data');
$chrome->click('label:has(#mode-test)');
$chrome->type('#pattern', 'user:');
opens('user:3', '... and test data');
types('33');
save();
is_saved('... and writes');
is(stored('user:3'), '33', '... what was typed');
$chrome->set_cookie('__Host-io7_session', $account->session);
types('34');
save();
is_saved('... also in a session that began since, in another tab');
$chrome->click('#copy-value button');
says('#copy-value', qr/^(?:Copied|Not allowed)/, '... and copies');
like($chrome->run_script('return document.querySelector("#transform").href'),
	qr{/dashboard/transform#key=user%3A3$}, '... and leads to transforms');

end_pages;
