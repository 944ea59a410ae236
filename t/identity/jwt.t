#!/usr/bin/perl
# Tokens (JWT): which keys and claims are accepted, of our own signer and of npm's
# jose. The clock can be set, so that no test waits for a minute.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use File::Temp qw(tempdir);
use Io7::Clients;
use Io7::FastCgi;
use Io7::Issuer;
use Io7::Npm;
use Io7::Test;
use Io7::Token;
use Io7::Json;
use MIME::Base64 qw(decode_base64url encode_base64url);
use Time::HiRes qw(time);

use constant {
	ISSUER => 'https://auth.example.com/auth/v1',
	SECRET => 'this secret is of thirty-two bytes or more',
};

my $dir = tempdir(CLEANUP => 1);
my $issuer = Io7::Issuer->new;
my %key = map { ($_ => $issuer->add_key($_, "the-$_")) }
	qw(RS256 ES256 EdDSA);

sub write_file
{
	my ($path, $text) = @_;

	spew($path, $text);
	chmod 0600, $path;
	return $path;
}

# --- The clock --------------------------------------------------------------

my $shift = 0;
write_file("$dir/clock", pack 'q', 0);

# Advances io7's wall clock by a number of seconds.
sub advance
{
	my ($seconds) = @_;

	$shift += $seconds;
	open my $out, '+<', "$dir/clock" or die "clock: $!\n";
	syswrite $out, pack 'q', $shift * 1_000_000_000;
}

sub now
{
	return int(time) + $shift;
}

# Advances the clock to over a minute after the last fetch: the next unknown key causes
# a fetch.
sub let_a_minute_pass
{
	advance(61);
}

my $stack = private_stack(io7 => tested_program, set => {
	IO7_JWT_ISSUER => ISSUER,
	IO7_JWT_JWKS_URL => $issuer->url,
	IO7_JWT_SECRET_FILE => write_file("$dir/secret", SECRET . "\n"),
	IO7_CLOCK => "$dir/clock",
});

# --- Asking -----------------------------------------------------------------

my $count = 0;
my $address = 0;

# Valid claims of a user; undef removes one.
sub claims
{
	my (%more) = @_;
	my %claims = (iss => ISSUER, aud => 'authenticated', sub => 'joe',
		exp => now() + 3600, iat => now(), role => 'authenticated',
		email => 'joe@example.com', %more);

	delete $claims{$_} for grep { !defined $claims{$_} } keys %claims;
	return \%claims;
}

# Each request has its own address, because bad tokens are limited by address.
sub ask
{
	my ($token, @headers) = @_;
	my $from = join '.', 127, 1, int(++$address / 250), $address % 250 + 1;

	return $stack->http(from => $from)->get('/t/who',
		headers => [Authorization => "Bearer $token", @headers]);
}

sub is_good
{
	my ($token, $what) = @_;
	my $answer = ask($token);

	is($answer->{status}, 200, $what) or diag($answer->{body});
	return $answer->{json};
}

