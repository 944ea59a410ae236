# Io7::SqlRandom: random SQL statements over a few tables, views, triggers and virtual
# tables, most of them valid.
#
#     my $sql = Io7::SqlRandom->new;
#     my ($text, $args) = $sql->statement;
#
# It uses Perl's random numbers: srand() repeats them. What it writes has the same
# result in every SQLite since 3.40: it names no newer function, adds no floats up, and
# orders the rows that it limits.
package Io7::SqlRandom;

use strict;
use warnings;
use utf8;

use Exporter 'import';

our @EXPORT_OK = qw(pick chance);

# Tables and their columns. The statement that creates a table is chosen at random:
# constraints differ, columns do not.
my %COLUMNS = (
	t0 => [qw(id a b c d)], t1 => [qw(id a b)], t2 => [qw(id a b)],
	w0 => [qw(k v)], v0 => [qw(id x)], f0 => [qw(title body)],
	r0 => [qw(id lo hi)], made => [qw(id x)], lg => [qw(n what)],
);
my @ROWID_TABLES = qw(t0 t1 t2);

my %WEIGHTS = (
	create => 9, drop => 2, alter => 2, index => 2, trigger => 3, view => 1,
	insert => 26, upsert => 5, update => 12, delete => 6, select => 26,
	join_tables => 5, group => 5, recursive => 3, constant => 10, json => 6,
	fts => 6, rtree => 4, schema => 3, broken => 6,
);

sub new
{
	return bless {}, $_[0];
}

sub pick
{
	return $_[rand @_];
}

sub chance
{
	return rand() < $_[0];
}

# A name of a table of weights.
sub weighted
{
	my (%weights) = @_;
	my $sum = 0;

	$sum += $weights{$_} for sort keys %weights;
	my $at = rand $sum;
	($at -= $weights{$_}) < 0 and return $_ for sort keys %weights;
	return (sort keys %weights)[0];
}

# The text of a statement, and its arguments: undef, a list, or a hash of named ones.
sub statement
{
	my ($self) = @_;

	$self->{args} = [];
	$self->{style} = weighted(none => 5, positional => 4, named => 2);
	my $kind = weighted(%WEIGHTS);
	return $self->with_arguments($self->$kind);
}

# A statement that changes no data, or one that does; without arguments.
sub reading
{
	return $_[0]->plain(qw(select join_tables group recursive constant json));
}

sub writing
{
	return $_[0]->plain(qw(insert insert upsert update delete fts));
}

sub plain
{
	my ($self, @kinds) = @_;
	my $kind = pick(@kinds);

	$self->{style} = 'none';
	return $self->$kind;
}

# Statements that create some tables and rows for the others.
sub beginning
{
	my ($self) = @_;
	my @tables = map { my $name = $_; pick(grep { /^$name/ } schemas()) }
		grep { chance(0.9) } qw(t0 t1 t2 w0 lg f0 r0);

	return (map { "CREATE TABLE $_" } grep { !/ USING / } @tables),
		(map { "CREATE VIRTUAL TABLE $_" } grep { / USING / } @tables),
		$self->view, map { $self->writing } 1 .. 8;
}

# What removes everything that a statement may have created.
sub clean
{
	return join ";\n", 'PRAGMA foreign_keys=off',
		(map { "DROP VIEW IF EXISTS $_" } qw(v0 v1)),
		(map { "DROP TABLE IF EXISTS $_" } sort grep { $_ ne 'v0' }
			keys %COLUMNS, qw(renamed made)),
		'PRAGMA foreign_keys=on';
}

# --- Values -----------------------------------------------------------------

# SQL literals. The floats have one shortest form, which all versions print alike.
my @LITERALS = ('NULL', -1 .. 5, '9223372036854775807', '-9223372036854775808',
	'9007199254740993', '4294967296', '0.5', '-1.5', '1e10', '2.25', '100.0',
	"''", "'a'", "'b'", "'A'", "'abc'", "'1'", "'1.5'", "' a '", "'é'", "'日本語'",
	"'😀 emoji'", "'it''s'", "'%_'", "x''", "x'00'", "x'00ff10'", "'x' || char(0)",
	'zeroblob(4)', "'ǅ'", "'e' || char(769)", '0x1F', '1e3', 'TRUE', 'FALSE');

