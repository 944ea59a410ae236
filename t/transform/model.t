#!/usr/bin/perl
# The engine model: streamed answers, counted tokens, and failures of the service.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Model;
use Io7::Test;
use Io7::Transform;
use Io7::Json;
use Time::HiRes qw(time);

my $model = Io7::Model->new;
my $key_file = tempdir(CLEANUP => 1) . '/key';
spew($key_file, "$model->{key}\n");
chmod 0600, $key_file;

my $stack = private_stack(set => {
	IO7_MODEL_URL => $model->url,
	IO7_MODEL_KEY_FILE => $key_file,
	IO7_MODELS => 'small, large',
	IO7_MODEL_SILENCE => '1s',
	IO7_MODEL_TOKENS_MAX => 500,
	IO7_MODEL_CREDIT_TOKENS => 20,
	IO7_MODEL_TEST_TOKENS => 50_000,
	IO7_STREAM_WORKERS => 2,
});
my $account = new_account($stack);
my $t = Io7::Transform->new($account, 'test', $stack->http);
my $live = Io7::Transform->new($account, 'live', $stack->http);
my $ask = { engine => 'model', prompt => "Say it\nin French." };

sub names
{
	return join ' ', map { $_->{event} } @_;
}

$t->put('a', '{"text":"hello"}');
$live->put('a', '{"text":"hello"}');

# --- Answers ----------------------------------------------------------------

my @events = $t->events('/kv/a/transform', $ask);
is(names(@events), 'start chunk chunk chunk result done', 'a model answers in pieces');
is($events[1]{json}{delta}, 'Hello', '... each as it comes');
is($events[4]{json}{value}, "Hello, world\x{e9}", '... the whole is the result');
is_deeply($events[5]{json}{tokens}, { prompt => 11, completion => 7,
	estimated => false }, '... its tokens are those that it counted');
my $asked = $model->asked;
is($asked->{model}, 'small', 'the first model is asked');
is($asked->{max_tokens}, 500, '... for as much as the operator allows');
like($asked->{messages}[1]{content}, qr/^Say it\nin French.\n\n\{"text": "hello"\}$/,
	'... about the value');

$model->behave('uncounted');
@events = $t->events('/kv/a/transform', { %$ask, model => 'large', max_tokens => 9 });
is($model->asked->{model}, 'large', 'another model is asked');
is($model->asked->{max_tokens}, 9, '... for less');
my $tokens = $events[-1]{json}{tokens};
is($tokens->{completion}, 3,
	'without a report of the service 11 bytes count as 3 tokens');
ok($tokens->{estimated}, '... and that is said');
cmp_ok($tokens->{prompt}, '>', 10, '... of the question too');

$model->behave('undone');
is(names($t->events('/kv/a/transform', $ask)), 'start chunk result done',
	'a reason to end is an end');
$model->behave('pieces');
@events = $t->events('/kv/a/transform', $ask);
is($events[2]{json}{value}, 'Hello', 'an answer in single bytes is whole');

$model->behave('json');
@events = $t->events('/kv/a/transform', { %$ask, json => true,
	save => true, to => 'answer' });
is($t->get('answer'), '{"a": 12345678901234567890}', 'JSON is saved as such');
$model->behave('fenced');
is($t->post('/kv/a/transform', { %$ask, json => true },
	Accept => 'application/json')->{body} =~ /"value":\[1\]/, 1,
	'... also out of a fence');
$model->behave('well');
is($t->post('/kv/a/transform', { %$ask, json => true },
	Accept => 'application/json')->code, 'bad_gateway',
		'an answer that is not JSON is an error');
$t->put('b', 1);
@events = $t->events('/kv/transform/batch', { %$ask, keys => ['a', 'b'] });
is($events[-1]{json}{tokens}{prompt}, 22, 'the tokens of a batch add up');

# --- Cost -------------------------------------------------------------------

$model->behave('expensive');
@events = $live->events('/kv/a/transform', $ask);
is($events[-1]{json}{credits}, 161, 'each so many tokens cost a credit more');

sub credits
{
	return $live->{http}->get('/api/usage/today',
		headers => $account->auth('live'))->{json}{credits};
}

eventually { credits() == 162 } '... which, with a key written, the account has used';

# --- Limits of the cost ------------------------------------------------------

# Live mode is limited by credits, test mode by tokens a day.
my @many = map { "k$_" } 1 .. 100;

sub ask_many
{
	my ($store) = @_;
	my $hits = $model->hits;

	$store->put($_, 1) for @many;
	# A slow machine gets events of progress in between.
	my @answer = grep { $_->{event} ne 'progress' }
		$store->events('/kv/transform/batch', { %$ask, keys => \@many });
	return ($model->hits - $hits, @answer);
}

my $miser = new_account($stack, plan => new_plan($stack, 'miser',
	credits => 600));
my ($calls, @last) = ask_many(Io7::Transform->new($miser, 'live', $stack->http));
is($calls, 4, 'a batch stops calling the model when the credits are used');
is($last[-2]{json}{error}{code}, 'quota_exceeded', '... and says why');

