#!/usr/bin/perl
# Jobs: created, listed, changed and deleted, in the database of the caller only; by the
# API and by the user's own SQL.

use strict;
use warnings;

use Io7::Account;
use Io7::Cron;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = stack;
my $account = new_account($stack);
my ($mine, $live) = map { cron_of($account, $_) } qw(test live);
my $theirs = cron_of(new_account($stack), 'test');
my $db = database_of($account, 'test');

# --- Create and read ---------------------------------------------------------

my $answer = $mine->post('/jobs', { name => 'Report', schedule => '30 2 * * *',
	timezone => 'Europe/Rome', command => 'sql SELECT 1', retries => 2 });
my $job = $answer->{json};
is($answer->{status}, 201, 'a job is created') or diag($answer->{body});
is_deeply({ map { ($_ => $job->{$_}) } qw(name schedule timezone command enabled overlap
	retries catch_up summary problem last_run recent) },
	{ name => 'Report', schedule => '30 2 * * *', timezone => 'Europe/Rome',
		command => 'sql SELECT 1', enabled => true,
		overlap => 'skip', retries => 2, catch_up => 'one',
		summary => 'at 02:30 every day', problem => undef,
		last_run => undef, recent => [] },
	'... with what was sent, and defaults');
like($job->{next_at}, qr/T0[01]:30:00\.000000Z$/, '... and its next time, in UTC');
is_deeply($mine->get("/jobs/$job->{id}")->{json}, $job, '... and is read back');
is_deeply($mine->get('/jobs')->{json}, { items => [$job], next_cursor => undef },
	'... and listed');
