# Io7::Pages: what the tests of the pages share. One browser, at the site of one
# stack, is meant by all of it.
#
#     my $stack = private_stack;
#     my $chrome = open_pages($stack);
#     $chrome->visit('/dashboard');
#     says('h1', qr/^Overview/, 'the overview');
#     is_accessible('the overview');
#     end_pages;
#
# Without a browser the test is skipped. When it fails, a picture of what was last
# seen lies in the folder of the stack.
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

# A file that uses this module is skipped before it raises a stack.
my $obstacle = Io7::Chrome->obstacle;
plan(skip_all => $obstacle) if $obstacle;

# A browser at the pages of a stack. It must have TLS.
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

# The end of a test: no fault on the console, which is where a breach of the
# policy would stand, no key in an address, and no other host was asked, but for
# those whose address matches.
sub end_pages
{
	my ($friends) = @_;

	my @faults = $chrome->faults;
	ok(!@faults, 'no fault on the console')
		or diag(map { "$_\n" } @faults);
	ok(!(grep { /_io7_/ } $chrome->requests),
		'no key stands in an address');
	my @strangers = grep { !$friends || !/$friends/ }
		grep { !/^\w+ (?:\Q$site\E\/|data:|blob:)/ } $chrome->requests;
	ok(!@strangers, 'no other host was asked')
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

# Also of a test that died.
END {
	my $code = $?;
	if ($chrome && $chrome->is_open) {
		keep_picture();
		$chrome->quit;
	}
	$? = $code;
}

# --- What is seen -----------------------------------------------------------

# The place that the browser comes to.
sub comes_to
{
	my ($place, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { $chrome->place eq $place } $what
		or diag('it is at ' . $chrome->place);
}

# What an element comes to say.
sub says
{
	my ($selector, $text, $what) = @_;
	my $said;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { ($said = $chrome->text($selector)) =~ $text } $what
		or diag('it says: ' . ($said // 'nothing'));
}

# The same, told to whoever listens: it stands in a place that is read out.
sub announces
{
	my ($selector, $text, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	says($selector, $text, $what);
	ok($chrome->run_script('const one = document.querySelector(arguments[0]);
		return !!(one.closest("[role=alert], [role=status], [aria-live]")
		?? one.querySelector("[role=alert], [role=status]"))', $selector),
		'... which is read out');
}

# What an expression in JavaScript comes to be, once that is true.
sub shown
{
	my ($expression, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return eventually { $chrome->run_script("return $expression") } $what;
}

# --- Who is there -----------------------------------------------------------

# On the page of the login.
sub use_key
{
	my ($key) = @_;

	$chrome->type('#key', $key);
	$chrome->click('#key-form button');
}

# A session of an account, instead of whoever was there.
sub sign_in
{
	my ($account) = @_;

	$chrome->visit('/dashboard/login');
	$chrome->run_script('sessionStorage.clear()');
	$chrome->set_cookie('__Host-io7_session', $account->session);
}

# --- For everybody ----------------------------------------------------------

# Buttons, fields and links that are too low for a thumb; links within a text may
# be as low as the text.
my $low = 'return [...document.querySelectorAll(
	"button, input, select, textarea, summary, nav a, .button")]
	.filter((one) => one.checkVisibility({ opacityProperty: true,
		visibilityProperty: true }))
	.map((one) => one.matches("[type=radio], [type=checkbox]")
		? one.closest("label") ?? one : one)
	.filter((one) => one.getBoundingClientRect().height < 43.5)
	.map((one) => one.outerHTML.slice(0, 200))';

# All its rules, and those that it does not ask by itself; or a few alone.
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

# The page as it stands: axe-core has nothing against it where there is least room,
# in the dark against its colours, which alone are others; it is no wider than the
# screen; and a thumb hits what is to be pressed.
sub is_accessible
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_no_wider($what, 1440);
	is_no_wider($what, 360);
	is_fine_for_axe("$what, light");
	my $found = $chrome->run_script($low);
	ok(!@$found, "$what: a thumb hits what it shall")
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
		ok(!@$found, "nothing against $what")
			or diag(map { "$_\n" } @$found);
	}
}

1;
