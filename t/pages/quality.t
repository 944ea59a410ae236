#!/usr/bin/perl
# Every page at 360 and 1440 pixels, light and dark, without and with data: no finding
# of axe-core, large touch targets, names for screen readers, room for large text,
# forced colours and reduced motion; small, few requests and no layout shift.

use strict;
use warnings;

use Io7::Account;
use Io7::GitHub;
use Io7::Pages;
use Io7::PageQuality;
use Io7::Test;

my $github = Io7::GitHub->new;
my $stack = private_stack(set => $github->options);
my $chrome = open_pages($stack);
my ($empty, $full) = map { new_account($stack, plan => 'pro') } 1 .. 2;
my @pages = pages();

watch_pages($chrome);
fill_store($stack->http, $full);

# --- Pages and navigation ---------------------------------------------------

my %is_page = map { $_->{path} => 1 } @pages;
my %is_room = map { $_ => 1 } rooms();
is_deeply([grep { !$is_page{$_} } keys %is_room], [],
	'each entry of the navigation has a page');
is_deeply([grep { !$is_room{$_} } map { $_->{path} }
	grep { $_->{private} } @pages], [],
		'each page of the dashboard is in the navigation');

# --- Each page --------------------------------------------------------------

my %titles;

# Opens a page and checks its size, its requests, layout shift and quality.
sub see
{
	my ($path, $what, $good) = @_;

	$chrome->look('light', 360);
	$chrome->devtools('Network.clearBrowserCache');
	open_page($path);
	my $weight = quality('weight');
	cmp_ok($weight->{bytes}, '<', 100_000,
		"$what is small: $weight->{bytes} bytes");
	cmp_ok(@{$weight->{calls}}, '<=', 3, "$what needs few API requests")
		or diag(join "\n", @{$weight->{calls}});
	cmp_ok(quality('shift'), '<', 0.1, "$what has no layout shift");
	$good->($what);
}

sign_out();
for my $page (@pages) {
	my $path = $page->{path};
	if ($page->{private}) {
		open_page($path);
		like($chrome->place, qr{^/dashboard/login\?return=},
			"$path leads to the login page");
		next;
	}
	see($path, $path, \&is_good);
	push @{$titles{$chrome->run_script('return document.title')}}, $path;
}

for my $who ([$empty, 'without data', \&is_good_empty],
	[$full, 'with data', \&is_good]) {
	my ($account, $state, $good) = @$who;
	sign_in($account);
	for my $path (map { $_->{path} } grep { $_->{private} } @pages) {
		see($path, "$path $state", $good);
		is($chrome->place, $path, "$path stays open");
		push @{$titles{$chrome->run_script('return document.title')}},
			$path if $account == $empty;
	}
}
# --- Pages of a worker ------------------------------------------------------

# Visiting a URL directly does not work here: the way leads through GitHub.
sub see_on_the_way
{
	my ($title, $what) = @_;

	$chrome->look('light', 360);
	open_page('/auth/github?return=/dashboard');
	says('h1', $title, $what);
	is_good($what);
	push @{$titles{$chrome->run_script('return document.title')}}, $what;
}

sign_out();
$github->person(id => 9, login => 'ada');
see_on_the_way(qr/^Your keys/, 'the page with the first two keys');
sign_out();
$github->behave(consent => 'denied');
see_on_the_way(qr/\S/, 'the page of a failed sign-in');

is_deeply([grep { @$_ > 1 } values %titles], [], 'each page has its own title');

# --- Caching ----------------------------------------------------------------

# A browser revalidates its copy and gets 304.
for my $file (files_of_pages()) {
	my $had = $stack->http->get($file);
	my %said = %{$had->{headers}};
	my $again = $stack->http->get($file,
		headers => ['If-None-Match' => $said{etag}]);
	is("$had->{status} $said{'cache-control'} $again->{status}",
		'200 no-cache 304', "$file is cached and revalidated");
}

end_pages(qr{^GET \Q@{[$github->url]}\E/login/});