# The same as values of Hrana.
my @ARGUMENTS = (
	{ type => 'null' },
	(map { { type => 'integer', value => "$_" } } -1 .. 5,
		'9223372036854775807', '-9223372036854775808', '9007199254740993'),
	(map { { type => 'float', value => $_ } } 0.5, -1.5, 2.25, 1e10, 1e300),
	(map { { type => 'text', value => $_ } } '', 'a', 'b', 'abc', '1', 'é',
		"a\0b", "line\nline", '"quoted"', '日本語', '😀', "e\x{301}", "\x{feff}x",
		"\x{fffd}", "\x{10ffff}", "'; DROP TABLE t0; --", 'x' x 200),
	(map { { type => 'blob', base64 => $_ } } '', 'AA', 'AP8Q', 'AAECAw',
		'/+8', 'aGVsbG8gd29ybGQ'),
);

# A literal or a parameter, whose argument is remembered.
sub value
{
	my ($self) = @_;

	return pick(@LITERALS) if $self->{style} eq 'none' || chance(0.4);
	my $args = $self->{args};
	push @$args, pick(@ARGUMENTS);
	return $self->{style} eq 'positional' ? "?<$#$args>"
		: pick(qw(: @ $)) . "p$#$args";
}

# A text and its arguments. Some of those that were remembered are not in the text.
sub with_arguments
{
	my ($self, $text) = @_;
	my $args = $self->{args};
	my @used = map { $args->[$_] } $text =~ /\?<(\d+)>/g;
	my %used = map { $_ => $args->[substr $_, 2] } $text =~ /([:\@\$]p\d+)\b/g;

	return ($text =~ s/\?<\d+>/?/gr, @used ? \@used : %used ? \%used : undef);
}

# --- Expressions ------------------------------------------------------------

sub columns
{
	return @{$COLUMNS{$_[0]}};
}

sub integer
{
	return pick(-3 .. 9, 100);
}

my @FUNCTIONS = map { [$_ =~ /^(\w+) (\d)$/] } ('abs 1', 'length 1', 'typeof 1',
	'lower 1', 'upper 1', 'hex 1', 'quote 1', 'trim 1', 'ltrim 2', 'substr 2',
	'substr 3', 'instr 2', 'replace 3', 'coalesce 2', 'nullif 2', 'ifnull 2',
	'max 2', 'min 3', 'unicode 1', 'char 1', 'sign 1', 'iif 3', 'likely 1', 'printf 2');

# An expression over columns, which may be none.
sub expression
{
	my ($self, $depth, @columns) = @_;

	return chance(@columns ? 0.6 : 0) ? pick(@columns) : $self->value
		if $depth <= 0 || chance(0.3);
	my $sub = sub { $self->expression($depth - 1, @columns) };
	my $kind = weighted(operator => 6, call => 5, case => 1, cast => 2,
		is => 2, in => 1, between => 1, like => 1);
	if ($kind eq 'operator') {
		my $operator = pick(qw(+ - * / % || = <> < <= > >= AND OR & | << >>
			IS), 'IS NOT');
		return '(' . $sub->() . " $operator " . $sub->() . ')';
	}
	return $self->call($sub) if $kind eq 'call';
	return 'CASE WHEN ' . $sub->() . ' THEN ' . $sub->() . ' ELSE '
		. $sub->() . ' END' if $kind eq 'case';
	return 'CAST(' . $sub->() . ' AS ' . pick(qw(INTEGER BLOB NUMERIC)) . ')'
		if $kind eq 'cast';
	return '(' . $sub->() . pick(' IS NULL', ' NOT NULL', ' COLLATE NOCASE')
		. ')' if $kind eq 'is';
	return '(' . $sub->() . pick(' IN (', ' NOT IN (') . $sub->() . ', '
		. $sub->() . '))' if $kind eq 'in';
	return '(' . $sub->() . ' BETWEEN ' . $sub->() . ' AND ' . $sub->() . ')'
		if $kind eq 'between';
	# Whether LIKE matches blobs is chosen when SQLite is compiled.
	return '(quote(' . $sub->() . ') ' . pick("LIKE '_a%'", "LIKE '%1%'",
		"LIKE '%É%'", "GLOB '*[a-z]?'") . ')';
}

