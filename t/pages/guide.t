#!/usr/bin/perl
# The guide: each page of deploy/doc is served, has a title and headings, and its links
# work. quality.t checks the pages in a browser.

use strict;
use warnings;

use File::Temp ();
use Io7::Test;

my $http = stack()->http;

sub path_of
{
	my ($name) = @_;

	return $name eq 'guide' ? '/docs/guide' : "/docs/guide/$name";
}

my %pages = map { path_of($_) => $_ }
	map { m{([^/]+)\.md$} } glob 'deploy/doc/*.md';
my %html = map { $_ => $http->get($_)->{body} } keys %pages;

# Whether the target of a link exists.
sub has_target
{
	my ($from, $link) = @_;
	my ($path, $id) = $link =~ /^([^#]*)(?:#(.*))?$/;

	$path = $from if $path eq '';
	$html{$path} //= do {
		my $answer = $http->get($path);
		$answer->{status} == 200 ? $answer->{body} : '';
	};
	return $html{$path} ne ''
		&& (!defined $id || $html{$path} =~ / id="\Q$id\E"/);
}

for my $path (sort keys %pages) {
	my $answer = $http->get($path);
	my ($heading) = slurp("deploy/doc/$pages{$path}.md") =~ /\A# (.+)$/m;
	my @titles = $answer->{body} =~ m{<h1>(.*?)</h1>}g;
	my @links = grep { !m{^https?://} } $answer->{body} =~ /<a [^>]*?href="([^"]*)"/g;

	is($answer->{status}, 200, "$path is served");
	is("@titles", $heading, "$path has one heading of level 1");
	like($answer->{body}, qr{<title>\Q$heading\E · io7</title>},
		'its title is that heading');
	is_deeply([grep { !has_target($path, $_) } @links], [],
		'its links work');
	is_deeply([grep { my $other = $_; !grep { $_ eq $other } @links }
		sort keys %pages], [], 'it links to each page of the guide');
	my @images = $answer->{body} =~ /<img src="([^"]*)"/g;
	is_deeply([grep { $http->get($_)->{headers}{'content-type'}
		ne 'image/svg+xml; charset=utf-8' } @images], [],
		'its images are served');
	my @ids = $answer->{body} =~ / id="([^"]*)"/g;
	my %count;
	$count{$_}++ for @ids;
	is_deeply([grep { $count{$_} > 1 } sort keys %count], [],
		'its ids are unique');
}
ok(has_target('/docs', '/docs/guide'), 'the API reference is served, too');
like($http->get('/docs')->{body}, qr{<a href="/docs/guide">},
	'the API reference links to the guide');

# --- Mistakes ---------------------------------------------------------------

# A page with a mistake makes the build fail.
sub refused
{
	my ($text, $message) = @_;
	my $folder = File::Temp->newdir;

	mkdir "$folder/doc" or die "$folder: $!\n";
	symlink top() . "/deploy/$_", "$folder/$_" for qw(pages www);
	spew("$folder/doc/render", slurp('deploy/doc/render'));
	spew("$folder/doc/guide.md", $text);
	my $result = run($^X, "$folder/doc/render", "$folder/out");
	isnt($result->{exit}, 0, "refused: $message");
	like($result->{err}, $message, 'the message names the mistake');
}

refused("text\n", qr/guide\.md: no heading/);
refused("# A\n\n<b>bold</b>\n", qr/guide\.md: raw HTML/);
refused("# A\n\n[b](#b)\n", qr/guide\.md: no such place: #b/);
refused("# A\n\n[b](../../README.md)\n", qr/guide\.md: not a page: /);
refused("# A\n\n![b](c.svg)\n", qr/guide\.md: no such image: c\.svg/);
refused("# A\n\n## B\n\n## B\n", qr/guide\.md: two headings "B"/);

finish;
