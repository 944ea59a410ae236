#!/usr/bin/perl
# The overview of the dashboard, in Chromium: thirty days as a chart that a library
# of Debian's draws, and as a table where there is none, and what went wrong lately.

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

# Of yesterday and of twenty days ago, whatever the clock says.
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
# No minute ends while they are counted.
$clock->shift_by(-(time % 60));
for my $wrong (@wrong, ([PUT => '/kv/hush']) x 2) {
	my $answer = $http->request(@$wrong, body => '{', headers =>
		$account->auth('live', 'Content-Type' => 'application/json'));
	like($answer->{status}, qr/^4/, "@$wrong goes wrong");
}
eventually { @{$http->get('/api/dashboard/overview', headers =>
	$account->auth('live'))->{json}{recent_errors}} == @wrong }
	'... and all of it is known';

# What an expression about the chart is; nothing without one.
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
	'... as what it is');
like($library->{headers}{'cache-control'}, qr/max-age=\d{6}/, '... to be kept');
is($library->{headers}{'content-encoding'}, 'gzip', '... and packed');
is($http->get('/kv/..%2Fassets%2Fvendor%2Fchart.min.js')->{status}, 401,
	'a key that looks like it is a key');

# --- The chart --------------------------------------------------------------

sign_in($account);
$chrome->visit('/dashboard');
is_drawn('thirty days are drawn');
is_deeply(chart('chart.data.datasets.map(({ data }) =>
	data.reduce((sum, n) => sum + n, 0))')->[2], 60, '... as they were');
like(legend(), qr/^Served 1,0\d\d Refused 12\d Over a limit 60 Failed here 4$/,
	'... and summed up');
is($chrome->run_script('return document.querySelector("canvas")
	.getAttribute("role")'), 'img', 'who cannot see it');
like($chrome->run_script('return document.querySelector("canvas")
	.getAttribute("aria-label")'),
	qr/^Requests in 30 days: Served 1,0\d\d, Refused/, '... is told');
$chrome->click('.numbers summary');
like($chrome->text('tbody tr:nth-child(2)'), qr/^\w+ \d+ 500 60 30 2$/,
	'... and there is a table');

$chrome->click('.views label:nth-of-type(2)');
is_drawn('credits are drawn');
like(legend(), qr/^Credits 1,4\d\d$/, '... and summed up');
$chrome->press(RIGHT);
eventually { legend() =~ /^Received 1\d kB Sent 4(?:\.\d)? MB$/ }
	'traffic, by the keyboard' or diag(legend());
is_drawn('... is drawn');
$chrome->click('.numbers summary');
like($chrome->text('tbody tr:nth-child(2)'), qr/^\w+ \d+ 5 kB 2 MB$/,
	'... and a table, too');

my $accent = 'getComputedStyle(document.documentElement)
	.getPropertyValue("--accent")';
$chrome->look('light', 1440);
my $light = chart($accent);
eventually { chart("chart.data.datasets[1].backgroundColor") eq $light }
	'it has the colours of the page';
$chrome->look('dark', 1440);
eventually { chart("chart.data.datasets[1].backgroundColor === $accent")
	&& chart($accent) ne $light } '... and takes on others';
$chrome->look;
is(chart('chart.options.animation.duration'), 250, 'it moves');
$chrome->devtools('Emulation.setEmulatedMedia', features => [
	{ name => 'prefers-reduced-motion', value => 'reduce' }]);
$chrome->click('.views label:nth-of-type(1)');
eventually { legend() =~ /^Served/ && chart('chart.options.animation === false') }
	'... unless one would rather not';
$chrome->look;

# --- Errors -----------------------------------------------------------------

my $panel = $chrome->text('#errors');
like($panel, qr/^Recent errors\n4\d\d\s*\w+\n/, 'what went wrong');
like($panel, qr{\n400\s*bad_request\nThe\srequest\sis\smalformed\.\n
	POST\s/kv/batch\nby\sFirst\slive\skey\s\W+1\stime\s\W+just\snow\n
	[0-9a-f]{32}}x, '... where, why, and whose key it was');
unlike($panel, qr/hush/, '... but not with which value');
is($chrome->run_script('return document.querySelectorAll("#errors li").length'),
	scalar @wrong, 'all of it');
ok(!$chrome->shows('#errors details li'), '... some of it when asked');
$chrome->click('#errors summary');
like($chrome->text('#errors'), qr{PUT /kv/:key\n.*3 times}, '... and how often');
is($chrome->run_script('return document.querySelector("#errors a").pathname
	+ document.querySelector("#errors a").hash'), '/docs#errors',
	'... with the way to what it means');
$chrome->devtools('Browser.grantPermissions',
	permissions => ['clipboardReadWrite', 'clipboardSanitizedWrite']);
$chrome->click('#errors .copy button');
says('#errors .copy', qr/Copied/, 'its id is copied');

# --- Nothing yet ------------------------------------------------------------

$chrome->click('label:has(#mode-test)');
says('#errors', qr/Nothing went wrong in test mode/, 'no errors is said');
is_drawn('the days of test data');
is($chrome->run_script('return document.querySelectorAll(".views label").length'),
	2, '... which cost no credits');
my $other = new_account($stack);
sign_in($other);
$chrome->visit('/dashboard');
says('#history', qr/There was no request/, 'a new account has no chart');
says('#errors', qr/Nothing went wrong in live mode/, '... and no errors');
is_accessible('an empty overview');

# --- Without the library ----------------------------------------------------

my ($conf) = glob $stack->dir . '/*/app.conf';
my $text = slurp($conf);
$text =~ s{/usr/share/javascript/}{/usr/share/no-javascript/} or die "no alias\n";
spew($conf, $text);
kill HUP => ($stack->processes('nginx'))[0];
eventually { $http->close; $http->get(CHART)->{body} eq '' }
	'an installation without the library';
is($http->get(CHART)->{headers}{'cache-control'}, 'no-cache',
	'... that may have it tomorrow');
sign_in($account);
$chrome->devtools('Network.clearBrowserCache');
$chrome->visit('/dashboard');
says('tbody tr:nth-child(2)', qr/^\w+ \d+ 500 60 30 2$/, '... shows the table');
ok(!$chrome->shows('canvas'), '... and no chart');

end_pages();
