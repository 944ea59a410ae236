#!/usr/bin/perl
# The processes of open user databases, on a whole stack: what is acknowledged survives
# kill -9 of keepers, of their spawner and of workers, reloads and a new start.

use strict;
use warnings;

use Io7::Account;
use Io7::Database;
use Io7::Test;

my $stack = private_stack(set => { IO7_DATABASE_STREAM_IDLE => '1s' });
my $account = new_account($stack);
my ($next, @acknowledged) = (0);

sub comm_of
{
	my ($pid) = @_;

	open my $in, '<', "/proc/$pid/comm" or return '';
	return scalar <$in> // '';
}

sub named
{
	my ($name) = @_;

	return grep { comm_of($_) eq "$name\n" } $stack->processes('io7');
}

sub statement
{
	my ($sql) = @_;

	return { type => 'execute', stmt => { sql => $sql } };
}

# One transaction, in one request or in three. True if its commit is acknowledged.
sub write_one
{
	my ($db) = @_;
	my $id = ++$next;
	my @steps = ('BEGIN IMMEDIATE', "INSERT INTO a VALUES ($id, 1), ($id, 2)",
		'COMMIT');
	my @requests = $id % 2 ? [@steps] : map { [$_] } @steps;

	my $last = pop @requests;
	for my $step (@requests) {
		my $answer = $db->post_in($id, 'v2/pipeline',
			{ requests => [map { statement($_) } @$step] });
		return unless $answer->{status} == 200 && $db->is_open($id);
	}
	my $answer = $db->post_in($id, 'v2/pipeline',
		{ requests => [(map { statement($_) } @$last), { type => 'close' }] });
	return if $answer->{status} != 200
		|| grep { $_->{type} ne 'ok' } @{$answer->{json}{results}};
	push @acknowledged, $id;
	return 1;
}

# Writes until so many more transactions are acknowledged.
sub write_some
{
	my ($db, $n, $what) = @_;

	my $wanted = @acknowledged + $n;
	eventually { eval { write_one($db) }; @acknowledged >= $wanted }
		"$what: transactions go on";
}

my $db = database_of($account, 'test');
$db->execute('CREATE TABLE a (id, part)');
write_some($db, 10, 'at first');

my ($spawner) = named('io7-keepers');
ok($spawner, 'a spawner runs');
for my $round (1 .. 5) {
	my ($keeper) = named('io7-keeper');
	kill KILL => $keeper if $keeper;
	write_some($db, 6, "keeper $round killed");
}

expect_losses(1);
kill KILL => $spawner;
write_some($db, 6, 'spawner killed');
eventually { my @all = named('io7-keepers'); @all == 1 && $all[0] != $spawner }
	'the supervisor starts another spawner';

for my $round (1 .. 3) {
	my ($worker) = map { $_->{pid} } grep { $_->{pid} } $stack->workers('database');
	expect_losses(1);
	kill KILL => $worker;
	write_some($db, 6, "worker $round killed");
}

my ($old) = named('io7-keepers');
my ($supervisor) = $stack->processes('io7');
kill HUP => $supervisor;
write_some($db, 6, 'reloading');
eventually { my @all = named('io7-keepers'); @all == 1 && $all[0] != $old }
	'a reload replaces the spawner';
write_some($db, 6, 'reloaded');

# --- All of them are there --------------------------------------------------

my %there = map { $_->[0] => 1 } $db->query('SELECT DISTINCT id FROM a');
is_deeply([grep { !$there{$_} } @acknowledged], [],
	'every acknowledged transaction is there');
is_deeply([$db->query('SELECT id FROM a GROUP BY id HAVING count(*) <> 2')], [],
	'... and none in part');
is_deeply([$db->query('PRAGMA integrity_check')], [['ok']], 'the file is whole');

# --- Nobody else connects to the spawner ------------------------------------

my @stat = stat $stack->socket('keepers');
is(sprintf('%04o', $stat[2] & 07777), '0600',
	'the socket of the spawner is for io7 alone');

finish();
