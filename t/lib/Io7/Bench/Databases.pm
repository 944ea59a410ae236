# Io7::Bench::Databases: servers of the same thousand rows: io7, sqld, and Fastify with
# better-sqlite3; and the processes of io7's open databases.
package Io7::Bench::Databases;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use HTTP::Tiny;
use Io7::Bench::Peers qw(answers put_behind_nginx start_piped);
use Io7::Command;
use Io7::Json;
use Io7::Npm;
use Io7::Process qw(family free_port);
use Io7::Wait;

our @EXPORT = qw(fill_database reading writing serve_fastify_sqlite idle_keepers
	pss_mb ROWS);

use constant { ROWS => 1000, BUILD_S => 900 };

# --- Rows and requests ------------------------------------------------------

# Creates the table through Hrana.
sub fill_database
{
	my ($db) = @_;

	$db->execute($_) for 'DROP TABLE IF EXISTS item',
		'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)',
		'WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c'
		. ' WHERE x < ' . ROWS . ") INSERT INTO item SELECT x, 'item ' || x, x"
		. ' FROM c';
}

# The body of a request with one statement about a row.
sub pipeline
{
	my ($sql, $id) = @_;

	return encode_json({ requests => [
		{ type => 'execute', stmt => { sql => $sql,
			args => [{ type => 'integer', value => "$id" }] } },
		{ type => 'close' }] });
}

sub reading
{
	return pipeline('SELECT id, name, n FROM item WHERE id = ?', @_);
}

sub writing
{
	return pipeline('UPDATE item SET n = n + 1 WHERE id = ?', @_);
}

# --- Fastify ----------------------------------------------------------------

# Serves a file of its own, see peers/fastify-sqlite/server.mjs. Returns its own address,
# or nothing and why not.
sub serve_fastify_sqlite
{
	my ($stack, $key) = @_;
	my ($at, $reason) = npm_client('fastify-sqlite', top() . '/t/bench/peers');

	return (undef, $reason) unless $at;
	$reason = build_driver($at);
	return (undef, $reason) if $reason;
	my $port = free_port();
	my $file = $stack->dir . '/fastify.db';
	create_file($at, $file);
	start_piped('node', "$at/server.mjs", encode_json({ port => $port,
		database => $file, keys => [sha256_hex($key)] }));
	my $url = "http://127.0.0.1:$port";
	wait_until(20, sub { answers("$url/items/1", $key) })
		or die "Fastify does not answer\n";
	put_behind_nginx($stack, $port, '/fastify/items/1', $key);
	return $url;
}

# better-sqlite3 comes with its sources; its install script compiles them.
sub build_driver
{
	my ($at) = @_;

	return if -e "$at/node_modules/better-sqlite3/build/Release/better_sqlite3.node";
	my %headers = -e '/usr/include/node/node.h'
		? (npm_config_nodedir => '/usr') : ();
	my $built = run({ timeout => BUILD_S, env => \%headers }, 'npm', 'rebuild',
		'--prefix', $at, 'better-sqlite3');
	return if $built->{exit} == 0;
	return 'better-sqlite3 cannot be built: '
		. (($built->{err} =~ /error (.*)/)[0] // 'npm rebuild failed');
}

sub create_file
{
	my ($at, $file) = @_;

	run_ok('node', '--input-type=module', '-e', <<'END', "$at/", $file);
import { createRequire } from "node:module";
const [at, file] = process.argv.slice(1);
const Database = createRequire(at)("better-sqlite3");
const db = new Database(file);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
	WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000)
	INSERT INTO item SELECT x, 'item ' || x, x FROM c`);
END
}

# --- Keepers ----------------------------------------------------------------

# The processes that have a user database open and nothing to do.
sub idle_keepers
{
	my ($stack) = @_;

	return grep { name_of($_) eq "io7-keeper\n" } family($stack->pid);
}

sub name_of
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/comm" or return '';
	return <$in> // '';
}

# The memory of a process in megabytes, with its share of what several have mapped.
sub pss_mb
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/smaps_rollup" or return;
	my ($kb) = join('', <$in>) =~ /^Pss: +(\d+) kB/m;
	return $kb / 1000;
}

1;
