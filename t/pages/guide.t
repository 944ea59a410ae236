#!/usr/bin/perl
# The guide: each page of deploy/doc is served, has a title and headings, and
# leads to the others by links that work. quality.t looks at them in a browser.

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

# Whether a link of a page leads somewhere.
sub leads
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
	is("@titles", $heading, '... with its heading');
	like($answer->{body}, qr{<title>\Q$heading\E · io7</title>},
		'... which is its title');
	is_deeply([grep { !leads($path, $_) } @links], [],
		'... and links that work');
	is_deeply([grep { my $other = $_; !grep { $_ eq $other } @links }
		sort keys %pages], [], '... to each page of the guide');
	my @ids = $answer->{body} =~ / id="([^"]*)"/g;
	my %count;
	$count{$_}++ for @ids;
	is_deeply([grep { $count{$_} > 1 } sort keys %count], [],
		'... and no id twice');
}
ok(leads('/docs', '/docs/guide'), 'the reference is beside it');
like($http->get('/docs')->{body}, qr{<a href="/docs/guide">},
	'... and leads to it');

# --- Mistakes ---------------------------------------------------------------

# A page that is wrong ends the build.
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
	like($result->{err}, $message, '... and says why');
}

refused("text\n", qr/guide\.md: no heading/);
refused("# A\n\n<b>bold</b>\n", qr/guide\.md: raw HTML/);
refused("# A\n\n[b](#b)\n", qr/guide\.md: no such place: #b/);
refused("# A\n\n[b](../../README.md)\n", qr/guide\.md: not a page: /);
refused("# A\n\n## B\n\n## B\n", qr/guide\.md: two headings "B"/);

finish;
