#!/usr/bin/perl
# The database page, in Chromium: connection and tokens, tables and their rows, the
# console with results, plans, errors and the question before a write to live data,
# export and import.

use strict;
use warnings;
use utf8;

use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Database;
use Io7::Npm;
use Io7::Pages;
use Io7::Test;

use constant { ENTER => "\x{e007}", ESCAPE => "\x{e00c}", CONTROL => "\x{e009}" };

my $stack = private_stack;
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $db = database_of($account, 'test');
my $folder = tempdir(CLEANUP => 1);

$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
$chrome->devtools('Browser.setDownloadBehavior', behavior => 'allow',
	downloadPath => $folder);
$chrome->devtools('Browser.grantPermissions', permissions =>
	[qw(clipboardReadWrite clipboardSanitizedWrite)]);

# Enters statements and clicks a button.
sub enter
{
	my ($sql, $button) = @_;

	$chrome->type('#sql', $sql);
	$chrome->click($button // '#run');
}

# The texts of the cells of a table, a row each.
sub rows_in
{
	my ($selector) = @_;

	return join "\n", map { join '|', @$_ } @{$chrome->run_script('return [...document
		.querySelectorAll(arguments[0] + " tbody tr")].map((row) =>
		[...row.cells].map((one) => one.innerText))', $selector)};
}

sub has_rows
{
	my ($selector, $rows, $what) = @_;
	my $seen;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	eventually { ($seen = rows_in($selector)) eq $rows } $what or diag($seen);
}

sub clipboard
{
	return $chrome->run_script('return navigator.clipboard.readText()');
}

# --- An empty database ------------------------------------------------------

$chrome->visit('/dashboard/database');
comes_to('/dashboard/login?return=%2Fdashboard%2Fdatabase',
	'without a session the login page opens');
use_key($account->test_key);
comes_to('/dashboard/database', 'after the login the page opens');
says('#summary', qr/^\d+ tables? for test data, [\d.]+ k?B of [\d.]+ GB\.$/,
	'it says how large the database is and may be');
is_accessible('the page of a new database');

# --- Connection -------------------------------------------------------------

my $url = $chrome->text('#url');
like($url, qr{^https://[^/]+/db/test-[0-9a-f]{32}/$}, 'the URL of the test database');
$chrome->click('#connection [aria-label="Copy URL"]');
eventually { clipboard() eq $url } 'the URL can be copied';
my %code;
for my $language (qw(curl JavaScript Python Drizzle C)) {
	$chrome->click("#connection label:has([value=$language])");
	says('#snippet code', qr/\Q$url\E/, "the code in $language has the URL");
	$code{$language} = $chrome->run_script('return document.querySelector(
		"#snippet code").textContent');
	like($code{$language}, qr/DATABASE_TOKEN/,
		'... and takes the token from the environment');
}

$chrome->click('#create-token');
is_accessible('the dialog for a token');
$chrome->click('dialog [value=read]');
$chrome->click('#token-create');
says('dialog h2', qr/^Your new token/, 'the token is shown');
my $token = $chrome->text('#secret');
like($token, qr/^test_io7_[0-9a-f]{32}$/, 'it is a key of the mode');
is($chrome->text('dialog .command code'), "export DATABASE_URL=$url\n"
	. "export DATABASE_TOKEN=$token", 'with the variables for a program');
is_accessible('the dialog with a token');
$chrome->press(ESCAPE);
says('dialog [role=status]:not(.unseen)', qr/^Store the token first/,
	'Escape does not close it');
$chrome->click('#stored');
eventually { !$chrome->shows('dialog') } 'the dialog closes';
unlike($chrome->run_script('return document.documentElement.outerHTML'),
	qr/\Q$token\E/, 'the page has no copy of the token');
my $reader = Io7::Hrana->of_url(database_url($account, 'test'), token => $token);
is(($reader->query('SELECT 1'))[0][0], '1', 'the token reads');
ok(!eval { $reader->execute('CREATE TABLE no (a)'); 1 }, 'and does not write');

# --- The code ---------------------------------------------------------------

# Runs a program that the page shows, with the token and by plain HTTP: not all of them
# can be told of the certificate of a private stack.
sub says_version
{
	my ($language, $file, @command) = @_;
	my $plain = database_url($account, 'test');

	spew($file, $code{$language} =~ s/\Q$url\E/$plain/gr);
	my $ended = run({ env => { DATABASE_TOKEN => $token } }, @command);
	like($ended->{out}, qr/\b3\.\d+\.\d+\b/, "the code in $language works")
		or diag($ended->{err});
}

says_version('curl', "$folder/curl.sh", 'sh', "$folder/curl.sh");
says_version('Python', "$folder/code.py", 'python3', "$folder/code.py");
says_version('C', "$folder/code.c", 'sh', '-c',
	"gcc -o $folder/code $folder/code.c -lcurl && $folder/code");
SKIP: {
	my ($at, $reason) = npm_client('libsql');
	skip($reason, 2) unless $at;
	my $file = "$at/page-$$.mjs";
	says_version($_, $file, 'node', $file) for qw(JavaScript Drizzle);
	unlink $file;
}

# --- Tables -----------------------------------------------------------------

$db->execute($_) for 'CREATE TABLE "odd ""name""" (id INTEGER PRIMARY KEY, v)',
	'CREATE INDEX by_v ON "odd ""name""" (v)',
	'CREATE TABLE pages (n INTEGER, rowid TEXT)',
	'CREATE VIEW few AS SELECT n FROM pages WHERE n < 3',
	'CREATE TABLE wr (k TEXT PRIMARY KEY) WITHOUT ROWID',
	"INSERT INTO wr WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
	. " WHERE x < 60) SELECT printf('%03d', x) FROM c",
	"INSERT INTO pages WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1"
	. " FROM c WHERE x < 120) SELECT x, 'row ' || x FROM c",
	'INSERT INTO "odd ""name""" (v) VALUES (9223372036854775807), (1.0), (NULL),'
	. " (x'00ff'), (''), ('<b>é</b>'), (zeroblob(100)), ('a' || char(10) || 'b'),"
	. " (-0.5), (1e300), (replace(hex(zeroblob(100)), '00', 'long '))";
$chrome->visit('/dashboard/database');
$chrome->call(POST => '/refresh');
says('#overview', qr/\bpages\s+n INTEGER, rowid TEXT\b.*\bwr\s+k TEXT/s,
	'tables are listed with their columns');
is_accessible('the list of tables');
$chrome->run_script('[...document.querySelectorAll("#overview button")].find((one) =>
	one.textContent === arguments[0]).click()', 'odd "name"');
comes_to('/dashboard/database#table=odd%20%22name%22', 'a table opens');
has_rows('#rows', join("\n", '1|9223372036854775807', '2|1.0', '3|NULL', "4|x'00ff'",
	'5|', '6|<b>é</b>', "7|x'" . '0' x 32 . "…' 100 B", '8|a\\nb', '9|-0.5',
	'10|1e+300', '11|' . 'long ' x 24 . '…'),
	'values of all kinds, none without its digits');
says('#range', qr/^Rows 1 to 11 of 11$/, 'the rows are counted');
$chrome->click('#rows .schema summary');
says('#rows .schema pre', qr/CREATE TABLE "odd ""name""".*;.*CREATE INDEX by_v/s,
	'the schema has the indexes');
$chrome->click('#rows tbody tr:nth-child(7) summary');
says('#rows tbody tr:nth-child(7) pre', qr/^x'(00){100}'$/, 'a long blob opens');
is_accessible('a table');

for (['pages', 'a column hides the rowid'], ['wr', 'a table without rowid']) {
	my ($table, $what) = @$_;
	my $number = $table eq 'wr' ? 60 : 120;
	$chrome->run_script('const s = document.querySelector("#table");
		s.value = arguments[0]; s.dispatchEvent(new Event("change"))', $table);
	says('#range', qr/^Rows 1 to 50 of $number$/, "$what: the first page");
	is($chrome->place, "/dashboard/database#table=$table",
		'the URL names the table');
	$chrome->click('#next');
	my $last = $number == 60 ? 60 : 100;
	says('#range', qr/^Rows 51 to $last of $number$/, 'the next page');
	like(rows_in('#rows'), $number == 60 ? qr/^051\n/ : qr/^51\|row 51\n/,
		'it begins where the first one ended');
	$chrome->click('#previous');
	says('#range', qr/^Rows 1 to 50 of $number$/, 'and back');
}
$chrome->run_script('location.hash = "#table=few"');
has_rows('#rows', "1\n2", 'a view');

# --- Console ----------------------------------------------------------------

enter("SELECT 9007199254740993 AS big, 'x' AS x; INSERT INTO wr VALUES ('new');\n"
	. "-- a comment; with a semicolon\nSELECT count(*) FROM wr;");
says('#console-status', qr/^3 statements run\.$/, 'test data change without a question');
has_rows('#results .result:nth-child(1)', '9007199254740993|x', 'the first result');
says('#results .result:nth-child(2) p.soft', qr/^1 row changed/, 'a write');
has_rows('#results .result:nth-child(3)', '61', 'the last result');
is_accessible('results');

enter("SELECT 1; INSERT INTO wr VALUES ('new'); SELECT 2");
says('#console-status', qr/^Statement 2 failed\. The statements after it were not run/,
	'a failed statement ends the run');
says('#results .problem', qr/^SQLITE_CONSTRAINT .*UNIQUE constraint failed: wr\.k/,
	'the error has its code');
enter("INSERT INTO wr VALUES ('never'); SELEC 1");
says('#console-status', qr/^Nothing was run/, 'a syntax error runs nothing');
says('#results .problem', qr/^SQL_PARSE_ERROR /, 'and says so');
is(($db->query("SELECT count(*) FROM wr WHERE k = 'never'"))[0][0], 0,
	'nothing was written');
is_accessible('an error of a statement');

enter('SELECT * FROM wr JOIN pages ON k = n ORDER BY n', '#plan');
says('#results .plan', qr/\bSCAN\b.*\bUSE TEMP B-TREE\b/s, 'a plan');
is_accessible('a plan');
enter('', '#run');
says('#console-status', qr/^Enter a statement/, 'an empty console runs nothing');
$chrome->type('#sql', 'SELECT 5 AS five');
$chrome->strike([CONTROL, ENTER]);
has_rows('#results', '5', 'Control and Enter run the statements');
enter('WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000)'
	. ' SELECT x FROM c');
says('#results p.soft', qr/^1,000 rows, the first 500 are shown/,
	'a long result is cut off');
enter("CREATE TRIGGER tr AFTER INSERT ON wr BEGIN DELETE FROM pages WHERE n = 1;"
	. " DELETE FROM pages WHERE n = 2; END; INSERT INTO wr VALUES ('t')");
says('#console-status', qr/^2 statements run\.$/, 'a trigger is one statement');
says('#summary', qr/^\d+ tables? for test data/, 'the summary is read again');
eventually { rows_in('#rows') eq '' } 'the table is read again after a write';

# --- Live data --------------------------------------------------------------

sign_in($account);
$chrome->run_script('sessionStorage.setItem("io7.mode", "live")');
$chrome->visit('/dashboard/database');
says('#summary', qr/live data/, 'the live database, by a session');
enter('SELECT 1; CREATE TABLE asked (a)');
says('dialog', qr/^Change live data\?.*CREATE TABLE asked/s,
	'a write to live data is confirmed');
is_accessible('the question before a write');
$chrome->click('dialog .quiet');
says('#console-status', qr/^Not run/, 'it can be refused');
$chrome->click('#run');
$chrome->click('dialog .danger');
says('#console-status', qr/^2 statements run/, 'and confirmed');
eventually { $chrome->run_script('return [...document.querySelectorAll(
	"#table option")].some((one) => one.value === "asked")') }
	'the new table is listed';
$chrome->click('label:has(#mode-test)');
says('#summary', qr/test data/, 'the switch shows test data');
ok(!$chrome->run_script('return [...document.querySelectorAll("#table option")]
	.some((one) => one.value === "asked")'), 'without the live table');

# --- Export and import ------------------------------------------------------

$chrome->click('#export');
says('#export-status', qr/^[\d.]+ k?B exported\.$/, 'an export');
is_accessible('the end of an export');
$chrome->click('#export-close');
my ($file) = eventually { glob "$folder/io7-test-*.db" } 'the file is stored';
like(slurp($file), qr/^SQLite format 3\0/, 'it is an SQLite file');

$db->execute('DROP TABLE wr');
$chrome->click('#import');
is_accessible('the dialog of an import');

sub choose
{
	my ($path) = @_;
	my ($id) = values %{$chrome->call(POST => '/element',
		{ using => 'css selector', value => '#import-file' })};

	$chrome->call(POST => "/element/$id/value", { text => $path });
}

spew("$folder/no.db", 'x' x 5000);
choose("$folder/no.db");
$chrome->click('#import-start');
says('#import-trouble', qr/\S/, 'a file that is no database is rejected');
is_accessible('a rejected import');
choose($file);
$chrome->click('#import-start');
says('#message', qr/^The database was replaced/, 'an import');
is(($db->query('SELECT count(*) FROM wr'))[0][0], 62, 'the table is back');

end_pages;
