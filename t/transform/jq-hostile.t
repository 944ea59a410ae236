#!/usr/bin/perl
# Hostile jq programs: each ends with an error within its limits and learns nothing
# about the machine, and the worker then runs the next program.

use strict;
use warnings;

use Io7::Account;
use Io7::Install qw(is_sanitized);
use Io7::Process qw(family);
use Io7::Test;
use Io7::Transform;

# Under a sanitizer nothing bounds memory, so a program that grows without end is
# ended by the timeout.
my $memory = is_sanitized() ? qr/too_large|timeout/ : 'too_large';
my $patience = is_sanitized() ? '1s' : '300s';

my $stack = private_stack(set => { IO7_JQ_TIMEOUT => $patience,
	IO7_JQ_OUTPUT => '4M', IO7_STREAM_WORKERS => 1, IO7_JQ_PROGRAMS => 2 });
my $account = new_account($stack);
my $t = Io7::Transform->new($account, 'test', $stack->http(timeout => 100));
my $worker = worker();

$t->put('v', '{"a":[1,2,3],"s":"text"}');

sub worker
{
	return ($stack->workers('stream'))[0]{pid};
}

sub jq
{
	my ($program) = @_;

	return $t->post('/kv/v/transform', { engine => 'jq', program => $program },
		Accept => 'application/json');
}