# CAST(... AS TEXT) and char() of a big number may make text that is no UTF-8.
sub call
{
	my ($self, $sub) = @_;
	my ($name, $n) = @{pick(@FUNCTIONS)};

	return 'char(' . join(', ', map { pick(9, 65, 233, 0x1F600) } 1 .. 2) . ')'
		if $name eq 'char';
	return "printf('" . pick('%d', '%5d', '%s', '%x', '%05d', '%c', '%q', '%Q')
		. "', " . $sub->() . ')' if $name eq 'printf';
	return "substr('häßlich', " . integer() . ', ' . integer() . ')'
		if $name eq 'substr';
	return "$name(" . join(', ', map { $sub->() } 1 .. $n) . ')';
}

sub where
{
	my ($self, @columns) = @_;

	return '' if chance(0.3);
	return ' WHERE ' . pick(@columns) . pick(' = ', ' < ', ' >= ', ' <> ')
		. $self->value if chance(0.6);
	return ' WHERE ' . $self->expression(2, @columns);
}

# --- Schema -----------------------------------------------------------------

# The tables and their columns, with constraints of each kind.
sub schemas
{
	my $type = pick('', ' INTEGER', ' TEXT', ' REAL', ' BLOB', ' NUMERIC',
		' varchar(10)', ' BOOLEAN', ' decimal(5, 2)');

	return (
		"t0(id INTEGER PRIMARY KEY, a$type, b TEXT, c REAL, d BLOB)",
		"t0(id INTEGER PRIMARY KEY AUTOINCREMENT, a$type UNIQUE,"
			. " b TEXT COLLATE NOCASE, c DEFAULT (1 + 1), d)",
		"t0(id INTEGER PRIMARY KEY, a INTEGER NOT NULL DEFAULT 7,"
			. " b TEXT CHECK (length(b) < 6), c, d, UNIQUE (a, b))",
		"t0(id INTEGER PRIMARY KEY, a$type, b, c AS (a || '!') STORED,"
			. " d GENERATED ALWAYS AS (typeof(a)))",
		"t0(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL, d ANY) STRICT",
		"t1(id INTEGER PRIMARY KEY, a$type, b)",
		"t1(id INTEGER PRIMARY KEY, a REFERENCES t0(id), b)",
		"t1(id INTEGER PRIMARY KEY, a INTEGER REFERENCES t0 ON DELETE CASCADE"
			. " ON UPDATE CASCADE, b UNIQUE ON CONFLICT REPLACE)",
		"t1(id INTEGER PRIMARY KEY, a REFERENCES t0(id)"
			. " DEFERRABLE INITIALLY DEFERRED, b)",
		"t2(id INTEGER PRIMARY KEY, a NOT NULL ON CONFLICT IGNORE, b$type)",
		"t2(id INTEGER PRIMARY KEY, a$type, b DEFAULT 'x' CHECK (b <> 'a'))",
		"w0(k TEXT PRIMARY KEY, v$type) WITHOUT ROWID",
		'w0(k, v, PRIMARY KEY (k, v)) WITHOUT ROWID',
		'lg(n INTEGER PRIMARY KEY, what)',
		'f0 USING fts5(title, body)',
		"f0 USING fts5(title, body, tokenize = 'porter')",
		"f0 USING fts5(title, body, prefix = '2 3')",
		'r0 USING rtree(id, lo, hi)', 'r0 USING rtree_i32(id, lo, hi)',
	);
}

