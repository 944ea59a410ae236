#!/usr/bin/perl
# Transforms with the engines jq, patch and merge: of one key and of many, their events,
# and saving.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use Io7::Transform;
use Io7::Json;
use Time::HiRes qw(time);

my $account = new_account(stack);
my $t = Io7::Transform->new($account);

sub names
{
	return join ' ', map { $_->{event} } @_;
}

sub refused
{
	my ($body, $code, $field, $what, $target) = @_;
	my $answer = $t->post($target // '/kv/a/transform', $body);

	is($answer->code, $code, $what);
	is($answer->{json}{error}{details}{field}, $field, "... of $field")
		if $field;
}

# --- jq ---------------------------------------------------------------------

my $version = $t->put('a', '{"name":"Ada","n":[1,2,3]}');

my @events = $t->events('/kv/a/transform', { engine => 'jq', program => '.n[]' });
is(names(@events), 'start chunk chunk chunk result done', 'the events are in order');
is_deeply($events[0]{json}, { engine => 'jq', total => 1 }, '... start has the engine and the total');
is_deeply([map { [$_->{json}{index}, $_->{json}{value}] } @events[1 .. 3]],
	[[0, 1], [1, 2], [2, 3]], '... each output is a chunk');
is_deeply($events[4]{json}, { key => 'a', value => 3, outputs => 3 },
	'... the last one is the result');
is_deeply($events[5]{json}, { total => 1, done => 1, failed => 0, saved => 0,
	credits => 0 }, '... done has the counts');

my $alone = $t->post('/kv/a/transform', { engine => 'jq', program => '.name' },
	Accept => 'application/json');
is($alone->{type}, 'application/json', 'Accept: application/json gets JSON');
is_deeply($alone->{json}, { key => 'a', value => 'Ada', outputs => 1 },
	'... the last result');
is($t->post('/kv/a/transform', { engine => 'jq', program => 'error("no")' },
	Accept => 'application/json')->{json}{error}{message}, 'no',
	'... or the error');
is(names($t->events('/kv/a/transform', { engine => 'jq', program => '.' },
	Accept => 'text/event-stream, application/json;q=0.5')),
	'start chunk result done', 'the first type in Accept counts');

@events = $t->events('/kv/a/transform', { engine => 'jq', program => 'empty' });
is_deeply($events[1]{json}, { key => 'a', value => undef, outputs => 0 },
	'a program may have no output');

@events = $t->events('/kv/a/transform', { engine => 'jq', program => ".\n| nosuch" });
is(names(@events), 'start error done', 'a program that does not compile fails');
is($events[1]{json}{error}{code}, 'bad_request', '... with bad_request');
like($events[1]{json}{error}{message}, qr{nosuch/0 is not defined},
	'... with the message of jq');
is($events[1]{json}{key}, 'a', '... with the key');
is($events[2]{json}{failed}, 1, '... and is counted');

$t->put('big', '{"a":12345678901234567890,"b":1}');
@events = $t->events('/kv/big/transform', { engine => 'jq', program => '.b' });
like($events[2]{json}{warnings}[0], qr/more digits/, 'the result warns of digits that jq loses');

# --- Saving -----------------------------------------------------------------

@events = $t->events('/kv/a/transform', { engine => 'jq', program => '.n | add',
	save => true });
my $saved = $events[2]{json}{version};
cmp_ok($saved, '>', $version, 'a saved result is a later version');
is($events[3]{json}{saved}, 1, '... and is counted');
is($t->get('a'), '6', '... of the key');

@events = $t->events('/kv/a/transform', { engine => 'jq', program => '1, 2',
	save => true });
is($events[3]{event}, 'error', 'a program with two outputs fails if it is to be saved');
is($t->get('a'), '6', '... and nothing is saved');

@events = $t->events('/kv/a/transform', { engine => 'jq', program => '. + 1',
	save => true, to => 'b' });
is($events[2]{json}{to}, 'b', 'a result may be saved to another key');
is($t->get('b'), '7', '... which has it');
is($t->get('a'), '6', '... and the source is unchanged');

@events = $t->events('/kv/a/transform', { engine => 'jq', save => true,
	program => '"\\u0000"' });
is($events[2]{json}{error}{details}{field}, 'value', 'a result that may not be stored fails');

# The value is changed while the program runs: the result is not saved over it.
for my $to (undef, 'race') {
	my $http = stack->http;
	$t->put('race', 1);
	is($http->open_stream('/kv/race/transform', method => 'POST',
		headers => $account->auth('test'), body => Io7::Transform::json({
			engine => 'jq', save => true,
			program => '1 as $x | reduce range(1500000) as $i (0; . + $i)',
			$to ? (to => $to) : () }))->{status}, 200, 'a slow program starts');
	$http->next_event;
	my $other = $t->put('race', '"mine"');
	my ($error) = grep { $_->{event} eq 'error' }
		map { $http->next_event } 1 .. 2;
	is($error->{json}{error}{code}, 'conflict', '... a change meanwhile is a conflict');
	is($error->{json}{version}, $other, '... with the current version');
	is($t->get('race'), '"mine"', '... and the change stays');
}

$t->{http}->put('/kv/ends?ttl=1000', body => '1',
	headers => $account->auth('test'));
$t->events('/kv/ends/transform', { engine => 'jq', program => '2',
	save => true });
my $ends = $t->{http}->get('/kv/ends', headers => $account->auth('test'));
is($ends->{body}, 2, 'a key that expires is saved');
ok($ends->{headers}{'io7-expires-at'}, '... and still expires');

# --- Patches ----------------------------------------------------------------

$t->put('p', '{"big":12345678901234567890.10,"a":[1,2]}');
@events = $t->events('/kv/p/transform', { engine => 'patch', patch =>
	[{ op => 'add', path => '/a/1', value => 5 }], save => true });
is(names(@events), 'start result done', 'a patch has no chunks');
is($t->get('p'), '{"a": [1, 5, 2], "big": 12345678901234567890.10}',
	'... and keeps all digits');
@events = $t->events('/kv/p/transform', '{"engine":"merge","patch":{"a":null,"n":1.50}}');
like($events[1]{data}, qr/"value":\{"n": 1.50, "big": 12345678901234567890.10\}/,
	'a merge patch keeps them too');
@events = $t->events('/kv/p/transform', { engine => 'patch', patch =>
	[{ op => 'test', path => '/a/0', value => 9 }] });
is(names(@events), 'start error done', 'a test that fails is an error');
is($events[1]{json}{error}{details}{field}, 'patch', '... of the field patch');

# --- Conditions -------------------------------------------------------------

my %identity = (engine => 'jq', program => '.', save => true);

sub if_asked
{
	my (@headers) = @_;

	return $t->post('/kv/c/transform', \%identity, @headers);
}

my $c = $t->put('c', '1');
for my $headers (['If-Match' => '"1234"'], ['If-None-Match' => qq("$c")],
	['If-None-Match' => '*'],
	['If-Unmodified-Since' => 'Thu, 01 Jan 2026 00:00:00 GMT']) {
	my $answer = if_asked(@$headers);
	is($answer->code, 'precondition_failed', "@$headers: 412");
	is($answer->{headers}{etag}, qq("$c"), '... with the current version');
}
is($t->{http}->get('/kv/c', headers => $account->auth('test'))->{headers}{etag},
	qq("$c"), '... and nothing is saved');
is(if_asked('If-Match' => qq("1234", "$c"))->{status}, 200,
	'If-Match with the current version: the result is saved');
is(if_asked('If-Match' => qq("$c"))->code, 'precondition_failed', '... once');
is($t->post('/kv/nosuch/transform', \%identity, 'If-Match' => '*')->code,
	'precondition_failed', 'If-Match on an absent key: 412');
is(if_asked('If-Match' => 'x')->code, 'bad_request', 'a malformed If-Match: 400');
my $many = $t->post('/kv/transform/batch', { %identity, keys => ['c'] },
	'If-Match' => '*');
is($many->code, 'bad_request', 'If-Match on a batch: 400');
is($many->{json}{error}{details}{field}, 'If-Match', '... of that field');

# --- A client that reconnects -----------------------------------------------

# An EventSource that is left open sends its request again, with the last id.
{
	my $reader = new_account(stack);
	my $live = Io7::Transform->new($reader, 'live');
	my $credits = sub { $live->{http}->get('/api/usage/today',
		headers => $reader->auth('live'))->{json}{credits} };
	$live->put('again', 1);
	my %body = (engine => 'jq', program => '. + 1', save => true);
	my @read = $live->events('/kv/again/transform', \%body);
	eventually { $credits->() == 2 } 'a write and a transform are charged';

	for my $path ('/kv/again/transform', '/kv/transform/batch') {
		my $answer = $live->post($path, \%body,
			'Last-Event-ID' => $read[-1]{id});
		is($answer->{status}, 204, "$path: a stream that was read ends with 204");
		is($answer->{body}, '', '... without a body');
	}
	is($credits->(), 2, '... and is not charged');
	is($live->get('again'), 2, '... and not run');
	is(scalar $live->events('/kv/again/transform', \%body,
		'Last-Event-ID' => $read[0]{id}), 4,
		'a stream that broke off is run again');
}

# --- Refused requests -------------------------------------------------------

refused({ engine => 'awk' }, 'bad_request', 'engine', 'an unknown engine');
refused({ engine => 'jq' }, 'bad_request', 'program', 'jq without a program');
refused({ engine => 'jq', program => '.', patch => {} }, 'bad_request', 'patch',
	'a patch for jq');
refused({ engine => 'patch', patch => {} }, 'bad_request', 'patch',
	'a JSON patch that is not an array');
refused('{"engine":"patch","patch":[{"op":"add","path":"/a","value":1,"value":2}]}',
	'bad_request', 'patch', 'a member twice in an operation');
refused({ engine => 'jq', program => '.', to => 'x' }, 'bad_request', 'to',
	'a target without save');
refused({ engine => 'jq', program => '.', nosuch => 1 }, 'bad_request', 'nosuch',
	'an unknown member');
refused({ engine => 'jq', program => '.' . ' ' x 65536 }, 'bad_request', 'program',
	'a program of more than 65536 bytes');
refused({ engine => 'jq', program => '.', if_version => 1 }, 'precondition_failed',
	undef, 'another if_version');
is(names($t->events('/kv/a/transform', { engine => 'jq', program => '.',
	if_version => $saved })), 'start chunk result done', 'the current if_version');
refused({ engine => 'jq', program => '.' }, 'not_found', undef, 'an absent key',
	'/kv/nosuch/transform');
refused('[]', 'bad_request', undef, 'a body that is not an object');
refused({ engine => 'jq', program => '.', keys => ['a'], pattern => '*' },
	'bad_request', 'pattern', 'keys and a pattern', '/kv/transform/batch');
refused({ engine => 'jq', program => '.' }, 'bad_request', 'keys', 'neither keys nor a pattern',
	'/kv/transform/batch');
refused({ engine => 'jq', program => '.', keys => ['a', "\n"] }, 'bad_request',
	'keys', 'a malformed key', '/kv/transform/batch');
refused({ engine => 'jq', program => '.', keys => ['a'], save => true,
	to => 'x' }, 'bad_request', 'to', 'one target for many', '/kv/transform/batch');
is($t->{http}->post('/kv/a/transform', body => '{}')->code, 'unauthorized',
	'nobody');

# A read-only API key.
my $made = io7('key', 'create', $account->name, '--mode', 'test', '--scopes',
	'read', '--json', '-c', stack->conf_file);
my ($read_key) = $made->{out} =~ /"key":"(\w+)"/ or fail($made->{err});
my $read_only = [Authorization => "Bearer $read_key"];
my %one = (engine => 'jq', program => '1');
is($t->{http}->post('/kv/a/transform', headers => $read_only,
	body => Io7::Transform::json(\%one))->{status}, 200,
	'a read-only key may transform');
is($t->{http}->post('/kv/a/transform', headers => $read_only,
	body => Io7::Transform::json({ %one, save => true }))->code,
	'forbidden', '... but not save');

my @again = map { $t->post('/kv/a/transform', { engine => 'jq', program => '1' },
	'Idempotency-Key', 'once')->{status} } 1 .. 2;
is("@again", '200 409', 'a stream is not stored for an Idempotency-Key');

# --- Many keys --------------------------------------------------------------

$t->put("m:$_", $_) for 1 .. 5;
@events = $t->events('/kv/transform/batch', { engine => 'jq',
	program => 'if . == 3 then error("three") else . * 10 end',
	keys => ['m:5', 'm:3', 'nosuch', 'm:1'], save => true });
is($events[0]{json}{total}, 4, 'a batch starts with the number of keys');
is_deeply([map { $_->{json}{key} } Io7::Transform::named('result', @events)],
	['m:5', 'm:1'], '... handles them in order');
is_deeply([map { [$_->{json}{key}, $_->{json}{error}{code}] }
	Io7::Transform::named('error', @events)],
	[['m:3', 'bad_request'], ['nosuch', 'not_found']], '... continues after a failure');
is_deeply($events[-1]{json}, { total => 4, done => 4, failed => 2, saved => 2,
	credits => 0 }, '... and counts the failures');
is_deeply((Io7::Transform::named('progress', @events))[-1]{json},
	{ done => 4, total => 4 }, '... progress reaches the total');
is($t->get('m:5'), 50, '... results are saved');
is($t->get('m:3'), 3, '... a failed key is unchanged');

# A key that is listed twice is read again after it was saved.
$t->put($_, 1) for qw(twice xtwice);
@events = $t->events('/kv/transform/batch', { engine => 'jq', program => '. * 2',
	keys => ['twice', 'twice', 'xtwice', 'twice'], save => true });
is_deeply([map { $_->{json}{value} } Io7::Transform::named('result', @events)],
	[2, 4, 2, 8], 'a key that is listed again starts from its result');
is($t->get('twice'), 8, '... which is saved');
@events = $t->events('/kv/transform/batch', { engine => 'jq', program => '. + 1',
	keys => ['twice', 'twice', 'xtwice'], save => true, to => 'x*' });
is_deeply([map { $_->{json}{value} } Io7::Transform::named('result', @events)],
	[9, 9, 10], '... also if the result went to another key');
is($t->get('xtwice'), 9, '... over the earlier result');
is($t->get('xxtwice'), 10, '... and from it');

@events = $t->events('/kv/transform/batch', { engine => 'merge',
	patch => { seen => true }, pattern => 'm:*', save => true,
	to => 'm:*:seen' });
is($events[-1]{json}{saved}, 5, 'a pattern does not match keys that the batch creates');
is($t->get('m:m:1:seen'), '{"seen": true}', '... the star of `to` is the key');

is_deeply([map { $_->{json}{error}{details} } Io7::Transform::named('error',
	$t->events('/kv/transform/batch', { engine => 'merge', patch => 1,
		keys => ['m:1'], save => true, to => '*' . 'x' x 254 }))],
	[{ field => 'to', problem => 'must be 1 to 256 characters' }],
	'a target that the star makes too long fails');

my $last = $t->post('/kv/transform/batch', { engine => 'jq', program => '.',
	keys => ['m:1', 'm:2'] }, Accept => 'application/json');
is($last->{json}{key}, 'm:2', 'a batch without events answers with the last result');
is($t->post('/kv/transform/batch', { engine => 'jq', program => '.',
	keys => ['m:1', 'nosuch'] }, Accept => 'application/json')->code,
	'not_found', '... or the last error');

# Together the values exceed the memory of a request.
my $heavy = '"' . 'x' x 1_000_000 . '"';
$t->put("heavy:$_", $heavy) for 1 .. 70;
@events = $t->events('/kv/transform/batch', { engine => 'jq', program => 'length',
	pattern => 'heavy:*' });
is_deeply($events[-1]{json}, { total => 70, done => 70, failed => 0, saved => 0,
	credits => 0 }, 'a batch of large values');
@events = $t->events('/kv/transform/batch', { engine => 'jq', program => '. + "y"',
	keys => [('heavy:1') x 30, 'm:5'], save => true });
is($events[-1]{json}{saved}, 30, '... or of one large value again and again');
is(length $t->get('heavy:1'), 1_000_032, '... each time from its result');

# --- Ten thousand keys, and their cost --------------------------------------

my $live = Io7::Transform->new($account, 'live');
my $lines = join '', map { qq({"key":"n:$_","value":$_}\n) } 1 .. 10_001;
is($live->{http}->post('/api/kv/import', body => $lines,
	headers => $account->auth('live', 'Content-Type', 'application/x-ndjson'))
	->{json}{imported} // 10_001, 10_001, '10,001 keys are imported');
sub credits
{
	return $live->{http}->get('/api/usage/today',
		headers => $account->auth('live'))->{json}{credits};
}
is($live->post('/kv/transform/batch', { engine => 'merge', patch => 1,
	pattern => 'n:*' })->{json}{error}{details}{field}, 'pattern',
	'a pattern that matches 10,001 keys is refused');
# The import, and the refused request.
eventually { credits() == 102 } 'the earlier use is in the ledger';
my $began = time;
@events = $live->events('/kv/transform/batch', { engine => 'merge', patch => 1,
	keys => [map { "n:$_" } 1 .. 10_000] });
note sprintf '10,000 keys in %.2f s', time - $began;
is($events[-1]{json}{done}, 10_000, '10,000 keys are transformed');
is($events[-1]{json}{credits}, 100, '... for a credit for each hundred');
eventually { credits() == 202 } '... which the account has used';
is($live->post('/kv/transform/batch', { engine => 'jq',
	program => 'if . == 2 then (def f: f; f) else . end',
	keys => [('n:1') x 150, 'n:2'] }, Accept => 'application/json')->code,
	'timeout', 'a batch whose last key times out fails');
eventually { credits() == 204 } '... and its earlier keys are charged';
my $client = stack->http;
$client->send($client->compose(POST => '/kv/transform/batch', headers =>
	$account->auth('live', Accept => 'application/json'), body =>
	Io7::Transform::json({ engine => 'patch',
		patch => [({ op => 'add', path => '', value => 1 }) x 500],
		keys => [map { "n:$_" } 1 .. 10_000] })));
sub at_work
{
	return grep { ($_->{route} // '') eq 'POST /kv/transform/batch' }
		stack->workers('stream');
}
eventually { at_work() } 'a batch that would take minutes, without events';
$began = time;
$client->close;
eventually { !at_work() } '... ends when its client disconnects';
is_within(time - $began, 3, '... soon');

my @progress = map { $_->{json}{done} } Io7::Transform::named('progress', @events);
cmp_ok(scalar @progress, '>=', 3, '... there are several progress events');
is_deeply([sort { $a <=> $b } @progress], \@progress, '... that never go back');

finish;
