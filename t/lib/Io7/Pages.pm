# Io7::Pages: the common functions of the page tests: one browser at one stack.
#
#     my $stack = private_stack;
#     my $chrome = open_pages($stack);
#     $chrome->visit('/dashboard');
#     says('h1', qr/^Overview/, 'the overview');
#     is_accessible('the overview');
#     end_pages;
#
# Without a browser the test is skipped. After a failure the folder of the stack holds
# a screenshot of the last page.
package Io7::Pages;

use strict;
use warnings;

use Exporter 'import';
use Io7::Chrome;
use Io7::Npm;
use Io7::Test;

our @EXPORT = qw(open_pages end_pages comes_to says announces shown use_key
	sign_in is_accessible is_fine_for_axe);

my ($stack, $site, $chrome, $axe, $no_axe);

# The test is skipped before it starts a stack.
my $obstacle = Io7::Chrome->obstacle;
plan(skip_all => $obstacle) if $obstacle;

# Opens a browser at the pages of a stack that has TLS.
sub open_pages
{
	($stack) = @_;

	$site = $stack->env('IO7_TLS_URL');
	binmode Test::More->builder->$_, ':encoding(UTF-8)'
		for qw(output failure_output todo_output);
	$chrome = Io7::Chrome->new($site);
	($axe, $no_axe) = npm_client('axe');
	if ($axe) {
		my $file = "$axe/node_modules/axe-core/axe.js";
		$axe = slurp($file, ':encoding(UTF-8)');
	}
	return $chrome;
}

# Ends a test: no error on the console, which is where violations of the content
# security policy appear, no key in a URL, and no request to another host, except for
# requests that match.
sub end_pages
{
	my ($friends) = @_;

	my @faults = $chrome->faults;
	ok(!@faults, 'the console shows no error')
		or diag(map { "$_\n" } @faults);
	ok(!(grep { /_io7_/ } $chrome->requests),
		'no URL contains a key');
	my @strangers = grep { !$friends || !/$friends/ }
		grep { !/^\w+ (?:\Q$site\E\/|data:|blob:)/ } $chrome->requests;
	ok(!@strangers, 'no other host is asked')
		or diag(map { "$_\n" } @strangers);
	keep_picture();
	$chrome->quit;
	finish;
}

sub keep_picture
{
	return if Test::More->builder->is_passing;
	eval { $chrome->screenshot($stack->dir . '/page.png'); 1 } or return;
	diag('what was last seen: ' . $stack->dir . '/page.png');
}

# Also after a test that died.
END {
	my $code = $?;
	if ($chrome && $chrome->is_open) {
		keep_picture();
		$chrome->quit;
	}
	$? = $code;
}

# --- Content ----------------------------------------------------------------

# Waits until the browser is at a path.
sub comes_to
{
	my ($place, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { $chrome->place eq $place } $what
		or diag('it is at ' . $chrome->place);
}

# Waits until the text of an element matches.
sub says
{
	my ($selector, $text, $what) = @_;
	my $said;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { ($said = $chrome->text($selector)) =~ $text } $what
		or diag('it says: ' . ($said // 'nothing'));
}

# The same, and the element is announced by screen readers.
sub announces
{
	my ($selector, $text, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	says($selector, $text, $what);
	ok($chrome->run_script('const one = document.querySelector(arguments[0]);
		return !!(one.closest("[role=alert], [role=status], [aria-live]")
		?? one.querySelector("[role=alert], [role=status]"))', $selector),
		'screen readers announce it');
}

# Waits until a JavaScript expression is true.
sub shown
{
	my ($expression, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return eventually { $chrome->run_script("return $expression") } $what;
}

# --- Login ------------------------------------------------------------------

# Enters a key on the login page.
sub use_key
{
	my ($key) = @_;

	$chrome->type('#key', $key);
	$chrome->click('#key-form button');
}

# Replaces any login by a session of an account.
sub sign_in
{
	my ($account) = @_;

	$chrome->visit('/dashboard/login');
	$chrome->run_script('sessionStorage.clear()');
	$chrome->set_cookie('__Host-io7_session', $account->session);
}

# --- Quality ----------------------------------------------------------------

# Controls that are lower than 44 pixels. Links within a text may be as low as the
# text.
my $low = 'return [...document.querySelectorAll(
	"button, input, select, textarea, summary, nav a, .button")]
	.filter((one) => one.checkVisibility({ opacityProperty: true,
		visibilityProperty: true }))
	.map((one) => one.matches("[type=radio], [type=checkbox]")
		? one.closest("label") ?? one : one)
	.filter((one) => one.getBoundingClientRect().height < 43.5)
	.map((one) => one.outerHTML.slice(0, 200))';

# All rules of axe-core, also those that are off by default; or the given ones.
my $against = 'const more = ["target-size", "label-content-name-mismatch",
	"css-orientation-lock", "table-fake-caption", "td-has-header"];
	return axe.run(arguments.length ? { runOnly: [...arguments] }
	: { rules: Object.fromEntries(more.map((id) =>
	[id, { enabled: true }])) }).then(({ violations, passes }) =>
	(passes.length ? [] : ["it saw nothing"]).concat(
	violations.map(({ id, nodes }) => id + ": " +
		nodes.map((n) => n.html).join(" "))))';

sub is_no_wider
{
	my ($what, $width) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$chrome->look('light', $width);
	cmp_ok($chrome->run_script(
		'return document.documentElement.scrollWidth'),
		'<=', $width, "$what is no wider than $width pixels");
}

# Checks the page in its current state: width, axe-core in light mode, and its colours
# in dark mode, where nothing else differs; and the height of controls.
sub is_accessible
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_no_wider($what, 1440);
	is_no_wider($what, 360);
	is_fine_for_axe("$what, light");
	my $found = $chrome->run_script($low);
	ok(!@$found, "$what: controls are high enough for touch")
		or diag(map { "$_\n" } @$found);
	$chrome->look('dark', 360);
	is_fine_for_axe("$what, dark", 'color-contrast');
	$chrome->look;
}

sub is_fine_for_axe
{
	my ($what, @rules) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	SKIP: {
		skip($no_axe, 1) unless $axe;
		$chrome->run_script($axe)
			if !$chrome->run_script('return !!window.axe');
		my $found = $chrome->run_script($against, @rules);
		ok(!@$found, "axe-core has no finding: $what")
			or diag(map { "$_\n" } @$found);
	}
}

1;