sub ends
{
	my ($what, $program, $code) = @_;
	my $answer = jq($program);

	like($answer->code // $answer->{status}, ref $code ? $code : qr/^$code$/,
		"$what ends");
	unlike($answer->{body}, qr{root:|/bin/|PGPASS|IO7_},
		'... and reveals nothing of the machine');
	eventually { (jq('.a | add')->{json}{value} // '') eq 6 }
		'... and the next program runs';
}

# --- Programs that memory, output or jq itself ends -------------------------

for (
	['memory without end', 'reduce range(100) as $i ("x"; . + .)', $memory],
	['a large array', '[] | .[536870911] = 1', $memory],
	['deep recursion', 'def f: 1 + f; f', $memory],
	['deep nesting', 'reduce range(1000000) as $i (0; [.])', qr/\w/],
	['a gigabyte of output', '("x" * 1048576) | repeat(.)', 'too_large'],
	['a file as a module', 'import "/etc/passwd" as $p; $p', 'bad_request'],
	['a file by a search', 'import "passwd" as $p {search: "/etc"}; $p',
		'bad_request'],
	['an include', 'include "a" {search: "/tmp"}; .', 'bad_request'],
	['another input', 'input', 'bad_request'],
	['an assertion of jq', '1e18 | todate', 'bad_request'],
	['an unknown format', '@base32d', 'bad_request'],
	['brackets', '[' x 60000, qr/\w/],
	['a long sum', join('+', (1) x 32000), qr/\w/],
	['a deep function', join('', map { "def f$_: 1;" } 1 .. 4000) . '.', qr/\w/],
	['64 KiB of program', '.' . '|.' x 32767, qr/\w/],
	['nonsense', "\x01\x02", 'bad_request'],
	) {
	ends(@$_);
}
is(worker(), $worker, 'one worker ran them all');

# --- Features that programs do not have -------------------------------------

is_deeply(jq('$ENV')->{json}{value}, {}, '$ENV is empty');
is_deeply(jq('env')->{json}{value}, {}, 'so is env');
is(jq('input_filename')->{json}{value}, undef, 'there is no file name');
is_deeply(jq('get_search_list')->{json}{value}, [], 'there is no search path');
is(jq('"x" | halt_error')->code, 'bad_request', 'halt_error is an error');
is(jq('"x" | stderr | debug')->{json}{value}, 'x', 'asides go nowhere');
my @builtins = @{jq('builtins')->{json}{value}};
cmp_ok(scalar @builtins, '>', 150, 'there are builtins');

# --- Privileges of the processes ----------------------------------------

# Each zygote has a child that waits for the next value.
sub jq_processes
{
	return grep { (name_of($_) // '') eq 'io7-jq' } family($worker);
}

sub name_of
{
	open my $in, '<', "/proc/$_[0]/comm" or return;
	chomp(my $name = <$in>);
	return $name;
}

my @processes;
eventually { (@processes = jq_processes()) == 4 }
	'the configured number of programs is kept, each with a run that waits';
for my $pid (@processes) {
	open my $in, '<', "/proc/$pid/status" or next;
	my %status = map { /^(\w+):\s*(.*)$/ ? ($1, $2) : () } <$in>;
	is($status{NoNewPrivs}, 1, 'a jq process gains no privileges');
	unlike($status{Uid}, qr/\b0\b/, '... and is not root');
	is($status{Seccomp}, 2, '... and has few calls left')
		unless is_sanitized();
	open my $environ, '<', "/proc/$pid/environ" or next;
	is(join('', <$environ>), '', '... no environment');
	my @open = map { readlink } glob "/proc/$pid/fd/*";
	is(scalar(grep { !m{^/dev/null$|^socket:} } @open), 0, '... no file');
	is(scalar(grep { m{^socket:} } @open), 1, '... and one socket');
	open my $limits, '<', "/proc/$pid/limits" or next;
	my %most = map { /^Max (.+?) {2,}(\S+) +(\S+)/ ? ($1, "$2 $3") : () }
		<$limits>;
	is($most{'address space'}, join(' ', (256 << 20) x 2),
		'... memory as was said') unless is_sanitized();
	is($most{'file size'}, '0 0', '... writes no file');
	is($most{'core file size'}, '0 0', '... and leaves no core');
}

# --- A run that is killed while it waits ------------------------------------

# Children come after their parents.
is(jq('.n')->{status}, 200, 'a program runs');
@processes = jq_processes();
kill KILL => @processes[@processes / 2 .. $#processes];
is(jq('.n')->{status}, 200, '... again after the runs that waited are killed');
is(jq('.n | error("fails")')->code, 'bad_request', '... and others fail as before');

# --- A client that leaves ---------------------------------------------------

my $client = $stack->http;
$client->open_stream('/kv/v/transform', method => 'POST', headers =>
	$account->auth('test'), body => Io7::Transform::json({ engine => 'jq',
	program => '1, (def f: f; f)' }));
$client->next_event for 1 .. 2;
$client->close;
# The endless program had five minutes left; the next client waits a third of that.
is(jq('.s')->{json}{value}, 'text', 'when a client leaves, its worker serves another');

# --- Programs that only the timeout ends ------------------------------------

$stack->reconfigure(IO7_JQ_TIMEOUT => '1s');
$worker = worker();

for (
	['an endless loop', 'def f: f; f', 'timeout'],
	['endless recursion', '[recurse(.)] | length', qr/timeout|too_large/],
	['a gigabyte of small output', 'range(1000000000)', qr/timeout|too_large/],
	['an expression that explodes', '"a" * 40 | test("(a+)+$b")',
		qr/timeout|bad_request|200/],
	) {
	ends(@$_);
}

# --- Every builtin over odd input -------------------------------------------

my @odd = ('null', '1e308', '-1', '"\u0000\uffff"', '[[],{}]', '{"a":{}}');
my $failed = 0;
for my $builtin (@builtins) {
	my ($name, $arity) = split m{/}, $builtin;
	my $call = $arity ? "$name(" . join('; ', ('.') x $arity) . ')' : $name;
	my $program = '(' . join(', ', @odd) . ") | try ([limit(20; $call)] | length)"
		. ' catch 0';
	my $answer = jq($program);
	my $code = $answer->code // '200';
	next if $code =~ /^(?:200|bad_request|timeout|too_large)$/;
	$failed++;
	diag "$builtin: $answer->{status} $answer->{body}";
}
is($failed, 0, 'every builtin ends, whatever it is given');
eventually { (jq('.s')->{json}{value} // '') eq 'text' }
	'... and the worker serves';
is(worker(), $worker, '... and not replaced');

# --- A spawner that dies ----------------------------------------------------

my ($spawner) = grep { (name_of($_) // '') eq 'io7-spawner' } family($worker);
ok($spawner, 'a worker has a spawner');
kill KILL => $spawner;
eventually { my ($now) = $stack->workers('stream');
	$now->{pid} && $now->{pid} != $worker } '... and gives way without it';
eventually { (jq('"new"')->{json}{value} // '') eq 'new' } '... to one that serves';

finish;
