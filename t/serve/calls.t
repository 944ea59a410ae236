#!/usr/bin/perl
# The system calls that a worker makes for a GET of a key, while more requests wait, are
# those of the table in deploy/doc/bench.md.

use strict;
use warnings;

use Io7::Account;
use Io7::Clients;
use Io7::Command qw(start await);
use Io7::Test;
use File::Temp ();

use constant { CLIENTS => 4, GETS => 40 };

plan skip_all => 'there is no strace: deploy/deps test'
	if run('strace', '-V')->{exit} != 0;

my $stack = private_stack(workers => 1);
my $http = $stack->http;
my $account = new_account($stack);
my $trace = File::Temp->new;

# Sends requests by several clients at once and returns the answers.
sub get_values
{
	my $clients = Io7::Clients->start($stack, CLIENTS, sub {
		return ('', $_[0]->get('/kv/user:1',
			headers => $account->auth('live')));
	}, most => GETS);

	$clients->wait;
	return $clients->answers;
}

$http->put('/kv/user:1', headers => $account->auth('live'),
	body => '{"name":"Ada"}');
# The first requests prepare the statement, and have no lease.
get_values();

my ($worker) = map { $_->{pid} } $stack->workers('live');
my $strace = start({ timeout => 120 }, 'strace', '-s', 64, '-p', $worker,
	'-o', $trace->filename);
my $is_traced = sub {
	return slurp("/proc/$worker/status")
		=~ /^TracerPid:\s*$strace->{pid}$/m;
};
wait_until(60, sub { $is_traced->() || !alive($strace->{pid}) });
if (!$is_traced->()) {
	kill KILL => $strace->{pid};
	SKIP: {
		skip 'strace may not trace: ' . await($strace)->{err}, 3;
	}
	finish;
	exit;
}
my @answers = get_values();
kill INT => $strace->{pid};
await($strace);
is_deeply([grep { $_->[0] != 200 } @answers], [], 'the requests are answered');

# From answer to answer; the first one begins in the middle. Those after which no request
# waited, or which asked Redis for a lease, made more calls than others.
my (@requests, @calls);
for (split /\n/, slurp($trace->filename)) {
	my ($name) = /^(\w+)\(/ or next;
	push @calls, $name;
	next unless /Status: 200/;
	push @requests, [sort @calls];
	@calls = ();
}
shift @requests;
ok(@requests > CLIENTS * GETS / 2, 'the trace has the answers');
my ($fewest) = sort { @$a <=> @$b } @requests;

my @documented = map { my ($name, $times) = @$_; ($name) x $times }
	map { /^\| `(\w+)` \| (\d+) \|/ ? [$1, $2] : () }
	split /\n/, slurp('deploy/doc/bench.md');
is("@$fewest", join(' ', sort @documented),
	'a GET makes the system calls that bench.md lists');

finish;
