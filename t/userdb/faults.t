#!/usr/bin/perl
# User databases when the host is short of something, and when processes end under load:
# a full disk, no process to spare, kill -9 of the supervisor, the spawner and workers in
# the middle of transactions, and a reload.

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Handle;
use Io7::Account;
use Io7::Database;
use Io7::Json;
use Io7::Test;
use POSIX ();

# A disk of its own for the databases, where the tests may mount one.
my $disk = tempdir('io7-disk-XXXXXX', DIR => '/var/tmp');
my $is_mounted = $> == 0 && run('mount', '-t', 'tmpfs', '-o',
	'size=64m,mode=711', 'io7-test', $disk)->{exit} == 0;

END {
	local $?;
	run('umount', '-l', $disk) if $is_mounted;
	rmdir $disk;
}

my $stack = private_stack(set => { IO7_DATABASES => "$disk/all",
	IO7_DATABASES_OPEN => 2, IO7_DATABASE_STREAM_IDLE => '2s' });
my $http = $stack->http;
my @accounts = map { new_account($stack) } 1 .. 3;
my @db = map { database_of($_, 'test') } @accounts;

sub statement
{
	return { type => 'execute', stmt => { sql => $_[0] } };
}

sub pipeline
{
	return { requests => [(map { statement($_) } @_), { type => 'close' }] };
}

# --- No process to spare ----------------------------------------------------

$_->execute('CREATE TABLE a (id, part)') for @db;
my $open = sub { $db[$_[0]]->post_in(1, 'v3/pipeline',
	{ requests => [statement($_[1])] }) };
is($open->($_, 'BEGIN IMMEDIATE')->{status}, 200, 'a transaction is open') for 0, 1;
my $answer = $db[2]->post('v3/pipeline', pipeline('SELECT 1'));
is($answer->{status}, 503, 'with as many as may be, no other database is opened');
is($answer->{json}{code}, 'unavailable', '... with its code');
is($answer->{json}{message}, 'This host has too many databases in use to open another'
	. ' one. Nothing was executed; try again shortly.', '... and why');
like($answer->{headers}{'retry-after'}, qr/^\d+$/, '... and when to try again');
is($http->get('/health')->{json}{status}, 'ok', '... and the health is good');
is($open->(0, 'COMMIT')->{status}, 200, 'the others go on');
eventually {
	$db[2]->post('v3/pipeline', pipeline('SELECT 1'))->{status} == 200
} 'it is opened when another one is idle';
$open->(1, 'ROLLBACK');

# --- A full disk ------------------------------------------------------------

sub is_full
{
	my ($result) = @_;

	return ($result->{error}{code} // '') eq 'SQLITE_FULL';
}

SKIP: {
	skip('a tmpfs can be mounted only as root, outside of most containers', 1)
		unless $is_mounted;
	$db[0]->execute('CREATE TABLE blobs (b)');
	my $ballast = "$disk/ballast";
	spew($ballast, 'x' x 62_000_000);
	my ($rows, $result) = 0;
	do {
		$result = $db[0]->post('v3/pipeline',
			pipeline('INSERT INTO blobs VALUES (randomblob(50000))'))
			->{json}{results}[0];
		$rows++ if $result->{type} eq 'ok';
	} while ($result->{type} eq 'ok' && $rows < 200);
	is_deeply($result->{error}, { code => 'SQLITE_FULL',
		message => 'SQLite error: database or disk is full' },
		'a write to a full disk is refused');
	is_deeply([$db[0]->query('SELECT count(*) FROM blobs')], [[$rows]],
		'... and reads go on');
	is_deeply([$db[0]->query('PRAGMA integrity_check')], [['ok']],
		'... in a whole file');
	is_deeply([$db[2]->query('SELECT count(*) FROM a')], [[0]],
		'... and in other databases');
	is($http->get('/health')->{json}{status}, 'ok', '... and the health is good');
	my $export = $http->get('/api/database/export',
		headers => $accounts[0]->auth('test'));
	is("$export->{status} $export->{json}{error}{message}",
		"507 The disk of the database's host is full.",
		'... and an export, which needs space, says so');
	unlink $ballast;
	$db[0]->execute('INSERT INTO blobs VALUES (1)');
	is_deeply([$db[0]->query('SELECT count(*) FROM blobs')], [[$rows + 1]],
		'writes go on when there is space again');
	$db[0]->execute('DROP TABLE blobs');
}

# --- Under load -------------------------------------------------------------

# Writes transactions, in one request and in three, until its input ends. Says which
# are acknowledged, and which single requests failed.
sub write_on
{
	my ($number, $go, $out) = @_;
	my $db = database_of($accounts[0], 'test');
	my $id = $number;

	vec(my $in = '', fileno $go, 1) = 1;
	while (!select my $ready = $in, undef, undef, 0) {
		$id += 10;
		my $rows = "INSERT INTO a VALUES ($id, 1), ($id, 2)";
		my @parts = $id / 10 % 2 ? ['BEGIN IMMEDIATE', $rows, 'COMMIT']
			: (['BEGIN IMMEDIATE'], [$rows], ['COMMIT']);
		my ($good, $answer) = 1;
		for my $part (@parts) {
			my @end = $part == $parts[-1] ? { type => 'close' } : ();
			$answer = eval { $db->post_in($id, 'v3/pipeline',
				{ requests => [(map { statement($_) } @$part), @end] }) }
				// { status => 0, body => $@ };
			$good &&= $answer->{status} == 200
				&& !grep { $_->{type} ne 'ok' }
				@{$answer->{json}{results}};
			last unless $good && $db->is_open($id);
		}
		print $out $good ? "ack $id\n" : @parts == 1
			? "failed $id: $answer->{status} $answer->{body}\n" : "lost $id\n";
	}
}

my (@writers, %seen);

sub start_writers
{
	for my $number (1 .. 3) {
		pipe my $go, my $stop or die "pipe: $!\n";
		pipe my $in, my $out or die "pipe: $!\n";
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			close $_->{stop} for @writers;
			close $stop;
			$out->autoflush;
			eval { write_on(++$seen{number} * 1000 * 10 + $number, $go, $out) };
			print $out "broken $@" if $@;
			POSIX::_exit(0);
		}
		push @writers, { pid => $pid, stop => $stop, in => $in };
	}
	$seen{number}++;
}

