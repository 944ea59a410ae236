#!/usr/bin/perl
# The page of the transforms, in Chromium: each engine, its events as they come,
# what is saved and what is not, and whatever can go wrong on the way.

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
	IO7_MODEL_SILENCE => '1s',
	IO7_JQ_TIMEOUT => '500ms',
	IO7_STREAM_WORKERS => 4,
});
my $chrome = open_pages($stack);
my $account = new_account($stack, plan => 'pro');
my $t = Io7::Transform->new($account, 'test', $stack->http);
my $live = Io7::Transform->new($account, 'live', $stack->http);
my $long = '12345678901234567890.10';

# Chooses a radio button by its value, or ticks a box by its name.
sub choose
{
	my ($what) = @_;

	$chrome->click("label:has([value='$what']), label:has(#$what)");
}

# Runs what is chosen, to the end that it comes to.
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
	runs(qr/^It failed/, $what);
	like($chrome->text('#faults'), $words, '... and says why');
}

# The events in the log: names.
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

# --- One value, by a session ------------------------------------------------

$chrome->visit('/dashboard/transform');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform',
	'who is not signed in comes to the login');
sign_in($account);
$chrome->visit('/dashboard/transform#key=user%3A1');
is($chrome->text('nav [aria-current]'), 'Transform', 'it is a room');
is(value_of('#key'), 'user:1', 'the address names a key');
says('#state', qr/^Nothing has run yet/, '... with which nothing was done');
$chrome->click('label:has(#mode-test)');
says('#command-note', qr/test key/, 'it is test data that is meant');

$chrome->click('#stored summary');
says('#stored-value', qr/"n": \Q$long\E/, 'the value is shown with its digits');
$chrome->type('#text', '.name, .parts[]' . CTRL_ENTER);
says('#state', qr/^Done/, 'Ctrl and Enter run it');
is(names(), 'start chunk chunk chunk result done', '... event by event');
is($chrome->text('#output .pane'),
	qq("Ada"\n{\n  "x": 1\n}\n{\n  "x": 2\n}), '... each output');
is($chrome->text('#result .pane'), qq({\n  "x": 2\n}), '... the last of which is the result');
like($chrome->text('#result .warning'), qr/more digits than jq keeps/,
	'... with a warning of digits');
like($chrome->text('#summary'), qr/^Took\n[\d.]+ m?s\nCredits\n0$/,
	'... and what it took');
like($chrome->text('.log li'), qr/^\+\d+ ms\s+start\s+\{"engine":"jq","total":1\}$/,
	'... at which time');

# The examples are programs, and each is the same in a terminal.
my $home = tempdir(CLEANUP => 1);
spew("$home/.curlrc", "insecure\n");
for my $engine (qw(jq patch merge)) {
	choose($engine);
	my @titles = split /\n/, $chrome->text('#examples');
	for my $n (1 .. @titles) {
		$chrome->click("#examples button:nth-child($n)");
		isnt(value_of('#text'), '', "$engine: $titles[$n - 1]");
		runs(qr/^Done/, '... runs');
		my $said = run({ env => { CURL_HOME => $home, IO7_KEY =>
			$account->test_key } }, 'bash', '-c',
			$chrome->text('#command'))->{out};
		is(join(' ', map { $_->{event} } Io7::Transform::parse($said)),
			names(), '... as it does in a terminal');
	}
}
unlike($chrome->text('#command'), qr/_io7_/, 'no secret stands in the command');
like($chrome->text('#result .pane'), qr/"n": \Q$long\E/, 'a merge keeps digits');
choose('patch');
$chrome->type('#text', "[{\"op\": \"add\", \"path\": \"/big\", \"value\": $long}]");
runs(qr/^Done/, 'a patch');
like($chrome->text('#result .pane'), qr/"big": \Q$long\E/, '... keeps them too');

# --- A model, live ----------------------------------------------------------

choose('model');
$model->behave('held');
$chrome->click('#examples button');
$chrome->click('#run');
says('#output', qr/first/, 'a word is there');
like($chrome->text('#state'), qr/^Running/, '... before the model has said the next');
is(names(), 'start chunk', '... and what there was till then');
ok($chrome->shows('#stop'), '... and one could stop it');
is($chrome->run_script('return document.activeElement.id'), 'stop',
	'... at once, by the keyboard');
