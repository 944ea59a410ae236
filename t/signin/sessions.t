#!/usr/bin/perl
# Sessions: by header and by cookie, the requests that need a CSRF token, expiry, and
# that every worker refuses a session that was ended.

use strict;
use warnings;

use Io7::Account;
use Io7::Browser;
use Io7::Test;

my $stack = stack;
my $account = new_account($stack);
my $other = new_account($stack);
my $nowhere = '/api/sessions/00000000-0000-4000-8000-000000000000';

# Returns a browser with this session and its own IP address.
sub browser
{
	my ($token) = @_;
	my $browser = Io7::Browser->new($stack);

	$browser->set_cookie(session => $token) if defined $token;
	return $browser;
}

sub bearer
{
	return [Authorization => "Bearer $_[0]", @_[1 .. $#_]];
}

# Sends a session by header, from an address that no other test uses.
sub get
{
	my ($target, $token, @headers) = @_;

	return browser()->get($target, headers => bearer($token, @headers));
}

sub row
{
	my ($token, $sql) = @_;
	my $value = $stack->psql("SELECT $sql FROM io7.sessions
		WHERE hash = sha256('$token');");

	chomp $value;
	return $value;
}

sub change_row
{
	my ($token, $sql) = @_;

	$stack->psql("UPDATE io7.sessions SET $sql
		WHERE hash = sha256('$token');");
}

# Sends so many requests that every worker has cached the session.
sub statuses
{
	my ($token) = @_;
	my %seen = map { (get('/api/session', $token)->{status} => 1) } 1 .. 24;

	return join ' ', sort keys %seen;
}

# --- By header --------------------------------------------------------------

my $token = $account->session('device');
my $answer = get('/api/session', $token);
is($answer->{status}, 200, 'a session in the header is valid');
is($answer->{headers}{'io7-mode'}, 'live', '... in live mode');
is($answer->{json}{user}{id}, $account->user_id, '... for its user');
is($answer->{json}{plan}, 'business', '... with the plan');
is($answer->{json}{csrf_token}, undef, '... and needs no CSRF token');
is(get('/api/session', $token, 'Io7-Mode' => 'test')->{json}{mode}, 'test',
	'Io7-Mode sets the mode');
is(get('/api/session', $token, 'Io7-Mode' => 'both')->{status}, 400,
	'... and another value gets 400');
for my $bad ('session_io7_' . '0' x 64, substr($token, 0, -1), "${token}0",
	uc $token, $token =~ s/session/cookie/r) {
	is(get('/api/session', $bad)->code, 'unauthorized', 'a malformed session gets 401');
}
for my $mode (qw(test live)) {
	is(browser()->get('/api/session', headers => $account->auth($mode))
		->{status}, 403, "a $mode key is refused: it is not a session");
}
is(browser()->get('/api/session')->{status}, 401, 'a request without a credential is refused');

# --- By cookie --------------------------------------------------------------

my $visitor = browser($token);
$answer = $visitor->get('/api/session');
is($answer->{status}, 200, 'a session in the cookie is valid');
my $csrf = $answer->{json}{csrf_token};
like($csrf, qr/^[0-9a-f]{64}$/, '... and gets a CSRF token');
is($visitor->request('HEAD', '/api/session')->{status}, 200,
	'reading needs no CSRF token');
is(browser()->get('/api/session', headers => [Cookie =>
	"a=b; __Host-io7_sessionx=1;__Host-io7_session=$token ;c"])->{status},
	200, 'the cookie is found among others');
is(browser($account->live_key)->get('/api/session')->{status}, 401,
	'a key in the cookie gets 401');
is(browser('')->get('/api/session')->{status}, 401, 'an empty cookie gets 401');
is(browser($token)->get('/api/session', headers => $account->auth('test'))
	->{status}, 403, 'the header takes precedence over the cookie');

# The status of a change by cookie: 403, or 404 past the check.
sub try
{
	my ($what, $status, @headers) = @_;

	is(browser($token)->request(DELETE => $nowhere, headers => \@headers)
		->{status}, $status, "a change by cookie $what gets $status");
}

my $site = $visitor->origin;
my $foreign = browser($account->session)->get('/api/session')
	->{json}{csrf_token};
try('alone', 403);
try('with the token only', 403, 'X-CSRF-Token' => $csrf);
try('with the origin only', 403, Origin => $site);
try('with another session\'s token', 403, Origin => $site,
	'X-CSRF-Token' => $foreign);
try('with half of the token', 403, Origin => $site,
	'X-CSRF-Token' => substr $csrf, 0, 32);
try('with an empty token', 403, Origin => $site, 'X-CSRF-Token' => '');
try("from $_", 403, Origin => $_, 'X-CSRF-Token' => $csrf)
	for 'https://evil.example', 'null', $site =~ s/http/https/r,
		"${site}0", $site =~ s/:\d+$//r, "$site.evil.example",
		"$site/", 'http://127.0.0.1:' . $stack->port;
try('from a page of this site', 404, Origin => $site, 'X-CSRF-Token' => $csrf);
is(browser()->request(DELETE => $nowhere, headers => bearer($token))
	->{status}, 404, 'a change by header needs neither');
my $safe = Io7::Browser->new($stack, tls => 1);
$safe->set_cookie(session => $token);
is($safe->change(DELETE => $nowhere)->{status}, 404,
	'a change from a page over TLS');
is($safe->request(DELETE => $nowhere, headers =>
	[Origin => $site, 'X-CSRF-Token' => $csrf])->{status}, 403,
	'... but not from the same page without TLS');
for my $method (qw(POST PUT PATCH DELETE)) {
	isnt($visitor->request($method => '/api/keys', body => '{}')->{status},
		201, "$method by cookie alone changes nothing");
}

# --- The list ---------------------------------------------------------------

my $listed = new_account($stack);
my @tokens = map { $listed->session($_) } qw(web device web);
$answer = get('/api/sessions', $tokens[1]);
is($answer->{status}, 200, 'sessions are listed');
my @items = @{$answer->{json}{items}};
is(join(' ', map { $_->{kind} } @items), 'web device web', '... all of them');
is(join(' ', map { $_->{id} } @items),
	join(' ', map { row($_, 'id') } reverse @tokens), '... newest first');
is(join(' ', map { $_->{current} ? 1 : 0 } @items), '0 1 0',
	'... and the current one is marked');
is($answer->{json}{next_cursor}, undef, '... on one page');
my ($cursor, @paged) = '';
do {
	$answer = get("/api/sessions?limit=1$cursor", $tokens[0]);
	push @paged, map { $_->{id} } @{$answer->{json}{items}};
	$cursor = '&cursor=' . ($answer->{json}{next_cursor} // '');
} while $answer->{json}{next_cursor};
is_deeply(\@paged, [map { $_->{id} } @items], 'paging returns the same list');
is(get("/api/sessions?$_", $tokens[0])->{status}, 400, "$_ gets 400")
	for qw(limit=0 limit=1001 limit=x cursor=x);

# --- Ending a session ---------------------------------------------------------

is(statuses($tokens[2]), 200, 'every worker has cached a session');
my $victim = row($tokens[2], 'id');
is(browser()->request(DELETE => "/api/sessions/$victim",
	headers => bearer($account->session))->{status}, 404,
	'another user cannot end it');
is(statuses($tokens[2]), 200, '... it still works');
is(browser()->request(DELETE => "/api/sessions/$victim",
	headers => bearer($tokens[1]))->{status}, 204, 'its owner can end it');
is(statuses($tokens[2]), 401, '... and every worker refuses it');
is(get('/api/session', $tokens[2])->{json}{error}{message},
	'This credential was revoked or disabled.', '... with the reason');
is(browser()->request(DELETE => "/api/sessions/$victim",
	headers => bearer($tokens[1]))->{status}, 404, 'ending it again gets 404');
is(browser()->request(DELETE => '/api/sessions/x',
	headers => bearer($tokens[1]))->{status}, 404, 'a malformed id gets 404');
is(scalar @{get('/api/sessions', $tokens[1])->{json}{items}}, 2,
	'an ended session is not listed');

my $leaver = browser($tokens[0]);
is($leaver->request(POST => '/auth/logout')->{status}, 403,
	'another site cannot sign a browser out');
$answer = $leaver->change(POST => '/auth/logout');
is($answer->{status}, 204, 'a browser can sign out');
is($leaver->cookie('session'), undef, '... which removes the cookie');
is(statuses($tokens[0]), 401, '... and ends the session on every worker');
is(browser()->request(POST => '/auth/logout', headers => bearer($tokens[1]))
	->{status}, 204, 'a session in the header can sign out');
is(browser()->request(POST => '/auth/logout')->{status}, 401,
	'a request without a credential cannot sign out');
is(browser()->request(POST => '/auth/logout',
	headers => $listed->auth('live'))->{status}, 403, 'a key cannot sign out');
is($stack->psql("SELECT string_agg(event, ' ' ORDER BY at) FROM io7.audit_log
	WHERE user_id = '@{[$listed->user_id]}' AND event ~ 'session|signed';"),
	"session_revoked signed_out signed_out\n",
		'each ended session is in the audit log');

# --- Expiry -------------------------------------------------------------------

# Adds a session with the age given in SQL and returns its token.
sub aged
{
	my ($sql) = @_;
	my $token = $account->session;

	change_row($token, $sql);
	return $token;
}

my $fresh = aged("seen_at = now() - interval '30 s',
	expires_at = now() + interval '10 min'");
get('/api/session', $fresh);
is(row($fresh, "expires_at < now() + interval '11 min'"), 't',
	'a use within the last minute changes nothing');

my $used = aged("seen_at = now() - interval '50 min',
	expires_at = now() + interval '10 min'");
$answer = get('/api/session', $used);
is(row($used, "expires_at > now() + interval '59 min'
	AND seen_at > now() - interval '1 min'"), 't',
	'a use extends the session to an hour');
is($answer->{json}{expires_at}, row($used, "to_char(expires_at AT TIME ZONE
	'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"), '... and the answer says until when');

# Uses sessions, each of the given state, before they expire. A slow machine may not
# manage that in two seconds, so it is tried again with twice the time. Returns that
# time, the tokens and what the uses returned.
sub in_time(&@)
{
	my ($use, @expiries) = @_;

	for (my $life = 2; $life <= 128; $life *= 2) {
		my @tokens = map { aged("$_ expires_at = now()
			+ interval '$life s'") } @expiries;
		my @seen = map { $use->($_) } @tokens;
		return ($life, @tokens, @seen) if row($tokens[0],
			"created_at > now() - interval '$life s'") eq 't';
	}
	die "sessions of two minutes expire before they are used\n";
}

my ($life, $late, $moved, @seen) = in_time { statuses($_[0]) }
	"seen_at = now() - interval '59 min',", '';
is("@seen", '200 200', 'a session is valid in its last seconds');
my $end = row($moved, 'expires_at');
change_row($moved, "expires_at = now() + interval '1 hour'");
eventually { row($moved, "now() > '$end'") eq 't' } 'their first expiry has passed', $life + 30;
is(statuses($late), 200, '... but the use has extended them');
is(statuses($moved), 200, '... also for a worker that cached another expiry');

my $old = aged("seen_at = now() - interval '50 min',
	expires_at = now() + interval '10 min',
	ends_at = now() + interval '20 min'");
get('/api/session', $old);
is(row($old, 'expires_at = ends_at'), 't', '... but never past twelve hours');

my $over = aged("seen_at = now() - interval '61 min',
	expires_at = now() - interval '1 min'");
is(get('/api/session', $over)->{json}{error}{message},
	'This credential has expired.', 'a session that was not used for an hour has expired');
is(row($over, 'expires_at < now()'), 't', '... and cannot be extended');

($life, my $soon, my $status) = in_time { get('/api/session', $_[0])->{status} } '';
is($status, 200, 'a session near its end is valid');
eventually { get('/api/session', $soon)->{status} == 401 }
	'... and then expires, also where it is cached', $life + 30;

my $gone = aged("expires_at = now() - interval '2 days',
	ends_at = now() - interval '2 days'");
eventually { row($gone, 'id') eq '' } 'old sessions are deleted';
isnt(row($over, 'id'), '', '... and no others');

# --- Suspension ---------------------------------------------------------------

my $theirs = $other->session;
is(statuses($theirs), 200, 'a session of another account is valid');
is(io7('user', 'suspend', $other->name, '-c', $stack->conf_file)->{exit}, 0,
	'... the account is suspended');
is(statuses($theirs), 401, '... the session is refused at once');
is(io7('user', 'resume', $other->name, '-c', $stack->conf_file)->{exit}, 0,
	'... the account is resumed');
is(statuses($theirs), 200, '... the session works again');

# --- Without GitHub -----------------------------------------------------------

for my $path ('/auth/github', '/auth/github/callback?state=x&code=y') {
	$answer = browser()->get($path);
	is($answer->{status}, 503, 'without GitHub the sign-in gets 503');
	is($answer->{type}, 'text/html', '... on a page');
	like($answer->{body}, qr/IO7_GITHUB_CLIENT_ID is missing/,
		'... that names the missing option');
	ok($answer->{headers}{'retry-after'}, '... with Retry-After');
}

my $logs = join '', $stack->settled_log_lines;
ok(!(grep { index($logs, s/.*_//r) >= 0 } @tokens, $token, $csrf),
	'no token is in a log');

finish;
