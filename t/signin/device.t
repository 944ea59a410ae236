#!/usr/bin/perl
# The device flow of RFC 8628: codes, polling, the user's decision, and exactly one
# session for each approval, also if the device or the user makes mistakes.

use strict;
use warnings;

use IPC::Open2 qw(open2);
use Io7::Account;
use Io7::Browser;
use Io7::Npm;
use Io7::Test;
use Io7::Json;

use constant GRANT => 'urn:ietf:params:oauth:grant-type:device_code';

my $stack = stack;
my $account = new_account($stack);
my $person = Io7::Browser->new($stack);
$person->set_cookie(session => $account->session);

# A client with its own IP address, because requests are limited by address.
sub device
{
	return Io7::Browser->new($stack);
}

sub post_form
{
	my ($target, %form) = @_;
	my $body = join '&', map { "$_=" . ($form{$_} =~ s/:/%3A/gr) }
		sort keys %form;

	return device()->request(POST => $target, body => $body, headers => [
		'Content-Type' => 'application/x-www-form-urlencoded',
		'User-Agent' => 'io7-cli/1.0 <b>' ]);
}

sub post_json
{
	my ($target, $body) = @_;

	return device()->request(POST => $target,
		headers => ['Content-Type' => 'application/json'],
		body => ref $body ? encode_json($body) : $body);
}

# Starts the flow and returns the codes of the device.
sub codes
{
	my $answer = post_form('/auth/device', client_id => 'io7-cli');

	return $answer->{json};
}

sub poll
{
	my ($codes) = @_;

	return post_form('/auth/device/token', grant_type => GRANT,
		device_code => $codes->{device_code}, client_id => 'io7-cli');
}

# An error in the form of the RFC.
sub is_rfc_error
{
	my ($answer, $error, $what) = @_;

	is($answer->{status}, 400, "$what gets 400");
	is_deeply($answer->{json}, { error => $error }, "... $error");
}

sub decide
{
	my ($codes, $approve, $who) = @_;

	return ($who // $person)->change(POST =>
		"/api/device/$codes->{user_code}",
		body => encode_json({ approve => $approve }));
}