sub create
{
	my ($self) = @_;
	my $maybe = chance(0.5) ? 'IF NOT EXISTS ' : '';
	my $table = pick(schemas());

	return "CREATE TABLE ${maybe}made AS SELECT " . $self->expression(1)
		. ' AS id, ' . $self->expression(1) . ' AS x' if chance(0.1);
	return 'CREATE ' . ($table =~ / USING / ? 'VIRTUAL ' : '')
		. "TABLE $maybe$table";
}

sub drop
{
	my $maybe = chance(0.5) ? 'IF EXISTS ' : '';

	return "DROP TABLE $maybe" . pick(qw(t0 t1 t2 w0 f0 r0 made renamed))
		if chance(0.5);
	return 'DROP ' . pick("INDEX ${maybe}i0", "INDEX ${maybe}i1",
		"TRIGGER ${maybe}g0", "TRIGGER ${maybe}g1", "VIEW ${maybe}v0");
}

sub alter
{
	my $table = pick(qw(t1 t2 made));

	return "ALTER TABLE $table " . pick('ADD COLUMN e', "ADD COLUMN e DEFAULT 'e'",
		'ADD COLUMN e NOT NULL', 'RENAME COLUMN b TO e', 'RENAME COLUMN e TO b',
		'DROP COLUMN e', 'DROP COLUMN nope', 'RENAME TO renamed');
}

sub index
{
	my $unique = chance(0.2) ? 'UNIQUE ' : '';
	my $table = pick(@ROWID_TABLES);

	return "CREATE ${unique}INDEX " . (chance(0.5) ? 'IF NOT EXISTS ' : '')
		. pick('i0', 'i1') . " ON $table(" . pick('a', 'b', 'a, b', 'b DESC',
			'length(b)', 'nope') . ')' . (chance(0.2) ? ' WHERE a > 1' : '');
}

sub trigger
{
	my ($self) = @_;
	my ($event, $row) = @{pick([INSERT => 'new'], [UPDATE => 'new'],
		[DELETE => 'old'], ['UPDATE OF a' => 'old'])};
	my $body = pick("INSERT INTO lg(what) VALUES ('$event' || $row.id)",
		"INSERT INTO lg(what) SELECT $row.a",
		"UPDATE t2 SET b = $row.a WHERE id = $row.id",
		"DELETE FROM w0 WHERE k = $row.a",
		"SELECT RAISE(ABORT, 'forbidden')",
		"SELECT RAISE(IGNORE) WHERE $row.id > 3",
		"SELECT RAISE(FAIL, 'at most five') WHERE $row.id > 5",
		"SELECT RAISE(ROLLBACK, 'all undone') WHERE $row.id = 4");

	return 'CREATE TRIGGER ' . (chance(0.6) ? 'IF NOT EXISTS ' : '')
		. pick('g0', 'g1') . pick(' BEFORE', ' AFTER') . " $event ON "
		. pick(@ROWID_TABLES) . (chance(0.2) ? " WHEN $row.id > 1" : '')
		. " BEGIN $body; END";
}

sub view
{
	return 'CREATE VIEW ' . (chance(0.5) ? 'IF NOT EXISTS ' : '') . pick(
		'v0 AS SELECT id, a AS x FROM t0', 'v0(id, x) AS SELECT id, b FROM t1',
		'v0 AS SELECT t0.id, count(*) AS x FROM t0 JOIN t1 USING (id) GROUP BY 1');
}

# --- Writing ----------------------------------------------------------------

sub conflict
{
	return chance(0.7) ? '' : ' OR '
		. pick(qw(IGNORE REPLACE ABORT FAIL ROLLBACK));
}

# Names in these forms mean the same column.
sub named
{
	my ($column) = @_;

	return pick($column, $column, qq("$column"), "[$column]", "`$column`",
		uc $column);
}

