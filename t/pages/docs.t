#!/usr/bin/perl
# The API reference, in Chromium: it shows each call of openapi.json with examples,
# and its forms send requests.

use strict;
use warnings;

use Io7::Account;
use Io7::Chrome;
use Io7::Command;
use Io7::Http;
use Io7::Secrets qw(secrets_in);
use Io7::Test;

my $obstacle = Io7::Chrome->obstacle;
plan(skip_all => $obstacle) if $obstacle;

my $stack = stack;
my $page = Io7::Chrome->new('http://localhost:' . $stack->port);

my @operations = map { $_->[2] } Io7::Http->contract->operations;

# Waits until an expression is true.
sub shown
{
	my ($script, $what) = @_;

	return eventually { $page->run_script("return $script") } $what;
}

sub texts_of
{
	my ($selector) = @_;

	return @{$page->run_script('return [...document.querySelectorAll(
		arguments[0])].map((one) => one.textContent)', $selector)};
}

# Loads a page again and waits until it is drawn.
sub visit
{
	my ($place) = @_;

	$page->visit('/health');
	$page->visit($place);
	shown('document.getElementById("wait").hidden', "$place is drawn");
}

# --- Content ----------------------------------------------------------------

$page->look('light', 1440);
visit('/docs');
is_deeply([sort @{$page->run_script('return [...document.querySelectorAll(
	".call")].map((one) => one.id)')}],
	[sort map { $_->{operationId} } @operations], 'each call is shown once');
is_deeply([sort @{$page->run_script('return [...document.querySelectorAll(
	"#calls a[href]")].map((one) => one.hash.slice(1))
	.filter((id) => !id.startsWith("tag-"))')}],
	[sort map { $_->{operationId} } @operations],
		'each call is in the contents');
is_deeply([sort { $a cmp $b } texts_of(
	'#error-table td:nth-child(2) code')],
	[sort @{Io7::Http->contract->document
		->{components}{schemas}{ErrorCode}{enum}}],
			'each error code is listed');
eventually { (texts_of('#plans tbody tr')) >= 3 } 'the plans come from the API';
my $limits = Io7::Http->contract->document->{'x-limits'};
is_deeply([grep { my $about = $_->{about};
	!grep { $_ eq $about } texts_of('#limits h3') } @$limits], [],
	'the limits are listed');
is_deeply([texts_of('#guide h2')], [Io7::Http->contract->document->{info}
	{description} =~ /^## (.+)$/mg],
		'each section of the description is shown');
is_deeply([texts_of('#guide-links a')], ['Introduction', 'Your key',
	texts_of('#guide h2')], 'each section is in the contents');
is_deeply([texts_of('h1')], ['API reference'], 'there is one heading of level 1');
is($page->run_script('const ids = [...document.querySelectorAll("[id]")]
	.map((one) => one.id); return ids.length - new Set(ids).size'), 0,
	'ids are unique');
is_deeply($page->run_script('return [...document.querySelectorAll(
	"main a[href^=\'#\'], .contents a[href^=\'#\']")]
	.map((one) => one.hash.slice(1))
	.filter((id) => !document.getElementById(id))'), [],
	'each link within the page has a target');
unlike($page->run_script('return document.body.textContent'),
	qr/undefined|\[object|NaN/, 'no value is undefined');
like(join('', texts_of('#putValue figure')), qr/12345678901234567890/,
	'numbers keep their digits');

# --- Finding a call ---------------------------------------------------------

$page->type('#filter', 'DELETE /kv/');
is_deeply($page->run_script('return [...document.querySelectorAll("#calls li")]
	.filter((one) => one.checkVisibility()).map((one) =>
	one.querySelector("a").hash)'), ['#deleteValue'],
	'the filter shows calls that match all words');
is($page->text('#found'), '1 of ' . @operations . ' calls',
	'the number of matches is shown');
$page->type('#filter', "putvalue\x{e007}");
is($page->place, '/docs#putValue', 'Enter opens the first match');
$page->type('#filter', "nosuch\x{e00c}");
is((() = grep { $_ } @{$page->run_script('return [...document
	.querySelectorAll("#calls li")].map((one) => one.checkVisibility())')}),
	scalar @operations, 'Escape clears the filter');
$page->run_script('document.body.focus(); document.activeElement.blur()');
$page->press('/');
is($page->run_script('return document.activeElement.id'), 'filter',
	'a slash moves the focus to the filter');
visit('/docs#putValue/answers');
is($page->run_script('return document.activeElement.textContent'), 'Responses',
	'a fragment leads to a heading within a call');
visit('/docs#error-conflict');
shown('Math.abs(document.getElementById("error-conflict")
	.getBoundingClientRect().top - 64) < 40', 'a fragment leads to an error');
visit('/docs#transformBatch');
shown('Math.abs(document.getElementById("transformBatch")
	.getBoundingClientRect().top) < 60', 'a fragment leads to a call');
is($page->run_script('return document.activeElement.closest("section").id'),
	'transformBatch', 'the call has the focus');

# --- Examples ---------------------------------------------------------------

sub examples
{
	my ($language) = @_;

	$page->run_script('document.querySelector(
		`[data-language=${arguments[0]}]`).click()', $language);
	return %{$page->run_script('return Object.fromEntries(
		[...document.querySelectorAll(".call")].map((one) =>
		[one.id, one.querySelector(".example pre code").textContent]))')};
}

my %curl = examples('curl');
my %libcurl = examples('C');
my %node = examples('JavaScript');

# The example key in the contract is not valid.
my %made_up = map { $_ => 1 }
	secrets_in(slurp(www() . '/openapi.json'));
is_deeply([grep { !$made_up{$_} } secrets_in(join "\n", values %curl,
	values %libcurl, values %node)], [], 'the examples contain no secret');
is_deeply([sort keys %curl], [sort map { $_->{operationId} } @operations],
	'each call has an example; t/house/examples-code.t runs them');
like($libcurl{putValue}, qr/curl_easy_perform/, 'there are examples in C');
like($node{putValue}, qr/await fetch/, 'there are examples in JavaScript');
$page->run_script('const choice = document.querySelector(
	"#patchValue .bodies"); choice.value = "1";
	choice.dispatchEvent(new Event("change"))');
like({ examples('curl') }->{patchValue}, qr{application/json-patch\+json},
	'another example body can be chosen');

my $account = new_account($stack);

# --- Try it -----------------------------------------------------------------

sub try_it
{
	my ($id, %fields) = @_;

	$page->click("#$id .try summary")
		unless $page->run_script("return $id.querySelector('.try').open");
	$page->type("#$id-$_", $fields{$_}) for sort keys %fields;
	$page->click("#$id .try [type=submit]");
	return eventually {
		$page->run_script("return $id.querySelector(
			'.try [type=submit]').disabled ? '' :
			$id.querySelector('.try').innerText")
	} "$id is tried";
}

my $health = try_it('getHealth');
like($health, qr/^200 OK in \d+ ms/m, '/health answers 200');
like($health, qr/"status": "ok"/, 'the response is shown');

$page->type('#key-field', 'test_io7_short');
$page->click('#key-form [type=submit]');
like($page->text('#key-state'), qr/not a complete key/,
	'an incomplete key is rejected');
$page->type('#key-field', $account->test_key);
$page->click('#key-form [type=submit]');
like($page->text('#key-state'), qr/use the key .* test data/,
	'a key is accepted');
unlike($page->run_script('return document.documentElement.outerHTML
	+ [...document.querySelectorAll("input")].map((one) => one.value)
	+ location.href'), qr/\Q@{[$account->test_key]}/,
		'the page does not contain the key');
like(try_it('putValue', 'path-key' => 'a/b %', body => '{"n":1e400}'),
	qr/^201 Created.*"key": "a\/b %"/ms,
		'a value is stored under a key with special characters');
like(try_it('getValue', 'path-key' => 'a/b %'), qr/^200 OK.*"n": ?10{400}\b/ms,
	'it is read with all digits');
like(try_it('getValue', 'path-key' => 'nosuch'),
	qr/^404 Not Found.*"code": "not_found"/ms, 'an error response is shown');
try_it('putValue', 'path-key' => 'doc', body => '{"name":"Ada"}');
$page->click('#patchValue .try summary');
$page->run_script('const choice = document.getElementById(
	"patchValue-example"); choice.value = "1";
	choice.dispatchEvent(new Event("change"))');
like(try_it('patchValue', 'path-key' => 'doc'),
	qr/^409 Conflict.*"problem": "operation 2/ms,
	'another example body is sent with its own content type');
like(try_it('transformValue', 'path-key' => 'doc',
	body => '{"engine":"jq","program":".name"}'),
	qr/event: result\ndata: .*"Ada"/, 'an event stream is shown');
$page->click('#key-clear');
is($page->text('#key-state'), 'No key is set.', 'Clear key removes the key');
like(try_it('listValues'), qr/^401 Unauthorized/m,
	'requests are sent without it');

$page->click('#streamStatus .try summary');
$page->click('#streamStatus .try [type=submit]');
shown('/^event: /m.test(streamStatus.querySelector(".try").innerText)',
	'an endless stream is shown as it arrives');
$page->click('#streamStatus .try .quiet:not(.code *)');
shown('streamStatus.querySelector(".try [role=status]").textContent
	=== "Stopped."', 'Stop ends it');
ok(!$page->run_script('return streamStatus.querySelector(
	".try [type=submit]").disabled'), 'it can be requested again');

# --- Failures ---------------------------------------------------------------

sub withhold
{
	$page->devtools('Network.enable');
	$page->devtools('Network.setBlockedURLs', urls => [@_]);
}

withhold('*/api/plans');
visit('/docs#errors');
shown('/could not be loaded/.test(document.getElementById("plans").textContent)',
	'without the plans the page is still drawn');
like(try_it('getHealth'), qr/^200 OK/m, 'calls can be tried');
withhold('*/health');
like(try_it('getHealth'), qr/^No response: /m,
	'a server that does not answer is reported');
withhold('*/openapi.json');
$page->visit('/health/live');
$page->visit('/docs');
shown('/could not be loaded.*Try again/.test(document.getElementById("wait")
	.textContent)', 'without openapi.json an error is shown');
withhold();
$page->click('#wait a');
shown('document.getElementById("wait").hidden', 'Try again draws the page');

# --- Layout -----------------------------------------------------------------

for my $width (360, 800, 1440) {
	$page->look('light', $width);
	ok($page->run_script('return document.documentElement.scrollWidth
		<= innerWidth'), "the page fits into $width pixels");
}

# --- Printing ---------------------------------------------------------------

$page->devtools('Emulation.setEmulatedMedia', media => 'print');
is_deeply($page->run_script('return [".contents", "#key", ".try", ".code button"]
	.filter((one) => document.querySelector(one).checkVisibility())'), [],
	'controls are not printed');
my $folded = 'return document.querySelectorAll(
	".words details:not([open])").length';
my $before = $page->run_script($folded);
$page->run_script('dispatchEvent(new Event("beforeprint"))');
is($page->run_script($folded), 0, 'all responses are open for printing');
$page->run_script('dispatchEvent(new Event("afterprint"))');
is($page->run_script($folded), $before, 'they are closed again afterwards');
$page->look;

is_deeply([$page->faults], [], 'the console shows no error');
my $site = 'http://localhost:' . $stack->port;
is_deeply([grep { !m{^\w+ (?:\Q$site\E/|data:|chrome:|about:)} }
	$page->requests], [], 'no request goes to another host');
$page->quit;

finish;
