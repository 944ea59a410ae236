# Io7::PageQuality: the quality that every page must have, at every width, light and
# dark. It checks all pages that were built, so that none is forgotten. The checks in
# the browser are in t/data/page-quality.js.
#
#     my $chrome = open_pages($stack);
#     watch_pages($chrome);
#     for my $page (pages()) {
#         open_page($page);
#         is_good($page->{path});
#     }
package Io7::PageQuality;

use strict;
use warnings;

use Exporter 'import';
use File::Find ();
use Io7::Database;
use Io7::Pages;
use Io7::Test;
use Io7::Json;

our @EXPORT = qw(pages rooms files_of_pages watch_pages open_page settle quality is_good
	is_good_empty has_none fill_store sign_out);

use constant { LIGHTS => [qw(light dark)], WIDTHS => [360, 1440] };

my $chrome;

# --- Pages ------------------------------------------------------------------

# The path of a page. The page for 404 is seen at any path that does not exist.
sub path_of
{
	my ($file) = @_;

	my $path = substr($file, length www()) =~ s{(/index)?\.html$}{}r || '/';
	return $path eq '/404' ? '/docs/nowhere' : $path;
}

# All pages with their paths, and whether they need a login.
sub pages
{
	my @files;

	File::Find::find({ no_chdir => 1, wanted => sub {
		push @files, $_ if /\.html$/;
	} }, www());
	return map { { path => $_, private =>
		!!m{^/dashboard(?!/login)} } }
		sort map { path_of($_) } @files;
}

# The paths of all files.
sub files_of_pages
{
	my @files;

	File::Find::find({ no_chdir => 1, wanted => sub {
		push @files, substr($_, length www())
			if -f && !/\.html$/;
	} }, www());
	return '/', sort @files;
}

# The paths in the navigation of the dashboard, in their order.
sub rooms
{
	my ($links) = slurp(www() . '/dashboard/index.html')
		=~ m{<nav aria-label="Dashboard">(.*?)</nav>}s;

	return $links =~ /href="([^"]+)"/g;
}

# --- Opening ----------------------------------------------------------------

# Adds the checks to each page that this browser opens.
sub watch_pages
{
	($chrome) = @_;

	$chrome->devtools('Page.enable');
	$chrome->devtools('Page.addScriptToEvaluateOnNewDocument',
		source => slurp('t/data/page-quality.js',
			':encoding(UTF-8)'));
}

# Opens a page and waits until nothing changes.
sub open_page
{
	my ($path) = @_;

	$chrome->visit($path);
	settle();
}

sub settle
{
	$chrome->run_script('return quality.settled()');
}

sub sign_out
{
	$chrome->visit('/docs/nowhere');
	$chrome->run_script('sessionStorage.clear()');
	$chrome->devtools('Network.clearBrowserCookies');
}

# Calls a function of page-quality.js: page, weight, shift, ...
sub quality
{
	my ($question, @with) = @_;

	return $chrome->run_script("return quality.$question(...arguments)",
		@with);
}

# --- Quality ----------------------------------------------------------------

# Passes if there are no findings, and shows them otherwise.
sub has_none
{
	my ($what, @amiss) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(!@amiss, $what) || diag(map { "$_\n" } grep { defined } @amiss[0 .. 11]);
}

# Checks the page in its current state. In dark mode only the colours differ; and those
# are the same without data.
sub is_good
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_well_made($what, @{+LIGHTS});
	is_good_otherwise($what);
	has_none("$what: all elements have names for screen readers", unnamed());
	$chrome->look;
}

sub is_good_empty
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_well_made($what, 'light');
	has_none("$what: all elements have names for screen readers", unnamed());
	$chrome->look;
}

sub is_well_made
{
	my ($what, @lights) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	for my $width (@{+WIDTHS}) {
		for my $light (@lights) {
			$chrome->look($light, $width);
			is_fine_for_axe("$what, $light, $width pixels",
				$light eq 'dark' ? 'color-contrast' : ());
		}
		has_none("$what has no finding at $width pixels",
			@{quality('page')});
	}
}

