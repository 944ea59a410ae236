#!/usr/bin/perl
# The front page and the API reference without a login: on a private stack they use the
# demo key, on a real site they have none.

use strict;
use warnings;

use Io7::Account;
use Io7::Chrome;
use Io7::Json;
use Io7::Test;

my $obstacle = Io7::Chrome->obstacle;
plan(skip_all => $obstacle) if $obstacle;

my $stack = private_stack(demo => 1);
my $key = $stack->env('IO7_DEMO_PRO_TEST_KEY');
my $http = $stack->http;

# --- The demo key -----------------------------------------------------------

is_deeply($http->get('/demo.json')->{json}, { test_key => $key,
	url => $stack->env('IO7_URL') },
		"a private stack publishes the demo's test key");
unlike($http->get('/demo.json')->{body}, qr/live_io7_/,
	'it publishes no live key');
is_deeply(decode_json(slurp(www() . '/demo.json')), {},
	'a real site publishes no key');

# --- With a session ---------------------------------------------------------

sub try_to_put
{
	my ($chrome, $says, $button) = @_;

	$chrome->visit('/docs/');
	$chrome->visit('/docs#putValue');
	$says->('#key-state', qr/^No key is set/,
		'a signed-in user is not given the demo key');
	$chrome->click('#putValue .try summary');
	is($chrome->text('#putValue .try [type=submit]'), $button,
		'the button says which data is written');
	$chrome->type('#putValue-path-key', 'by-session');
	$chrome->type('#putValue-body', '1');
	$chrome->click('#putValue .try [type=submit]');
	$says->('#putValue .try', qr/^201\b.* in .*"key": "by-session"/ms,
		'the session stores a value');
}

sub acts_as_who_is_signed_in
{
	my ($chrome, $says) = @_;
	my $account = new_account($stack);
	my $stored = sub {
		join ' ', map { $http->get('/kv/by-session', headers =>
			$account->auth($_))->{status} } qw(live test);
	};

	$chrome->set_cookie('__Host-io7_session', $account->session);
	try_to_put($chrome, $says, 'Send to live data');
	is($stored->(), '200 404', 'it is stored in live data');
	$chrome->visit('/dashboard');
	$chrome->click('label:has(#mode-test)');
	try_to_put($chrome, $says, 'Send');
	is($stored->(), '200 200',
		'after switching the mode it is stored in test data');
}

# --- Commands ---------------------------------------------------------------

for my $site ($stack->env('IO7_TLS_URL'), $stack->env('IO7_URL')) {
	my $chrome = Io7::Chrome->new($site);
	my $says = sub {
		my ($selector, $text, $what) = @_;
		eventually { $chrome->text($selector) =~ $text } $what;
	};

	$chrome->visit('/');
	$says->('#terminal-state', qr/^Answered in \d+ ms with the demo/,
		"$site: the front page shows an answer");
	my ($version) = $chrome->text('#answers') =~
		/"key":"hello","version":(\d+),.*\n\{"name":"Ada"\}/;
	ok($version, 'both commands are answered');
	my $commands = $chrome->run_script(
		'return document.querySelector("#commands").textContent');
	my $result = run('bash', '-euc', $commands);
	is("$result->{exit}$result->{err}", 0, 'bash runs the commands');
	my ($wrote, $read) = split /\n/, $result->{out};
	is_deeply(decode_json($wrote), { key => 'hello',
		version => $version + 1, created => false,
		expires_at => undef }, 'they store a value');
	is_deeply(decode_json($read), { name => 'Ada' },
		'they read it');
	$chrome->click('#run');
	eventually { $chrome->text('#answers') =~ /"version":@{[$version + 2]}\b/ }
		'Run again sends the requests again';

# --- Calls of the API reference ---------------------------------------------

	$chrome->visit('/docs#listValues');
	$says->('#key-state', qr/use the demo key test_io7_/,
		"the API reference uses the demo key");
	$chrome->click('#listValues .try summary');
	$chrome->click('#listValues .try [type=submit]');
	$says->('#listValues .try', qr/^200\b.*? in .*"key": "hello"/ms,
		'a call works with it');
	is($chrome->run_script('return sessionStorage.length'), 0,
		'it is not stored as a key of the dashboard');
	$chrome->click('#key-clear');
	is($chrome->text('#key-state'), 'No key is set.',
		'Clear key removes it');

	acts_as_who_is_signed_in($chrome, $says) if $site =~ /^https/;
	is_deeply([$chrome->faults], [], 'the console shows no error');
	is_deeply([grep { !m{^\w+ \Q$site\E/} } $chrome->requests], [],
		'no request goes to another host');
	ok(!(grep { /_io7_/ } $chrome->requests),
		'no URL contains a key');
	$chrome->quit;
}

finish;
