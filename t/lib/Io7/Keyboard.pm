# Io7::Keyboard: uses the pages with the keyboard only.
#
#     use_keyboard($chrome);
#     walks('/dashboard');
#     tab_to('#key');
#     enter('text');
package Io7::Keyboard;

use strict;
use warnings;

use Exporter 'import';
use Io7::PageQuality;
use Io7::Test;

use constant {
	TAB => "\x{e004}",
	ENTER => "\x{e007}",
	SHIFT => "\x{e008}",
	ESCAPE => "\x{e00c}",
	SPACE => ' ',
	LEFT => "\x{e012}",
	RIGHT => "\x{e014}",
	DOWN => "\x{e015}",
	FARTHEST => 400,
};

our @EXPORT = qw(use_keyboard walks walks_both_ways tab_to back_to is_at enter
	TAB ENTER SHIFT ESCAPE SPACE LEFT RIGHT DOWN);

my $chrome;

sub use_keyboard
{
	($chrome) = @_;
}

# --- Walks ------------------------------------------------------------------

# Walks through the page, or an open dialog, with Tab: the order of the stops, a
# visible focus, and nothing that needs a mouse.
sub walks
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	walk($what, 0, TAB);
	has_none("$what: nothing needs a mouse", @{quality('mouse_only')});
}

# Walks forwards and backwards.
sub walks_both_ways
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	walks($what);
	walk("$what, backwards", 1, [SHIFT, TAB]);
}

# Chromium also stops at boxes that scroll.
sub walk
{
	my ($what, $back, $key) = @_;
	my $amiss;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $steps = quality('begin_walk', $back);
	$chrome->strike(($key) x $steps) if $steps;
	for (1 .. FARTHEST) {
		$amiss = quality('walked', $back);
		last unless grep { /^Tab never reaches/ } @$amiss;
		$chrome->strike($key);
	}
	has_none("$what: Tab reaches all stops in $steps steps", @$amiss);
}

# --- Moves ------------------------------------------------------------------

sub is_at
{
	my ($selector) = @_;

	return $chrome->run_script('return !!document.activeElement?.matches(
		arguments[0])', $selector);
}

# Presses Tab until an element has the focus.
sub tab_to
{
	my ($selector, @with) = @_;

	eventually { $chrome->run_script(
		'return !!document.querySelector(arguments[0])', $selector) }
		"there is $selector";
	for (0 .. FARTHEST) {
		return pass("Tab reaches $selector") if is_at($selector);
		$chrome->strike([@with, TAB]);
	}
	fail("Tab reaches $selector");
}

sub back_to
{
	tab_to($_[0], SHIFT);
}

# Types a text, one character at a time.
sub enter
{
	my ($text) = @_;

	$chrome->strike(split //, $text);
}

1;