# A rowid is small, so that conflicts and matches happen. After the largest one SQLite
# chooses the next at random.
sub is_rowid
{
	return $_[0] =~ /^(?:id|n)$/;
}

# Columns of a table, and one to three tuples of values for them.
sub tuple
{
	my ($self, $table) = @_;
	my @of = columns($table);

	shift @of if is_rowid($of[0]) && chance(0.5);
	@of = grep { chance(0.8) } @of if chance(0.3);
	@of = $of[0] // 'a' if !@of;
	my $row = sub {
		'(' . join(', ', map { is_rowid($_) ? int rand 8
			: chance(0.85) ? $self->value : $self->expression(1) } @of)
			. ')';
	};
	return '(' . join(', ', map { named($_) } @of) . ') VALUES '
		. join ', ', map { $row->() } 1 .. pick(1, 1, 1, 2, 3);
}

# Not of a view, and no REAL column: SQLite 3.40 returns a row that it has not written,
# and 1 in place of 1.0.
sub returning
{
	my ($table) = @_;

	return '' if chance(0.8);
	my ($key) = columns($table);
	return ' RETURNING ' . pick($key, 'rowid', qq($key AS "first"),
		"$key, 1 + 1", "$key * 2 AS twice");
}

sub insert
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES, @ROWID_TABLES, qw(w0 lg made v0));
	my $verb = chance(0.1) ? 'REPLACE' : 'INSERT' . conflict();

	return "$verb INTO $table DEFAULT VALUES" if chance(0.03);
	return "WITH s(x) AS (VALUES (1), (2)) INSERT INTO lg(what) SELECT x + "
		. $self->value . ' FROM s' if chance(0.03);
	return "$verb INTO " . pick(@ROWID_TABLES) . '(a, b) SELECT a, b FROM '
		. pick(@ROWID_TABLES) . $self->where('a', 'b') . ' ORDER BY id LIMIT 3'
		if chance(0.1);
	return "$verb INTO $table" . $self->tuple($table)
		. ($table =~ /^[wv]0$/ ? '' : returning($table));
}

sub upsert
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES);

	return "INSERT INTO $table" . $self->tuple($table)
		. ' ON CONFLICT' . pick(' DO NOTHING', '(id) DO NOTHING',
			'(id) DO UPDATE SET a = excluded.a',
			'(a) DO UPDATE SET b = excluded.b',
			'(id) DO UPDATE SET a = a + 1 WHERE excluded.id > 2')
		. returning($table);
}

sub update
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES, @ROWID_TABLES, 'w0', 'v0');
	my @of = columns($table);
	my $set = join ', ', map { named($of[$_]) . ' = '
		. (is_rowid($of[$_]) ? int rand 8 : $self->expression(1, @of))
	} 1 .. ($#of > 1 && chance(0.4) ? 2 : 1);

	return 'UPDATE' . conflict() . " $table SET $set" . $self->where(@of);
}

sub delete
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES, @ROWID_TABLES, qw(w0 lg f0 r0));

	return "DELETE FROM $table" . $self->where(columns($table));
}

# --- Reading ----------------------------------------------------------------

sub select
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES, @ROWID_TABLES, qw(w0 lg v0));
	my @of = columns($table);
	my $distinct = chance(0.1) ? 'DISTINCT ' : '';
	my $what = pick('*', '*', 'count(*)', $table eq 'v0' ? '1' : 'rowid, *', join(', ', @of),
		"$table.*", join ', ', map { $self->expression(2, @of)
			. (chance(0.3) ? " AS c$_" : '') } 1 .. 2);
	my $order = chance(0.4) && is_rowid($of[0]) && !$distinct
		&& $what ne 'count(*)' ? " ORDER BY $of[0]" . pick('', ' DESC')
		. pick('', ' LIMIT 3', ' LIMIT 2 OFFSET 1') : '';

	return "SELECT $distinct$what FROM $table" . $self->where(@of) . $order;
}

