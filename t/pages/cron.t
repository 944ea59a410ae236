#!/usr/bin/perl
# The page of cron jobs, in Chromium: examples, the editor with its preview, pausing, a
# run with its output, history, heartbeats, the webhook secret, jobs that SQL made
# invalid, two tabs, and deletion.

use strict;
use warnings;
use utf8;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Pages;
use Io7::Test;

use constant ESCAPE => "\x{e00c}";

my $stack = private_stack;
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');

$chrome->call(POST => '/window/rect', { width => 1280, height => 900 });
$chrome->devtools('Emulation.setTimezoneOverride', timezoneId => 'Asia/Tokyo');

# Returns the jobs by name, as the API has them.
sub jobs
{
	my $answer = $account->ask(GET => '/api/cron/jobs?limit=100');

	return map { $_->{name} => $_ } @{$answer->{json}{items}};
}

sub create
{
	my (%job) = @_;

	my $answer = $account->ask(POST => '/api/cron/jobs', encode_json({
		schedule => '0 4 * * *', command => 'sql SELECT 1', %job }));
	is($answer->{status}, 201, "there is a job $job{name}")
		or diag($answer->{body});
	return $answer->{json}{id};
}

# The row of a job in the list.
sub row_of
{
	my ($name) = @_;
	my %jobs = jobs();

	return qq([id="job-$jobs{$name}{id}"]);
}

sub reload
{
	$chrome->visit('/dashboard/cron');
	$chrome->call(POST => '/refresh');
}

