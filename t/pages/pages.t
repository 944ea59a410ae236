#!/usr/bin/perl
# The pages, in Chromium: login with a key and a session, the overview in both modes,
# approving a device, sign-out, and errors. Nothing violates the content security
# policy, and no other host is asked.

use strict;
use warnings;

use Io7::Account;
use Io7::GitHub;
use Io7::Pages;
use Io7::Test;

use constant ENTER => "\x{e007}";

# A low limit by IP address, for the last part.
my $limit = 30;
my $github = Io7::GitHub->new;
my $stack = private_stack(set => { %{$github->options},
	IO7_ADDRESS_LIMIT => $limit });
my $site = $stack->env('IO7_TLS_URL');
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $http = $stack->http;

sub new_device
{
	return $http->post('/auth/device', from => '127.9.9.9', headers =>
		['User-Agent' => 'io7-cli/1.0 <b>'])->{json};
}

# The answer of /auth/device/token to the device.
sub poll
{
	my ($device) = @_;
	my $grant = 'urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code';

	return $http->post('/auth/device/token', from => '127.9.9.8',
		headers => ['Content-Type' =>
			'application/x-www-form-urlencoded'],
		body => "grant_type=$grant&device_code=$device->{device_code}");
}

# --- The front page ---------------------------------------------------------

$chrome->visit('/');
like($chrome->text('pre'), qr/^curl -s \Q$site\E\/kv\/hello \\$/m,
	'the commands on the front page contain the URL of the site');
is($chrome->text('#terminal-next'), 'Sign in to get a key',
	'without a demo there is no key');
is_accessible('the front page');
$chrome->click('.button');
comes_to('/dashboard/login?return=%2Fdashboard',
	'without a session the dashboard leads to the login page');

# --- With a key -------------------------------------------------------------

use_key('swordfish');
says('#problem', qr/A key starts with/, 'a malformed key is rejected');
is_accessible('the login page');
ok(!(grep { m{/api/auth} } $chrome->requests), 'a malformed key is not sent');
use_key('test_io7_' . '0' x 32);
says('#problem', qr/This key was rejected\. \w/, 'an unknown key is rejected');
is($chrome->place, '/dashboard/login?return=%2Fdashboard',
	'the login page stays open');

$http->put("/kv/page-$_", body => '1', headers => $account->auth('test'))
	for 1 .. 3;
eventually { $http->get('/api/usage/today', headers =>
	$account->auth('test'))->{json}{test}{requests} >= 3 }
	'three requests are counted';
use_key($account->test_key);
comes_to('/dashboard', 'a valid key leads to the return path');
is($chrome->text('#plan-name'), 'Pro', 'the overview shows the plan');
is($chrome->text('#greeting'), $account->name,
	'it shows the name of the account');
like($chrome->text('#requests'), qr/^\d+$/, 'it shows the requests of today');
cmp_ok($chrome->text('#requests'), '>=', 3, 'all requests are counted');
like($chrome->text('#credits'), qr/^0 of 50,000 credits$/,
	'test requests cost no credits');
like($chrome->text('#stored'), qr/^[1-9][\d.]* k?B$/,
	'it shows the storage in use');
like($chrome->text('#keys'), qr/^Test keys\n.*test_io7_\w{3}\W\w{4}/s,
	'it lists the keys without their secrets');
ok($chrome->shows('#mode-note'), 'test mode is marked');
$chrome->click('.numbers summary');
is($chrome->run_script('return document.querySelectorAll("tbody tr").length'), 30,
	'the table has 30 days');
like($chrome->text('tbody tr'), qr/^\w+ \d+ [1-9]/, 'the first row is today');
my @asked = grep { m{/api/} } $chrome->requests;
is(scalar(grep { m{overview} } @asked), 2, 'the overview needs one request')
	or diag(explain(\@asked));
is_accessible('the overview of test data');

$chrome->click('label:has(#mode-live)');
comes_to('/dashboard/login?return=%2Fdashboard&mode=live',
	'live data needs a live key');
use_key($account->test_key);
says('#problem', qr/live key/, 'a test key is rejected there');
$chrome->type('#key', $account->live_key . ENTER);
comes_to('/dashboard', 'Enter sends the form');
like($chrome->text('#keys'), qr/^Live keys/, 'a live key shows live data');
ok(!$chrome->shows('#mode-note'), 'live mode is not marked');
is_accessible('the overview of live data');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys/, 'with both keys the mode switches without a login');

# A suspended account loses access at once.
io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
eventually { $http->get('/api/me', headers => $account->auth('test'))
	->{status} == 401 } 'a suspended account gets 401';
$chrome->visit('/dashboard');
comes_to('/dashboard/login?return=%2Fdashboard',
	'a rejected key leads to the login page');
says('#problem', qr/^This account is suspended/,
	'the login page shows the reason');
io7('user', 'resume', $account->name, '-c', $stack->conf_file);
eventually { $http->get('/api/me', headers => $account->auth('test'))
	->{status} == 200 } 'the account is resumed';

# --- With a session ---------------------------------------------------------

sign_in($account);
$chrome->visit('/dashboard');
is($chrome->text('#plan-name'), 'Pro', 'a session shows the plan');
like($chrome->text('#keys'), qr/^Live keys/, 'it shows live data first');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys/, 'it shows test data on request');
like($chrome->run_script('return document.title'), qr/^\[test\]/,
	'the title of the tab shows the mode');

