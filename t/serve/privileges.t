#!/usr/bin/perl
# Started as root, io7 becomes its user for good; its workers gain nothing by
# what they execute and may not call what serving does not take.

use strict;
use warnings;

use Io7::Test;

plan skip_all => 'only root can give up root: sudo make test' if $> != 0;

use constant USER => 'www-data';

my $stack = private_stack(io7 => tested_program, set => { IO7_USER => USER });
my $uid = getpwnam USER;
# Sanitizers need calls of their own, so such a build has no filter.
my $filtered = run_ok('ldd', tested_program) =~ /lib[au]bsan|libasan/ ? 0 : 2;

# What the kernel says of a process.
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

	cmp_ok(scalar @workers, '>', 5, "$what: the workers are there");
	for ($supervisor, @workers) {
		my $status = status_of($_);
		is($status->{Uid}, join("\t", ($uid) x 4), "$what: of the user");
		is(hex $status->{CapEff}, 0, '... without a capability');
		next if $_ == $supervisor;
		is($status->{NoNewPrivs}, 1, '... and none to gain');
		is($status->{Seccomp}, $filtered, '... with few system calls');
	}
}

are_bound('started');
is($stack->http->get('/health')->{json}{status}, 'ok', 'all is well');

my ($supervisor) = $stack->processes('io7');
my @before = map { $_->{pid} } $stack->workers('live');
kill HUP => $supervisor;
eventually { !alive(@before) } 'a reload replaces the workers';
eventually { @{[$stack->workers('live')]} == @before
	&& !grep { $_->{stage} eq 'vacant' } $stack->workers('live') }
	'... and all are there again';
are_bound('reloaded');

expect_losses(1);
my ($victim) = map { $_->{pid} } $stack->workers('test');
kill KILL => $victim;
eventually { !grep({ $_->{pid} == $victim || !$_->{pid} }
	$stack->workers('test')) } 'one that was killed is replaced';
are_bound('replaced');

kill TERM => $supervisor;
eventually { !alive($supervisor) } 'it stops';
ok(!-e $stack->socket('live'), '... and takes its sockets with it');

finish;
