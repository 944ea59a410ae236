# Io7::Keyboard: the pages by keys alone, as by somebody who has no mouse.
#
#     use_keyboard($chrome);
#     walks('/dashboard');
#     tab_to('#key');
#     strike($key, ENTER);
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

# Through the page, or the dialog over it: each place in its order, seen where one
# is, and nothing that only a mouse can press.
sub walks
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	walk($what, 0, TAB);
	has_none("$what needs no mouse", @{quality('mouse_only')});
}

# And back again, where a script has its say in what comes next.
sub walks_both_ways
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	walks($what);
	walk("$what, backwards", 1, [SHIFT, TAB]);
}

# What scrolls may be a place more.
sub walk
{
	my ($what, $back, $key) = @_;
	my $amiss;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $steps = quality('begin_walk', $back);
	$chrome->strike(($key) x $steps) if $steps;
	for (1 .. FARTHEST) {
		$amiss = quality('walked', $back);
		last unless grep { /^Tab never comes/ } @$amiss;
		$chrome->strike($key);
	}
	has_none("$what is walked through in $steps steps", @$amiss);
}

# --- Ways -------------------------------------------------------------------

sub is_at
{
	my ($selector) = @_;

	return $chrome->run_script('return !!document.activeElement?.matches(
		arguments[0])', $selector);
}

# By Tab to what a selector finds.
sub tab_to
{
	my ($selector, @with) = @_;

	eventually { $chrome->run_script(
		'return !!document.querySelector(arguments[0])', $selector) }
		"there is $selector";
	for (0 .. FARTHEST) {
		return pass("Tab comes to $selector") if is_at($selector);
		$chrome->strike([@with, TAB]);
	}
	fail("Tab comes to $selector");
}

sub back_to
{
	tab_to($_[0], SHIFT);
}

# Keys, a letter at a time.
sub enter
{
	my ($text) = @_;

	$chrome->strike(split //, $text);
}

1;