# Waits until each of them has so many more transactions.
sub let_write
{
	my ($n) = @_;

	for my $writer (@writers) {
		for (my $acks = 0; $acks < $n;) {
			my $line = readline($writer->{in}) // die "a writer ended\n";
			push @{$seen{$1}}, $2 if $line =~ /^(\w+) (.*)/;
			$acks++ if $line =~ /^ack/;
		}
	}
}

sub stop_writers
{
	for my $writer (splice @writers) {
		close $writer->{stop};
		/^(\w+) (.*)/ && push @{$seen{$1}}, $2 while readline $writer->{in};
		waitpid $writer->{pid}, 0;
	}
}

sub all_is_there
{
	my ($what) = @_;
	my %there = map { $_->[0] => 1 } $db[0]->query('SELECT DISTINCT id FROM a');

	is_deeply([grep { !$there{$_} } @{$seen{ack}}], [],
		"$what: every acknowledged transaction is there");
	is_deeply([$db[0]->query('SELECT id FROM a GROUP BY id HAVING count(*) <> 2')],
		[], '... none in part');
	is_deeply([$db[0]->query('PRAGMA integrity_check')], [['ok']],
		'... and the file is whole');
}

sub named
{
	my ($name) = @_;

	return grep { (eval { slurp("/proc/$_/comm") } // '') eq "$name\n" }
		$stack->processes('io7');
}

# Waits until another spawner is the only one.
sub replaced
{
	my ($old, $what) = @_;

	eventually {
		my @all = named('io7-keepers');
		@all == 1 && $all[0] != $old
	} $what;
}

start_writers();
let_write(5);
my ($spawner) = named('io7-keepers');
kill HUP => $stack->pid;
let_write(20);
replaced($spawner, 'a reload under load replaces the spawner');
let_write(5);
stop_writers();
is_deeply($seen{failed} // [], [], 'no request fails while io7 reloads');
all_is_there('reloaded under load');

start_writers();
let_write(5);
for my $round (1 .. 4) {
	my @pids = map { $_->{pid} || () } $stack->workers('database');
	expect_losses(1);
	kill KILL => $pids[$round % @pids];
	let_write(3);
}
all_is_there('workers killed under load');
for my $round (1 .. 2) {
	($spawner) = named('io7-keepers');
	expect_losses(1);
	kill KILL => $spawner;
	let_write(10);
	replaced($spawner, "a killed spawner is replaced, round $round");
}
all_is_there('spawners killed under load');
my @processes = $stack->processes('io7');
kill KILL => $stack->pid;
eventually { !alive(@processes) } 'the processes of a killed supervisor end';
$stack->up;
let_write(10);
stop_writers();
all_is_there('a supervisor killed under load');
is_deeply($seen{broken} // [], [], 'no writer broke off');

finish;