is_deeply([$db->query('SELECT id, user_id, name, schedule, command, enabled, timezone,
	overlap, retries, catch_up FROM cron_jobs')],
	[[$job->{id}, $account->user_id, 'Report', '30 2 * * *', 'sql SELECT 1', 1,
		'Europe/Rome', 'skip', 2, 'one']],
	'... and it is a row of cron_jobs in the database of the user');
is_deeply($live->get('/jobs')->{json}{items}, [], 'the other mode has other jobs');

# --- Other accounts ----------------------------------------------------------

is_deeply($theirs->get('/jobs')->{json}{items}, [], 'another account does not see it');
my $refused = 0;
for my $try (['GET', ''], ['PATCH', '', { enabled => false }], ['DELETE', ''],
	['GET', '?user_id=' . $account->user_id]) {
	my ($method, $more, $body) = @$try;
	my $status = $theirs->request($method, "/jobs/$job->{id}$more", $body)->{status};
	$refused++ if $status == 404 || $more && $status == 400;
}
is($refused, 4, '... and its id is unknown to it');
is_deeply($theirs->get("/jobs/$job->{id}/runs")->{json}{items}, [],
	'... and so are its runs');
is($theirs->post('/jobs', { name => 'x', schedule => '@daily', command => 'sql SELECT 1',
	$_ => $account->user_id })->{status}, 400, "a body with $_ is refused")
	for qw(id user_id created_at);
is_deeply($mine->job($job), $job, 'the job is unchanged');
for my $id ('x', '%ff', '..', 'a' x 300, "' OR 1=1 --", '%27%20OR%201=1') {
	my $path = $id =~ s/ /%20/gr;
	is($mine->request($_, "/jobs/$path", $_ eq 'PATCH' ? { retries => 1 } : undef)
		->{status}, 404, "$_ of the id $id is 404") for qw(GET PATCH DELETE);
}

# --- Change -------------------------------------------------------------------

my $changed = $mine->patch("/jobs/$job->{id}", { enabled => false })->{json};
is_deeply([@$changed{qw(enabled next_at name)}], [false, undef, 'Report'],
	'a paused job has no next time');
$changed = $mine->patch("/jobs/$job->{id}", { enabled => true,
	schedule => '@hourly', timezone => 'UTC', name => 'Other', overlap => 'queue',
	catch_up => 'all', retries => 10, command => "sql SELECT\n2" })->{json};
is_deeply({ map { ($_ => $changed->{$_}) } qw(name schedule timezone overlap catch_up
	retries command) }, { name => 'Other', schedule => '@hourly', timezone => 'UTC',
		overlap => 'queue', catch_up => 'all', retries => 10,
		command => "sql SELECT\n2" }, 'every field can be changed');
like($changed->{next_at}, qr/:00:00\.000000Z$/, '... and the next time follows');

my $second = $mine->add(name => 'Second', schedule => '@daily', command => 'sql SELECT 1');
my $twice = $mine->post('/jobs', { name => 'Second', schedule => '@daily',
	command => 'sql SELECT 1' });
is($twice->{status}, 409, 'a name that exists is refused');
is($twice->{json}{error}{message}, 'Another job has this name.', '... and said so');
is($mine->patch("/jobs/$job->{id}", { name => 'Second' })->{status}, 409,
	'... also as a new name');
is($mine->patch("/jobs/$second->{id}", { name => 'Second' })->{status}, 200,
	'a job can be given its own name');
is($mine->patch("/jobs/$second->{id}", {})->{status}, 200, 'an empty change is none');

# --- Bad input ----------------------------------------------------------------

my %good = (name => 'new', schedule => '@daily', command => 'sql SELECT 1');
for my $bad (
	[name => ''], [name => 'a' x 101], [name => "a\nb"], [name => 1],
	[schedule => ''], [schedule => '* * * *'], [schedule => '60 * * * *'],
	[schedule => '0 0 30 2 *'], [schedule => '0 0 L * *'], [schedule => '0 0 * * 1#2'],
	[schedule => '*/0 * * * *'], [schedule => '5-1 * * * *'], [schedule => '@never'],
	[schedule => '@reboot'], [schedule => '* * * * * *'], [schedule => 'a b c d e'],
	[schedule => '0 24 * * *'], [schedule => '0 0 0 * *'], [schedule => '0 0 * 13 *'],
	[schedule => ' ' x 300], [schedule => undef],
	[timezone => ''], [timezone => 'Europe/Atlantis'], [timezone => '../etc/passwd'],
	[timezone => 'posixrules/x'], [timezone => "UTC\n"], [timezone => 'a' x 300],
	[command => ''], [command => 'rm -rf /'], [command => 'function f'],
	[command => 'sql'], [command => 'http GET ftp://x/'],
	[command => 'sql ' . 'x' x 65_533],
	[enabled => 1], [overlap => 'never'], [catch_up => 'two'],
	[retries => -1], [retries => 11], [retries => '1'], [retries => 1.5],
) {
	my ($field, $value) = @$bad;
	my $got = $mine->post('/jobs', { %good, $field => $value });
	my $shown = defined $value ? substr encode_json([$value]), 0, 40 : 'null';
	is_deeply([$got->{status}, $got->{json}{error}{details}{field}], [400, $field],
		"$field $shown is refused") or diag($got->{body});
	ok(length($got->{json}{error}{details}{problem} // ''), '... with a sentence');
}
is($mine->post('/jobs', '{"name":"a","name":"b"}')->{status}, 400,
	'a member given twice is refused');
is($mine->post('/jobs', '[]')->{status}, 400, 'a body that is no object is refused');
is($mine->post('/jobs', '{"name":')->{status}, 400, 'a truncated body is refused');
is(scalar @{$mine->get('/jobs')->{json}{items}}, 2, 'none of them created a job');
my $long = $mine->add(%good, name => 'long', command => 'sql ' . 'x' x 65_532);
is(length $mine->job($long)->{command}, 65_536, 'a command of 64 KiB is stored whole');
$mine->delete("/jobs/$long->{id}");

# --- Preview ------------------------------------------------------------------

my $preview = $mine->get('/preview?schedule=30+2+*+*+*&timezone=Europe%2FRome&count=3');
is($preview->{json}{summary}, 'at 02:30 every day', 'a preview has the schedule in words');
is(scalar @{$preview->{json}{times}}, 3, '... and as many times as were asked for');
like($preview->{json}{times}[0]{local}, qr/T02:30:00\+0[12]:00$/, '... in local time');
is($mine->get("/preview?$_->[0]")->{json}{error}{details}{field}, $_->[1],
	"a preview of $_->[0] is refused")
	for ['', 'schedule'], ['schedule=x', 'schedule'],
		['schedule=@daily&timezone=x', 'timezone'],
		['schedule=@daily&count=0', 'count'], ['schedule=@daily&count=101', 'count'],
		['schedule=@daily&count=x', 'count'];

# --- Scopes -------------------------------------------------------------------

my $http = $stack->http;
my %key = map {
	my $made = $http->request(POST => '/api/keys', type => 'application/json',
		headers => ['Authorization' => 'Bearer ' . $account->session('web')],
		body => encode_json({ label => $_, mode => 'test', scopes => [$_] }));
	($_ => cron_of($account, 'test',
		auth => [Authorization => 'Bearer ' . $made->{json}{key}]));
} qw(read write database);
is($key{read}->get('/jobs')->{status}, 200, 'the scope read lists jobs');
is($key{read}->post('/jobs', { %good })->{status}, 403, '... and creates none');
is($key{write}->get('/jobs')->{status}, 403, 'the scope write lists no jobs');
is($key{database}->get('/jobs')->{status}, 403, 'the scope database lists no jobs');
is($http->get('/api/cron/jobs')->{status}, 401, 'without a credential there are none');

# --- SQL of the user ----------------------------------------------------------

$db->execute('DELETE FROM cron_jobs');
is_deeply($mine->get('/jobs')->{json}{items}, [], 'jobs deleted by SQL are gone');
$db->execute(q{INSERT INTO cron_jobs (id, user_id, name, schedule, command)
	VALUES ('my-id', 'someone', 'by hand', '*/5 * * * *', 'sql SELECT 1')});
my ($hand) = @{$mine->get('/jobs')->{json}{items}};
is_deeply([@$hand{qw(id name timezone overlap retries catch_up problem)}],
	['my-id', 'by hand', 'UTC', 'skip', 0, 'one', undef],
	'a job inserted with the first columns only is a job');
ok($hand->{next_at}, '... which runs');
$db->execute(q{UPDATE cron_jobs SET schedule = '61 * * * *'});
my $broken = $mine->job($hand);
is_deeply([@$broken{qw(next_at summary)}], [undef, undef],
	'a job that SQL made invalid has no next time');
like($broken->{problem}, qr/61|minute/, '... and its problem says why');
is($mine->patch('/jobs/my-id', { enabled => false })->{status}, 200,
	'... and it can be paused');
is($mine->patch('/jobs/my-id', { retries => 1 })->{status}, 400,
	'... but not be changed into another invalid job');
is($mine->patch('/jobs/my-id', { schedule => '@daily' })->{json}{problem}, undef,
	'... only into a valid one');

sub problem_of
{
	my ($id) = @_;

	return $mine->get("/jobs/$id")->{json}{problem} // 'none';
}

$db->execute(q{INSERT INTO cron_jobs VALUES
	('twin', 'u', 'by hand', '@daily', 'sql SELECT 1', 1, '2099-01-01', NULL, 'UTC',
		'skip', 0, 'one'),
	('zone', 'u', 'zone', '@daily', 'sql SELECT 1', 1, 'x', 'y', 'Mars', 'skip', 0, 'one'),
	('types', 'u', x'ff00', 7, x'00', 'no', 5, 6, 8, 9, 'many', x'01'),
	('words', 'u', 'words', '@daily', 'sql SELECT 1', 1, 'x', 'y', 'UTC', 'maybe', 0, 'one')});
is(problem_of('twin'), 'An older job has this name.',
	'a second job of a name has a problem');
like(problem_of('zone'), qr/zone/i, 'an unknown time zone is a problem');
isnt(problem_of('types'), 'none', 'values of other types are a problem');
like(problem_of('words'), qr/overlap/, 'an unknown word is a problem');
is($mine->get('/jobs')->{status}, 200, '... and they do not keep others from being listed');

# --- Large values of the user's SQL --------------------------------------------

$db->execute('DELETE FROM cron_jobs');
$db->execute(q{INSERT INTO cron_jobs (id, user_id, name, schedule, command)
	VALUES ('good', 'u', 'good', '@daily', 'sql SELECT 1')});
for my $column (qw(id name schedule command timezone overlap catch_up created_at)) {
	my %value = (id => "'large'", name => "'large'", schedule => "'\@daily'",
		command => "'sql SELECT 1'", timezone => "'UTC'", overlap => "'skip'",
		catch_up => "'one'", created_at => "'2026-01-01'",
		$column => 'hex(zeroblob(4000000))');
	my @columns = sort keys %value;

	$db->execute('INSERT INTO cron_jobs (user_id, ' . join(', ', @columns)
		. q{) VALUES ('u', } . join(', ', @value{@columns}) . ')');
	my $listed = $mine->get('/jobs');
	my ($large) = grep { $_->{id} ne 'good' } @{$listed->{json}{items} // []};
	is(scalar @{$listed->{json}{items} // []}, 2, "a large $column can be listed")
		or diag(substr $listed->{body}, 0, 300);
	ok($large->{problem} || $column eq 'created_at', '... with a problem');
	$db->execute(q{DELETE FROM cron_jobs WHERE id <> 'good'});
}
$db->execute(q{DELETE FROM cron_jobs});
$db->execute(q{INSERT INTO cron_jobs (id, user_id, name, schedule, command)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
	SELECT 'j' || i, 'u', printf('job %04d', i), '0 0 1 1 *',
		'sql SELECT ''' || hex(zeroblob(32000)) || '''' FROM n});
my $largest = $mine->get('/jobs?limit=1000');
is($largest->{status}, 200, '1,000 jobs with commands of 64 KB can be listed')
	or diag(substr $largest->{body}, 0, 300);
ok($largest->{json}{next_cursor}, '... in pages of about 1 MB');
eventually { $stack->psql("SELECT count(*) FROM io7.cron_due WHERE next_at IS NOT NULL
	AND mode = 'test' AND user_id = '@{[$account->user_id]}'") == 1000 }
	'... and all of them are in the index';

$db->execute('DELETE FROM cron_jobs');
$db->execute('DROP TABLE cron_jobs');
is_deeply($mine->get('/jobs')->{json}{items}, [], 'a table that was dropped is empty');
$mine->add(%good, name => 'again');
is(scalar @{$mine->get('/jobs')->{json}{items}}, 1, '... and takes new jobs');
$db->execute('DROP TABLE cron_jobs');
$db->execute('CREATE TABLE cron_jobs (id TEXT PRIMARY KEY, user_id TEXT NOT NULL,
	name TEXT NOT NULL, schedule TEXT NOT NULL, command TEXT NOT NULL,
	enabled BOOLEAN DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)');
ok($mine->add(%good, timezone => 'Asia/Tokyo'), 'a table of the first version is mended');
$db->execute('DROP TABLE cron_jobs');
$db->execute('CREATE TABLE cron_jobs (a)');
my $unusable = $mine->get('/jobs');
is($unusable->{status}, 409, 'a table of another kind is a conflict');
like($unusable->{json}{error}{message}, qr/^The table cron_jobs .* cannot be used: /,
	'... and the answer says so');
$db->execute('DROP TABLE cron_jobs');

# --- Many ----------------------------------------------------------------------

$db->execute('CREATE TABLE IF NOT EXISTS numbers (n)');
$mine->get('/jobs');
$db->execute(q{INSERT INTO cron_jobs (id, user_id, name, schedule, command)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
	SELECT 'j' || i, 'u', printf('job %04d', i), '0 0 1 1 *', 'sql SELECT 1' FROM n});
my $surplus = $mine->post('/jobs', { %good });
is($surplus->{status}, 409, 'the 1,001st job is refused');
like($surplus->{json}{error}{message}, qr/1,000/, '... and said so');
my (%seen, $cursor);
do {
	my $page = $mine->get('/jobs?limit=300' . ($cursor ? "&cursor=$cursor" : ''));
	$seen{$_->{name}}++ for @{$page->{json}{items}};
	$cursor = $page->{json}{next_cursor};
} while ($cursor);
is(scalar(keys %seen), 1000, 'all 1,000 jobs are listed, page by page');
is((grep { $_ > 1 } values %seen), 0, '... each once');
is($mine->get('/jobs?cursor=zz')->{status}, 400, 'a cursor that is none is refused');
eventually { $stack->psql("SELECT count(*) FROM io7.cron_due WHERE mode = 'test'
	AND user_id = '@{[$account->user_id]}'") == 1000 } 'all of them are in the index';
$db->execute(q{DELETE FROM cron_jobs});
eventually { $stack->psql("SELECT count(*) FROM io7.cron_due WHERE mode = 'test'
	AND user_id = '@{[$account->user_id]}'") == 0 } '... until SQL deletes them';

finish;
