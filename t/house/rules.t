#!/usr/bin/perl
# The rules of t/rules: each accepts a small correct tree, and reports the violation in
# an incorrect one.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $rules = dirname(abs_path(__FILE__)) . '/../rules';

# Do not inherit the flags of the make that runs this test.
delete $ENV{COMPILE};

sub header
{
	my ($name, $guard, $body) = @_;

	return <<"END";
/*
 * $name: what it is.
 *
 * Owns:   one function.
 * Not:    anything else.
 * Limit:  one call at a time.
 */
#ifndef $guard
#define $guard

$body

#endif
END
}

sub function
{
	my ($length) = @_;

	return "/* One function. */\nint\nf(void)\n{\n"
		. "\tg();\n" x $length . "}\n";
}

sub including
{
	return "/* Includes. */\n" . join '', map { "#include $_\n" } @_;
}

# Runs a rule in a tree of these files and returns its exit code and its output.
sub run_rule
{
	my ($rule, %files) = @_;
	my $tree = tempdir(CLEANUP => 1);

	for my $file (keys %files) {
		make_path(dirname("$tree/$file"));
		open my $out, '>', "$tree/$file" or die "$file: $!\n";
		print $out $files{$file};
		close $out or die "$file: $!\n";
	}
	my $said = qx(cd '$tree' && '$rules/$rule' 2>&1);
	return ($? >> 8, $said);
}

sub accepts
{
	my ($rule, $what, %files) = @_;
	my ($code, $said) = run_rule($rule, %files);

	is($code, 0, "$rule accepts $what") or diag($said);
	return $said;
}

sub refuses
{
	my ($rule, $what, $sentence, %files) = @_;
	my ($code, $said) = run_rule($rule, %files);

	is($code, 1, "$rule refuses $what") or diag($said);
	like($said, $sentence, '... and reports it');
}

# layers

accepts(layers => 'what the house allows',
	'lib/base/str.c' => including('"lib/base/arena.h"', '<stdio.h>'),
	'lib/pg/pg.c' => including('"lib/base/str.h"', '<libpq-fe.h>'),
	'lib/pg/pg_value.c' => including('"lib/pg/pg_impl.h"'),
	'lib/pg/pg_impl.h' => including('<libpq-fe.h>'),
	'lib/json/json.c' => including('<cjson/cJSON.h>'),
	'fcgi/gate/gate.c' => including('"fcgi/identity/key.h"'),
	'fcgi/db/door.c' => including('"lib/pg/pg.h"', '"stmts/db.h"'),
	'fcgi/identity/key.c' => including('"fcgi/db/door.h"'),
	'fcgi/meter/rate.c' => including('"lib/cache/cache.h"',
		'"fcgi/identity/scope.h"'),
	'fcgi/kv/kv.c' => including('"fcgi/kv/kv.h"', '"fcgi/options.h"',
		'"fcgi/db/door.h"', '"fcgi/http/resp.h"', '"version.h"'),
	'fcgi/transform/save.c' => including('"fcgi/kv/kv.h"', '"stmts/kv.h"'),
	'fcgi/ops/statements.c' => including('"stmts/all.h"', '"stmts/kv.h"'),
	'fcgi/serve/worker.c' => including('<fcgiapp.h>', '"lib/pg/pg.h"'),
	'fcgi/options.c' => including('"lib/pg/pg.h"', '"fcgi/options.h"'),
	'fcgi/service.h' => including('"fcgi/options.h"', '"lib/shm/scoreboard.h"'),
	'fcgi/rooms.c' => including('"fcgi/kv/routes.h"'),
	't/unit/pg.c' => including('<libpq-fe.h>'));