sub join_tables
{
	my ($self) = @_;
	my ($one, $two) = (pick(@ROWID_TABLES), pick(@ROWID_TABLES));

	return "SELECT x.id, x.a, y.b FROM $one x " . pick('JOIN', 'LEFT JOIN',
		'CROSS JOIN', 'FULL JOIN', 'RIGHT JOIN') . " $two y ON x.id = y.id"
		. $self->where('x.a', 'y.b') if chance(0.5);
	return "SELECT id, a FROM $one " . pick('UNION', 'UNION ALL', 'EXCEPT',
		'INTERSECT') . " SELECT id, b FROM $two" if chance(0.5);
	return "SELECT id FROM $one WHERE " . pick('EXISTS', 'NOT EXISTS')
		. " (SELECT 1 FROM $two z WHERE z.id = $one.id)" . ' OR id IN '
		. "(SELECT id FROM $two" . $self->where('a', 'b') . ')';
}

sub group
{
	my ($self) = @_;
	my $table = pick(@ROWID_TABLES);
	my $over = ' OVER (ORDER BY id' . pick('', ' DESC', ' ROWS 1 PRECEDING')
		. ')';

	return "SELECT id, row_number()$over, count(*)$over, lag(id)$over,"
		. " first_value(id)$over FROM $table" if chance(0.3);
	return 'SELECT typeof(a), count(*), count(DISTINCT b), min(id), max(id),'
		. " sum(length(b)), total(id), avg(id) FROM $table"
		. $self->where('a', 'b') . ' GROUP BY typeof(a)'
		. pick('', ' HAVING count(*) > 1') if chance(0.5);
	return 'SELECT group_concat(id), json_group_array(id), sum(id) FROM '
		. "(SELECT id FROM $table ORDER BY id)";
}

sub recursive
{
	my ($self) = @_;
	my $n = 3 + int rand 20;

	return "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
		. " WHERE x < $n) SELECT " . pick('sum(x)', 'count(*), max(x)',
			'group_concat(x)', 'x, ' . $self->expression(1, 'x')) . ' FROM c'
		if chance(0.6);
	return "WITH a AS " . pick('', 'MATERIALIZED ') . "(SELECT id FROM t0), "
		. 'b(y) AS (SELECT id * 2 FROM a) SELECT y FROM b ORDER BY y';
}

sub constant
{
	my ($self) = @_;

	return 'VALUES (' . $self->value . ', ' . $self->value . ')' if chance(0.1);
	return 'SELECT ' . join ', ', map { $self->expression(3) } 1 .. pick(1, 2, 3);
}

my @JSON = (q('{"a":{"b":[1,2,{"c":"é"}]},"n":null,"t":true}'), q('[1,2.5,"x",null]'),
	q('"text"'), q('12'), q('null'), q('{}'), q('[]'), q('{"a":'), q('[1,'), 'NULL',
	q('{"k":9223372036854775807}'));
my @PATHS = map { "'$_'" } '$', '$.a', '$.a.b', '$.a.b[1]', '$.a.b[#-1].c', '$[0]',
	'$[9]', '$.none', '$."a"';

# The values are no blobs, which newer versions take for JSON in a binary form.
sub json
{
	my ($self) = @_;
	my ($json, $path) = (pick(@JSON), pick(@PATHS));
	my $value = sub { pick(1, 0.5, "'é'", 'NULL', "'[1]'", "json('[1]')") };

	return 'SELECT ' . pick("json($json)", "json_extract($json, $path)",
		"$json -> $path", "$json ->> $path", "json_type($json, $path)",
		"json_array_length($json)",
		"json_set($json, '\$.a', " . $value->() . ')',
		"json_insert($json, $path, 1)", "json_remove($json, $path)",
		"json_patch($json, '{\"a\":null,\"z\":1}')",
		'json_object(' . "'k', " . $value->() . ')',
		'json_array(' . $value->() . ', ' . $value->() . ')')
		if chance(0.75);
	return "SELECT key, value, type, atom, fullkey FROM "
		. pick('json_each', 'json_tree') . "($json)";
}

