#!/usr/bin/perl
# PostgreSQL stops, hangs and returns under load. While it is down, writers get 503
# in bounded time; when it is back, they are served within a second. No worker is
# lost, and no acknowledged write is missing or was executed twice.

use strict;
use warnings;

use File::Temp ();
use Io7::Test;
use List::Util qw(max);
use POSIX ();
use Time::HiRes qw(time);

use constant {
	WRITERS => 4,
	# The stack's timeouts of a statement and of a new connection.
	STATEMENT_S => 1,
	CONNECT_S => 0.5,
	# What a busy machine may add.
	SLACK_S => 1.5,
};

my $stack = private_stack(io7 => tested_program, set => {
	IO7_STATEMENT_TIMEOUT => STATEMENT_S * 1000 . 'ms',
	IO7_CONNECT_TIMEOUT => CONNECT_S * 1000 . 'ms',
	IO7_TEST_WORKERS => WRITERS,
});
my $tenant = $stack->psql('SELECT io7.provision(gen_random_uuid())',
	'io7_test') =~ s/^user_|\s//gr;
my @before = sort map { $_->{pid} } $stack->workers('test');

# --- The writers ------------------------------------------------------------

# Each writer writes one key after another, no key twice, and a line per key into
# its journal: time, key, status, seconds.
my %journals;
# The writers continue while this file exists.
my $go = File::Temp->new;

sub write_on
{
	my ($number, $journal) = @_;
	my $http = $stack->http;

	$journal->autoflush;
	for (my $i = 0; -e $go->filename; $i++) {
		my $began = time;
		my $answer = $http->put("/t/value/$number-$i", body => $i,
			headers => ['Test-User' => $tenant,
				'Io7-Mode' => 'test']);
		printf $journal "%.4f %s %d %.4f\n", time, "$number-$i",
			$answer->{status}, time - $began;
	}
}

sub start_writer
{
	my ($number) = @_;
	my $journal = File::Temp->new;
	my $writer = fork // die "fork: $!\n";

	if ($writer) {
		$journals{$writer} = $journal;
		return;
	}
	eval { write_on($number, $journal); 1 } or print STDERR $@;
	POSIX::_exit($@ ? 1 : 0);
}

sub journal
{
	return map {
		open my $in, '<', $_->filename or die "a journal: $!\n";
		map { [split] } grep { /\n\z/ } <$in>;
	} values %journals;
}

# The number of responses with a status since a time.
sub answers_since
{
	my ($when, $status) = @_;

	return scalar grep { $_->[0] > $when && $_->[2] == $status } journal();
}

# --- The outages ------------------------------------------------------------

sub recovers
{
	my ($what, $since) = @_;

	eventually { answers_since($since, 201) >= WRITERS } "$what: served again";
	my ($first) = sort { $a <=> $b }
		map { $_->[0] } grep { $_->[0] > $since && $_->[2] == 201 } journal();
	is_within($first - $since, 1 + SLACK_S, '... within a second');
}

start_writer($_) for 1 .. WRITERS;
eventually { answers_since(0, 201) > 100 } 'the writers are running';

my $gone = time;
$stack->stop('postgres');
eventually { answers_since($gone, 503) >= 2 * WRITERS }
	'PostgreSQL stopped: all writers get 503';
$stack->up;
recovers('PostgreSQL stopped', time);

$gone = time;
$stack->pause('postgres');
eventually { answers_since($gone, 503) >= 2 * WRITERS }
	'PostgreSQL paused: all writers get 503';
$stack->resume('postgres');
recovers('PostgreSQL paused', time);

for (1 .. 3) {
	$stack->stop('postgres');
	$stack->up;
	recovers("restart $_", time);
}

unlink $go->filename;
for my $writer (keys %journals) {
	waitpid $writer, 0;
	is($?, 0, 'a writer exits with 0');
}

# --- Results ----------------------------------------------------------------

my @journal = journal();
my %sent = map { $_->[1] => $_->[2] } @journal;
my %stored = map { $_ => 1 } split /\n/,
	$stack->psql("SELECT key FROM user_$tenant.kv_store", 'io7_test');

is(join(' ', grep { !/^(201|503)$/ } map { $_->[2] } @journal), '',
	'every response is 201 or 503');
cmp_ok(max(map { $_->[3] } @journal), '<', STATEMENT_S + CONNECT_S + SLACK_S,
	'every response comes in bounded time');
is(scalar(grep { $sent{$_} == 201 && !$stored{$_} } keys %sent), 0,
	'no acknowledged write is missing');
is(scalar(grep { !defined $sent{$_} } keys %stored), 0,
	'every stored key was sent');
is($stack->psql(<<"END", 'io7_test') + 0, 0, 'no write was executed twice');
	SELECT count(*) FROM user_$tenant.kv_store
	WHERE created_at <> updated_at;
END
is_deeply([sort map { $_->{pid} } $stack->workers('test')], \@before,
	'no worker is lost');

finish;