my @strangers = (
	['the floor that leans on a wrapper', 'lib/base/str.c', '"lib/pg/pg.h"'],
	['a library that knows the program', 'lib/pg/pg.c', '"fcgi/http/req.h"'],
	['libpq in a room', 'fcgi/kv/kv.c', '<libpq-fe.h>'],
	['libpq in a header of ours', 'lib/pg/pg.h', '<libpq-fe.h>'],
	["a wrapper's inside", 'lib/cache/cache.c', '"lib/pg/pg_impl.h"'],
	['hiredis out of its wrapper', 'lib/pg/pg.c', '<hiredis/hiredis.h>'],
	['OpenSSL out of its wrappers', 'lib/net/fetch.c', '<openssl/evp.h>'],
	['libcurl out of its wrapper', 'fcgi/ops/doctor.c', '<curl/curl.h>'],
	['cJSON out of its wrapper', 'lib/json/bind.c', '<cjson/cJSON.h>'],
	['FastCGI in a room', 'fcgi/kv/kv.c', '<fcgiapp.h>'],
	['a connection in a room', 'fcgi/kv/kv.c', '"lib/pg/pg.h"'],
	['Redis in a room', 'fcgi/kv/kv.c', '"lib/cache/cache.h"'],
	['a connection in HTTP', 'fcgi/http/req.c', '"lib/pg/pg.h"'],
	['HTTP that knows accounts', 'fcgi/http/req.c', '"fcgi/identity/key.h"'],
	['the door that knows accounts', 'fcgi/db/door.c',
		'"fcgi/identity/key.h"'],
	['accounts that know the meter', 'fcgi/identity/key.c',
		'"fcgi/meter/rate.h"'],
	['a room in another room', 'fcgi/kv/kv.c', '"fcgi/userdb/userdb.h"'],
	["another room's statements", 'fcgi/kv/kv.c', '"stmts/userdb.h"'],
	['the list of all statements in a room', 'fcgi/kv/kv.c', '"stmts/all.h"'],
	['a dependency turned round', 'fcgi/kv/kv.c',
		'"fcgi/transform/transform.h"'],
	['a process that knows HTTP', 'fcgi/service.h', '"fcgi/http/req.h"'],
	['the server in a room', 'fcgi/kv/kv.c', '"fcgi/serve/worker.h"'],
	['libpq below the supervisor', 'fcgi/serve/supervisor.c', '"lib/pg/pg.h"'],
	['a library without a wrapper', 'lib/base/str.c', '<zlib.h>'],
	['a header not named from the top', 'lib/base/str.c', '"arena.h"'],
);
for (@strangers) {
	my ($what, $file, $header) = @$_;
	my ($name) = $header =~ /([^"<>]+)/;
	refuses(layers => $what, qr{^\Q$file\E:2: .*\Q$name\E}m,
		$file => including($header));
}

# headers

my $good = header(good => 'IO7_LIB_GOOD_H', 'int good(void);');

accepts(headers => 'a header with a contract', 'lib/good.h' => $good);

refuses(headers => 'a header without a comment',
	qr{^lib/good\.h:1: .* open with a comment}m,
	'lib/good.h' => $good =~ s{\A.*?\*/\n}{}sr);
refuses(headers => "another header's contract",
	qr{^lib/other\.h:2: .*"other: what it is\."}m,
	'lib/other.h' => $good =~ s/LIB_GOOD/LIB_OTHER/gr);
accepts(headers => 'a contract of one sentence',
	'lib/good.h' => $good =~ s/^ \* (?:Owns|Not|Limit):.*\n//mgr);
for my $line ('Owns:   nothing', 'Limit:  none') {
	my ($word) = $line =~ /(\w+)/;
	refuses(headers => "a contract that says \"$line\"",
		qr{^lib/good\.h:2: drop "\Q$line\E"}m,
		'lib/good.h' => $good =~ s/^ \* $word:.*$/ * $line./mr);
}
refuses(headers => "another header's guard",
	qr{^lib/good\.h:8: .* not IO7_LIB_GOOD_H}m,
	'lib/good.h' => $good =~ s/LIB_GOOD/LIB_BAD/gr);
refuses(headers => 'a header without a guard',
	qr{not IO7_LIB_GOOD_H.*does not compile alone}s,
	'lib/good.h' => $good =~ s/^#.*\n//mgr =~ s/int good.*/enum { A };/r);
refuses(headers => 'a header that needs another',
	qr{does not compile alone.*size_t}s,
	'lib/good.h' => $good =~ s/void\);/size_t);/r);
refuses(headers => 'a function without a prototype',
	qr{does not compile alone.*strict-prototypes}s,
	'lib/good.h' => $good =~ s/void\);/);/r);

