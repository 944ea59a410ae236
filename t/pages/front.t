#!/usr/bin/perl
# The front page, and /docs for whoever has no key: on a private stack its commands
# work as they stand, with the demo's key; on a real site nobody is lent one.

use strict;
use warnings;

use Io7::Account;
use Io7::Chrome;
use Io7::Test;

my $obstacle = Io7::Chrome->obstacle;
plan(skip_all => $obstacle) if $obstacle;

my $stack = private_stack(demo => 1);
my $key = $stack->env('IO7_DEMO_PRO_TEST_KEY');
my $http = $stack->http;

# --- Whose key is told ------------------------------------------------------

is_deeply($http->get('/demo.json')->{json}, { test_key => $key,
	url => $stack->env('IO7_URL') }, "a private stack tells the demo's test key");
unlike($http->get('/demo.json')->{body}, qr/live_io7_/, '... and no live one');
is_deeply(JSON::PP::decode_json(slurp(www() . '/demo.json')), {},
	'a real site tells none');

# --- Who is signed in -------------------------------------------------------

sub try_to_put
{
	my ($chrome, $says, $button) = @_;

	$chrome->visit('/docs/');
	$chrome->visit('/docs#putValue');
	$says->('#key-state', qr/^There is no key yet/,
		'who is signed in is lent no key');
	$chrome->click('#putValue .try summary');
	is($chrome->text('#putValue .try [type=submit]'), $button,
		'... and sees which data is meant');
	$chrome->type('#putValue-path-key', 'by-session');
	$chrome->type('#putValue-body', '1');
	$chrome->click('#putValue .try [type=submit]');
	$says->('#putValue .try', qr/^201\b.* in .*"key": "by-session"/ms,
		'... and stores a value by the session');
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
	try_to_put($chrome, $says, 'Send it to live data');
	is($stored->(), '200 404', '... among live data');
	$chrome->visit('/dashboard');
	$chrome->click('label:has(#mode-test)');
	try_to_put($chrome, $says, 'Send');
	is($stored->(), '200 200', '... or test data, as the dashboard shows');
}

# --- The commands -----------------------------------------------------------

for my $site ($stack->env('IO7_TLS_URL'), $stack->env('IO7_URL')) {
	my $chrome = Io7::Chrome->new($site);
	my $says = sub {
		my ($selector, $text, $what) = @_;
		eventually { $chrome->text($selector) =~ $text } $what;
	};

	$chrome->visit('/');
	$says->('#terminal-state', qr/^Answered just now, in \d+ ms, to the demo/,
		"$site: the front page shows an answer");
	my ($version) = $chrome->text('#answers') =~
		/"key":"hello","version":(\d+),.*\n\{"name":"Ada"\}/;
	ok($version, '... to both commands');
	my $commands = $chrome->run_script(
		'return document.querySelector("#commands").textContent');
	my $result = run('bash', '-euc', $commands);
	is("$result->{exit}$result->{err}", 0, '... which are run by bash, too');
	my ($wrote, $read) = split /\n/, $result->{out};
	is_deeply(JSON::PP::decode_json($wrote), { key => 'hello',
		version => $version + 1, created => JSON::PP::false,
		expires_at => undef }, '... store a value');
	is_deeply(JSON::PP::decode_json($read), { name => 'Ada' },
		'... and read it');
	$chrome->click('#run');
	eventually { $chrome->text('#answers') =~ /"version":@{[$version + 2]}\b/ }
		'one may run it again';

	# --- The calls of /docs ---

	$chrome->visit('/docs#listValues');
	$says->('#key-state', qr/tried with the demo.+s key test_io7_/,
		"/docs lends the demo's key");
	$chrome->click('#listValues .try summary');
	$chrome->click('#listValues .try [type=submit]');
	$says->('#listValues .try', qr/^200\b.*? in .*"key": "hello"/ms,
		'... and calls work with it');
	is($chrome->run_script('return sessionStorage.length'), 0,
		'... but the dashboard is not opened by it');
	$chrome->click('#key-forget');
	is($chrome->text('#key-state'), 'There is no key yet.',
		'... and it can be given back');

	acts_as_who_is_signed_in($chrome, $says) if $site =~ /^https/;
	is_deeply([$chrome->faults], [], 'nothing is amiss on the console');
	is_deeply([grep { !m{^\w+ \Q$site\E/} } $chrome->requests], [],
		'no other host is asked');
	ok(!(grep { /_io7_/ } $chrome->requests),
		'no key stands in an address');
	$chrome->quit;
}

finish;
