#!/usr/bin/perl
# The overview, in Chromium: the chart of 30 days, the table that replaces it without
# the chart library, and the recent errors.

use strict;
use warnings;

use Io7::Account;
use Io7::Clock;
use Io7::Pages;
use Io7::Test;
use List::Util qw(sum0);

use constant { RIGHT => "\x{e014}", CHART => '/assets/vendor/chart.min.js' };

my $clock = Io7::Clock->new;
my $stack = private_stack(set => { IO7_CLOCK => $clock->file });
my $http = $stack->http;
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $id = $account->user_id;

# Usage of yesterday and of twenty days ago.
$stack->psql(<<"END");
	INSERT INTO io7.daily_usage (user_id, mode, date, credits, ok,
		client_error, server_error, rate_limited, bytes_in, bytes_out)
	SELECT '$id', mode, (now() AT TIME ZONE 'UTC')::date - d, 700, 500, 60,
		2, 30, 5000, 2000000
	FROM (VALUES ('live'), ('test')) AS m (mode),
		(VALUES (1), (20)) AS d (d);
END
my @wrong = ([PUT => '/kv/hush'], [PATCH => '/kv/hush'], [POST => '/kv/batch'],
	[POST => '/api/keys'], [POST => '/kv/hush/transform'],
	[POST => '/kv/transform/batch']);
# The requests are counted within one minute.
$clock->shift_by(-(time % 60));
for my $wrong (@wrong, ([PUT => '/kv/hush']) x 2) {
	my $answer = $http->request(@$wrong, body => '{', headers =>
		$account->auth('live', 'Content-Type' => 'application/json'));
	like($answer->{status}, qr/^4/, "@$wrong fails");
}
eventually { @{$http->get('/api/dashboard/overview', headers =>
	$account->auth('live'))->{json}{recent_errors}} == @wrong }
	'the API lists the errors';