# size

like(accepts(size => 'short files and functions', 'lib/a.c' => function(60)),
	qr{median of 1 C files is 65 lines}, '... and prints the median');
like(accepts(size => 'a long function', 'lib/a.c' => function(61)),
	qr{^lib/a\.c:4: warning: f\(\) has 61 lines}m, '... with a warning');
refuses(size => 'a function out of all measure',
	qr{^lib/a\.c:4: f\(\) has 121 lines}m, 'lib/a.c' => function(121));
refuses(size => 'a long C file', qr{^lib/a\.c:601: 602 lines}m,
	'lib/a.c' => "/* Long. */\n" . "int x;\n" x 601,
	map { ("lib/b$_.c" => "/* Short. */\n") } 1 .. 2);
refuses(size => 'a long statement file', qr{^sql/q/a\.sql:601: 601 lines}m,
	'sql/q/a.sql' => "-- Long.\n" x 601);
refuses(size => 'a long script without an ending', qr{^deploy/stack:601: }m,
	'deploy/stack' => "#!/bin/sh\n" . "# Long.\n" x 600);
refuses(size => 'files that are long on the whole', qr{^lib:0: the median}m,
	'lib/a.c' => "/* Long. */\n" . "int x;\n" x 249);

# words

accepts(words => 'plain sources',
	'README.md' => "Mount it at /srv/root/io7; deploy/root/x is a folder.\n",
	'lib/a.c' => "/* TODO(#12): later, in its own issue. */\n",
	'sql/q/kv/get.sql' => "-- kv_get: a value\nSELECT 1\n",
	'deploy/x' => "#!/bin/sh\n# x: does it.\n");

# The rule skips this file, so that it can contain these words.
my @wrong = (
	['a note without an issue', 'lib/a.c', "/* TODO: it */\n", 1, 'TODO'],
	['a fault left in', 'sql/a.sql', "--\n-- FIXME\n", 2, 'FIXME'],
	["a machine's path", 'README.md', "cd /root/io7\n", 1, '/root/'],
	["a person's path", 'deploy/x.sh', "#\ncd /home/me/io7\n", 2,
		'/home/me/'],
	['a merge', 'README.md', "<<<<<<< HEAD\n", 1, 'merge'],
	['blanks at an end', 'lib/a.c', "/* A. */\nint x; \n", 2, 'blanks'],
	['a statement in C', 'fcgi/kv/kv.c',
		qq(/* A. */\nq("SELECT value FROM kv");\n), 2, 'sql/'],
	['a retired word', 'deploy/x.sh', "# x: forks a nursery.\n", 1, 'nursery'],
	['an unclear subject', 'lib/a.c', "/* Whoever comes first. */\n", 1,
		'Whoever'],
	['a question for a comment', 'lib/a.c', "/* Who has it. */\n", 1, 'Who'],
	['C without a word of prose', 'lib/a.c', "int x;\n", 1, 'open'],
	['SQL without a word of prose', 'sql/a.sql', "SELECT 1;\n", 1, 'open'],
	['a script without a word of prose', 'deploy/x',
		"#!/bin/sh\necho\n", 1, 'open'],
);
for (@wrong) {
	my ($what, $file, $text, $line, $word) = @$_;
	refuses(words => $what, qr{^\Q$file\E:$line: .*\Q$word\E}m,
		$file => $text);
}

done_testing();
