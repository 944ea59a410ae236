#!/usr/bin/perl
# The limits that `io7 limits` prints are those of deploy/doc/limits.md, openapi.json,
# nginx, the options, the plans and the code, and none of theirs is missing. Many of
# them are exceeded here, and the answer is the one that the row promises.

use strict;
use warnings;

use Io7::Account;
use Io7::Http;
use Io7::Install qw(is_sanitized);
use Io7::Json;
use Io7::Test;
use Io7::Transform;

sub printed
{
	my $result = io7(@_);

	is($result->{exit}, 0, "io7 @_") or diag($result->{err});
	return $result->{out};
}

# --- The table ----------------------------------------------------------------

my $sections = decode_json(printed(qw(limits --json)));
my @rows = map { @{$_->{limits}} } @$sections;
my %row = map { ($_->{what} => $_) } @rows;
is(scalar keys %row, scalar @rows, 'each limit has a name of its own');
is_deeply([grep { !$_->{code} && !$_->{effect} } @rows], [],
	'each says what happens beyond it');
my ($documented) = slurp('deploy/doc/limits.md')
	=~ m{<!-- limits -->\n(.*)<!-- /limits -->}s;
is($documented, printed(qw(limits --markdown)), 'limits.md has all limits');
my $text = printed('limits');
is_deeply([grep { $text !~ /^  \Q$_->{what}\E {2,}\Q$_->{per}\E {2,}/m } @rows], [],
	'... and so has the table for a terminal');

my %published = map { ($_->{what} => $_) } map { @{$_->{limits}} }
	@{Io7::Http->contract->document->{'x-limits'}};
