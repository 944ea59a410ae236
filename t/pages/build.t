#!/usr/bin/perl
# deploy/pages: puts pages into their frames, keeps the dates of unchanged files and
# removes files without a source. deploy/stack shows the result without a restart.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Io7::Test;

my $tree = tempdir('io7-pages-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($sources, $out) = ("$tree/deploy/www", "$tree/out");

make_path("$sources/$_") for qw(frames root shared notes);
copy('deploy/pages', "$tree/deploy/pages") or die "deploy/pages: $!\n";

sub build
{
	return run({ env => { IO7_NAVIGATION => "$tree/navigation" } }, $^X,
		"$tree/deploy/pages", 'build', $out, "$tree/list");
}

sub source
{
	my ($name, $text) = @_;

	spew("$sources/$name", $text);
}

spew("$tree/navigation", "/dashboard/notes\tNotes & more\n/docs\tDocs\n");
source('frames/outer.html', <<'END');
<!-- Every page. -->
<title>@TITLE@</title>
@META@
@ASSETS@
<body@CLASS@>
@BODY@
</body>
END
source('frames/inner.html', <<'END');
<!-- A page of the dashboard.
frame: outer
style: inner.css
class: app
main:  room
-->
@NAVIGATION@
<main class="@MAIN@">
@BODY@
</main>
END
source('notes/page.html', <<'END');
<!-- The notes.
frame:       inner
path:        /dashboard/notes
title:       Notes
description: All "notes"
style:       notes/notes.css
script:      notes/notes.js
main:        wide
-->
<p>@TITLE@ <a href="/dashboard/notes">here</a></p>
END
source('notes/notes.js', "// notes\n");
source('shared/api.js', "// api\n");
source('root/robots.txt', "User-agent: *\n");

# --- Pages ------------------------------------------------------------------

is(build()->{exit}, 0, 'the pages are built');
is(slurp("$out/dashboard/notes.html"), <<'END', 'a page is put into its frames');
<title>Notes · io7</title>
	<meta name="description" content="All &quot;notes&quot;">
	<link rel="stylesheet" href="/assets/inner.css">
	<link rel="stylesheet" href="/assets/notes/notes.css">
	<script src="/assets/notes/notes.js" type="module"></script>
<body class="app">
			<a href="/dashboard/notes" aria-current="page">Notes &amp; more</a>
			<a href="/docs">Docs</a>
<main class="room wide">
<p>@TITLE@ <a href="/dashboard/notes">here</a></p>
</main>
</body>
END
is(slurp("$out/assets/notes/notes.js"), "// notes\n",
	'a file of a page is served below /assets/ROOM/');
is(slurp("$out/assets/api.js"), "// api\n",
	'a shared file is served below /assets/');
is(slurp("$out/robots.txt"), "User-agent: *\n",
	'a file of root/ is served below /');

my $rendered = run({ input => "<p>text</p>\n",
	env => { IO7_NAVIGATION => "$tree/navigation" } }, $^X,
	"$tree/deploy/pages", 'frame', 'outer', 'title=Text', 'path=/docs/text');
like($rendered->{out}, qr{^<title>Text · io7</title>\n<body>\n<p>text</p>\n}m,
	'other content can be put into a frame');

spew("$tree/rooms", "/dashboard/x\tX\n");
run_ok({ env => { IO7_NAVIGATION => "$tree/rooms" } }, $^X,
	"$tree/deploy/pages", 'build', $out, "$tree/list");
like(slurp("$out/dashboard/notes.html"), qr{<a href="/dashboard/x">X</a>},
	'the navigation can come from another file');

# --- Second build -----------------------------------------------------------

build();
spew("$out/openapi.json", '{}');
utime 1, 1, "$out/assets/api.js", "$out/dashboard/notes.html";
source('notes/page.html', slurp("$sources/notes/page.html")
	=~ s/Notes$/Old notes/mr);
unlink "$sources/notes/notes.js" or die "notes.js: $!\n";
build();
is((stat "$out/assets/api.js")[9], 1, 'an unchanged file keeps its date');
isnt((stat "$out/dashboard/notes.html")[9], 1, 'a changed page is written');
ok(!-e "$out/assets/notes/notes.js", 'a file without a source is removed');
ok(-e "$out/openapi.json", 'a file of another tool is kept');

# --- Mistakes ---------------------------------------------------------------

sub refused
{
	my ($text, $message) = @_;

	source('notes/wrong.html', $text);
	my $result = build();
	isnt($result->{exit}, 0, "refused: $message");
	like($result->{err}, $message, 'the message names it');
	unlink "$sources/notes/wrong.html";
}

refused("<p>text</p>\n", qr/wrong\.html: does not open with a comment/);
refused("<!-- x\ntitel: x\n-->\n", qr/wrong\.html: unknown field: titel/);
refused("<!-- x\ntitle: x\n-->\n", qr/wrong\.html: names no path/);
refused("<!-- x\npath: /dashboard/notes\n-->\n",
	qr{wrong\.html: /dashboard/notes\.html has another source});
refused("<!-- x\npath: /x\nframe: none\n-->\n", qr/frames\/none\.html: /);
spew("$tree/navigation", "/dashboard/notes Notes\n");
like(build()->{err}, qr/navigation: not PATH <tab> LABEL/,
	'refused: a navigation without a tab');

# --- A running stack --------------------------------------------------------

my $stack = private_stack();
my $before = $stack->http->get('/robots.txt');
is($before->{body}, slurp('deploy/www/root/robots.txt'),
	'a stack serves the pages');
run_ok('deploy/stack', 'pages', '--dir', $stack->dir, '--www', $out);
is($stack->http->get('/robots.txt')->{body}, "User-agent: *\n",
	'deploy/stack pages replaces them without a restart');
is(scalar(grep { -d } glob $stack->dir . '/www-*'), 1,
	'only one set of pages is kept');
is(run('deploy/stack', 'pages', '--dir', "$tree/none")->{exit}, 0,
	'without a stack there is nothing to do');

finish;
