#!/usr/bin/perl
# Sign-in with GitHub: the first sign-in creates an account, each one opens a session. A
# failure shows a page with the reason, and leaves no incomplete account in use.

use strict;
use warnings;

use Io7::Browser;
use Io7::GitHub;
use Io7::Test;
use Time::HiRes qw(time);

my $github = Io7::GitHub->new;
# As an unprivileged user and with the system call filter, as in production.
my $stack = private_stack(set => { %{$github->options},
	$> == 0 ? (IO7_USER => 'www-data') : () });
my $people = 1000;
my @shown;

# A user of GitHub who is new to io7.
sub new_user
{
	my (%person) = @_;
	my $id = ++$people;

	$github->person(id => $id, login => "person-$id", %person);
	return $id;
}

sub users
{
	my ($id) = @_;

	return 0 + $stack->psql(
		"SELECT count(*) FROM io7.users WHERE github_id = $id;");
}

sub value_of
{
	my ($id, $sql) = @_;
	my $value = $stack->psql("SELECT $sql FROM io7.users u
		WHERE github_id = $id;");

	chomp $value;
	return $value;
}

# The keys that a page shows, by mode.
sub keys_on
{
	my ($answer) = @_;
	my %keys = $answer->{body}
		=~ m{id="(test|live)-key">((?:test|live)_io7_[0-9a-f]{32})<}g;

	push @shown, values %keys;
	return \%keys;
}

# Checks the status and the text of a page.
sub is_page
{
	my ($answer, $status, $says, $what) = @_;

	like($answer->{status}, qr/^$status$/, $what);
	is($answer->{type}, 'text/html', '... is shown on a page');
	like($answer->{body}, $says, '... that shows the reason');
	like($answer->{body}, qr{<a class="button" href="/auth/github">Try again</a>},
		'... with a link to try again');
	unlike($answer->{headers}{'set-cookie'} // '', qr/session_io7_/,
		'... and opens no session');
}

# --- The first sign-in --------------------------------------------------------

my $id = new_user(login => 'octocat', email => 'octo@example.com');
my $browser = Io7::Browser->new($stack);
my $first = $browser->sign_in($github);
my $keys = keys_on($first);

is($first->{status}, 200, 'the first sign-in is answered with a page');
is($first->{type}, 'text/html', '... in HTML');
is($first->{headers}{'cache-control'}, 'no-store', '... that is not cached');
is_deeply([sort keys %$keys], [qw(live test)], '... with both keys');
like($keys->{$_}, qr/^${_}_io7_/, "... the $_ key has the form of its mode")
	for qw(live test);
like($first->{body}, qr{href="/dashboard"}, '... with a link to the dashboard');
ok(!$browser->cookie('sign_in'), '... the cookie of the sign-in is removed');
like($browser->cookie('session'), qr/^session_io7_[0-9a-f]{64}$/,
	'... and that of the session is set');

is(value_of($id, 'github_username'), 'octocat', 'the user has the name at GitHub');
is(value_of($id, 'github_email'), 'octo@example.com',
	'... the verified primary address');
is(value_of($id, 'ready_at IS NOT NULL'), 't', '... and is complete');
is(value_of($id, '(SELECT count(*) FROM app.user_profiles p
	WHERE p.user_id = u.id)'), 1, '... with a profile');
my $schema = value_of($id, 'schema_name');
is($stack->psql("SELECT to_regclass('$schema.kv_store') IS NOT NULL;", $_),
	"t\n", "... with a schema in $_") for qw(io7_live io7_test);
is(value_of($id, '(SELECT string_agg(label, \', \' ORDER BY label)
	FROM io7.api_keys k WHERE k.user_id = u.id)'),
	'First live key, First test key', '... and two keys');
is(value_of($id, "(SELECT string_agg(event || ' ' || details::text, ', '
	ORDER BY at) FROM io7.audit_log a WHERE a.user_id = u.id)"),
	'account_created {"by": "github"}, signed_in {"by": "github"}',
	'... which is in the audit log');
for my $mode (qw(test live)) {
	my $answer = $stack->http->get('/api/keys',
		headers => [Authorization => "Bearer $keys->{$mode}"]);
	is($answer->{status}, 200, "the $mode key works");
	is($answer->{headers}{'io7-mode'}, $mode, '... in its mode');
}

my $who = $browser->get('/api/session');
is($who->{status}, 200, 'the browser is signed in');
is($who->{json}{user}{name}, 'octocat', '... as that user');

# --- The next sign-in ---------------------------------------------------------

$github->person(id => $id, login => 'octopus', email => 'new@example.com');
my $again = Io7::Browser->new($stack)->sign_in($github);
is($again->{status}, 302, 'the next sign-in redirects');
is($again->{headers}{location}, '/dashboard', '... to the dashboard');
is_deeply(keys_on($again), {}, '... without showing a key');
is(users($id), 1, '... for the same user');
is(value_of($id, 'github_username || \' \' || github_email'),
	'octopus new@example.com', '... with the new name and address');

my $elsewhere = Io7::Browser->new($stack)->sign_in($github,
	'?return=/dashboard/device%3Fcode=WDJB-MJHT');
is($elsewhere->{headers}{location}, '/dashboard/device?code=WDJB-MJHT',
	'it redirects to the path where it was begun');
for my $bad ('https://evil.example', '//evil.example', '/\\\\evil.example',
	'/a%0d%0aX:y', '', 'dashboard', '/' . 'a' x 512) {
	is_page(Io7::Browser->new($stack)->get("/auth/github?return=$bad"), 400,
		qr/path of this site/, 'a return path of another site gets 400');
}

# --- Concurrent sign-ins --------------------------------------------------------

my $twice = new_user();
my @two = map { Io7::Browser->new($stack) } 1 .. 2;
my @back = map { $_->come_back($github, $_->begin) } @two;
$two[$_]{http}->send($two[$_]{http}->compose(GET => $back[$_], headers =>
	[Cookie => '__Host-io7_sign_in=' . $two[$_]->cookie('sign_in')]))
	for 0, 1;
my @answers = map { $_->{http}->receive } @two;
is(join(' ', sort map { $_->{status} } @answers), '200 302',
	'of two concurrent first sign-ins one shows the keys');
is(users($twice), 1, '... and they create one user');
is(value_of($twice, '(SELECT count(*) FROM io7.api_keys k
	WHERE k.user_id = u.id)'), 2, '... with two keys');
keys_on($_) for @answers;

# --- Bad callbacks ------------------------------------------------------------

# A new user with a bad callback; no user is created.
sub tampered
{
	my ($tamper, $says, $what) = @_;
	my $new = new_user();
	my $victim = Io7::Browser->new($stack);
	my $path = $victim->come_back($github, $victim->begin);

	is_page($tamper->($victim, $path), 400, $says, $what);
	is(users($new), 0, '... and no user is created');
}

tampered(sub { Io7::Browser->new($stack)->get($_[1]) },
	qr/not started in this browser/, 'the state of another browser');
tampered(sub { $_[0]->get($_[1] =~ s/state=..../state=0000/r) },
	qr/not started in this browser/, 'an invented state');
tampered(sub { $_[0]->get($_[1] =~ s/state=\w+&//r) },
	qr/not started in this browser/, 'no state');
tampered(sub { $_[0]->set_cookie('sign_in', '0' x 64);
	$_[0]->get($_[1] =~ s/state=\w+/'state=' . '0' x 64/er) },
	qr/used before, or has expired/, 'an invented state with its cookie');
tampered(sub { $_[0]->get($_[1] =~ s/&code=.*//r) },
	qr/GitHub canceled this sign-in/, 'no code');
tampered(sub { $_[0]->get($_[1] =~ s/code=\w+/code=code00/r) },
	qr/rejected this sign-in/, 'a code that GitHub did not give');
tampered(sub { $_[0]->get("$_[1]&state=x") },
	qr/malformed/, 'two states');
tampered(sub {
		$stack->psql("UPDATE io7.sign_ins
			SET created_at = now() - interval '11 minutes';");
		$_[0]->get($_[1]);
	}, qr/has expired/, 'an expired sign-in');
tampered(sub {
		my $state = $_[0]->cookie('sign_in');
		$_[0]->get($_[1] =~ s/code=\w+/code=code00/r);
		$_[0]->set_cookie('sign_in', $state);
		$_[0]->get($_[1]);
	}, qr/used before/, 'a state that was used before');
tampered(sub {
		my ($verifier) = $stack->psql("UPDATE io7.sign_ins
			SET verifier = repeat('0', 64);");
		$_[0]->get($_[1]);
	}, qr/rejected this sign-in/, 'a wrong PKCE verifier');

my $done = Io7::Browser->new($stack);
new_user();
my $path = $done->come_back($github, $done->begin);
my $state = $done->cookie('sign_in');
keys_on($done->get($path));
$done->set_cookie('sign_in', $state);
is_page($done->get($path), 400, qr/used before/, 'a callback that was used before');

# --- Failures of GitHub -------------------------------------------------------

sub fails
{
	my ($where, $how, $status, $says) = @_;
	my $new = new_user();
	my $began = time;

	$github->behave($where => $how);
	is_page(Io7::Browser->new($stack)->sign_in($github), $status, $says,
		"GitHub's $where $how");
	is_within(time - $began, 8, '... and the time is bounded');
	is(users($new), 0, '... and no user is created');
	$github->behave($where => 'well');
}

fails(consent => 'denied', 400, qr/did not allow/);
for my $where (qw(token user emails)) {
	fails($where => 'failing', 502, qr/sent an unexpected answer/);
	fails($where => 'rubbish', 502, qr/sent an unexpected answer/);
	fails($where => 'empty', $where eq 'emails' ? 400 : 502,
		$where eq 'emails' ? qr/not verified/
			: qr/sent an unexpected answer/);
	fails($where => 'huge', 502, qr/could not be reached, or closed/);
	fails($where => 'cut', 502, qr/could not be reached, or closed/);
	fails($where => 'slow', 504, qr/did not answer in time/);
}

for my $emails ([], [{ email => 'a@example.com', primary => \1, verified => \0 }],
	[{ email => 'a@example.com', primary => \0, verified => \1 }],
	[{ email => 'a@example.com' }], [{ primary => \1, verified => \1 }]) {
	my $new = new_user(emails => $emails);
	is_page(Io7::Browser->new($stack)->sign_in($github), 400,
		qr/not verified/, 'no verified primary address');
	is(users($new), 0, '... and no user is created');
}
for my $person ({ id => 0 }, { id => -1 }, { id => '"7"' }, { login => '' },
	{ id => 9007199254740993 }, { login => 'x' x 256 }) {
	new_user(%$person, email => 'a@example.com');
	is_page(Io7::Browser->new($stack)->sign_in($github), 502,
		qr/sent an unexpected answer/, 'a user without the required members');
}
new_user(login => '<b>&"x"</b>');
like(Io7::Browser->new($stack)->sign_in($github)->{status}, qr/^200$/,
	'an unusual name is stored as it is');

my $late = Io7::Browser->new($stack);
my $stranded = new_user();
$path = $late->come_back($github, $late->begin);
$github->stop;
is_page($late->get($path), 502, qr/could not be reached/, 'GitHub is down');
is(users($stranded), 0, '... and no user is created');
$github->start;
keys_on($late->sign_in($github));
is(users($stranded), 1, 'the sign-in works when GitHub is up again');

# --- Failures of io7 ----------------------------------------------------------

$stack->psql("UPDATE io7.users SET status = 'suspended'
	WHERE github_id = $stranded;");
$github->person(id => $stranded, login => 'stranded');
is_page(Io7::Browser->new($stack)->sign_in($github), 403, qr/suspended/,
	'a suspended user is refused');

my ($janitor) = map { $_->{pid} } $stack->workers('janitor');
kill STOP => $janitor;
$stack->psql("UPDATE io7.users SET status = 'leaving'
	WHERE github_id = $stranded;");
is_page(Io7::Browser->new($stack)->sign_in($github), 403, qr/being deleted/,
	'a user whose account is being deleted has to wait');
kill CONT => $janitor;
eventually { !users($stranded) } 'the account is deleted';
keys_on(Io7::Browser->new($stack)->sign_in($github));
is(users($stranded), 1, '... and its owner can create another one');

my $outage = Io7::Browser->new($stack);
my $unlucky = new_user();
$path = $outage->come_back($github, $outage->begin);
$stack->pause('postgres');
is_page($outage->get($path), '50[34]', qr/took too long|is unavailable/,
	'the database hangs');
$stack->resume('postgres');
is(users($unlucky), 0, '... and no user is created');
# A worker that had no answer does not try again for a moment.
eventually { $outage->sign_in($github)->{status} == 200 }
	'the sign-in works afterwards';

eventually { !$stack->psql("UPDATE io7.sign_ins
	SET created_at = now() - interval '1 day' RETURNING 1;") }
	'abandoned sign-ins are deleted';

# --- Behind a proxy, and an untrusted certificate -----------------------------

my $proxied = private_stack(set => { %{$github->options},
	IO7_PUBLIC_URL => 'https://io7.example.com',
	IO7_GITHUB_URL => 'https://localhost:' . $stack->tls_port });
my $visitor = Io7::Browser->new($proxied);
my $consent = $visitor->begin;
my ($redirect) = $consent =~ /&redirect_uri=([^&]+)/;
is($redirect, 'https%3A%2F%2Fio7.example.com%2Fauth%2Fgithub%2Fcallback',
	'GitHub gets the public address');
my ($given) = $consent =~ /&state=(\w+)/;
is_page($visitor->get("/auth/github/callback?state=$given&code=x"), 502,
	qr/could not be reached/, 'an untrusted certificate is refused');

# --- Secrets ------------------------------------------------------------------

my @secrets = ($github->secrets, @shown, $browser->cookie('session'),
	$browser->cookie('session') =~ s/.*_//r);
my $text = join '', $stack->settled_log_lines;
ok(!(grep { index($text, $_) >= 0 } @secrets), 'no secret is in a log');
is($stack->psql("SELECT count(*) FROM io7.users u WHERE u::text ~ 'gho_';"),
	"0\n", 'GitHub\'s token is not stored');

finish;