my $tester = Io7::Transform->new($miser, 'test', $stack->http);
($calls, @last) = ask_many($tester);
is($calls, 16, '... and in test mode when the tokens of the day are used');
is($last[-2]{json}{error}{code}, 'quota_exceeded', '... and says why');
is($last[-2]{json}{error}{details}{problem},
	'the limit is 50000 model tokens a day in test mode', '... in words');
is($last[-1]{json}{done}, 17, '... without going on to the other keys');
my $refused = $tester->post('/kv/k1/transform', $ask);
is($refused->code, 'quota_exceeded', 'another request is refused at once');
is($refused->{json}{error}{details}{field}, 'model_tokens', '... by its limit');
cmp_ok($refused->{headers}{'retry-after'}, '<=', 86_400, '... until midnight');
my $second = io7('key', 'create', $miser->name, '--mode', 'test', '--json',
	'-c', $stack->conf_file)->{out} =~ /"key":"(\w+)"/ ? $1 : '';
is($stack->http->post('/kv/k1/transform', body => Io7::Transform::json($ask),
	headers => [Authorization => "Bearer $second"])->code, 'quota_exceeded',
	'... with another key too');
is($t->post('/kv/a/transform', $ask)->{status}, 200,
	'... but not another account');
$stack->psql("UPDATE io7.model_tokens SET day = day - 1
	WHERE user_id = '@{[$miser->user_id]}'");
is($tester->post('/kv/k1/transform', $ask)->{status}, 200,
	'the next day begins anew');

# --- Failures of the service ------------------------------------------------

my %wrong = (
	400 => ['bad_gateway', qr/refused/],
	401 => ['bad_gateway', qr/operator's key/],
	404 => ['bad_gateway', qr/refused/],
	429 => ['unavailable', qr/too busy/],
	500 => ['bad_gateway', qr/failed/],
	silent => ['timeout', qr/in time/],
	mute => ['timeout', qr/in time/],
	garbage => ['bad_gateway', qr/invalid answer/],
	page => ['bad_gateway', qr/invalid answer/],
	cut => ['bad_gateway', qr/invalid answer|broke off/],
	short => ['bad_gateway', qr/broke off/],
	failing_midway => ['bad_gateway', qr/broke off/],
	huge_line => ['bad_gateway', qr/invalid answer/],
	endless => ['bad_gateway', qr/longer than allowed/],
	hang_up => ['bad_gateway', qr/cannot be reached/],
);
for my $how (sort keys %wrong) {
	my ($code, $words) = @{$wrong{$how}};

	$model->behave($how);
	my $began = time;
	my $text = $t->post('/kv/a/transform', $ask)->{body};
	my ($error) = Io7::Transform::named('error', Io7::Transform::parse($text));
	is($error->{json}{error}{code}, $code, "$how: an error");
	like($error->{json}{error}{message}, $words, '... with a clear message');
	is_within(time - $began, 10, '... in time');
	unlike($text, qr/sk-operators/, '... without the key');
}
$model->behave('well');
is(names($t->events('/kv/a/transform', $ask)), 'start chunk chunk chunk result done',
	'after all failures the model can be used again');

# --- A client that disconnects ----------------------------------------------

$model->behave('slow');
my $left = $model->left;
my $client = $stack->http;
is($client->open_stream('/kv/a/transform', method => 'POST',
	headers => $account->auth('live'), body => Io7::Transform::json($ask))->{status},
	200, 'a slow answer begins');
$client->next_event for 1 .. 2;
my $began = time;
$client->close;
eventually { $model->left > $left } 'when the client disconnects, the request to the model is ended';
is_within(time - $began, 5, '... soon');
eventually { !grep { ($_->{route} // '') =~ /transform/ } $stack->workers('stream') }
	'... and the worker is free';
eventually { credits() >= 164 } '... and the tokens until then are charged';

# --- Refused requests -------------------------------------------------------

for (['model', { %$ask, model => 'huge' }], ['prompt', { engine => 'model' }],
	['model', { engine => 'jq', program => '.', json => true }]) {
	my ($field, $body) = @$_;
	my $answer = $t->post('/kv/a/transform', $body);
	is($answer->code, 'bad_request', 'a malformed request is refused');
	is($answer->{json}{error}{details}{field}, $field, "... by its $field");
}

$model->stop;
@events = $t->events('/kv/a/transform', $ask);
like($events[1]{json}{error}{message}, qr/cannot be reached/, 'a model that cannot be reached');

for my $missing ('IO7_MODEL_URL', 'IO7_MODELS') {
	my $bare = private_stack(set => $missing eq 'IO7_MODELS'
		? { IO7_MODEL_URL => 'http://127.0.0.1:1/v1' } : {});
	my $someone = new_account($bare);
	my $asks = Io7::Transform->new($someone, 'test', $bare->http);
	my $answer = $asks->post('/kv/a/transform', $ask);
	is($answer->code, 'unavailable', 'the engine model is unavailable without its options');
	like($answer->{json}{error}{message}, qr/\b$missing\b/, "... for $missing is not set");
	is($answer->{json}{error}{details}{field}, 'engine', '... of the engine');
}

is(scalar(grep { /sk-operators/ } $stack->settled_log_lines), 0,
	'no key is in a log');

finish;