# The value of an expression about the chart, or nothing without a chart.
sub chart
{
	my ($expression) = @_;

	return $chrome->run_script('const canvas = document.querySelector("canvas");
		const chart = canvas && window.Chart && Chart.getChart(canvas);
		return chart ? ' . $expression . ' : null');
}

sub is_drawn
{
	my ($what) = @_;

	eventually { (chart('chart.data.labels.length') // 0) == 30 } $what;
}

sub legend
{
	return $chrome->text('.legend') =~ s/\s+/ /gr;
}

# --- The library ------------------------------------------------------------

my $library = $http->get(CHART, headers => ['Accept-Encoding' => 'gzip']);
is($library->{status}, 200, 'the library is served');
like($library->{headers}{'content-type'}, qr{^application/javascript},
	'it has the type of a script');
like($library->{headers}{'cache-control'}, qr/max-age=\d{6}/,
	'it may be cached for days');
is($library->{headers}{'content-encoding'}, 'gzip', 'it is compressed');
is($http->get('/kv/..%2Fassets%2Fvendor%2Fchart.min.js')->{status}, 401,
	'a key that looks like it is a key');

# --- The chart --------------------------------------------------------------

sign_in($account);
$chrome->visit('/dashboard');
is_drawn('30 days are drawn');
is_deeply(chart('chart.data.datasets.map(({ data }) =>
	data.reduce((sum, n) => sum + n, 0))')->[2], 60,
		'the bars have the values of the days');
like(legend(), qr/^Successful 1,0\d\d Client errors 12\d Over limit 60 Server errors 4$/,
	'the legend shows the totals');
is($chrome->run_script('return document.querySelector("canvas")
	.getAttribute("role")'), 'img', 'the chart has the role img');
like($chrome->run_script('return document.querySelector("canvas")
	.getAttribute("aria-label")'),
	qr/^Requests in 30 days: Successful 1,0\d\d, Client errors/,
		'its label has the totals');
$chrome->click('.numbers summary');
like($chrome->text('tbody tr:nth-child(2)'), qr/^\w+ \d+ 500 60 30 2$/,
	'the table has the same numbers');

$chrome->click('.views label:nth-of-type(2)');
is_drawn('credits are drawn');
like(legend(), qr/^Credits 1,4\d\d$/, 'the legend shows their total');
$chrome->press(RIGHT);
eventually { legend() =~ /^Received 1\d kB Sent 4(?:\.\d)? MB$/ }
	'the arrow key switches to traffic' or diag(legend());
is_drawn('traffic is drawn');
$chrome->click('.numbers summary');
like($chrome->text('tbody tr:nth-child(2)'), qr/^\w+ \d+ 5 kB 2 MB$/,
	'the table shows traffic');

my $accent = 'getComputedStyle(document.documentElement)
	.getPropertyValue("--accent")';
$chrome->look('light', 1440);
my $light = chart($accent);
eventually { chart("chart.data.datasets[1].backgroundColor") eq $light }
	'the chart uses the colours of the page';
$chrome->look('dark', 1440);
eventually { chart("chart.data.datasets[1].backgroundColor === $accent")
	&& chart($accent) ne $light } 'dark mode changes its colours';
$chrome->look;
is(chart('chart.options.animation.duration'), 250, 'the chart is animated');
$chrome->devtools('Emulation.setEmulatedMedia', features => [
	{ name => 'prefers-reduced-motion', value => 'reduce' }]);
$chrome->click('.views label:nth-of-type(1)');
eventually { legend() =~ /^Successful/ && chart('chart.options.animation === false') }
	'with reduced motion it is not';
$chrome->look;

# --- Recent errors ----------------------------------------------------------

my $panel = $chrome->text('#errors');
like($panel, qr/^Recent errors\n4\d\d\s*\w+\n/, 'the recent errors are listed');
like($panel, qr{\n400\s*bad_request\nThe\srequest\sis\smalformed\.\n
	POST\s/kv/batch\nby\sFirst\slive\skey\s\W+1\stime\s\W+
	(?:just\snow|\d+\sminutes?\sago)\n[0-9a-f]{32}}x,
	'an error shows request, reason, key, count and id');
unlike($panel, qr/hush/, 'no error shows a key of the store');
is($chrome->run_script('return document.querySelectorAll("#errors li").length'),
	scalar @wrong, 'all errors are in the page');
ok(!$chrome->shows('#errors details li'), 'only the first ones are visible');
$chrome->click('#errors summary');
like($chrome->text('#errors'), qr{PUT /kv/:key\n.*3 times},
	'an error shows how often it occurred');
is($chrome->run_script('return document.querySelector("#errors a").pathname
	+ document.querySelector("#errors a").hash'), '/docs#errors',
	'an error links to its description');
$chrome->devtools('Browser.grantPermissions',
	permissions => ['clipboardReadWrite', 'clipboardSanitizedWrite']);
$chrome->click('#errors .copy button');
says('#errors .copy', qr/Copied/, 'Copy copies the request id');

# --- Empty overview ---------------------------------------------------------

$chrome->click('label:has(#mode-test)');
says('#errors', qr/No errors in test mode/, 'a mode without errors says so');
is_drawn('the days of test data are drawn');
is($chrome->run_script('return document.querySelectorAll(".views label").length'),
	2, 'test mode has no view of credits');
my $other = new_account($stack);
sign_in($other);
$chrome->visit('/dashboard');
says('#history', qr/No requests yet/, 'a new account has no chart');
says('#errors', qr/No errors in live mode/, 'a new account has no errors');
is_accessible('an empty overview');

# --- A single request -------------------------------------------------------

# Opening the overview was the first request of that account.
eventually { $stack->psql("SELECT ok FROM io7.daily_usage WHERE user_id = '"
	. $other->user_id . "';") =~ /^1$/m } 'the first request is counted';
$chrome->visit('/dashboard');
says('.legend', qr/Successful\s+1\b/, 'the legend shows a single request');
is_drawn('a chart of a single request is drawn');
is(chart('chart.scales.x.ticks.at(-1).label'), chart('chart.data.labels.at(-1)'),
	'its day, the last one, is labelled');
eventually { chart('(() => { const bar = chart.getDatasetMeta(0).data.at(-1);
	return bar.base - bar.y > 100 && bar.x + bar.width / 2 <= chart.width; })()') }
	'its bar is visible';
$chrome->click('.views label:nth-of-type(2)');
says('.chart', qr/^No credits were used/,
	'a view without values shows a sentence instead of an empty chart');

# --- Without the library ----------------------------------------------------

my ($conf) = glob $stack->dir . '/*/app.conf';
my $text = slurp($conf);
$text =~ s{/usr/share/javascript/}{/usr/share/no-javascript/} or die "no alias\n";
spew($conf, $text);
kill HUP => ($stack->processes('nginx'))[0];
eventually { $http->close; $http->get(CHART)->{body} eq '' }
	'the library is not installed';
is($http->get(CHART)->{headers}{'cache-control'}, 'no-cache',
	'the empty file is not cached');
sign_in($account);
$chrome->devtools('Network.clearBrowserCache');
$chrome->visit('/dashboard');
says('tbody tr:nth-child(2)', qr/^\w+ \d+ 500 60 30 2$/,
	'the table is shown instead');
ok(!$chrome->shows('canvas'), 'there is no chart');

end_pages();