sub is_refused
{
	my ($token, $what, $sentence) = @_;
	my $answer = ask($token);

	is($answer->code // $answer->{status}, 'unauthorized', "$what gets 401");
	is($answer->{json}{error}{message},
		$sentence // 'This token is not valid.', '... and the message says why');
}

sub by
{
	my ($algorithm, $claims, %options) = @_;

	return token(ref $claims ? claims(%$claims) : $claims // claims(),
		key => $key{$algorithm}, %options);
}

# --- Valid tokens -------------------------------------------------------------

eventually { $issuer->hits } 'the janitor fetches the key set';
my $joe = is_good(by('RS256'), 'a token by RS256 is valid');
is($joe->{is_token}, true, '... and the answer says that it is a token');
is(is_good(by($_), "a token by $_ is valid")->{user}, $joe->{user},
	'... and has the same user') for qw(ES256 EdDSA);
is(is_good(by('EdDSA', undef, head => { alg => 'Ed25519' }),
	'a token by Ed25519, as RFC 9864 names it, is valid')->{user},
	$joe->{user}, '... and has the same user');
is(is_good(secret_token(claims(), SECRET, { kid => 'any' }),
	'a token by HS256 is valid')->{user}, $joe->{user},
	'... and has the same user');
is_good(by('RS256', undef, head => { kid => undef }),
	'a token without a kid, if there is one key of its algorithm');
is_good(by('ES256', { aud => ['other', 'authenticated'] }),
	'a token for several audiences');
is_good(by('ES256', { exp => now() + 60.5 }), 'an exp with a fraction');
is_good(by('ES256', { email => undef, role => undef, iat => undef }),
	'a token with the required claims only');
is($issuer->hits, 1, 'all of that took one fetch');

# --- Forged tokens ------------------------------------------------------------

my $good = by('RS256');
my ($head, $body, $signature) = split /\./, $good;
my $public = Io7::Token::public_key($key{RS256}, 'PEM');

sub head
{
	return encode_base64url(encode_json({ @_ }));
}

is_refused(join('.', head(alg => 'none'), $body, ''), 'alg none');
is_refused(join('.', head(alg => 'none', kid => 'the-RS256'), $body,
	$signature), 'alg none with a signature');
is_refused(secret_token(claims(), $_, { kid => 'the-RS256' }),
	'HS256 by the public key')
	for $public, decode_base64url(Io7::Token::jwk($key{RS256})->{n});
is_refused(secret_token(claims(), SECRET . '!'), 'HS256 by another secret');
is_refused(by('RS256', undef, head => { kid => 'the-ES256' }),
	"the kid of another key");
is_refused(by('RS256', undef, head => { alg => 'ES256' }),
	'the alg of another key');
is_refused(by('EdDSA', undef, head => { alg => $_ }), "alg $_")
	for qw(ed25519 Ed448);
is_refused(by('RS256', undef, head => { alg => 'PS256' },
	padding => ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest']),
	'PS256');
is_refused(by('RS256', undef, head => { alg => undef }), 'no alg');
is_refused(by('EdDSA', undef, head =>
	'{"alg":"EdDSA","alg":"EdDSA","kid":"the-EdDSA"}'),
	'an alg given twice');
is_refused(by('EdDSA', undef, head => { crit => ['exp'] }),
	'an unknown critical extension');
is_refused(by('ES256', undef, der => 1), 'a signature in DER');
is_refused(substr($good, 0, -4), 'a token that was cut');
is_refused("$head.$body.", 'a token without a signature');
is_refused("$good=", 'a token with padding');
is_refused(join('.', $head, encode_base64url(encode_json(
	claims(sub => 'eve'))), $signature), 'exchanged claims');
is_refused(by('RS256', '["sub"]'), 'claims that are an array');
is_refused(by('RS256', '{"sub":"joe","sub":"eve"}'), 'a claim given twice');
is_refused(token(claims(), key => Io7::Token::key('ES256', 'the-ES256')),
	"another key of the same kid");

is(ask('a.b')->code, 'unauthorized', 'a token of two parts');
is(ask('a.b.c.d')->code, 'unauthorized', 'a token of four parts');
is_refused("$good" . 'A' x 9000, 'a token of more than 8 KiB');

my $long = ask('A' x 50_000 . '.' . 'A' x 50_000 . '.A');
is($long->{status}, 400, 'nginx refuses a token of 100 KB');
my $direct = Io7::FastCgi->ask($stack->socket('live'), 'GET', '/t/who',
	HTTP_AUTHORIZATION => 'Bearer ' . 'A' x 50_000 . '.' . 'A' x 50_000
		. '.A');
is($direct->{status}, 401, '... and so does io7') or diag(explain($direct));

# --- Claims -----------------------------------------------------------------

my $elsewhere = 'This token is not for this service.';
my $incomplete = "A claim of this token is missing or malformed.";
my $expired = 'This token has expired.';
my $early = 'This token is not valid yet.';

is_refused(by('ES256', { iss => $_ }), 'iss ' . ($_ // 'missing'), $elsewhere)
	for undef, ISSUER . '/', 'https://evil.example.com';
is_refused(by('ES256', { aud => $_->[1] }), "aud $_->[0]", $elsewhere)
	for ['missing', undef], ['of other audiences', 'anon'], ['empty', []],
		['of other audiences', ['anon', 'authenticated2']],
		['an object', { a => 'authenticated' }];
is_refused(by('ES256', { exp => $_->[1] }), "exp $_->[0]", $_->[2])
	for ['missing', undef, $incomplete], ['a text', '9999999999', $incomplete],
		['past any year', 1e15, $incomplete], ['past the year 9999', -1, $incomplete],
		['of 1970', 0, $expired];
is_refused(by('ES256', { $_->[0] => $_->[1] }), "$_->[0] $_->[2]", $incomplete)
	for ['nbf', 'soon', 'a text'], ['iat', [], 'an array'],
		['sub', undef, 'missing'], ['sub', '', 'empty'],
		['sub', 7, 'a number'], ['sub', "a\nb", 'with a line break'],
		['sub', "a\x{9b}31m", 'with a C1 control'],
		['sub', 'x' x 256, 'of 256 characters'],
		['email', ['a@example.com'], 'an array'],
		['email', "a\@example.com\r\nBcc: b", 'with a line break'],
		['email', 'x' x 255, 'of 255 characters'];
is_good(by('ES256', { sub => "\x{e9}" x 255, email => '' }),
	'a sub of 255 characters is valid');

# --- Clock tolerance ----------------------------------------------------------

is_good(by('ES256', { exp => now() - 25 }), 'exp half a minute ago is valid');
is_good(by('ES256', { nbf => now() + 25, iat => now() + 25 }),
	'... so are nbf and iat half a minute ahead');
is_refused(by('ES256', { exp => now() - 31 }), 'exp', $expired);
is_refused(by('ES256', { $_ => now() + 40 }), $_, $early) for qw(nbf iat);

my $short = by('ES256', { exp => now() + 20 });
is_good($short, 'a token of 20 seconds is valid');
advance(15);
is_good($short, '... after 15 seconds');
advance(36);
is_refused($short, '... and expires, though its user is cached',
	$expired);

# --- Signing up -------------------------------------------------------------

sub rows
{
	my ($sub) = @_;

	return $stack->psql("SELECT auth_iss, auth_email, plan_id,
		ready_at IS NOT NULL FROM io7.users WHERE auth_sub = '$sub';");
}

sub has_schemas
{
	my ($user) = @_;
	my $schema = 'user_' . $user =~ tr/-//dr;

	return 2 == grep { $stack->psql("SELECT to_regclass("
		. "'$schema.kv_store') IS NOT NULL;", $_) eq "t\n" }
		qw(io7_live io7_test);
}

is(rows('joe'), ISSUER . "|joe\@example.com|starter|t\n",
	'the first token has created one user');
# From here on joe needs more than the plan starter allows.
is(io7('plan', 'set', $joe->{user}, 'business', '-c',
	$stack->conf_file)->{exit}, 0, '... whose plan can be changed');
ok(has_schemas($joe->{user}), '... with a schema in each database');
isnt(is_good(by('ES256', { sub => 'JOE' }), 'another sub')->{user},
	$joe->{user}, '... is another user, also with the same e-mail');
$stack->psql("INSERT INTO io7.users (github_id, github_username, github_email)
	VALUES (4711, 'ann', 'ann\@example.com');");
is_good(by('ES256', { sub => 'ann', email => 'ann@example.com' }),
	'a token with the e-mail of a user from GitHub');
is($stack->psql("SELECT count(*) FROM io7.users
	WHERE 'ann\@example.com' IN (github_email, auth_email);"), "2\n",
	'... is not matched to that user');

# The answers to eight concurrent requests with that token: "200 ", or the status and
# the body.
sub answers_at_once
{
	my ($token) = @_;
	my $clients = Io7::Clients->start($stack, 8, sub {
		my ($http, $number) = @_;
		$address += 20 * $number;
		my $answer = ask($token);
		return ($answer->{status} == 200 ? '' : $answer->{body}, $answer);
	}, most => 1);

	$address += 200;
	$clients->wait;
	return map { "$_->[0] $_->[1]" } $clients->answers;
}

is_deeply([answers_at_once(by('ES256', { sub => 'twin' }))], [('200 ') x 8],
	'eight concurrent first tokens are accepted');
is(rows('twin'), ISSUER . "|joe\@example.com|starter|t\n",
	'... and create one user');
is($stack->psql("SELECT event, details->>'issuer' FROM io7.audit_log a
	JOIN io7.users u ON u.id = a.user_id WHERE auth_sub = 'twin';"),
	'account_created|' . ISSUER . "\n", '... with a line in the audit log');

my ($half) = split /\n/, $stack->psql("INSERT INTO io7.users
	(auth_iss, auth_sub) VALUES ('@{[ISSUER]}', 'half') RETURNING id;");
is(is_good(by('ES256', { sub => 'half' }), 'an interrupted signup')->{user},
	$half, '... is continued');
ok(has_schemas($half), '... and completed');

is(io7('user', 'suspend', $half, '-c', $stack->conf_file)->{exit}, 0,
	'an operator suspends a user');
is_refused(by('ES256', { sub => 'half' }), 'a valid token of that user',
	'This account is suspended.');

# --- Modes ------------------------------------------------------------------

for my $mode (qw(live test)) {
	my $answer = ask(by('ES256'), 'Io7-Mode' => $mode);
	is($answer->{json}{mode}, $mode, "Io7-Mode: $mode sets the mode");
	is($answer->{headers}{'io7-mode'}, $mode, '... and is in the answer');
}
is(ask(by('ES256'))->{json}{mode}, 'live', 'the default mode is live');
is(ask(by('ES256'), 'Io7-Mode' => 'prod')->{status}, 400,
	'another value of Io7-Mode gets 400');

# --- Changes of the key set ---------------------------------------------------

sub hits_of(&)
{
	my ($code) = @_;
	my $before = $issuer->hits;

	$code->();
	return $issuer->hits - $before;
}

# A request with a key that is not in the set.
sub stranger
{
	return ask(token(claims(), key => $key{EdDSA},
		head => { kid => 'nobody' }));
}

my $old = by('RS256');
my $second = $issuer->add_key('ES256', 'second');
my $new = token(claims(), key => $second);
let_a_minute_pass;
my @statuses;
is(hits_of {
	push @statuses, ask($_)->{status} for $old, $new, $old, $new;
}, 1, 'an unknown key causes a fetch');
is("@statuses", '200 200 200 200', '... and no other request fails meanwhile');
my $third = $issuer->add_key('EdDSA', 'third');
let_a_minute_pass;
is(hits_of {
	is_deeply([answers_at_once(token(claims(), key => $third))], [('200 ') x 8],
		'eight concurrent tokens of a new key are accepted');
}, 1, '... with one fetch');

$issuer->drop_key('the-EdDSA');
is_good(by('EdDSA'), 'a key that was removed is valid until the next fetch');
advance(600);
eventually { ask(by('EdDSA'))->{status} == 401 }
	'... which is ten minutes later';
push @{$issuer->{keys}}, $key{EdDSA};
$issuer->publish;

is(hits_of {
	is(stranger()->{status}, 401,
		'an unknown key just after a fetch gets 401');
}, 0, '... without a fetch');
let_a_minute_pass;
is(hits_of {
	is(stranger()->{status}, 401, 'a minute later it gets 401') for 1 .. 5;
}, 1, '... with one fetch for all requests');

# --- Failing fetches ----------------------------------------------------------

# A known key stays valid, and an unknown one gets 503.
sub survives_failure
{
	my ($what) = @_;

	let_a_minute_pass;
	my $began = time;
	my $answer = stranger();
	is($answer->{status}, 503, "$what: an unknown key gets 503");
	is_within(time - $began, 8, '... within eight seconds');
	like($answer->{headers}{'retry-after'}, qr/^[1-6]?\d$/,
		'... with Retry-After');
	is_good(by('ES256'), '... and known keys stay valid');
}

sub is_refused_at_once
{
	my $began = time;

	is(stranger()->{status}, 503, '... the next unknown key gets 503 too');
	is_within(time - $began, 1, '... at once');
}

# The line of `io7 doctor` about the key set.
sub doctor
{
	return io7('doctor', '-c', $stack->conf_file)->{out};
}

like(doctor(), qr/^ok +tokens +keys fetched \d+ s ago$/m,
	'io7 doctor reports the fetch');

for my $how (qw(rubbish failing empty huge cut slow)) {
	$issuer->behave($how);
	survives_failure("the server of the key set is $how");
	is_refused_at_once();
}
$issuer->stop;
survives_failure('the server of the key set is down');
like(doctor(), qr/^warn +tokens +the keys are \d+ s old/m,
	'io7 doctor reports that too');
cmp_ok(scalar $stack->events('jwks_failed'), '>=', 7,
	'each failure is logged');

my ($janitor) = map { $_->{pid} } $stack->workers('janitor');
ok($janitor, 'the janitor runs');
kill STOP => $janitor;
survives_failure('the janitor is stopped');
kill CONT => $janitor;

$stack->stop('io7');
$stack->up;
is_good(by('ES256'), 'the last good set survives a restart');

$issuer->behave('well');
$issuer->start;
let_a_minute_pass;
eventually { stranger()->{status} == 401 } 'it is fetched as soon as possible';
is_good(by('EdDSA'), '... and is complete');

# --- Tokens by npm's jose ---------------------------------------------------

# Returns the keys and tokens of t/clients/jose, or the reason why they are missing.
sub made_by_jose
{
	my ($at, $reason) = npm_client('jose');

	return (undef, $reason) unless $at;
	return decode_json(run_ok('node', "$at/sign.mjs",
		encode_json(claims(sub => 'jose')), SECRET));
}

SKIP: {
	my ($made, $reason) = made_by_jose();
	skip($reason, 4) unless $made;

	$issuer->add_public(@{$made->{keys}});
	let_a_minute_pass;
	is_good($made->{tokens}{$_}, "jose's token by $_ is valid")
		for sort keys %{$made->{tokens}};
}

# --- The workers' copy --------------------------------------------------------

my $hits = $issuer->hits;
write_file($stack->dir . '/run/jwks', "<html>\n");
is_good(by('ES256'), 'a corrupt copy: known keys stay valid');
eventually { $issuer->hits > $hits } '... and it is fetched again';

# --- The configuration ------------------------------------------------------

# Sets an option of the stack, or comments it out, and reloads io7.
sub set_option
{
	my ($name, $value) = @_;
	my $file = $stack->conf_file;
	my $line = defined $value ? "$name=$value\n" : "#$name\n";

	open my $in, '<', $file or die "$file: $!\n";
	my $text = join '', map { /^$name=/ ? $line : $_ } <$in>;
	close $in;
	write_file($file, $text);
	kill HUP => $stack->pid;
}

$hits = $issuer->hits;
set_option('IO7_JWT_JWKS_URL', $issuer->url . '?another=1');
eventually { $issuer->hits > $hits && ask(by('ES256'))->{status} == 200 }
	'another URL: the key set is fetched at once';
set_option('IO7_JWT_JWKS_URL');
eventually { ask(by('ES256'))->{status} == 401 }
	'without a URL no key is accepted';
is_good(secret_token(claims(), SECRET), '... but the secret is');
set_option('IO7_JWT_SECRET_FILE');
my $sentence = 'Tokens are not accepted here: no issuer is configured.';
eventually { (ask(by('ES256'))->{json}{error}{message} // '') eq $sentence }
	'without both no token is accepted';

# --- Secrets ------------------------------------------------------------------

$stack->settled_log_lines;
my @lines = map { $stack->log_lines(s{.*/|\.log$}{}gr) }
	glob $stack->dir . '/log/*.log';
cmp_ok(scalar @lines, '>', 200, 'there are logs');
is_deeply([grep { /eyJ|\Q$signature\E|@{[SECRET]}|A{40}/ } @lines], [],
	'... without a token or a secret in any line');

my $check = sub {
	my (%set) = @_;
	return io7('check', '-c', write_file("$dir/check.conf", join '',
		"IO7_RUN_DIR=$dir/run\n", map { "$_=$set{$_}\n" } keys %set));
};
is($check->(IO7_JWT_ISSUER => ISSUER, IO7_JWT_JWKS_URL => $issuer->url)
	->{exit}, 0, 'a valid configuration');
for (
	[IO7_JWT_JWKS_URL => 'ftp://x/', qr/must begin with https/],
	[IO7_JWT_SECRET_FILE => write_file("$dir/short", 'x' x 31),
		qr/the secret must have at least 32 bytes/],
	[IO7_JWT_ISSUER => 'io7', qr/reserved for users/],
) {
	my ($name, $value, $fault) = @$_;
	my $result = $check->($name => $value);
	like($result->{err}, qr/$name: .*$fault/, "io7 check reports $fault");
	unlike($result->{err}, qr/xxxx/, '... without a secret');
}

finish;
