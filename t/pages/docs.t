#!/usr/bin/perl
# /docs in a browser: it shows each call of openapi.json, its examples are programs
# that work, and its forms ask the API.

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

# What the script returns, once that is true.
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

# A page anew, until it is drawn.
sub visit
{
	my ($place) = @_;

	$page->visit('/health');
	$page->visit($place);
	shown('document.getElementById("wait").hidden', "$place is drawn");
}

# --- All of the contract ----------------------------------------------------

$page->look('light', 1440);
visit('/docs');
is_deeply([sort @{$page->run_script('return [...document.querySelectorAll(
	".call")].map((one) => one.id)')}],
	[sort map { $_->{operationId} } @operations], 'each call is there, once');
is_deeply([sort @{$page->run_script('return [...document.querySelectorAll(
	"#calls a[href]")].map((one) => one.hash.slice(1))
	.filter((id) => !id.startsWith("tag-"))')}],
	[sort map { $_->{operationId} } @operations], '... and in the contents');
is_deeply([sort { $a cmp $b } texts_of(
	'#error-table td:nth-child(2) code')],
	[sort @{Io7::Http->contract->document
		->{components}{schemas}{ErrorCode}{enum}}], 'each error is there');
eventually { (texts_of('#plans tbody tr')) >= 3 } 'the plans come from the API';
my $limits = Io7::Http->contract->document->{'x-limits'};
is_deeply([grep { my $about = $_->{about};
	!grep { $_ eq $about } texts_of('#limits h3') } @$limits], [],
	'the limits are there');
is_deeply([texts_of('#guide h2')], [Io7::Http->contract->document->{info}
	{description} =~ /^## (.+)$/mg], 'each part of the description is there');
is_deeply([texts_of('#guide-links a')], ['Start', 'Your key',
	texts_of('#guide h2')], '... and in the contents');
is_deeply([texts_of('h1')], ['API reference'], 'one heading of the first rank');
is($page->run_script('const ids = [...document.querySelectorAll("[id]")]
	.map((one) => one.id); return ids.length - new Set(ids).size'), 0,
	'no name stands for two places');
is_deeply($page->run_script('return [...document.querySelectorAll(
	"main a[href^=\'#\'], .contents a[href^=\'#\']")]
	.map((one) => one.hash.slice(1))
	.filter((id) => !document.getElementById(id))'), [],
	'each link leads to a place');
unlike($page->run_script('return document.body.textContent'),
	qr/undefined|\[object|NaN/, 'no value was missed');
like(join('', texts_of('#putValue figure')), qr/12345678901234567890/,
	'numbers keep their digits');

# --- Finding ----------------------------------------------------------------

$page->type('#filter', 'DELETE /kv/');
is_deeply($page->run_script('return [...document.querySelectorAll("#calls li")]
	.filter((one) => one.checkVisibility()).map((one) =>
	one.querySelector("a").hash)'), ['#deleteValue'],
	'the filter leaves what has each word');
is($page->text('#found'), '1 of ' . @operations . ' calls', '... and says so');
$page->type('#filter', "putvalue\x{e007}");
is($page->place, '/docs#putValue', 'Enter goes to the first');
$page->type('#filter', "nosuch\x{e00c}");
is((() = grep { $_ } @{$page->run_script('return [...document
	.querySelectorAll("#calls li")].map((one) => one.checkVisibility())')}),
	scalar @operations, 'Escape shows all again');
$page->run_script('document.body.focus(); document.activeElement.blur()');
$page->press('/');
is($page->run_script('return document.activeElement.id'), 'filter',
	'a slash leads to the filter');
visit('/docs#putValue/answers');
is($page->run_script('return document.activeElement.textContent'), 'Answers',
	'a heading within a call has an address');
visit('/docs#error-conflict');
shown('Math.abs(document.getElementById("error-conflict")
	.getBoundingClientRect().top - 64) < 40', '... and so has an error');
visit('/docs#transformBatch');
shown('Math.abs(document.getElementById("transformBatch")
	.getBoundingClientRect().top) < 60', 'an address leads to its call');
is($page->run_script('return document.activeElement.closest("section").id'),
	'transformBatch', '... and the keyboard is there');

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

# The contract's own sample of a key is none that opens anything.
my %made_up = map { $_ => 1 }
	secrets_in(slurp(www() . '/openapi.json'));
is_deeply([grep { !$made_up{$_} } secrets_in(join "\n", values %curl,
	values %libcurl, values %node)], [], 'no example holds a secret');
is_deeply([sort keys %curl], [sort map { $_->{operationId} } @operations],
	'each call has its examples, which t/house/examples-code.t runs');
like($libcurl{putValue}, qr/curl_easy_perform/, '... for C');
like($node{putValue}, qr/await fetch/, '... for JavaScript');
$page->run_script('const choice = document.querySelector(
	"#patchValue .bodies"); choice.value = "1";
	choice.dispatchEvent(new Event("change"))');
like({ examples('curl') }->{patchValue}, qr{application/json-patch\+json},
	'another of its bodies can be chosen');

my $account = new_account($stack);

# --- Trying it --------------------------------------------------------------

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
like($health, qr/"status": "ok"/, '... and is shown');

$page->type('#key-field', 'test_io7_short');
$page->click('#key-form [type=submit]');
like($page->text('#key-state'), qr/not the shape/, 'no key looks like that');
$page->type('#key-field', $account->test_key);
$page->click('#key-form [type=submit]');
like($page->text('#key-state'), qr/tried with .* on test data/,
	'a key is taken');
unlike($page->run_script('return document.documentElement.outerHTML
	+ [...document.querySelectorAll("input")].map((one) => one.value)
	+ location.href'), qr/\Q@{[$account->test_key]}/, '... and not shown');
like(try_it('putValue', 'path-key' => 'a/b %', body => '{"n":1e400}'),
	qr/^201 Created.*"key": "a\/b %"/ms, 'a value is stored under any key');
like(try_it('getValue', 'path-key' => 'a/b %'), qr/^200 OK.*"n": ?10{400}\b/ms,
	'... and read with all its digits');
like(try_it('getValue', 'path-key' => 'nosuch'),
	qr/^404 Not Found.*"code": "not_found"/ms, 'an error is shown as it is');
try_it('putValue', 'path-key' => 'doc', body => '{"name":"Ada"}');
$page->click('#patchValue .try summary');
$page->run_script('const choice = document.getElementById(
	"patchValue-example"); choice.value = "1";
	choice.dispatchEvent(new Event("change"))');
like(try_it('patchValue', 'path-key' => 'doc'),
	qr/^409 Conflict.*"problem": "operation 2/ms,
	'a form may begin with another body, and sends its type');
like(try_it('transformValue', 'path-key' => 'doc',
	body => '{"engine":"jq","program":".name"}'),
	qr/event: result\ndata: .*"Ada"/, 'a stream is shown');
$page->click('#key-forget');
is($page->text('#key-state'), 'There is no key yet.', 'a key is forgotten');
like(try_it('listValues'), qr/^401 Unauthorized/m, '... and not sent');

$page->click('#streamStatus .try summary');
$page->click('#streamStatus .try [type=submit]');
shown('/^event: /m.test(streamStatus.querySelector(".try").innerText)',
	'a stream without an end is shown as it comes');
$page->click('#streamStatus .try .quiet:not(.code *)');
shown('streamStatus.querySelector(".try [role=status]").textContent
	=== "Stopped."', '... and can be left');
ok(!$page->run_script('return streamStatus.querySelector(
	".try [type=submit]").disabled'), '... and asked for again');

# --- What cannot be had -----------------------------------------------------

sub withhold
{
	$page->devtools('Network.enable');
	$page->devtools('Network.setBlockedURLs', urls => [@_]);
}

withhold('*/api/plans');
visit('/docs#errors');
shown('/cannot be had/.test(document.getElementById("plans").textContent)',
	'without the plans the rest is there');
like(try_it('getHealth'), qr/^200 OK/m, '... and works');
withhold('*/health');
like(try_it('getHealth'), qr/^No answer came: /m, 'a server that is away');
withhold('*/openapi.json');
$page->visit('/health/live');
$page->visit('/docs');
shown('/cannot be had.*Try again/.test(document.getElementById("wait")
	.textContent)', 'without the contract the page says so');
withhold();
$page->click('#wait a');
shown('document.getElementById("wait").hidden', '... and tries again');

# --- Its looks --------------------------------------------------------------

for my $width (360, 800, 1440) {
	$page->look('light', $width);
	ok($page->run_script('return document.documentElement.scrollWidth
		<= innerWidth'), "$width pixels are wide enough");
}

# --- On paper ---------------------------------------------------------------

$page->devtools('Emulation.setEmulatedMedia', media => 'print');
is_deeply($page->run_script('return [".contents", "#key", ".try", ".code button"]
	.filter((one) => document.querySelector(one).checkVisibility())'), [],
	'on paper there is nothing to press');
my $folded = 'return document.querySelectorAll(
	".words details:not([open])").length';
my $before = $page->run_script($folded);
$page->run_script('dispatchEvent(new Event("beforeprint"))');
is($page->run_script($folded), 0, '... and nothing is folded');
$page->run_script('dispatchEvent(new Event("afterprint"))');
is($page->run_script($folded), $before, '... until it is printed');
$page->look;

is_deeply([$page->faults], [], 'nothing is amiss on the console');
my $site = 'http://localhost:' . $stack->port;
is_deeply([grep { !m{^\w+ (?:\Q$site\E/|data:|chrome:|about:)} }
	$page->requests], [], 'no other host is asked');
$page->quit;

finish;
