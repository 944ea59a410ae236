#!/usr/bin/perl
# The transform page, in Chromium: each engine, its events, saving, and errors.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Model;
use Io7::Pages;
use Io7::Test;
use Io7::Transform;
use Time::HiRes qw(time);

use constant { ESCAPE => "\x{e00c}", CTRL_ENTER => "\x{e009}\x{e007}" };

my $model = Io7::Model->new(key => '');
my $stack = private_stack(set => {
	IO7_MODEL_URL => $model->url,
	IO7_MODELS => 'small, large',
	IO7_MODEL_SILENCE => '5s',
	IO7_JQ_TIMEOUT => '5s',
	IO7_STREAM_WORKERS => 4,
});
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $t = Io7::Transform->new($account, 'test', $stack->http);
my $live = Io7::Transform->new($account, 'live', $stack->http);
my $long = '12345678901234567890.10';

# Chooses a radio button by its value, or clicks a checkbox by its id.
sub choose
{
	my ($what) = @_;

	$chrome->click("label:has([value='$what']), label:has(#$what)");
}

# Runs the transform and waits for a state.
sub runs
{
	my ($state, $what) = @_;

	$chrome->click('#run');
	says('#state', $state, $what);
}

sub fails
{
	my ($text, $words, $what) = @_;

	$chrome->type('#text', $text);
	runs(qr/^Failed/, $what);
	like($chrome->text('#errors'), $words, 'the error is shown');
}