# --- Virtual tables ---------------------------------------------------------

my @WORDS = qw(red green blue running run light house Straße café);

sub fts
{
	my ($self) = @_;
	my $text = sub { join ' ', map { pick(@WORDS) } 1 .. pick(1 .. 5) };
	my $match = pick(map { "'$_'" } @WORDS, 'red OR blue', 'red AND green',
		'title : red', 'lig*', '"red green"', 'red NOT blue', 'NEAR(red blue, 3)',
		'red AND', '"open');

	return "INSERT INTO f0(title, body) VALUES ('" . $text->() . "', '"
		. $text->() . "')" if chance(0.5);
	return "UPDATE f0 SET body = '" . $text->() . "' WHERE rowid = " . int rand 5
		if chance(0.1);
	return 'SELECT ' . pick('rowid, *', 'title', 'highlight(f0, 0, \'<\', \'>\')',
		"snippet(f0, 1, '[', ']', '…', 3)", 'count(*)')
		. " FROM f0 WHERE f0 MATCH $match" . pick('', ' ORDER BY rowid');
}

sub rtree
{
	my $at = int rand 50;

	return 'INSERT' . conflict() . ' INTO r0 VALUES (' . int(rand 9) . ", $at, "
		. ($at + pick(0, 1, 10, -1)) . ')' if chance(0.6);
	return 'UPDATE r0 SET hi = hi + 5 WHERE id = ' . int rand 9 if chance(0.2);
	return "SELECT * FROM r0 WHERE lo <= $at AND hi >= " . ($at - 10);
}

# --- The rest ---------------------------------------------------------------

sub schema
{
	return pick('SELECT type, name, tbl_name, sql FROM sqlite_master'
		. " WHERE name GLOB '[tviwg][0-9]'", "SELECT name, type, \"notnull\","
		. " dflt_value, pk FROM pragma_table_info('" . pick(@ROWID_TABLES)
		. "')", 'PRAGMA table_info(' . pick(@ROWID_TABLES, 'nope') . ')',
		'EXPLAIN QUERY PLAN SELECT * FROM t0 WHERE id = 1');
}

sub broken
{
	my ($self) = @_;

	return pick('SELEC 1', 'SELECT', 'SELECT FROM t0', 'SELECT (1', "SELECT 'a",
		'INSERT INTO t0 VALUES', 'DELETE t0', 'CREATE TABLE', 'SELECT nope FROM t0',
		'SELECT * FROM nope', 'SELECT nope(1)', 'SELECT abs(1, 2)', '', ' ', '-- c',
		';', 'SELECT 1; SELECT 2', 'SELECT t0.nope FROM t0', 'SELECT count(*',
		'INSERT INTO t0(nope) VALUES (1)', 'INSERT INTO t1 VALUES (1)',
		'INSERT INTO nope VALUES (1)', 'UPDATE t0 SET nope = 1',
		'SELECT "dquoted"', 'SELECT id FROM t0, t1', 'SELECT * FROM t0 ORDER BY 9',
		'SELECT a FROM t0 GROUP BY nope', 'SELECT sum(max(1)) FROM t0',
		'SELECT abs(-9223372036854775807 - 1)', 'SELECT 1 LIMIT \'x\'',
		'SELECT zeroblob(2000000000)', 'COMMIT', 'ROLLBACK', 'RELEASE nope',
		'SELECT 1 UNION SELECT 1, 2', 'VALUES (1), (1, 2)', '🙂', 'SELECT ?1, ?3',
		'SELECT 1 AS "é", 2 AS "日本"', 'SELECT 1 -- é', '/* é */ SELECT 1;',
		'SELECT (SELECT id, a FROM t0)', 'SELECT RAISE(ABORT, \'x\')',
		'DROP TABLE sqlite_master', 'INSERT INTO sqlite_master(name) VALUES (1)',
		'CREATE TABLE sqlite_x(a)');
}

1;
