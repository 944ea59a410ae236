#!/usr/bin/perl
# The commands of `io7 cron`: what an operator sees of the jobs of users, and runs.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;

my $stack = stack();
my $account = new_account($stack);
my $other = new_account($stack);

sub cron
{
	return io7('cron', @_, '-c', $stack->conf_file);
}

sub create
{
	my ($who, $mode, %job) = @_;

	my $answer = $stack->http->post('/api/cron/jobs', headers => $who->auth($mode),
		body => encode_json({ schedule => '0 4 1 1 *', timezone => 'Europe/Rome',
			command => 'sql SELECT 6 * 7', %job }));
	is($answer->{status}, 201, "there is a $mode job $job{name}")
		or diag($answer->{body});
	return $answer->{json}{id};
}

# The jobs that a list names, as JSON.
sub listed
{
	my $list = cron('list', @_, '--json');

	is($list->{exit}, 0, "io7 cron list @_") or diag($list->{err});
	return map { decode_json($_) } split /\n/, $list->{out};
}

my $id = create($account, 'test', name => 'answer', retries => 2);
create($account, 'live', name => 'answer');
create($account, 'test', name => 'paused', enabled => false);
create($account, 'test', name => 'another');
create($other, 'test', name => 'theirs');

# --- list -------------------------------------------------------------------

my @jobs = listed($account->name);
is_deeply([map { "$_->{mode} $_->{name}" } @jobs],
	['live answer', 'test another', 'test answer', 'test paused'],
	'the jobs of a user are listed by mode and name');
is_deeply([map { $_->{name} } listed($other->name)], ['theirs'], '... and no others');
is_deeply([map { $_->{name} } listed($account->name, '--mode', 'live')], ['answer'],
	'... or those of one mode');
my ($job) = grep { $_->{id} eq $id } @jobs;
is_deeply({ %$job{qw(user_id schedule timezone command retries overlap catch_up problem
	enabled last_status)} }, { user_id => $account->user_id, schedule => '0 4 1 1 *',
	timezone => 'Europe/Rome', command => 'sql SELECT 6 * 7', retries => 2,
	overlap => 'skip', catch_up => 'one', problem => undef, enabled => true,
	last_status => undef }, 'a job has its facts');
like($job->{next_at}, qr/-01-01T03:00:00\.000000Z$/, '... and its next time');
cmp_ok(scalar(grep { $_->{user_id} eq $other->user_id } listed()), '==', 1,
	'the jobs of all users are listed');
my $text = cron('list', $account->name)->{out};
like($text, qr/^MODE  STATE .* JOB$/m, 'the list has a head');
like($text, qr/^test  paused   - +- +\Q@{[$account->name]}\E +paused$/m,
	'... and a line for each job');
is(cron('list', $account->name, '--mode', 'both')->{exit}, 64, 'another mode is refused');
is(cron('list', 'nobody-at-all')->{exit}, 67, 'an unknown user is refused');

# The names are in the reverse order of the ids, and some are the same.
my $many = new_account($stack);
$stack->psql("INSERT INTO io7.cron_due (user_id, mode, job_id, name, schedule, timezone,
		command, enabled, overlap, retries, catch_up, decided_at)
	SELECT '@{[$many->user_id]}', 'live', to_char(i, 'FM0000'),
		to_char((1200 - i) / 3, 'FM0000'), '\@yearly', 'UTC', 'sql SELECT 1', false,
		'skip', 0, 'one', now()
	FROM generate_series(1, 1200) AS i");
my @many = map { "$_->{name} $_->{id}" } listed($many->name);
is_deeply(\@many, [sort map { sprintf '%04d %04d', (1200 - $_) / 3, $_ } 1 .. 1200],
	'jobs of several pages are each listed once, in order');
$stack->psql("DELETE FROM io7.cron_due WHERE user_id = '@{[$many->user_id]}'");

# --- run and show -----------------------------------------------------------

my $run = cron('run', $account->name, 'answer');
is($run->{exit}, 64, 'a name that two modes have needs a mode');
like($run->{err}, qr/--mode/, '... and the error says so');
isnt(cron('run', $account->name, 'nothing', '--mode', 'test')->{exit}, 0,
	'an unknown job is refused');
isnt(cron('run', $account->name, 'theirs', '--mode', 'test')->{exit}, 0,
	"... and another user's job");
$run = cron('run', $account->name, 'answer', '--mode', 'test');
is($run->{exit}, 0, 'a job is run') or diag($run->{err});
my ($run_id) = $run->{out} =~ /^([0-9a-f-]{36}) is queued$/;
ok($run_id, '... and its run is named') or diag($run->{out});
my $seen;
eventually { $seen = $account->ask(GET => "/api/cron/runs/$run_id")->{json};
	$seen->{status} eq 'ok' } '... which succeeds' or diag(explain($seen));
is($seen->{trigger}, 'manual', '... as one that was started by hand');
like($seen->{output}, qr/42/, '... with its output');

my $show = cron('show', $account->name, $id);
is($show->{exit}, 0, 'a job is shown by its id') or diag($show->{err});
like($show->{out}, qr/^command +sql SELECT 6 \* 7$/m, '... with its command');
like($show->{out}, qr/^\S+Z +ok +manual +1\/3 +\Q$run_id\E/m, '... and its runs');
my $shown = decode_json(cron('show', $account->name, 'answer', '--mode', 'test',
	'--json')->{out});
is_deeply([map { "$_->{id} $_->{status}" } @{$shown->{runs}}], ["$run_id ok"],
	'... also as JSON');
is($shown->{last_status}, 'ok', '... with the last outcome');
like(cron('show', $account->name)->{out}, qr/ paused$/m,
	'without a job all jobs of the user are shown');
is(cron('show', new_account($stack)->name)->{exit}, 1, 'a user may have none');

# --- An invalid job ---------------------------------------------------------

database_of($account, 'test')->execute(
	"UPDATE cron_jobs SET schedule = 'x' WHERE id = '$id'");
eventually { cron('show', $account->name, $id)->{out} =~ /^state +invalid$/m }
	'a job that SQL made invalid is shown as such';
my $invalid = cron('show', $account->name, $id)->{out};
like($invalid, qr/^problem +\S/m, '... with its problem');
like($invalid, qr/^schedule +x$/m, '... and with what SQL wrote');
like($invalid, qr/^timezone +Europe\/Rome$/m, '... the time zone');
like($invalid, qr/^command +sql SELECT 6 \* 7$/m, '... and the command');
isnt(cron('run', $account->name, $id, '--mode', 'test')->{exit}, 0, 'and is not run');

finish;
