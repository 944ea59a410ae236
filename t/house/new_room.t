#!/usr/bin/perl
# A new room needs its folders and one line in a list, and a change in a room rebuilds
# only that room. The test works in a copy of the tree.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Io7::Install;
use Io7::Test;

my $build = build_folder() =~ s{^\Q@{[top()]}\E/}{}r;
plan(skip_all => 'needs the plain build of this tree')
	if is_sanitized() || $build =~ m{^/} || !-e "$build/flags";

my $tree = tempdir('io7-room-XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
chmod 0755, $tree or die "$tree: $!\n";

# Copy the sources and the objects with their dates.
sub copy_tree
{
	my @sources = grep { -e } split /\0/,
		run_ok(qw(git ls-files -z --cached --others --exclude-standard));

	make_path("$tree/$build");
	run_ok(qw(cp -a --parents), @sources, $tree);
	run_ok('cp', '-a', (map { "$build/$_" } qw(deps fcgi flags gen lib)),
		"$tree/$build");
}

# Runs make in the copy and returns the names of the compiled files. The compiler command
# must be that of the copied objects, or make would rebuild all of them.
sub make
{
	my ($compiler, @goals) = @_;
	my $compile = slurp("$build/flags") =~ s/\n//r;
	my @environment = ('-u', 'MAKEFLAGS', '-u', 'MAKELEVEL',
		$compiler ? "PATH=$compiler:$ENV{PATH}" : ());

	my $made = run({ timeout => 300 }, 'env', @environment, 'make',
		'-C', $tree, "BUILD=$build", "COMPILE=$compile",
		map { "$build/$_" } @goals);
	die "make @goals:\n$made->{err}" if $made->{exit} != 0
		|| $made->{err} =~ /warning:/;
	return sort $made->{out} =~ /^compile +(?:\Q$build\E\/)?(\S+)$/mg;
}

sub add
{
	my ($file, $text) = @_;

	make_path(dirname("$tree/$file"));
	spew("$tree/$file", $text);
}

# --- A room with everything -------------------------------------------------

copy_tree();
add('fcgi/rooms.list', slurp("$tree/fcgi/rooms.list") . "ROOM(notes)\n");
add('fcgi/notes/room.c', <<'END');
/*
 * A room that a test adds.
 */
#include "fcgi/room.h"

#include "fcgi/db/door.h"
#include "fcgi/http/resp.h"
#include "fcgi/options.h"
#include "lib/os/log.h"
#include "stmts/notes.h"

struct notes_options {
	uint64_t workers, size;
};

static const struct conf_option options[] = {
	{ "IO7_NOTES_WORKERS", CONF_NUMBER, "1", "Processes for notes.",
	    .offset = offsetof(struct notes_options, workers), .min = 1 },
	{ "IO7_NOTES_SIZE", CONF_BYTES, "1K", "Maximum size of a note.",
	    .offset = offsetof(struct notes_options, size) },
};

static const struct conf_slice notes_options =
    CONF_SLICE(options, struct notes_options);

static const struct pool pools[] = {
	{ .name = "notes", .about = "notes", .role = "io7_app",
	    .socket = "notes.sock", .options = &notes_options,
	    .workers = offsetof(struct notes_options, workers) },
};

static bool is_open;

static void
open_notes(const struct conf *conf)
{
	(void)conf;
	is_open = true;
}

static void
close_notes(void)
{
	is_open = false;
}

static const char *
lost_notes(void)
{
	return NULL;
}

static int
watch_notes(void)
{
	return -1;
}

static const struct room_process process = { open_notes, close_notes,
	lost_notes, watch_notes };

static enum err
get_note(struct req *r)
{
	struct notes_count_row *row;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = notes_count(tx, &row);

	if (e != OK)
		return db_result(r, tx, e);
	buf_printf(resp_body(r, 200),
	    "{\"pool\":\"%s\",\"size\":%llu,\"plans\":%lld,\"open\":%d}\n",
	    r->service->pool->name,
	    (unsigned long long)ROOM_OPTIONS(notes, r->service->conf)->size,
	    (long long)row->n, is_open);
	return OK;
}

static void
log_notes(const struct service *service, struct arena *mem)
{
	(void)service;
	(void)mem;
	log_event(LOG_INFO, "notes", "the chore of a test");
}

static const struct route routes[] = {
	{ GET, "/api/notes/:note_id", NEED_NOTHING, 0, 0, get_note,
	    .about = "returns a note", .pool = &pools[0] },
	{ GET, "/api/notes/all", NEED_NOTHING, 0, 0, get_note,
	    .about = "returns all notes" },
};

static const struct chore chores[] = {
	{ "notes-log", .about = "logs a line", .every_ns = NS_PER_S,
	    .run = log_notes },
};

static const struct room_page pages[] = {
	{ "/dashboard/notes", "Notes" },
};

const struct room notes_room = {
	.name = "notes",
	.options = &notes_options,
	.process = &process,
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
	.pools = { ROWS(pools) },
	.pages = { ROWS(pages) },
};
END
add('fcgi/notes/contract.json', <<'END');
{
  "order": 90,
  "tags": [ { "name": "notes", "description": "Notes." } ],
  "paths": {
    "/api/notes/{note_id}": {
      "get": {
        "operationId": "getNote",
        "tags": ["notes"],
        "summary": "Return a note",
        "responses": { "200": { "description": "The note." } }
      }
    },
    "/api/notes/all": {
      "get": {
        "operationId": "getNotes",
        "tags": ["notes"],
        "summary": "Return all notes",
        "responses": { "200": { "description": "The notes." } }
      }
    }
  },
  "components": { "parameters": { "note_id": { "name": "note_id",
    "in": "path", "required": true, "description": "The id of a note.",
    "schema": { "type": "string" } } } }
}
END
add('fcgi/notes/contract.md', "# getNote\n\nA note.\n\n# getNotes\n\nNotes.\n");
add('sql/q/notes/notes_count.sql', <<'END');
-- notes_count: counts the plans
-- out:   n int8
-- shape: one
-- db:    live
SELECT count(*)::int8 AS n FROM io7.plans
END
add('deploy/www/notes/page.html', <<'END');
<!-- The notes.
frame:  dashboard
path:   /dashboard/notes
title:  Notes
-->
		<h1>Notes</h1>
END

is_deeply([make(undef, qw(io7 www/openapi.json pages.list))],
	[qw(fcgi/notes/room.c fcgi/rooms.c gen/stmts/all.c gen/stmts/notes.c)],
	'only the room and the lists are compiled');

my $program = "$tree/$build/io7";

sub printed
{
	return run_ok('env', '-i', $program, @_);
}

like(printed('options'), qr/^IO7_NOTES_SIZE +1K +Maximum size of a note\.$/m,
	'io7 options prints its options');
like(printed('routes'), qr{^GET +/api/notes/:note_id +- +0 +returns a note$}m,
	'... io7 routes prints its routes');
like(printed('chores'), qr/^notes-log +1s +logs a line$/m,
	'... io7 chores prints its chores');
like(printed('pools'), qr/^notes +1 +worker +notes\.sock +io7_app +notes$/m,
	'... io7 pools prints its pools');
like(printed('statements'), qr/^notes_count\b/m,
	'... io7 statements prints its statements');
like(printed('pages'), qr{^/dashboard/notes\tNotes$}m,
	'... io7 pages prints its pages');
like(slurp("$tree/$build/www/openapi.json"), qr{"/api/notes/\{note_id\}"},
	'the contract has its calls');
like(slurp("$tree/$build/www/openapi.json"),
	qr/"PoolName": \{[^}]*"database",\s*"keepers",\s*"notes",/, '... and its pool');
like(slurp("$tree/$build/www/dashboard/notes.html"),
	qr{<a href="/dashboard/notes" aria-current="page">Notes</a>},
	'the navigation contains its page');

my $nginx = printed(qw(nginx http));
like($nginx, qr{"~\^\(\?:GET\|HEAD\) /api/notes/\[\^/\?\]\+\(\?:\\\?\|\$\)" notes;},
	'nginx maps its route to its pool');
ok(index($nginx, ' /api/notes/all') < index($nginx, ' /api/notes/[')
	&& $nginx =~ m{ /api/notes/all\S+ \$io7_pool_of_key;},
	'... after the more specific route without a pool');
like($nginx, qr/notes\.sock max_conns=1025;$/m,
	'... and limits the connections to the pool');

run_ok("$tree/deploy/install", "$build/io7", "$build/www",
	"DESTDIR=$tree/root");
like(slurp("$tree/root/lib/systemd/system/io7.socket"),
	qr{^ListenStream=/run/io7/notes\.sock$}m, 'systemd listens on its socket');
is(() = slurp("$tree/root/lib/systemd/system/io7.socket")
	=~ /^ListenStream=/mg, 6, '... and on that of each other pool');

# --- Requests ---------------------------------------------------------------

my $stack = private_stack(io7 => $program, www => "$tree/$build/www",
	set => { IO7_NOTES_SIZE => '2K' });
my $url = 'http://localhost:' . $stack->port;
like(run_ok('curl', '-sf', "$url/api/notes/1"),
	qr/^\{"pool":"notes","size":2048,"plans":\d+,"open":1\}$/,
	'its pool answers with its options and its statement');
like(run_ok('curl', '-sf', "$url/api/notes/all"),
	qr/^\{"pool":"live",.*"open":1\}$/,
		'... and another pool answers its other route');
like(run_ok('curl', '-sf', "$url/dashboard/notes"), qr{<h1>Notes</h1>},
	'its page is served');
eventually { $stack->events('notes') } 'its chore runs';

# --- What a change rebuilds -------------------------------------------------

# A compiler that writes empty objects: only the list of files is of interest.
add('fast/gcc', <<'END');
#!/bin/sh
# gcc: writes an empty object.
for word; do
	[ "$last" = -o ] && : >"$word"
	last=$word
done
END
chmod 0755, "$tree/fast/gcc" or die "gcc: $!\n";

sub rebuilt
{
	my ($file, $change) = @_;
	my $text = slurp("$tree/$file");

	spew("$tree/$file", $change ? $change->($text) : $text);
	return make("$tree/fast", qw(fcgi/main.o fcgi/rooms.a));
}

rebuilt('fcgi/rooms.list');
is_deeply([rebuilt('fcgi/rooms.list')], ['fcgi/rooms.c'],
	'a change of the list of rooms rebuilds the list');
is_deeply([rebuilt('fcgi/kv/room.c')], ['fcgi/kv/room.c'],
	'a change of a route, chore or page rebuilds the file of its table');
is_deeply([rebuilt('fcgi/transform/options.c')], ['fcgi/transform/options.c'],
	'a change of an option rebuilds the file of the options');
my @files = rebuilt('fcgi/transform/options.h');
ok(@files > 1, 'a change of the options struct rebuilds the files that use it');
is_deeply([grep { !m{^fcgi/transform/} } @files], [], '... all of that room');
is_deeply([rebuilt('sql/q/notes/notes_count.sql',
	sub { $_[0] =~ s/counts the plans/counts plans/r })],
	[qw(fcgi/notes/room.c gen/stmts/notes.c)],
	'a change of a statement description rebuilds the files of the room');

finish;