my $device = new_device();
$chrome->visit("/dashboard/device?code=$device->{user_code}");
is($chrome->text('#shown-code'), $device->{user_code},
	'the device page shows the code');
is($chrome->text('#agent'), 'io7-cli/1.0 <b>', 'it shows the user agent as text');
is_accessible('the device page');
$chrome->click('#approve');
says('#decided', qr/^Device approved/, 'the device is approved');
is(poll($device)->{status}, 200, 'the device gets a token');

$device = new_device();
$chrome->visit('/dashboard/device');
$chrome->type('#code', 'BBBB-BBBB');
$chrome->click('#code-form button');
says('#problem', qr/No device waits with this code/, 'a wrong code is reported');
$chrome->type('#code', lc $device->{user_code});
$chrome->click('#code-form button');
$chrome->click('#deny');
says('#decided', qr/^Device denied/, 'a device is denied');
is(poll($device)->{json}{error}, 'access_denied', 'the device gets access_denied');

$chrome->visit('/dashboard');
$chrome->click('#sign-out');
comes_to('/dashboard/login', 'signing out leads to the login page');
$chrome->visit('/dashboard/device?code=X');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdevice%3Fcode%3DX',
	'every page of the dashboard leads to the login page');
is($chrome->run_script('return document.querySelector("#github")
	.getAttribute("href")'),
	'/auth/github?return=%2Fdashboard%2Fdevice%3Fcode%3DX',
	'the link to GitHub contains the return path');
for my $away ('//example.com', '/\\example.com', 'https://example.com/',
	"/\t/example.com", '/dashboard/login') {
	my $escaped = $away =~ s/([^\w])/sprintf '%%%02X', ord $1/ger;
	$chrome->visit("/dashboard/login?return=$escaped");
	is($chrome->run_script('return document.querySelector("#github")
		.getAttribute("href")'), '/auth/github?return=%2Fdashboard',
		"a return path cannot lead to $away");
}

# --- With GitHub ------------------------------------------------------------

$github->person(id => 7, login => 'octocat');
$chrome->visit('/dashboard/device?code=BBBB-BBBB');
$chrome->click('#github');
says('h1', qr/^Your keys/, 'a sign-up with GitHub shows the first keys');
like($chrome->text('#live-key'), qr/^live_io7_[0-9a-f]{32}$/,
	'the keys are shown completely');
$chrome->click('main a');
comes_to('/dashboard/device?code=BBBB-BBBB',
	'the link leads to the return path');
$chrome->visit('/dashboard');
is($chrome->text('#greeting'), 'octocat',
	'the overview shows the name of the user');
is($chrome->text('#plan-name'), 'Starter', 'it shows the plan');
$chrome->click('#sign-out');
comes_to('/dashboard/login', 'signing out ends the session');

# --- Size -------------------------------------------------------------------

sign_in($account);
$chrome->devtools('Network.clearBrowserCache');
$chrome->visit('/dashboard');
shown('!!window.Chart?.getChart(document.querySelector("canvas"))',
	'the dashboard is complete with its chart');
my ($chart, $page) = map { $chrome->run_script("return performance.getEntries()
	.filter(({ name }) => name.includes('/vendor/') === $_)
	.reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)") }
	qw(true false);
cmp_ok($page, '>', 1000, "the page has $page bytes");
cmp_ok($page, '<', 40_000, 'the page is smaller than 40 kB');
cmp_ok($chart, '>', 1000, "the chart library adds $chart bytes");
cmp_ok($page + $chart, '<', 100_000, 'both are smaller than 100 kB');
is($chrome->run_script('return performance.getEntries().filter(({ name }) =>
	name.includes("/api/")).length'), 1,
		'the overview needs one API request');
$chrome->click('#sign-out');
comes_to('/dashboard/login', 'signing out ends the session');

# --- Failures ---------------------------------------------------------------

# Sends requests from the address of the browser.
sub use_up_the_limit
{
	return $chrome->run_script('return (async (tries) => {
		let status = 200;
		for (let i = 0; i < tries && status === 200; i++)
			({ status } = await fetch("/auth/device",
				{ method: "POST" }));
		return status;
	})(arguments[0])', 2 * $limit);
}

# The minute may end at any moment: repeat everything then.
eventually {
	$chrome->visit('/dashboard/login');
	use_up_the_limit() == 429 or return;
	use_key($account->live_key);
	wait_until(1, sub {
		$chrome->run_script('return document.querySelector("form")
			.innerText') =~ /Too many requests.*Try again in \d+ second/s;
	});
} 'a rate limit is reported with the time to wait';

$chrome->visit('/dashboard/login');
$stack->stop('io7');
use_key($account->live_key);
says('#problem', qr/upstream service/, 'nginx without io7 is reported');
ok($chrome->run_script('return !document.querySelector(
	"#key-form button").disabled'), 'the form can be sent again');
$stack->stop('nginx');
use_key($account->live_key);
says('#problem', qr/The server does not answer/,
	'a server that does not answer is reported');
$stack->up;

end_pages(qr{^GET \Q@{[$github->url]}\E/login/});