is_deeply([sort keys %published], [sort map { $_->{what} }
	grep { !$_->{plan} && ($_->{configured} // 1) =~ /^\S+$/ } @rows],
	'openapi.json has each limit that is a number');
is_deeply([grep { defined $_->{value}
	&& $published{$_->{what}}{value} != $_->{value} } @rows], [],
	'... with its value');

# --- Where the values come from -----------------------------------------------

# Options, by their sentences. These limit what the server does for itself, or are
# waits for services that no client decides about.
my %inner = map { ("IO7_$_" => 1) } qw(DRAIN_TIMEOUT WORKER_REQUESTS
	PREPARED_STATEMENTS RENEW_AFTER JQ_PROGRAMS GITHUB_TIMEOUT TURSO_TIMEOUT
	LIVE_WORKERS TEST_WORKERS STATUS_WORKERS DATABASE_WORKERS RUNNERS);
my %options = map { /^(IO7_\w+) +(\S*) {2,}(\S.*)$/ ? ($1 => [$2, $3]) : () }
	split /\n/, printed('options');
my @limiting = grep { $options{$_}[1] =~ /^(?:Maximum|Number) / && !$inner{$_} }
	keys %options;
my %named = map { ($_->{option} => 1) } grep { $_->{option} } @rows;
is_deeply([grep { !$named{$_} } sort @limiting], [],
	'each option with a maximum is a limit');
is_deeply([grep { $_->{option} && $options{$_->{option}}[0] ne $_->{configured} }
	@rows], [], 'a limit has the default of its option');

# Directives of nginx.
my $nginx = join '', map { slurp($_) } glob 'conf/nginx/*.conf';
my %set = map { s/\s+/ /gr => 1 } $nginx =~ /^\s*(\w+\s+[^;#\n]+);/mg;
my @directives = map { $_->{nginx} // () } @rows;
is_deeply([grep { !$set{$_} } @directives], [],
	'nginx is configured as the limits say');
my %known = map { $_ => 1 } @directives, 'client_max_body_size 64m',
	'fastcgi_connect_timeout 2s', 'fastcgi_send_timeout 30s';
is_deeply([grep { !$known{$_} && /_timeout |_max_|keepalive_requests
	|large_client|max_concurrent/x && !/reset_timedout|gzip|cors|ssl_session/ }
	sort keys %set], [], '... and limits nothing else');

# Columns of the plans.
my $stack = private_stack(set => { IO7_JQ_TIMEOUT => '2s', IO7_JQ_OUTPUT => '1K',
	IO7_ADDRESS_LIMIT => 30 });
is($stack->psql("SELECT string_agg(column_name, ' ' ORDER BY column_name)
	FROM information_schema.columns WHERE table_schema = 'io7'
		AND table_name = 'plans' AND data_type IN ('integer', 'bigint')"),
	join(' ', sort map { $_->{plan} // () } @rows) . "\n",
	'each number of a plan is a limit');

# What the code names in an answer.
my $code = join '', map { slurp($_) } glob 'fcgi/*/*.c';
my %fields = map { ($_ => 1) } $code =~ /fail_field\(\s*[\w>-]+,
	\s*E_(?:RATE_LIMITED|QUOTA_EXCEEDED),\s*"(\w+)"/xg,
	$code =~ /\brefuse\(r,\s*E_\w+,\s*"(\w+)"/g,
	$code =~ /\brefuse\(r, max, "(\w+)"/g,
	$code =~ /\benter\(r,[^;]*?"(\w+)",\s*\w+_WAIT_S\)/g;
is_deeply([sort keys %fields], [sort keys %{{map { ($_->{field} => 1) }
	grep { ($_->{status} // 0) == 429 && $_->{field} } @rows}}],
	'each 429 that names a field is a limit');

# --- Beyond the limits ----------------------------------------------------------

new_plan($stack, 'endless');
my $account = new_account($stack, plan => 'endless');
my $http = $stack->http;
my %exceeded;

sub ask
{
	my ($method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => [@{$account->auth('live')}, @headers],
		defined $body ? (body => ref $body ? encode_json($body) : $body)
			: ());
}

# The answer is the one of the row.
sub beyond
{
	my ($what, $answer) = @_;
	my $row = $row{$what} // return fail("$what is a limit");

	$exceeded{$what} = 1;
	is("$answer->{status} " . $answer->code, "$row->{status} $row->{code}",
		"$what: beyond it, an answer $row->{status}")
		or diag($answer->{body});
	return unless $row->{field};
	my $field = eval { $answer->{json}{error}{details}{field} } // 'none';
	like($field, qr/^\Q$row->{field}\E\b/, '... which names the field');
}

# A bit more than the value of a row.
sub over
{
	return $row{$_[0]}{value} + 1;
}

# Values, keys and lists.
beyond('Length of a key', ask(PUT => '/kv/' . 'k' x over('Length of a key'), '1'));
for my $what ('Nesting of a value', 'Nesting of a patch') {
	my $n = over($what);
	beyond($what, ask($what =~ /patch/ ? 'PATCH' : 'PUT', '/kv/deep',
		'[' x $n . ']' x $n, 'Content-Type' => $what =~ /patch/
			? 'application/merge-patch+json' : 'application/json'));
}
beyond('Digits of a number when written out',
	ask(PUT => '/kv/long', '1e' . over('Digits of a number when written out')));
beyond('Time to live', ask(PUT => '/kv/old?ttl=' . over('Time to live'), '1'));
beyond('Length of a pattern', ask(GET => '/kv?pattern='
	. 'p' x over('Length of a pattern')));
beyond('Items in a page', ask(GET => '/kv?limit=' . over('Items in a page')));
beyond('Operations in a batch', ask(POST => '/kv/batch', { ops =>
	[map { { op => 'get', key => 'a' } } 1 .. over('Operations in a batch')] }));
beyond('Size of a value or of any other JSON body',
	ask(PUT => '/kv/large', '"' . 'x' x (1 << 20) . '"'));
for my $i (1 .. 9) {
	ask(PUT => "/kv/big$i", '"' . 'x' x ((1 << 20) - 3) . '"');
}
beyond('Total size of the values that a batch reads',
	ask(POST => '/kv/batch', { ops =>
		[map { { op => 'get', key => "big$_" } } 1 .. 9] }));
cmp_ok(scalar @{ask(GET => '/kv?pattern=big*&values=true')->{json}{items}}, '<', 9,
	'a page of large values has fewer items');
beyond('Size of a line besides its value', ask(POST => '/api/kv/import',
	'{"key":"a",' . ' ' x (20 << 20) . '"value":1}' . "\n",
	'Content-Type' => 'application/x-ndjson'));

# Heads of requests.
beyond('Length of the request line', ask(GET => '/kv?pattern=' . 'p' x 20_000));
beyond('Length of a header, and number of long ones',
	ask(GET => '/kv', undef, 'X-Long' => 'x' x 20_000));
beyond('Length of an Idempotency-Key', ask(POST => '/kv/n/incr', undef,
	'Idempotency-Key' => 'k' x over('Length of an Idempotency-Key')));
for (1 .. 2) {
	my $answer = ask(POST => '/kv/batch', { ops =>
		[{ op => 'get', key => 'big1' }] }, 'Idempotency-Key' => 'once');
	beyond('Response stored for an Idempotency-Key', $answer) if $_ == 2;
}

# Accounts.
my %wish = (label => 'one', mode => 'live');
beyond('Length of a label', ask(POST => '/api/keys',
	{ %wish, label => 'l' x over('Length of a label') }));
beyond('Time until a key expires', ask(POST => '/api/keys',
	{ %wish, expires_at => '2047-01-01T00:00:00.000000Z' }));
my $made = ask(POST => '/api/keys', \%wish)->{json};
beyond('Grace period after a rotation', ask(POST => "/api/keys/$made->{id}/rotate",
	{ grace_s => over('Grace period after a rotation') }));
my $last;
for (1 .. over('Active keys')) {
	$last = ask(POST => '/api/keys', \%wish);
	last if $last->{status} != 201;
}
beyond('Active keys', $last);
for (1 .. over('Keys created or changed in a day')) {
	$last = ask(PATCH => "/api/keys/$made->{id}", { label => "l$_" });
	last if $last->{status} != 200;
}
beyond('Keys created or changed in a day', $last);
beyond('Days of a usage history', ask(GET => '/api/usage/history?days='
	. over('Days of a usage history')));
beyond('Length of a credential to validate', ask(POST => '/api/auth/validate',
	{ token => 't' x over('Length of a credential to validate') }));

# Plans.
sub with
{
	my ($plan, %limits) = @_;

	new_plan($stack, $plan, %limits);
	$account = new_account($stack, plan => $plan);
}

with('tiny', bytes => 1000);
beyond('Storage', ask(PUT => '/kv/a', '"' . 'x' x 1000 . '"'));
with('poor', credits => 2);
ask(GET => '/kv/a') for 1 .. 2;
beyond('Credits a day, in live mode', ask(GET => '/kv/a'));
with('slow', requests => 3);
ask(GET => '/kv/a') for 1 .. 3;
beyond('Requests a minute', ask(GET => '/kv/a'));
my @keys = map { decode_json(io7('key', 'create', $account->name, '--mode', 'live',
	'--json', '-c', $stack->conf_file)->{out})->{key} } 1 .. 4;
for my $key (@keys) {
	$last = $http->get('/kv/a', headers => [Authorization => "Bearer $key"])
		for 1 .. 3;
}
beyond('Requests a minute of all keys together', $last);

# Transforms, which answer with events.
with('single', streams => 1);
my $transform = Io7::Transform->new($account, 'live', $http);
$transform->put('a', '1');
beyond('Keys in a batch', $transform->post('/kv/transform/batch',
	{ engine => 'jq', program => '.', keys => [map { "k$_" }
		1 .. over('Keys in a batch')] }));
beyond('Size of a jq program', $transform->post('/kv/a/transform',
	{ engine => 'jq', program => ' ' x over('Size of a jq program') }));

sub in_event
{
	my ($what, $program) = @_;
	my $row = $row{$what} // return fail("$what is a limit");
	my ($error) = Io7::Transform::named('error', $transform->events(
		'/kv/a/transform', { engine => 'jq', program => $program }));

	$exceeded{$what} = 1;
	is($error->{json}{code} // $error->{json}{error}{code}, $row->{code},
		"$what: beyond it, an event with the code $row->{code}");
}

in_event('Output of a jq program', '[range(2000)]');
# Sanitizers reserve address space, so there a program has no limit of memory.
in_event('Memory of a jq program', 'reduce range(100) as $i ("x"; . + .)')
	unless is_sanitized();
in_event('Duration of a jq program', 'def f: f; f');

my $holder = $stack->http;
is($holder->open_stream('/kv/a/transform', method => 'POST',
	headers => $account->auth('live'), body => encode_json(
		{ engine => 'jq', program => 'def f: f; f' }))->{status}, 200,
	'a stream is open');
beyond('Streams, exports and imports at once', $transform->post('/kv/a/transform',
	{ engine => 'jq', program => '.' }));
$holder->close;

# Addresses.
my $stranger = $stack->http(from => '127.0.0.9');
$last = $stranger->get('/kv/a') for 1 .. 45;
beyond('Requests a minute without a known credential', $last);

note(scalar(keys %exceeded) . ' of ' . @rows . ' limits were exceeded');
cmp_ok(scalar keys %exceeded, '>=', 30, 'at least thirty limits were exceeded');

finish;