# Larger text, reduced motion and forced colours.
sub is_good_otherwise
{
	my ($what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$chrome->look('light', 360);
	$chrome->run_script(
		'document.documentElement.style.fontSize = "200%"');
	has_none("$what has room for text of double size",
		@{quality('sideways')});
	$chrome->run_script('document.documentElement.style.fontSize = ""');
	prefers('prefers-reduced-motion', 'reduce');
	has_none("$what respects reduced motion", @{quality('motion')});
	prefers('forced-colors', 'active');
	has_none("$what works with forced colours",
		@{quality('few_colours')});
}

sub prefers
{
	my ($what, $how) = @_;

	$chrome->devtools('Emulation.setEmulatedMedia',
		features => [{ name => $what, value => $how }]);
}

# --- Screen readers ---------------------------------------------------------

my %interactive = map { $_ => 1 } qw(button checkbox combobox dialog
	DisclosureTriangle link listbox menuitem navigation option progressbar
	radio region searchbox slider spinbutton switch tab table textbox);

# Elements that a screen reader cannot name.
sub unnamed
{
	my @nodes = grep { !$_->{ignored} }
		@{$chrome->devtools('Accessibility.getFullAXTree')->{nodes}};
	my %is_there = map { ($_->{role}{value} // '') => 1 } @nodes;
	my @amiss = map { "a $_->{role}{value} has no name: "
			. encode_json($_->{properties} // []) }
		grep { $interactive{$_->{role}{value} // ''} &&
			($_->{name}{value} // '') !~ /\S/ }
		grep { ($_->{role}{value} // '') ne 'table' } @nodes;

	push @amiss, 'a progress bar has no value' if grep {
		($_->{role}{value} // '') eq 'progressbar'
			&& !defined $_->{value}{value}
			&& !is_endless($_) } @nodes;
	push @amiss, 'a table has no headers'
		if $is_there{table} && !$is_there{columnheader};
	push @amiss, 'the page has no heading' unless $is_there{heading};
	return @amiss;
}

# A progress bar without a known end has no value.
sub is_endless
{
	my ($node) = @_;

	return !grep { $_->{name} eq 'valuemax' } @{$node->{properties} // []};
}

# --- Data -------------------------------------------------------------------

my @labels = ('laptop', 'A label that goes on and on, ' x 3, 'x' x 60,
	"\x{5de}\x{5e4}\x{5ea}\x{5d7} \x{5e9}\x{5dc}\x{5d9}",
	"\x{1f511}\x{1f680} emoji", '<b>no markup</b> & "quotes"');
my %values = (
	'user:1' => '{"name": "Ada", "visits": 12345678901234567890}',
	'k' x 256 => '"a key without a break"',
	"\x{645}\x{641}\x{62a}\x{627}\x{62d}" => '{"from": "right to left"}',
	"\x{1f680}/a b%?" => '["emoji", "\ud83d\ude80"]',
	'long' => '"' . 'v' x 5_000 . '"',
	'deep' => '[' x 40 . ']' x 40,
	'<i>markup</i>' => 'null',
);

# A table whose name and values are unusual.
my @statements = ('CREATE TABLE "a ""table"" <b>" (id INTEGER PRIMARY KEY, '
	. '"a column that has a very long name and more of it" TEXT, b)',
	'INSERT INTO "a ""table"" <b>" VALUES (9223372036854775807, NULL, x\'00ff\'),'
	. " (2, '<i>markup</i>', zeroblob(100)), (3, replace(hex(zeroblob(500)), '0',"
	. " 'v'), 1.0), (4, '\x{645}\x{641}\x{62a}\x{627}\x{62d} \x{1f680}', -1e300)");

# Jobs whose names and commands are unusual.
my @jobs = (
	{ name => 'A job with a name that goes on and on, ' x 2, schedule => '@hourly',
		command => 'http GET https://example.com/' . 'path/' x 60 },
	{ name => "<b>no markup</b> \x{645}\x{641}\x{62a}\x{627}\x{62d} \x{1f680}",
		schedule => '0 4 1 1 *', command => 'heartbeat', enabled => false },
	{ name => 'n' x 100, schedule => '1-59/2 1,3,5,7 * * mon-fri',
		timezone => 'America/Argentina/Buenos_Aires',
		command => "sql SELECT\n\t'<i>markup</i>'" },
);

# Keys with unusual labels, values with unusual keys, a table and jobs, in both modes.
sub fill_store
{
	my ($http, $account) = @_;

	for my $mode (qw(test live)) {
		my $auth = $account->auth($mode);
		for my $label (@labels) {
			$http->post('/api/keys', headers => $auth, body =>
				encode_json({ mode => $mode,
					label => substr $label, 0, 64 }));
		}
		$http->put('/kv/' . escaped($_), headers => $auth,
			body => $values{$_}) for keys %values;
		$http->get('/kv/nowhere', headers => $auth);
		database_of($account, $mode)->execute($_) for @statements;
		$http->post('/api/cron/jobs', headers => $auth,
			body => encode_json($_)) for @jobs;
	}
}

sub escaped
{
	my ($key) = @_;

	utf8::encode($key);
	return $key =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
}

1;