# The names of the events in the log.
sub names
{
	return join ' ', @{$chrome->run_script('return [...document
		.querySelectorAll(".log li")].map((one) => one.dataset.event)')};
}

sub at_work
{
	return grep { ($_->{route} // '') =~ /transform/ } $stack->workers('stream');
}

sub value_of
{
	my ($selector) = @_;

	return $chrome->run_script('return document.querySelector(arguments[0])
		.value', $selector);
}

$t->put('user:1', qq({"name":"Ada","n":$long,"parts":[{"x":1},{"x":2}]}));
$t->put("user:$_", qq({"name":"U","n":$_})) for 2 .. 30;
$t->put('user:x', '"a text"');
$live->put('user:1', '{"name":"Live"}');

# --- A single value, with a session -----------------------------------------

$chrome->visit('/dashboard/transform');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform',
	'without a session the login page opens');
sign_in($account);
$chrome->visit('/dashboard/transform#key=user%3A1');
is($chrome->text('nav [aria-current]'), 'Transform',
	'the navigation marks the page');
is(value_of('#key'), 'user:1', 'the key comes from the URL');
says('#state', qr/^No run yet/, 'no run has been started');
$chrome->click('label:has(#mode-test)');
says('#command-note', qr/test API key/, 'the page switches to test data');

$chrome->click('#stored summary');
says('#stored-value', qr/"n": \Q$long\E/,
	'the stored value is shown with all digits');
$chrome->type('#text', '.name, .parts[]' . CTRL_ENTER);
says('#state', qr/^Done/, 'Ctrl+Enter runs the transform');
is(names(), 'start chunk chunk chunk result done', 'each event is logged');
is($chrome->text('#output .pane'),
	qq("Ada"\n{\n  "x": 1\n}\n{\n  "x": 2\n}), 'each output is shown');
is($chrome->text('#result .pane'), qq({\n  "x": 2\n}),
	'the last output is the result');
like($chrome->text('#result .warning'), qr/more digits than jq keeps/,
	'a warning says that digits were lost');
like($chrome->text('#summary'), qr/^Duration\n[\d.]+ m?s\nCredits\n0$/,
	'the summary shows duration and credits');
like($chrome->text('.log li'), qr/^\+[\d.]+ m?s\s+start\s+\{"engine":"jq","total":1\}$/,
	'the log shows the time of an event');

# Each example runs, and the command shown gives the same events.
my $home = tempdir(CLEANUP => 1);
spew("$home/.curlrc", "insecure\n");
for my $engine (qw(jq patch merge)) {
	choose($engine);
	my @titles = split /\n/, $chrome->text('#examples');
	for my $n (1 .. @titles) {
		$chrome->click("#examples button:nth-child($n)");
		isnt(value_of('#text'), '', "$engine: $titles[$n - 1]");
		runs(qr/^Done/, 'it runs');
		my $said = run({ env => { CURL_HOME => $home, IO7_KEY =>
			$account->test_key } }, 'bash', '-c',
			$chrome->text('#command'))->{out};
		is(join(' ', map { $_->{event} } Io7::Transform::parse($said)),
			names(), 'the command gives the same events');
	}
}
unlike($chrome->text('#command'), qr/_io7_/, 'the command contains no secret');
like($chrome->text('#result .pane'), qr/"n": \Q$long\E/,
	'a merge patch keeps all digits');
choose('patch');
$chrome->type('#text', "[{\"op\": \"add\", \"path\": \"/big\", \"value\": $long}]");
runs(qr/^Done/, 'a patch');
like($chrome->text('#result .pane'), qr/"big": \Q$long\E/,
	'a JSON patch keeps all digits');

# --- A model ----------------------------------------------------------------

choose('model');
$model->behave('held');
$chrome->click('#examples button');
$chrome->click('#run');
says('#output', qr/first/, 'the first words are shown');
like($chrome->text('#state'), qr/^Running/,
	'they are shown before the answer is complete');
is(names(), 'start chunk', 'the log has the events so far');
ok($chrome->shows('#stop'), 'a running stream can be stopped');
is($chrome->run_script('return document.activeElement.id'), 'stop',
	'the Stop button has the focus');
is_accessible('a running stream');
$model->release;
says('#state', qr/^Done/, 'the stream ends with the answer');
is($chrome->text('#output .pane'), 'first last', 'the whole answer is shown');
is($chrome->text('#result .pane'), '"first last"', 'the answer is the result');
like($chrome->text('#summary'), qr/Tokens\n11 in the prompt, 7 in the answer$/,
	'the summary shows the tokens');
is($model->asked->{model}, 'small', 'the first model of the list is used');

$model->behave('json');
$chrome->type('#model', 'large');
$chrome->type('#max_tokens', '9');
choose('json');
runs(qr/^Done/, 'a JSON answer is requested');
is($chrome->text('#result .pane'), qq({\n  "a": 12345678901234567890\n}),
	'it keeps all digits');
is_deeply([@{$model->asked}{qw(model max_tokens)}], ['large', 9],
	'the chosen model and token limit are sent');

$model->behave('slow');
my $left = $model->left;
$chrome->click('#run');
says('#output', qr/first/, 'a slow answer begins');
is(scalar(at_work()), 1, 'it occupies a worker');
my $began = time;
$chrome->click('#stop');
says('#state', qr/^Stopped after/, 'Stop ends the run');
eventually { !at_work() && $model->left > $left }
	'the worker and the model stop too';
is_within(time - $began, 5, 'they stop within seconds');
$chrome->click('#run');
says('#output', qr/first/, 'it runs again');
$chrome->type('#model', ESCAPE);
says('#state', qr/^Stopped after/, 'Escape ends the run');
eventually { !at_work() } 'the worker stops';

# --- Errors -----------------------------------------------------------------

choose('json');
$chrome->type('#model', '');
for (['500', qr/^The model failed\n.*failed/], ['401', qr/operator's key/],
	['silent', qr/^Timed out\n/], ['garbage', qr/invalid answer/],
	['cut', qr/broke off|invalid answer/]) {
	my ($how, $words) = @$_;
	$model->behave($how);
	fails('Say it.', $words, "a failing model: $how");
}
is_accessible('an error');

choose('jq');
fails('.[', qr/^Failed\n.*syntax error/, 'a syntax error is reported');
fails('1, error("so it is")', qr/so it is/,
	'an error of the program is reported');
is($chrome->text('#output .pane'), '1', 'the output before the error remains');
fails('def f: f; f', qr/^Timed out\n/, 'an endless program times out');
choose('patch');
fails('[{"op": "test", "path": "/name", "value": "Eve"}]', qr/^Failed\n.*\npatch: /,
	'a failed test of a patch is reported');

$chrome->type('#text', "[{\"op\":\n }]");
$chrome->click('#run');
says('#problem', qr/^Line 2, character 2: A value is missing/,
	'a JSON syntax error is reported');
is($chrome->run_script('return document.activeElement.id'), 'text',
	'the invalid field gets the focus');
ok(!$chrome->shows('#command'), 'no command is shown for an invalid form');
$chrome->type('#text', '{}');
runs(qr/^Request rejected/, 'the API rejects an invalid patch');
says('#problem', qr/^Patch: must be an array/,
	'the problem is shown at its field');
is_accessible('a fault');
choose('jq');
$chrome->type('#text', '.');
$chrome->type('#if_version', '77');
runs(qr/^Request rejected/, 'a wrong version is rejected');
says('#problem', qr/another version/, 'the problem is shown at its field');
$chrome->click('.pick');
is(value_of('#if_version'), '1',
	'Require this version fills in the current version');
runs(qr/^Done/, 'the current version is accepted');
$chrome->type('#if_version', '0');
$chrome->click('#run');
says('#problem', qr/whole number/, 'version 0 is invalid');
$chrome->type('#if_version', '');
$chrome->type('#key', '');
$chrome->click('#run');
says('#problem', qr/^Enter a key/, 'a key is required');
$chrome->type('#key', 'nosuch');
runs(qr/^Request rejected/, 'a missing key is rejected');
says('#problem', qr/does not exist in your test data/,
	'the problem is shown at its field');
says('#stored-value', qr/does not exist/,
	'the stored value says that the key does not exist');
choose('model');
$chrome->type('#model', 'huge');
$chrome->type('#text', 'Say it.');
runs(qr/^Request rejected/, 'a model that is not allowed is rejected');
says('#problem', qr/^Model: is not in/, 'the problem is shown at its field');
$chrome->type('#model', '');

# --- Saving -----------------------------------------------------------------

$chrome->type('#key', 'user:');
eventually { $chrome->run_script('return document.querySelectorAll(
	"#known-keys option").length') == 20 } 'keys are offered for completion';
$chrome->type('#key', 'user:30');
choose('save');
is($chrome->text('#run'), 'Run and save',
	'the button says that the result is saved');
$model->behave('held');
$chrome->click('#run');
says('#output', qr/first/, 'a slow run begins');
my $won = $t->put('user:30', '"mine"');
$model->release;
says('#errors', qr/^Not saved\nuser:30 was changed .* version $won\b/,
	'a key changed during the run is not overwritten');
$chrome->click('#errors button');
says('#errors .pane', qr/^"mine"$/, 'the current value can be shown');
is_accessible('a conflict');
$chrome->click('#errors .line button:last-child');
says('#output', qr/first/, 'Run again repeats the run');
$model->release;
says('#result .saved', qr/^Saved, version @{[$won + 1]}\.$/,
	'the result is saved');
is($t->get('user:30'), '"first last"', 'the store has the result');
$chrome->type('#to', 'a/b %');
$chrome->click('#run');
says('#output', qr/first\s*$/, 'the result can be saved under another key');
$model->release;
says('#result .saved', qr{^Saved as a/b %, version \d+\.$},
	'it is saved under that key');

$chrome->visit('/dashboard');
$chrome->visit('/dashboard/transform');
is(value_of('#text'), 'Say it.', 'another visit restores the text');
is(value_of('#to'), 'a/b %', 'another visit restores the other fields');
$chrome->type('#to', '');
$chrome->type('#key', 'a/b %');
choose('save');
choose('jq');
$chrome->type('#text', 'length');
runs(qr/^Done/, 'a key with special characters is transformed');
is($chrome->text('#result .pane'), '10', 'the result is that of this key');

# --- Batches ----------------------------------------------------------------

choose('pattern');
$chrome->type('#pattern', 'user:*');
says('#matches', qr/^31 keys match/, 'the number of matching keys is shown');
$chrome->type('#text', 'if type == "string" then error("a text") else .n += 1 end');
choose('save');
runs(qr/^Done, but 2 of 31 keys failed/, 'a batch continues after failed keys');
is($chrome->text('#progress'), "31 of 31 keys\n2 failed\n29 saved",
	'the counts are shown');
is($chrome->run_script('const bar = document.querySelector("progress");
	return bar.value / bar.max'), 1, 'the progress bar is complete');
like($chrome->text('#failed'), qr/^Failed: 2\nuser:30\na text\nuser:x\na text$/,
	'the failed keys are listed');
like($chrome->text('#results'), qr/^Results: 29\nuser:1\n/,
	'the results are listed');
is($t->get('user:2'), '{"n": 3, "name": "U"}', 'the results are saved');
is_accessible('a batch');

choose('keys');
$chrome->type('#keys', "user:2\nuser:3\n");
$chrome->type('#to', 'copy');
runs(qr/^Request rejected/, 'a single key cannot hold the results of a batch');
says('#problem', qr/^Save as: must contain one \*/,
	'the problem is shown at its field');
$chrome->type('#to', 'copy:*');
choose('model');
runs(qr/./, 'a batch with a model runs');
says('#output', qr/^Output for user:2\nfirst\s*$/,
	'the output names the current key');
is($chrome->text('#progress'), "0 of 2 keys\n0 failed\n0 saved",
	'the progress is shown');
$model->release;
says('#output', qr/^Output for user:3\nfirst\s*$/,
	'the output of the next key follows');
is($chrome->text('#progress'), "1 of 2 keys\n0 failed\n1 saved",
	'one key is done');
like($chrome->text('#results'), qr/^Results: 1\nuser:2\n.*saved as copy:user:2/,
	'its result is listed');
$model->release;
says('#state', qr/^Done: 2 keys/, 'the batch is complete');

# Overwriting live values needs a confirmation.
choose('merge');
$chrome->type('#text', '{"seen": true}');
choose('pattern');
$chrome->type('#to', '');
$chrome->click('label:has(#mode-live)');
says('#matches', qr/^1 key matches/, 'the count is that of live data');
says('#state', qr/^No run/, 'the results of the other mode are removed');
$chrome->click('#run');
says('.dialog', qr/^Overwrite all matching values/,
	'overwriting live values asks for confirmation');
is_accessible('the dialog before overwriting');
$chrome->click('.dialog .quiet');
is($live->get('user:1'), '{"name": "Live"}', 'Cancel changes nothing');
$chrome->click('#run');
$chrome->click('.dialog .danger');
says('#state', qr/^Done: 1 key/, 'confirming runs the batch');
is($live->get('user:1'), '{"name": "Live", "seen": true}',
	'the values are overwritten');
like($chrome->text('#summary'), qr/Credits\n1$/, 'one credit is charged');

# A batch ends when the credits are used up.
$stack->psql("UPDATE io7.plans SET credits_per_day = 9 WHERE id = 'starter'");
my $poor = new_account($stack, plan => 'starter');
is($stack->http->post('/api/kv/import', headers => $poor->auth('live'),
	body => join('', map { qq({"key":"n:$_","value":1}\n) } 1 .. 400))->{status},
	200, '400 keys');
sign_in($poor);
$chrome->visit('/dashboard/transform');
choose('pattern');
$chrome->type('#pattern', 'n:*');
runs(qr/^Ended after \d00 of 400 keys/, 'a batch ends early without credits');
like($chrome->text('#errors'), qr/^No credits left/, 'the reason is shown');
like($chrome->text('#progress'), qr/^\d00 of 400 keys/, 'the progress is shown');

# --- With a key -------------------------------------------------------------

my $reader = io7('key', 'create', $account->name, '--mode', 'test', '--scopes',
	'read', '--json', '-c', $stack->conf_file);
my ($read_key) = $reader->{out} =~ /(test_io7_[0-9a-f]{32})/
	or diag("key create: $reader->{err}");
$chrome->run_script('sessionStorage.clear()');
$chrome->devtools('Network.clearBrowserCookies');
$chrome->visit('/dashboard/transform');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform',
	'without a credential the login page opens');
use_key($read_key);
comes_to('/dashboard/transform', 'a read-only key is accepted');
$chrome->type('#key', 'user:2');
runs(qr/^Done/, 'it can run a program');
choose('save');
runs(qr/^Request rejected/, 'it cannot save');
says('#trouble', qr/scope write/, 'the missing scope is named');
choose('save');

# --- Limits -----------------------------------------------------------------

sub opened
{
	my ($n, $who) = @_;

	return map {
		my $http = $stack->http;
		eventually { $http->open_stream('/kv/user:1/transform',
			method => 'POST', headers => $who->auth('test'),
			body => '{"engine":"model","prompt":"x"}')->{status} == 200 }
			'a stream opens';
		$http->next_event for 1 .. 2;
		$http } 1 .. $n;
}

# A countdown may be over before the test reads it: the page records what it shows.
$chrome->run_script('window.shown = [];
	const trouble = document.querySelector("#trouble");
	new MutationObserver(() => window.shown.push([trouble.innerText,
		document.querySelector("#run").disabled])).observe(trouble,
		{ subtree: true, childList: true, characterData: true });');

# The Run button was disabled while the page showed this text.
sub waited
{
	my ($text, $what) = @_;

	eventually { grep { $_->[0] =~ $text && $_->[1] }
		@{$chrome->run_script('return window.shown')} } $what;
	$chrome->run_script('window.shown.length = 0');
}

my $other = new_account($stack, plan => 'business');
Io7::Transform->new($other, 'test', $stack->http)->put('user:1', '1');
$model->behave('slow');
my @open = opened(3, $account);
runs(qr/^Request rejected/, 'too many streams are rejected');
waited(qr/streams: the limit is 3 .*Try again in \d+ seconds?\.$/s,
	'the limit and the time to wait are shown, and the button is disabled');
$_->close for @open;
eventually { !at_work() && $chrome->run_script(
	'return !document.querySelector("#run").disabled') }
		'the button is enabled again';
@open = (opened(3, $other), opened(1, $account));
runs(qr/^Request rejected/, 'a run without a free worker is rejected');
waited(qr/Try again in \d+ seconds?\.$/,
	'the time to wait is shown, and the button is disabled');
$_->close for @open;
eventually { !at_work() && $chrome->run_script(
	'return !document.querySelector("#run").disabled') }
		'the button is enabled again';

# --- Failures ---------------------------------------------------------------

choose('model');
$chrome->type('#text', 'Go on.');
$chrome->click('#run');
says('#output', qr/first/, 'a stream runs');
expect_losses(1);
kill KILL => (at_work())[0]{pid};
says('#state', qr/^The connection was lost/, 'a lost connection is reported');
like($chrome->text('#output'), qr/first/, 'the output so far remains');
$stack->stop('nginx');
runs(qr/^Request rejected/, 'a run without a server is rejected');
says('#trouble', qr/does not answer/, 'the reason is shown');
$stack->up;

spew($stack->conf_file,
	slurp($stack->conf_file) =~ s/^IO7_MODEL_URL.*\n//mr);
my @old = map { $_->{pid} } $stack->workers('stream');
kill HUP => $stack->pid;
eventually { !alive(@old) } 'all workers are replaced';
is($t->post('/kv/user:1/transform', { engine => 'model', prompt => 'x' })->{status}, 503,
	'a server without a model rejects the run');
runs(qr/^Request rejected/, 'the problem is shown at the engine');
says('#problem', qr/IO7_MODEL_URL/, 'the missing option is named');

io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
eventually { $t->post('/kv/user:1/transform', {})->{status} == 401 }
	'an account is suspended';
$chrome->click('#run');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform',
	'the login page opens');

end_pages;
