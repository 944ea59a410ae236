#!/usr/bin/perl
# The pages, in Chromium: signing in by key and by session, the overview in both
# modes, letting a device in, signing out, and what they say when something is
# wrong. None of it breaks the policy of the pages or asks another host.

use strict;
use warnings;

use Io7::Account;
use Io7::GitHub;
use Io7::Pages;
use Io7::Test;

use constant ENTER => "\x{e007}";

# Few strangers are let in from one address: for the last part.
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

# What /auth/device/token tells the device.
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
	'the front page has commands for this very place');
is($chrome->text('#terminal-next'), 'Sign in for one', '... but no key');
is_accessible('the front page');
$chrome->click('.button');
comes_to('/dashboard/login?return=%2Fdashboard',
	'who is not signed in comes to the login');

# --- A key ------------------------------------------------------------------

use_key('swordfish');
says('#problem', qr/A key looks like/, 'what is no key is said to be none');
is_accessible('the login');
ok(!(grep { m{/api/auth} } $chrome->requests), '... and told to nobody');
use_key('test_io7_' . '0' x 32);
says('#problem', qr/This key does not work\. \w/, 'nor does an invented one');
is($chrome->place, '/dashboard/login?return=%2Fdashboard',
	'... and one may try again');

$http->put("/kv/page-$_", body => '1', headers => $account->auth('test'))
	for 1 .. 3;
eventually { $http->get('/api/usage/today', headers =>
	$account->auth('test'))->{json}{test}{requests} >= 3 }
	'three requests are written down';
use_key($account->test_key);
comes_to('/dashboard', 'a key leads where one wanted to go');
is($chrome->text('#plan-name'), 'Pro', '... and shows the plan');
is($chrome->text('#greeting'), $account->name, '... and whose it is');
like($chrome->text('#requests'), qr/^\d+$/, '... today\'s requests');
cmp_ok($chrome->text('#requests'), '>=', 3, '... all of them');
like($chrome->text('#credits'), qr/^0 of 50,000 credits$/,
	'... which cost nothing in test mode');
like($chrome->text('#stored'), qr/^[1-9][\d.]* k?B$/, '... what is stored');
like($chrome->text('#keys'), qr/^Test keys\n.*test_io7_\w{3}\W\w{4}/s,
	'... and the keys, but for what is secret of them');
ok($chrome->shows('#mode-note'), '... and that all this is test data');
$chrome->click('.numbers summary');
is($chrome->run_script('return document.querySelectorAll("tbody tr").length'), 30,
	'... and thirty days');
like($chrome->text('tbody tr'), qr/^\w+ \d+ [1-9]/, '... with this one');
my @asked = grep { m{/api/} } $chrome->requests;
is(scalar(grep { m{overview} } @asked), 2, 'one answer makes the page')
	or diag(explain(\@asked));
is_accessible('the overview of test data');

$chrome->click('label:has(#mode-live)');
comes_to('/dashboard/login?return=%2Fdashboard&mode=live',
	'for live data a test key is not enough');
use_key($account->test_key);
says('#problem', qr/live key/, '... which is said');
$chrome->type('#key', $account->live_key . ENTER);
comes_to('/dashboard', 'a live key is, and Enter does, too');
like($chrome->text('#keys'), qr/^Live keys/, '... and shows live data');
ok(!$chrome->shows('#mode-note'), '... and no word of test');
is_accessible('the overview of live data');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys/, 'both keys are there now');

# A key that is taken back ends the visit.
io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
eventually { $http->get('/api/me', headers => $account->auth('test'))
	->{status} == 401 } 'an account is suspended';
$chrome->visit('/dashboard');
comes_to('/dashboard/login?return=%2Fdashboard',
	'a key that works no more leads to the login');
says('#problem', qr/^This account is suspended/, '... which says why');
io7('user', 'resume', $account->name, '-c', $stack->conf_file);
eventually { $http->get('/api/me', headers => $account->auth('test'))
	->{status} == 200 } '... and it is resumed';

# --- A session --------------------------------------------------------------

sign_in($account);
$chrome->visit('/dashboard');
is($chrome->text('#plan-name'), 'Pro', 'a session shows the plan');
like($chrome->text('#keys'), qr/^Live keys/, '... and live data at first');
$chrome->click('label:has(#mode-test)');
says('#keys', qr/^Test keys/, '... and test data when asked');
like($chrome->run_script('return document.title'), qr/^\[test\]/,
	'... as the tab says, too');