is_accessible('a stream under way');
$model->release;
says('#state', qr/^Done/, 'it goes on when the model does');
is($chrome->text('#output .pane'), 'first last', '... to the end');
is($chrome->text('#result .pane'), '"first last"', '... which is the result');
like($chrome->text('#summary'), qr/Tokens\n11 asked, 7 answered$/,
	'... and counts the tokens');
is($model->asked->{model}, 'small', 'the first model was asked');

$model->behave('json');
$chrome->type('#model', 'large');
$chrome->type('#max_tokens', '9');
choose('json');
runs(qr/^Done/, 'an answer as JSON');
is($chrome->text('#result .pane'), qq({\n  "a": 12345678901234567890\n}),
	'... keeps its digits');
is_deeply([@{$model->asked}{qw(model max_tokens)}], ['large', 9],
	'... of the model that was named, and no longer than said');

$model->behave('slow');
my $left = $model->left;
$chrome->click('#run');
says('#output', qr/first/, 'a slow one begins');
is(scalar(at_work()), 1, '... and keeps a worker busy');
my $began = time;
$chrome->click('#stop');
says('#state', qr/^Stopped after/, '... and is stopped');
eventually { !at_work() && $model->left > $left } '... also on the server';
cmp_ok(time - $began, '<', 5, '... soon');
$chrome->click('#run');
says('#output', qr/first/, 'it runs again');
$chrome->type('#model', ESCAPE);
says('#state', qr/^Stopped after/, '... and Escape stops it');
eventually { !at_work() } '... too';

# --- What goes wrong --------------------------------------------------------