sub choose
{
	my ($selector, $value) = @_;

	$chrome->run_script('const one = document.querySelector(arguments[0]);
		one.value = arguments[1];
		one.dispatchEvent(new Event("change"))', $selector, $value);
}

sub is_closed
{
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	shown('!document.querySelector("dialog")', $_[0]);
}

# --- An empty page ----------------------------------------------------------

$chrome->visit('/dashboard/cron');
comes_to('/dashboard/login?return=%2Fdashboard%2Fcron',
	'without a session the login page opens');
use_key($account->test_key);
comes_to('/dashboard/cron', 'after the login the page opens');
says('#summary', qr/^0 jobs for test data\.$/, 'a new account has no jobs');
is($chrome->run_script('return document.querySelectorAll("#empty .card").length'), 3,
	'it sees three examples');
is_accessible('the page without jobs');

# --- The editor -------------------------------------------------------------

$chrome->click('#example-1');
is($chrome->run_script('return document.querySelector("#timezone").value'),
	'Asia/Tokyo', 'an example has the time zone of the viewer');
says('#preview-summary', qr/^Runs at 02:30 every day$/, 'its schedule is previewed');
$chrome->type('#timezone', 'Europe/Rome');
says('.preview th:first-child', qr{^Europe/Rome$}, 'in the time zone of the job');
says('.preview th:last-child', qr{^Your time, Asia/Tokyo$}, 'and in that of the viewer');
is($chrome->run_script('return document.querySelectorAll(".preview tbody tr").length'),
	5, 'the next five times');
says('.preview caption', qr/^Next times$/, 'which have a heading');
says('.preview tbody tr:last-child td:first-child', qr/, 02:30 \+0[12]:00$/,
	'with the offset from UTC');
says('.preview tbody tr:last-child td:last-child', qr/, (09|10):30$/,
	'which is another time for the viewer');
is_accessible('the dialog for a job');

$chrome->type('#schedule', '61 * * * *');
announces('#schedule-problem', qr/61/, 'a schedule that is not valid is explained');
ok($chrome->run_script('return document.activeElement.id === "schedule"'),
	'the focus stays in the field');
shown('!document.querySelector(".preview table")', 'it has no preview');
is($chrome->run_script('return document.querySelector(".preview").offsetHeight'), 1,
	'not even an empty box');
is_accessible('a schedule that is not valid');
$chrome->click('#form-submit');
says('#schedule-problem', qr/61/, 'it cannot be saved');
is_deeply({ jobs() }, {}, 'nothing was created');
$chrome->type('#schedule', '0 0 30 2 *');
says('#schedule-problem', qr/\S/, 'a schedule that never comes is rejected');
$chrome->type('#schedule', '30 2 * * *');
shown('document.querySelector("#schedule-problem").hidden', 'a valid one is accepted');
$chrome->type('#timezone', 'Europe/Rom');
says('#timezone-problem', qr/\S/, 'an unknown time zone is explained at its field');
$chrome->type('#timezone', 'Europe/Rome');
shown('document.querySelector("#timezone-problem").hidden', 'a known one is accepted');

for my $size ([1440, 900], [360, 640]) {
	$chrome->look('light', @$size);
	$chrome->run_script('document.querySelector("dialog").scrollTop = 0');
	shown('document.querySelector("#form-submit").getBoundingClientRect().bottom
		< innerHeight', "the buttons are in sight at @$size");
}
$chrome->look;

$chrome->type('#name', 'Nightly answer');
choose('#kind', 'heartbeat');
is($chrome->run_script('return document.querySelector("#command").value'),
	'heartbeat 10m', 'a kind of command has an example');
ok(!$chrome->shows('.rules'), 'the rules of runs do not apply to heartbeats');
$chrome->type('#command', 'sql SELECT 6 * 7 AS answer');
is($chrome->run_script('return document.querySelector("#kind").value'), 'sql',
	'the kind follows the command');
$chrome->click('.rules summary');
choose('#retries', '3');
says('#retries-note', qr/up to 3 times/, 'a rule is explained');
choose('#overlap', 'queue');
choose('#catch_up', 'none');
is_accessible('the rules of a job');
$chrome->click('#form-submit');
announces('#message', qr/^Created “Nightly answer”\.$/, 'the job is created');
my %job = %{{ jobs() }->{'Nightly answer'}};
is_deeply({ %job{qw(schedule timezone command overlap retries catch_up enabled)} },
	{ schedule => '30 2 * * *', timezone => 'Europe/Rome', overlap => 'queue',
	command => 'sql SELECT 6 * 7 AS answer', retries => 3, catch_up => 'none',
	enabled => Io7::Json::true }, 'as it was entered');
says(row_of('Nightly answer') . ' .next',
	qr{^in [\w ]+, at 02:30 every day, Europe/Rome$},
	'the list says when it runs next');
says(row_of('Nightly answer') . ' .last', qr/^No runs yet$/, 'and that it has not run');

$chrome->click('#create');
$chrome->type('#name', 'Nightly answer');
$chrome->type('#schedule', '@daily');
$chrome->click('#form-submit');
announces('dialog .problem:not([hidden])', qr/\bname\b/, 'a name cannot be used twice');
$chrome->press(ESCAPE);
is_closed('Escape closes the dialog');

# --- Pausing ----------------------------------------------------------------

my $row = row_of('Nightly answer');
$chrome->click("$row .toggle");
announces('#message', qr/^Paused “Nightly answer”\.$/, 'a job is paused');
says("$row .state", qr/^Paused$/, 'the list says so');
ok(!{ jobs() }->{'Nightly answer'}{enabled}, 'it is not enabled');
shown('document.activeElement.classList.contains("toggle")', 'the button has the focus');
$chrome->click("$row .toggle");
says('#message', qr/^Resumed “Nightly answer”\.$/, 'and resumed');
says("$row .state", qr/^Active$/, 'it is active again');

# --- A run ------------------------------------------------------------------

$chrome->click("$row .run");
says('dialog h2', qr/^Run of “Nightly answer”$/, 'a run opens a dialog');
announces('#run-status', qr/^Succeeded, .* by hand\.$/, 'it ends');
says('#run-output', qr/\b42\b/, 'and has its output');
is_accessible('a run with its output');
$chrome->click('#run-close');
is_closed('the dialog closes');
says("$row .last", qr/^Succeeded /, 'the list has the outcome');
is($chrome->run_script('return document.querySelector(arguments[0]).ariaLabel',
	"$row .strip"), 'Last 1 run: 1 succeeded. Newest: succeeded.',
	'the strip of runs has words');
says('.marks', qr/^Succeeded$/, 'and a legend');

create(name => 'Failing', command => 'sql SELECT * FROM nowhere');
reload();
$chrome->click(row_of('Failing') . ' .run');
says('#run-status', qr/^Failed, /, 'a failed run');
says('#run-error', qr/nowhere/, 'says why');
is_accessible('a failed run');
$chrome->click('#run-close');
says(row_of('Failing') . ' .last', qr/^Failed [^.]*, run by hand\. [^,]*nowhere/,
	'the list says why, too');
says('.marks', qr/^Succeeded\s+Failed$/, 'the legend has both marks');
is_accessible('the list of jobs');

# --- History ----------------------------------------------------------------

$stack->psql("INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
	due_at, started_at, finished_at, attempt, attempts, error, missed)
	SELECT '@{[$account->user_id]}', 'test', '$job{id}', 'Nightly answer',
		CASE WHEN n = 1 THEN 'missed' WHEN n % 10 = 0 THEN 'failed' ELSE 'ok' END,
		'schedule', d, CASE WHEN n > 1 THEN d END, CASE WHEN n > 1 THEN
		d + interval '1200 ms' END, (n > 1)::int, 1, CASE WHEN n % 10 = 0 THEN
		'It failed.' END, CASE WHEN n = 1 THEN 7 ELSE 0 END
	FROM (SELECT n, now() - n * interval '10 minutes' AS d FROM generate_series(1, 59) n) t;");
$chrome->click("$row h3 a");
comes_to("/dashboard/cron#job=$job{id}", 'the name leads to the job');
says('#job-title', qr/^Nightly answer$/, 'which is shown');
shown('document.activeElement.id === "job-title"', 'its title has the focus');
ok(!$chrome->shows('#summary'), 'without the summary of the list');
says('#job .times', qr/, 02:30 \+0[12]:00/, 'with its next times');
my $count = 'document.querySelectorAll(".run-row").length';
shown("$count === 25", 'the first page of its runs');
says('.run-row:nth-child(2)', qr/^Missed\s+10 minutes ago.*\b7 times$/s,
	'one row stands for several missed times');
$chrome->click('#older');
shown("$count === 50", 'the next page');
$chrome->click('#older');
shown("$count === 60", 'the last page');
shown('document.querySelector("#older").hidden', 'has no next one');
choose('#status', 'failed');
shown("$count === 5", 'the failed runs');
says('.run-row', qr/^Failed.*It failed\.$|^Failed.*It failed\.\s+Output$/s, 'say why');
choose('#status', 'skipped');
says('#no-runs', qr/has this status/, 'there is no skipped run');
choose('#status', 'ok');
says('.run-row .soft:nth-child(4)', qr/by hand/, 'the newest run was started by hand');
is_accessible('a job with its history');
$chrome->click('.run-row button');
says('#run-output', qr/\b42\b/, 'the output of an earlier run');
$chrome->press(ESCAPE);
is_closed('Escape closes it');
$chrome->click('#back');
comes_to('/dashboard/cron', 'the way back leads to the list');
shown("document.activeElement.id === 'open-$job{id}'", 'the job has the focus');

# --- Heartbeats -------------------------------------------------------------

create(name => 'Office/backup 1', command => 'heartbeat 10m');
reload();
$row = row_of('Office/backup 1');
says("$row .last", qr/^No heartbeat yet$/, 'a heartbeat that has not come');
ok(!$chrome->run_script('return !!document.querySelector(arguments[0])', "$row .run"),
	'a heartbeat cannot be run');
$chrome->click("$row h3 a");
says('#heartbeat pre', qr{/api/cron/heartbeats/Office%2Fbackup%201}, 'the command');
is_accessible('a heartbeat');
my ($site, $plain) = map { $stack->env($_) } qw(IO7_TLS_URL IO7_URL);
my $command = $chrome->text('#heartbeat pre') =~ s/\Q$site\E/$plain/r;
my $sent = run({ env => { IO7_KEY => $account->test_key } }, 'sh', '-c', $command);
like($sent->{out}, qr/"recorded_at"/, 'the command sends a heartbeat')
	or diag($sent->{err});
reload();
says("$row .last", qr/^Succeeded .*heartbeat$/, 'which is recorded');

# --- Jobs that SQL made invalid ---------------------------------------------

database_of($account, 'test')->execute(
	"UPDATE cron_jobs SET schedule = '99 * * * *' WHERE name = 'Failing'");
reload();
$row = row_of('Failing');
says("$row .state", qr/^Invalid$/, 'a job with a schedule that is not valid');
says("$row .problem", qr/99/, 'says what is wrong');
says('#summary', qr/^3 jobs for test data, 1 invalid\.$/, 'the summary counts it');
is_accessible('the list with an invalid job');

# --- Two tabs ---------------------------------------------------------------

$row = row_of('Nightly answer');
$chrome->click("$row .edit");
$account->ask(PATCH => "/api/cron/jobs/$job{id}",
	encode_json({ command => 'sql SELECT 2' }));
$chrome->type('#name', 'Renamed');
$chrome->click('#form-submit');
says('#message', qr/^Saved “Renamed”\.$/, 'a job is renamed');
is({ jobs() }->{Renamed}{command}, 'sql SELECT 2',
	'which keeps what another tab has changed');
my $gone = create(name => 'Gone');
reload();
shown("document.querySelector('[id=\"job-$gone\"]')", 'a job is listed');
$account->ask(DELETE => "/api/cron/jobs/$gone");
$chrome->click("[id='job-$gone'] .toggle");
says("[id='job-$gone'] > .problem", qr/\S/, 'another tab has deleted it');
$chrome->click("[id='job-$gone'] h3 a");
says('#lost', qr/^There is no such test job/, 'it cannot be opened');
is_accessible('a job that does not exist');
$chrome->click('#lost a');
comes_to('/dashboard/cron', 'the list is shown again');

# --- The webhook secret -----------------------------------------------------

$chrome->click('#secret');
says('#secret-text', qr{^whsec_[A-Za-z0-9+/=]{32,}$}, 'the webhook secret');
my $old = $chrome->text('#secret-text');
is_accessible('the webhook secret');
$chrome->click('#rotate');
says('#secret-age', qr/previous secret signs each request, too, until/, 'it is rotated');
isnt($chrome->text('#secret-text'), $old, 'the new one is shown');
is_accessible('a webhook secret during its rotation');
$chrome->press(ESCAPE);
is_closed('Escape closes the dialog');

# --- Deletion and modes -----------------------------------------------------

$chrome->click(row_of('Renamed') . ' .delete');
says('dialog h2', qr/^Delete “Renamed”\?$/, 'a deletion is confirmed');
$chrome->click('dialog .quiet');
is_closed('it can be refused');
$chrome->visit("/dashboard/cron#job=$job{id}");
$chrome->click('#job .delete');
$chrome->click('dialog .danger');
announces('#message', qr/^Deleted “Renamed”\.$/, 'a job is deleted');
is($chrome->place, '/dashboard/cron', 'the list is shown');
ok(!{ jobs() }->{Renamed}, 'the API has it no more');

sign_in($account);
$chrome->run_script('sessionStorage.setItem("io7.mode", "test")');
$chrome->visit('/dashboard/cron');
says('#summary', qr/^2 jobs for test data/, 'the jobs of a session');
$chrome->click('label:has(#mode-live)');
says('#summary', qr/^0 jobs for live data\.$/, 'live data have their own jobs');

end_pages;
