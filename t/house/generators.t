#!/usr/bin/perl
# sql/gen and deploy/contract name every error in their input, and rewrite only
# the files that change.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Io7::Test;

sub tree
{
	my (%files) = @_;
	my $tree = tempdir(CLEANUP => 1);

	for my $file (keys %files) {
		make_path(dirname("$tree/$file"));
		spew("$tree/$file", $files{$file}, ':encoding(UTF-8)');
	}
	return $tree;
}

# --- sql/gen ----------------------------------------------------------------

my %statements = (
	'q/kv/kv_get.sql' => <<'END',
-- kv_get: reads a value
-- in:    key text
-- out:   value jsonb, expires_at timestamptz?
-- shape: maybe-one
SELECT value, expires_at FROM {tenant}.kv_store WHERE key = $1
END
	'q/keys/key_count.sql' => <<'END',
-- key_count: counts the keys
-- out:   n int8
-- shape: one
-- db:    live
SELECT count(*) AS n FROM io7.api_keys
END
);

sub generate
{
	my ($tree) = @_;

	make_path("$tree/gen");
	return run('sql/gen', 'statements', "$tree/gen", "$tree/q");
}

my $tree = tree(%statements);
is(generate($tree)->{exit}, 0, 'sql/gen accepts correct statements');
like(slurp("$tree/gen/kv.h"), qr/^enum err kv_get\(struct tenant_tx \*tx, /m,
	'... and declares a function in the header of the folder');
unlike(slurp("$tree/gen/kv.h"), qr/key_count/, '... and no other folder');
like(slurp("$tree/gen/all.c"), qr/&key_count_stmt,\n\t&kv_get_stmt,/,
	'... and lists all statements by name');

utime 1, 1, map { "$tree/gen/$_" } qw(keys.h keys.c all.c kv.h);
spew("$tree/q/kv/kv_get.sql",
	$statements{'q/kv/kv_get.sql'} =~ s/reads a value/returns a value/r);
generate($tree);
is_deeply([map { (stat "$tree/gen/$_")[9] } qw(keys.h keys.c all.c)], [1, 1, 1],
	'a new description does not change other folders or the list');
isnt((stat "$tree/gen/kv.h")[9], 1, '... and rewrites the header of its folder');

my $good = $statements{'q/kv/kv_get.sql'};
my @statement_faults = (
	['another name than the file', $good =~ s/kv_get/kv_got/r,
		qr/:1: name `kv_got`, expected `-- kv_get:/],
	['an unknown type', $good =~ s/key text/key txt/r,
		qr/:2: unknown type `txt` of `key`/],
	['an unused parameter', $good =~ s/key text/key text, n int4/r,
		qr/:2: \$2 is not used/],
	['an undeclared parameter', $good =~ s/\$1/\$2/r,
		qr/:5: \$2, expected one of the 1/],
	['columns without names', $good =~ s/value, expires_at FROM/* FROM/r,
		qr/:5: `SELECT \*`/],
	['no database', $good =~ s/\{tenant\}/io7/r, qr/:1: no `db`, expected live/],
	['a database beside {tenant}', $good =~ s/^SEL/-- db: live\nSEL/mr,
		qr/:5: `db` beside \{tenant\}/],
	['an unknown entry', $good =~ s/-- shape/-- base: live\n-- shape/r,
		qr/:4: unknown `base`/],
	['two statements', $good =~ s/\$1/\$1; SELECT 1/r, qr/:5: `;` inside/],
);
for (@statement_faults) {
	my ($what, $text, $expected) = @$_;
	my $result = generate(tree('q/kv/kv_get.sql' => $text));

	is($result->{exit}, 1, "sql/gen rejects $what");
	like($result->{err}, qr{q/kv/kv_get\.sql$expected}, '... and names it');
}

# --- deploy/contract --------------------------------------------------------

my %parts = map { ($_ => slurp($_)) } glob 'fcgi/*/contract.* fcgi/http/guide.md';
my $program = $ENV{IO7_BIN} // 'build/io7';

# Joins the parts in a tree, with a change in one of them.
sub join_parts
{
	my ($file, $from, $to) = @_;
	my %changed = %parts;

	if ($file) {
		$changed{$file} =~ s/\Q$from\E/$to/
			or die "$file has no `$from`\n";
	}
	my $in = tree(map { ($_ => decoded($changed{$_})) } keys %changed);
	my $result = run('deploy/contract', $program, "$in/openapi.json",
		map { dirname($_) } glob "$in/fcgi/*/contract.json");
	return ($result, "$in/openapi.json");
}

sub decoded
{
	my ($text) = @_;

	utf8::decode($text);
	return $text;
}

my ($joined, $file) = join_parts();
is($joined->{exit}, 0, 'deploy/contract joins the parts') or diag($joined->{err});
is(slurp($file), slurp(www() . '/openapi.json'),
	'... into the file that nginx serves');

my $kv = 'fcgi/kv/contract.json';
my @contract_faults = (
	['a call that is not a route', $kv, '"/kv/batch"', '"/kv/batches"',
		qr{post /kv/batches is not a route of the program}],
	['a call without a description', 'fcgi/kv/contract.md', '# batchKeys',
		'# batch', qr/contract\.md has no section batchKeys/],
	['a description without a call', 'fcgi/kv/contract.md', '# batchKeys',
		"# other\n\nText.\n\n# batchKeys",
		qr/contract\.md has a section other for no operation/],
	['an unknown error code', $kv, '"storage_full"', '"store_full"',
		qr/store_full is not an error code/],
	['a component twice', $kv, '"KvPage"', '"Key"', qr/schemas\/Key twice/],
	['a member twice', $kv, '"tags"', '"order": 9, "tags"', qr/`order` twice/],
	['a file that is not JSON', $kv, '{', '{,', qr/contract\.json: /],
	['an error code without advice', 'fcgi/http/contract.json',
		'"uri_too_long": {', '"uri_long": {',
		qr/`errors` says nothing of uri_too_long/],
);
for (@contract_faults) {
	my ($what, $part, $from, $to, $expected) = @$_;
	my ($result, $out) = join_parts($part, $from, $to);

	isnt($result->{exit}, 0, "deploy/contract rejects $what");
	like($result->{err}, $expected, '... and names it');
	ok(!-e $out, '... and writes nothing');
}

finish;