choose('json');
$chrome->type('#model', '');
for (['500', qr/^The model failed\.\n.*failed/], ['401', qr/operator's key/],
	['silent', qr/^It took too long\./], ['garbage', qr/no answer/],
	['cut', qr/broke off|no answer/]) {
	my ($how, $words) = @$_;
	$model->behave($how);
	fails('Say it.', $words, "a model that does $how");
}
is_accessible('an error');

choose('jq');
fails('.[', qr/^It failed\.\n.*syntax error/, 'a program that is none');
fails('1, error("so it is")', qr/so it is/, 'a program that fails');
is($chrome->text('#output .pane'), '1', '... whose output stays');
fails('def f: f; f', qr/^It took too long\./, 'a program without an end');
choose('patch');
fails('[{"op": "test", "path": "/name", "value": "Eve"}]', qr/^It failed\.\n.*\npatch: /,
	'a test that does not hold');

$chrome->type('#text', "[{\"op\":\n }]");
$chrome->click('#run');
says('#fault', qr/^Line 2, character 2: A value is missing/, 'what is no JSON');
is($chrome->run_script('return document.activeElement.id'), 'text',
	'... is said where it was typed');
ok(!$chrome->shows('#command'), '... and there is no command of it');
$chrome->type('#text', '{}');
runs(qr/^It was refused/, 'what the API refuses');
says('#fault', qr/^Patch: must be an array/, '... is said at its field');
is_accessible('a fault');
choose('jq');
$chrome->type('#text', '.');
$chrome->type('#if_version', '77');
runs(qr/^It was refused/, 'another version');
says('#fault', qr/another version/, '... is said at its field');
$chrome->click('.pick');
is(value_of('#if_version'), '1', 'the version that is there is at hand');
runs(qr/^Done/, '... and will do');
$chrome->type('#if_version', '0');
$chrome->click('#run');
says('#fault', qr/whole number/, 'no version is called 0');
$chrome->type('#if_version', '');
$chrome->type('#key', '');
$chrome->click('#run');
says('#fault', qr/^Which key/, 'no key');
$chrome->type('#key', 'nosuch');
runs(qr/^It was refused/, 'a key that is not there');
says('#fault', qr/no such key in your test data/, '... is said at its field');
says('#stored-value', qr/no such key/, '... is seen not to be there');
choose('model');
$chrome->type('#model', 'huge');
$chrome->type('#text', 'Say it.');
runs(qr/^It was refused/, 'a model that is not allowed');
says('#fault', qr/^Model: is not one/, '... is said at its field');
$chrome->type('#model', '');

# --- Saving -----------------------------------------------------------------

$chrome->type('#key', 'user:');
eventually { $chrome->run_script('return document.querySelectorAll(
	"#known-keys option").length') == 20 } 'keys are offered';
$chrome->type('#key', 'user:30');
choose('save');
is($chrome->text('#run'), 'Run and save', 'what is saved is said');
$model->behave('held');
$chrome->click('#run');
says('#output', qr/first/, 'a slow one');
my $won = $t->put('user:30', '"mine"');
$model->release;
says('#faults', qr/^It was not saved\.\nuser:30 was changed .* version $won now/,
	'somebody was quicker');
$chrome->click('#faults button');
says('#faults .pane', qr/^"mine"$/, '... and one sees what they wrote');
is_accessible('a conflict');
$chrome->click('#faults .line button:last-child');
says('#output', qr/first/, 'it is run again');
$model->release;
says('#result .saved', qr/^Saved in version @{[$won + 1]}\.$/, '... and saved');
is($t->get('user:30'), '"first last"', '... as was shown');
$chrome->type('#to', 'a/b %');
$chrome->click('#run');
says('#output', qr/first\s*$/, '... or elsewhere');
$model->release;
says('#result .saved', qr{^Saved as a/b % in version \d+\.$}, '... under another key');

$chrome->visit('/dashboard');
$chrome->visit('/dashboard/transform');
is(value_of('#text'), 'Say it.', 'what was typed is there when one comes back');
is(value_of('#to'), 'a/b %', '... all of it');
$chrome->type('#to', '');
$chrome->type('#key', 'a/b %');
choose('save');
choose('jq');
$chrome->type('#text', 'length');
runs(qr/^Done/, 'a key with odd characters');
is($chrome->text('#result .pane'), '10', '... is the one that was meant');

# --- Many values ------------------------------------------------------------

choose('pattern');
$chrome->type('#pattern', 'user:*');
says('#matches', qr/^31 keys now/, 'a pattern says how many keys it matches');
$chrome->type('#text', 'if type == "string" then error("a text") else .n += 1 end');
choose('save');
runs(qr/^Done, but 2 of 31 keys failed/, 'a batch goes on past what fails');
is($chrome->text('#progress'), "31 of 31 keys\n2 failed\n29 saved", '... and counts');
is($chrome->run_script('const bar = document.querySelector("progress");
	return bar.value / bar.max'), 1, '... on a bar');
like($chrome->text('#failed'), qr/^Failed: 2\nuser:30\na text\nuser:x\na text$/,
	'... says which keys failed');
like($chrome->text('#results'), qr/^Results: 29\nuser:1\n/, '... and what came of the rest');
is($t->get('user:2'), '{"n": 3, "name": "U"}', '... which is saved');
is_accessible('a batch');

choose('keys');
$chrome->type('#keys', "user:2\nuser:3\n");
$chrome->type('#to', 'copy');
runs(qr/^It was refused/, 'one key for all results');
says('#fault', qr/^Save it under: must hold one \*/, '... is said at its field');
$chrome->type('#to', 'copy:*');
choose('model');
runs(qr/./, 'a list of keys, which a model is asked about');
says('#output', qr/^Output for user:2\nfirst\s*$/, '... says of which it speaks');
is($chrome->text('#progress'), "0 of 2 keys\n0 failed\n0 saved", '... and where it is');
$model->release;
says('#output', qr/^Output for user:3\nfirst\s*$/, '... and goes on to the next');
is($chrome->text('#progress'), "1 of 2 keys\n0 failed\n1 saved", '... one is done');
like($chrome->text('#results'), qr/^Results: 1\nuser:2\n.*saved as copy:user:2/,
	'... and shown');
$model->release;
says('#state', qr/^Done: 2 keys/, '... to the end');

# Over all that there is of live data: one is asked first.
choose('merge');
$chrome->type('#text', '{"seen": true}');
choose('pattern');
$chrome->type('#to', '');
$chrome->click('label:has(#mode-live)');
says('#matches', qr/^1 key now/, 'it is live data that is meant');
says('#state', qr/^Nothing has run/, '... and what was shown of the other is gone');
$chrome->click('#run');
says('.dialog', qr/^Save over all these values/, 'live data is not replaced unasked');
is_accessible('the question');
$chrome->click('.dialog .quiet');
is($live->get('user:1'), '{"name": "Live"}', '... and stays when one says no');
$chrome->click('#run');
$chrome->click('.dialog .danger');
says('#state', qr/^Done: 1 key/, '... and goes when one says yes');
is($live->get('user:1'), '{"name": "Live", "seen": true}', '... as was asked');
like($chrome->text('#summary'), qr/Credits\n1$/, '... for a credit');

# Who has no credits left has done what was paid for.
$stack->psql("UPDATE io7.plans SET credits_per_day = 9 WHERE id = 'starter'");
my $poor = new_account($stack, plan => 'starter');
is($stack->http->post('/api/kv/import', headers => $poor->auth('live'),
	body => join('', map { qq({"key":"n:$_","value":1}\n) } 1 .. 400))->{status},
	200, '400 keys');
sign_in($poor);
$chrome->visit('/dashboard/transform');
choose('pattern');
$chrome->type('#pattern', 'n:*');
runs(qr/^It ended after \d00 of 400 keys/, 'credits run out in a batch');
like($chrome->text('#faults'), qr/^The credits are used up/, '... as it says');
like($chrome->text('#progress'), qr/^\d00 of 400 keys/, '... and how far it came');

# --- By a key ---------------------------------------------------------------

my $reader = io7('key', 'create', $account->name, '--mode', 'test', '--scopes',
	'read', '--json', '-c', $stack->conf_file);
my ($read_key) = $reader->{out} =~ /(test_io7_[0-9a-f]{32})/
	or diag("key create: $reader->{err}");
$chrome->run_script('sessionStorage.clear()');
$chrome->devtools('Network.clearBrowserCookies');
$chrome->visit('/dashboard/transform');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform', 'nobody is signed in');
use_key($read_key);
comes_to('/dashboard/transform', 'a key that may only read');
$chrome->type('#key', 'user:2');
runs(qr/^Done/, '... runs a program');
choose('save');
runs(qr/^It was refused/, '... but does not save');
says('#trouble', qr/scope write/, '... and says what it lacks');
choose('save');

# --- When there is no room --------------------------------------------------

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

my $other = new_account($stack, plan => 'business');
Io7::Transform->new($other, 'test', $stack->http)->put('user:1', '1');
$model->behave('slow');
my @open = opened(3, $account);
runs(qr/^It was refused/, 'too many streams');
like($chrome->text('#trouble'), qr/streams: the limit is 3 .*Again in \d+ seconds?\.$/s,
	'... are said to be, and for how long');
is($chrome->run_script('return document.querySelector("#run").disabled'), 1,
	'... as the button knows');
$_->close for @open;
eventually { !at_work() && $chrome->run_script(
	'return !document.querySelector("#run").disabled') } '... and then it may again';
@open = (opened(3, $other), opened(1, $account));
runs(qr/^It was refused/, 'no worker is free');
like($chrome->text('#trouble'), qr/Again in \d+ seconds?\.$/s, '... and when to come again');
$_->close for @open;
eventually { !at_work() && $chrome->run_script(
	'return !document.querySelector("#run").disabled') } '... which one does';

# --- When something breaks --------------------------------------------------

choose('model');
$chrome->type('#text', 'Go on.');
$chrome->click('#run');
says('#output', qr/first/, 'a stream runs');
expect_losses(1);
kill KILL => (at_work())[0]{pid};
says('#state', qr/^The stream was cut before its end/, '... and is cut, which is said');
like($chrome->text('#output'), qr/first/, '... with what there was');
$stack->stop('nginx');
runs(qr/^It was refused/, 'a server that is away');
says('#trouble', qr/does not answer/, '... is said to be');
$stack->up;

spew($stack->conf_file,
	slurp($stack->conf_file) =~ s/^IO7_MODEL_URL.*\n//mr);
kill HUP => $stack->pid;
eventually { $t->post('/kv/user:1/transform', { engine => 'model', prompt => 'x' })
	->{status} == 503 } 'the operator has no model';
runs(qr/^It was refused/, '... which the page finds');
says('#fault', qr/IO7_MODEL_URL/, '... with the option that is missing');

io7('user', 'suspend', $account->name, '-c', $stack->conf_file);
eventually { $t->post('/kv/user:1/transform', {})->{status} == 401 }
	'an account is suspended';
$chrome->click('#run');
comes_to('/dashboard/login?return=%2Fdashboard%2Ftransform',
	'... and comes to the login');

end_pages;
