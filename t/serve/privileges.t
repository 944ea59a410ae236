#!/usr/bin/perl
# io7 that is started as root changes to its user irrevocably. Its workers cannot gain
# privileges by executing a program, and a filter denies system calls that they do not
# need.

use strict;
use warnings;

use Io7::Test;

plan skip_all => 'only root can give up root: sudo make test' if $> != 0;

use constant USER => 'www-data';

my $stack = private_stack(io7 => tested_program, set => { IO7_USER => USER });
my $uid = getpwnam USER;
# A build with sanitizers has no filter, because they need more system calls.
my $filtered = run_ok('ldd', tested_program) =~ /lib[au]bsan|libasan/ ? 0 : 2;

# Returns the fields of the kernel's status of a process.
sub status_of
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/status" or return {};
	return { map { /^(\w+):\s*(.*?)\s*$/ ? ($1 => $2) : () } <$in> };
}

sub are_bound
{
	my ($what) = @_;
	my ($supervisor, @workers) = $stack->processes('io7');

	cmp_ok(scalar @workers, '>', 5, "$what: the workers run");
	for ($supervisor, @workers) {
		my $status = status_of($_);
		# One of before the reload may end now.
		next if !%$status && !alive($_);
		is($status->{Uid}, join("\t", ($uid) x 4),
			"$what: a process runs as the user");
		is(hex $status->{CapEff}, 0, '... without capabilities');
		next if $_ == $supervisor;
		is($status->{NoNewPrivs}, 1, '... and cannot gain privileges');
		is($status->{Seccomp}, $filtered,
			'... and its system calls are filtered');
	}
}

are_bound('started');
is($stack->http->get('/health')->{json}{status}, 'ok', '/health says ok');

my ($supervisor) = $stack->processes('io7');
my @before = map { $_->{pid} } $stack->workers('live');
kill HUP => $supervisor;
eventually { !alive(@before) } 'a reload replaces the workers';
eventually { @{[$stack->workers('live')]} == @before
	&& !grep { $_->{stage} eq 'vacant' } $stack->workers('live') }
	'... by as many new ones';
are_bound('reloaded');

expect_losses(1);
my ($victim) = map { $_->{pid} } $stack->workers('test');
kill KILL => $victim;
eventually { !grep({ $_->{pid} == $victim || !$_->{pid} }
	$stack->workers('test')) } 'a killed worker is replaced';
are_bound('replaced');

kill TERM => $supervisor;
eventually { !alive($supervisor) } 'the supervisor stops';
ok(!-e $stack->socket('live'), '... and removes its sockets');

finish;