my $device = new_device();
$chrome->visit("/dashboard/device?code=$device->{user_code}");
is($chrome->text('#shown-code'), $device->{user_code}, 'a device waits');
is($chrome->text('#agent'), 'io7-cli/1.0 <b>', '... and says what it is');
is_accessible('the page for devices');
$chrome->click('#approve');
says('#decided', qr/^It is let in/, '... and is let in');
is(poll($device)->{status}, 200, '... and is in');

$device = new_device();
$chrome->visit('/dashboard/device');
$chrome->type('#code', 'BBBB-BBBB');
$chrome->click('#code-form button');
says('#problem', qr/No device waits with this code/, 'a wrong code');
$chrome->type('#code', lc $device->{user_code});
$chrome->click('#code-form button');
$chrome->click('#deny');
says('#decided', qr/^It is kept out/, 'a device is kept out');
is(poll($device)->{json}{error}, 'access_denied', '... and told so');

$chrome->visit('/dashboard');
$chrome->click('#sign-out');
comes_to('/dashboard/login', 'who signs out is out');
$chrome->visit('/dashboard/device?code=X');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdevice%3Fcode%3DX',
	'... everywhere');
is($chrome->run_script('return document.querySelector("#github")
	.getAttribute("href")'),
	'/auth/github?return=%2Fdashboard%2Fdevice%3Fcode%3DX',
	'... and GitHub leads back');
for my $away ('//example.com', '/\\example.com', 'https://example.com/',
	"/\t/example.com", '/dashboard/login') {
	my $escaped = $away =~ s/([^\w])/sprintf '%%%02X', ord $1/ger;
	$chrome->visit("/dashboard/login?return=$escaped");
	is($chrome->run_script('return document.querySelector("#github")
		.getAttribute("href")'), '/auth/github?return=%2Fdashboard',
		"no way to $away");
}

# --- GitHub -----------------------------------------------------------------

$github->person(id => 7, login => 'octocat');
$chrome->visit('/dashboard/device?code=BBBB-BBBB');
$chrome->click('#github');
says('h1', qr/^Your keys/, 'GitHub signs somebody up, who sees the keys');
like($chrome->text('#live-key'), qr/^live_io7_[0-9a-f]{32}$/, '... whole');
$chrome->click('main a');
comes_to('/dashboard/device?code=BBBB-BBBB', '... and goes on from there');
$chrome->visit('/dashboard');
is($chrome->text('#greeting'), 'octocat', '... as who they are');
is($chrome->text('#plan-name'), 'Starter', '... with a plan');
$chrome->click('#sign-out');
comes_to('/dashboard/login', '... until they sign out');

# --- Small ------------------------------------------------------------------

sign_in($account);
$chrome->devtools('Network.clearBrowserCache');
$chrome->visit('/dashboard');
shown('!!window.Chart?.getChart(document.querySelector("canvas"))',
	'the dashboard is there, to its chart');
my ($chart, $page) = map { $chrome->run_script("return performance.getEntries()
	.filter(({ name }) => name.includes('/vendor/') === $_)
	.reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)") }
	qw(true false);
cmp_ok($page, '>', 1000, "it weighs $page bytes");
cmp_ok($page, '<', 40_000, '... which is little');
cmp_ok($chart, '>', 1000, "the chart comes after it: $chart bytes");
cmp_ok($page + $chart, '<', 100_000, '... still little, with all of it');
is($chrome->run_script('return performance.getEntries().filter(({ name }) =>
	name.includes("/api/")).length'), 1, '... and asks the API once');
$chrome->click('#sign-out');
comes_to('/dashboard/login', '... before one leaves');

# --- When something is wrong ------------------------------------------------

# From the browser's own address.
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

# The minute may end at any time, and all begins anew.
eventually {
	$chrome->visit('/dashboard/login');
	use_up_the_limit() == 429 or return;
	use_key($account->live_key);
	wait_until(1, sub {
		$chrome->run_script('return document.querySelector("form")
			.innerText') =~ /Too many requests.*Again in \d+ second/s;
	});
} 'whoever tries too often sees why not, and for how long';

$chrome->visit('/dashboard/login');
$stack->stop('io7');
use_key($account->live_key);
says('#problem', qr/did not answer properly/, 'io7 that is away behind nginx');
ok($chrome->run_script('return !document.querySelector(
	"#key-form button").disabled'), '... and one may try again');
$stack->stop('nginx');
use_key($account->live_key);
says('#problem', qr/The server does not answer/, 'a server that is away');
$stack->up;

end_pages(qr{^GET \Q@{[$github->url]}\E/login/});