# Makes a code older by a number of seconds.
sub let_pass
{
	my ($codes, $seconds) = @_;

	my $code = $codes->{user_code} =~ tr/-//dr;
	$stack->psql("UPDATE io7.device_codes SET
		polled_at = polled_at - interval '$seconds s',
		expires_at = expires_at - interval '$seconds s'
		WHERE user_code = '$code';");
}

my ($yes, $no) = (true, false);

# --- Discovery --------------------------------------------------------------

my $origin = $person->origin;
is_deeply(device()->get('/.well-known/oauth-authorization-server')->{json}, {
	issuer => $origin,
	device_authorization_endpoint => "$origin/auth/device",
	token_endpoint => "$origin/auth/device/token",
	grant_types_supported => [GRANT],
	token_endpoint_auth_methods_supported => ['none'],
	response_types_supported => [],
	service_documentation => "$origin/docs",
}, 'the metadata of RFC 8414 names the endpoints');

# --- A successful flow ----------------------------------------------------------

my $codes = codes();
like($codes->{user_code}, qr/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[B-Z]{4}$/,
	'a device gets a code for the user');
is($codes->{verification_uri}, $person->origin . '/dashboard/device',
	'... the page to enter it');
is($codes->{verification_uri_complete},
	"$codes->{verification_uri}?code=$codes->{user_code}",
	'... the same page with the code');
is("$codes->{interval} $codes->{expires_in}", '5 600',
	'... the polling interval and the lifetime');

is_rfc_error(poll($codes), 'authorization_pending', 'before the user has seen it');
my $shown = $person->get("/api/device/$codes->{user_code}");
is($shown->{status}, 200, 'the user can see the device');
is($shown->{json}{user_agent}, 'io7-cli/1.0 <b>', '... its User-Agent');
like($shown->{json}{address}, qr/^127\./, '... and its address');
for my $way (lc $codes->{user_code}, $codes->{user_code} =~ tr/-//dr,
	$codes->{user_code} =~ s/-/%20/r) {
	is($person->get("/api/device/$way")->{json}{user_code},
		$codes->{user_code}, 'upper or lower case, with or without hyphen');
}
is(decide($codes, $yes)->{status}, 204, 'the user approves it');
let_pass($codes, 5);
my $answer = poll($codes);
is($answer->{status}, 200, 'the device gets a session');
is($answer->{json}{token_type}, 'Bearer', '... as a bearer token of one hour');
my $token = $answer->{json}{access_token};
my $session = device()->get('/api/session',
	headers => [Authorization => "Bearer $token"]);
is($session->{status}, 200, '... which is valid');
is($session->{json}{user}{id}, $account->user_id, '... for the user\'s account');
is(device()->get('/api/sessions', headers => [Authorization =>
	"Bearer $token"])->{json}{items}[0]{kind}, 'device',
	'... and is listed as a device');
is_rfc_error(poll($codes), 'invalid_grant', 'a second session for one code');
is($person->get("/api/device/$codes->{user_code}")->{status}, 404,
	'... whose code is deleted');
is($stack->psql("SELECT string_agg(event, ' ' ORDER BY at) FROM io7.audit_log
	WHERE user_id = '@{[$account->user_id]}' AND event ~ 'device|signed';"),
	"device_approved signed_in\n", 'approval and sign-in are in the audit log');

# --- Denied -------------------------------------------------------------------

$codes = codes();
is(decide($codes, $no)->{status}, 204, 'the user denies a device');
is_rfc_error(poll($codes), 'access_denied', 'a denied device');
is(decide($codes, $yes)->{status}, 404, 'a decision is final');
let_pass($codes, 60);
is_rfc_error(poll($codes), 'access_denied', '... also after an approval');

$codes = codes();
is(decide($codes, $yes)->{status}, 204, 'a user approves a device');
my $left = new_account($stack);
my $leaver = Io7::Browser->new($stack);
$leaver->set_cookie(session => $left->session);
my $second = codes();
is(decide($second, $yes, $leaver)->{status}, 204, '... another user approves another one');
io7('user', 'suspend', $left->name, '-c', $stack->conf_file);
is_rfc_error(poll($second), 'access_denied', 'a device of a suspended user');
is(poll($codes)->{status}, 200, '... and other devices still work');

# --- Polling too fast or too late -----------------------------------------------

$codes = codes();
is_rfc_error(poll($codes), 'authorization_pending', 'the first poll');
is_rfc_error(poll($codes), 'slow_down', 'the next one at once');
let_pass($codes, 6);
is_rfc_error(poll($codes), 'slow_down', '... and one six seconds later');
let_pass($codes, 16);
is_rfc_error(poll($codes), 'authorization_pending', 'after the longer interval');
poll($codes);
is(decide($codes, $yes)->{status}, 204, 'the user approves it');
is(poll($codes)->{status}, 200, 'an approved device need not wait');

$codes = codes();
let_pass($codes, 601);
is_rfc_error(poll($codes), 'expired_token', 'after ten minutes');
is(decide($codes, $yes)->{status}, 404, '... an expired code cannot be approved');
is($person->get("/api/device/$codes->{user_code}")->{status}, 404,
	'... or seen');
let_pass($codes, 3601);
eventually { poll($codes)->{json}{error} eq 'invalid_grant' }
	'... and is deleted later';

# --- Bad input --------------------------------------------------------------

is(post_json('/auth/device', $_)->{status}, 200, "a device may send $_")
	for '{}', '{"client_id":"x","scope":"y"}';
is(device()->request(POST => '/auth/device')->{status}, 200, '... or nothing');
is(post_json('/auth/device', $_)->{status}, 400, "$_ gets 400")
	for '[]', '{', '{"client_id":1}', '{"x":1}', '"x"',
		'{"client_id":"a","client_id":"b"}', '[' x 10000;
is(post_form('/auth/device', client_id => 'a%zz')->{status}, 400,
	'a malformed escape gets 400');

my %good = (grant_type => GRANT, device_code => codes()->{device_code});
is_rfc_error(post_json('/auth/device/token', \%good), 'authorization_pending',
	'a poll in JSON');
is_rfc_error(post_form('/auth/device/token', %good, grant_type => 'password'),
	'unsupported_grant_type', 'another grant type');
for my $bad ({ grant_type => GRANT }, { device_code => $good{device_code} }, {},
	{ %good, device_code => '' }, { %good, x => 1 }) {
	is_rfc_error(post_json('/auth/device/token', $bad), 'invalid_request',
		'a poll without all parameters');
}
is_rfc_error(post_json('/auth/device/token', $_), 'invalid_request', $_)
	for 'x', '[]', '{"device_code":1}';
is_rfc_error(post_form('/auth/device/token', %good, device_code => $_),
	'invalid_grant', 'a code that was never given')
	for '0' x 64, 'x', "$good{device_code}0", '%00';

$codes = codes();
is($person->get("/api/device/$_")->{status}, 404, "$_ is not a code")
	for 'x', 'WDJB-MJHTX', 'AAAA-EEEE', 'BBBB-BBBB', '%C3%A4';
for my $body ('{}', '{"approve":"yes"}', '{"approve":null}', '[true]',
	'{"approve":true,"approve":false}', '{"approve":true,"x":1}', '') {
	is($person->change(POST => "/api/device/$codes->{user_code}",
		body => $body)->{status}, 400, "$body is not a decision");
}
is($person->request(POST => "/api/device/$codes->{user_code}",
	body => '{"approve":true}')->{status}, 403,
	'another site cannot approve a device');
for my $way (GET => POST =>) {
	is(device()->request($way => "/api/device/$codes->{user_code}",
		headers => $account->auth('live'), body => '{"approve":true}')
		->{status}, 403, "an API key may not $way");
	is(device()->request($way => "/api/device/$codes->{user_code}",
		body => '{"approve":true}')->{status}, 401, "an unauthenticated request may not $way");
}
is_rfc_error(poll($codes), 'authorization_pending',
	'none of that approved the device');

# --- Concurrent polls ---------------------------------------------------------

is(decide($codes, $yes)->{status}, 204, 'the user approves a device');
my $body = "grant_type=@{[GRANT]}&device_code=$codes->{device_code}";
my @racers = map { device()->{http} } 1 .. 4;
$_->send($_->compose(POST => '/auth/device/token', body => $body, headers =>
	['Content-Type' => 'application/x-www-form-urlencoded'])) for @racers;
is(join(' ', sort map { $_->receive('POST')->{status} } @racers),
	'200 400 400 400', 'of four concurrent polls one gets the session');

# --- Another implementation ---------------------------------------------------

SKIP: {
	my ($at, $reason) = npm_client('oauth');
	skip($reason, 7) unless $at;

	my $pid = open2(my $out, my $in, 'node', "$at/device.mjs",
		$person->origin);
	my ($began, $early) = map { decode_json($_ // '{}') }
		map { scalar <$out> } 1 .. 2;
	like($began->{codes}{user_code}, qr/^[A-Z]{4}-[A-Z]{4}$/,
		'npm\'s oauth4webapi gets its codes');
	is($began->{codes}{interval}, 5, '... and the interval');
	is($early->{early}, 'authorization_pending', '... it has to wait');
	is(decide($began->{codes}, $yes)->{status}, 204, '... it is approved');
	print $in "\n";
	close $in;
	my $end = decode_json(scalar(<$out>) // '{}');
	is($end->{session}{token_type}, 'bearer', '... it gets a session');
	is($end->{who}{user}{id}, $account->user_id, '... for the user\'s account');
	waitpid $pid, 0;
	is($?, 0, '... and exits without an error');
}

my %distinct = map { (codes()->{user_code} => 1) } 1 .. 20;
is(scalar keys %distinct, 20, 'codes are distinct');

my $logs = join '', $stack->settled_log_lines;
ok(!(grep { index($logs, $_) >= 0 } $token, $codes->{device_code},
	$codes->{user_code}), 'no code is in a log');
is($stack->psql("SELECT count(*) FROM io7.device_codes d
	WHERE d::text ~ '$good{device_code}';"), "0\n", '... or in the database');

finish;
