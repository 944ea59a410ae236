#!/usr/bin/perl
# /status and /metrics: their content, and that only operators can read them.

use strict;
use warnings;

use Io7::Test;
use Io7::Json;

my $balancer = '127.0.0.9';
my $stack = private_stack(balancer => $balancer);
my $http = $stack->http;

# --- /status ----------------------------------------------------------------

my $status = $http->get('/status');
is($status->{status}, 200, 'an operator can read /status');
my $json = $status->{json};
is($json->{supervisor}, $stack->pid, 'it names the supervisor');
is("@{[map { $_->{name} } @{$json->{pools}}]}",
	'live test stream status database keepers listener runner flusher janitor',
	'... all pools');
for my $pool (@{$json->{pools}}) {
	my @mine = grep { $_->{pool} eq $pool->{name} } @{$json->{workers}};
	is($pool->{workers}, scalar @mine,
		"... it counts the workers of $pool->{name}");
	is(scalar alive(map { $_->{pid} } @mine), scalar @mine,
		'... all of them live processes');
}
my ($own) = grep { ($_->{route} // '') eq 'GET /status' } @{$json->{workers}};
is($own->{pool}, 'status', '... and the worker that answers, in the pool status');
is($own->{stage}, 'working', '... which is working');

my @conf = ('-c', $stack->conf_file);
my $printed = decode_json(io7('status', '--json', @conf)->{out});
is_deeply([map { $_->{pid} } @{$printed->{workers}}],
	[map { $_->{pid} } @{$json->{workers}}],
	'io7 status --json prints the same workers');
like(io7('status', @conf)->{out}, qr/^live .*^ *$own->{pid} /ms,
	'io7 status prints them as a table');

# --- /metrics ---------------------------------------------------------------

my $metrics = $http->get('/metrics');
is($metrics->{status}, 200, 'an operator can read /metrics');
like($metrics->{headers}{'content-type'}, qr{^text/plain; version=0\.0\.4},
	'... in the text exposition format');

my (%type, %samples, @odd);
for (split /\n/, $metrics->{body}) {
	my $label = qr/[a-z_]+="(?:[^"\\\n]|\\.)*"/;
	if (/^# HELP [a-z0-9_]+ \S/) {
		next;
	} elsif (/^# TYPE ([a-z0-9_]+) (counter|gauge|histogram)$/) {
		push @odd, $_ if $type{$1};
		$type{$1} = $2;
	} elsif (/^([a-z0-9_]+)((?:\{$label(?:,$label)*\})?) (-?[0-9.e+-]+)$/) {
		my ($name, $labels, $value) = ($1, $2, $3);
		push @odd, $_ if exists $samples{"$name$labels"};
		$samples{"$name$labels"} = $value;
		my $base = $name =~ s/_(bucket|sum|count)$//r;
		push @odd, $_ unless $type{$name}
			|| ($type{$base} // '') eq 'histogram';
	} else {
		push @odd, $_;
	}
}
is("@odd", '', 'every line is well formed, typed and unique');
like($metrics->{body}, qr/\n\z/, '... and the last one is complete');
is_deeply([sort grep { $type{$_} eq 'counter' && !/_total$/ } keys %type], [],
	'the name of every counter ends in _total');
for my $name (qw(io7_up io7_requests_total io7_request_seconds io7_workers
	io7_respawns_total io7_bytes_total io7_log_dropped_total)) {
	ok($type{$name}, "there is a metric $name");
}

my ($last, @falling) = (0);
my @buckets = $metrics->{body}
	=~ /^io7_request_seconds_bucket\{pool="status",le=".*"\} (\d+)$/mg;
for (@buckets) {
	push @falling, $_ if $_ < $last;
	$last = $_;
}
ok(@buckets > 5, 'the histogram has buckets');
is("@falling", '', '... that are cumulative');
is($last, $samples{'io7_request_seconds_count{pool="status"}'},
	'... and the last one is the count');

# --- Counters grow ----------------------------------------------------------

my @counters = (
	[io7_requests_total => (pool => 'live', class => '4xx')],
	[io7_request_seconds_count => (pool => 'live')],
	[io7_bytes_total => (pool => 'live', direction => 'out')],
);
my @before = map { $stack->metric(@$_) } @counters;
$http->get('/nowhere') for 1 .. 5;
for my $i (0 .. $#counters) {
	my ($name, %labels) = @{$counters[$i]};
	eventually { $stack->metric($name, %labels) >= $before[$i] + 5 }
		"$name counts the requests";
}
is($stack->metric('io7_requests_total', pool => 'live', class => '4xx'),
	$before[0] + 5, '... each of them once');

# --- Access -----------------------------------------------------------------

my $guest = '203.0.113.7';
my $through = $stack->http(from => $balancer);
my @guarded = qw(/status /metrics /status/stream /%73tatus /metric%73
	/status?x=1);
for my $path (@guarded) {
	my $answer = $through->get($path, headers => ['X-Forwarded-For' => $guest]);
	is($answer->{status}, 403, "$path is forbidden to other clients");
	is($answer->code, 'forbidden', '... in JSON');
}
is($through->get('/status', headers => ['X-Forwarded-For' => '::1'])->{status},
	200, 'an operator is recognized behind the balancer');
is($through->get('/status',
	headers => ['X-Forwarded-For' => "127.0.0.1, $guest"])->{status},
	403, 'only the address that the balancer added is used');
is($through->get('/status', headers => ['X-Forwarded-For' => $_])->{status},
	403, "X-Forwarded-For: $_ is not an operator")
	for "$guest, unknown", 'unknown', '127.0.0.1, unknown',
	"unknown, $balancer", '_hidden', '127.0.0.1, ', "$guest, 127.0.0", '-';
is($through->get('/status', headers => ['X-Forwarded-For' => $_])->{status},
	200, "X-Forwarded-For: $_ is an operator") for "127.0.0.1, $balancer", '10.0.0.1,::1';
is($through->get('/health', headers => ['X-Forwarded-For' => $guest])->{status},
	200, '/health needs no operator address');

is($http->get('/status', headers => ['X-Forwarded-For' => $guest])->{status},
	200, "a client's own X-Forwarded-For is ignored");
is($stack->http(from => '127.0.0.8')->get('/status',
	headers => ['X-Forwarded-For' => $guest, 'X-Real-IP' => $guest,
		'Forwarded' => "for=$guest"])->{status},
	200, '... and so are similar headers');
eventually {
	grep { $_->{client} eq $guest && $_->{status} == 403 }
		$stack->events(undef, 'access')
} 'the log has the address from the balancer';

# --- The stream -------------------------------------------------------------

my $reader = $stack->http;
is($reader->open_stream('/status/stream')->{status}, 200, 'the stream opens');
my $first = $reader->next_event;
is($first->{event}, 'status', '... with an event');
is($first->{json}{supervisor}, $stack->pid, '... that contains the status');
is($reader->next_event->{id}, $first->{id} + 1, '... and sends another');

sub streaming
{
	return grep { ($_->{route} // '') eq 'GET /status/stream' }
		$stack->workers;
}

is("@{[map { $_->{pool} } streaming()]}", 'stream',
	'... from the pool stream');
$reader->close;
eventually { !streaming() } 'it ends when the client disconnects';

finish;
