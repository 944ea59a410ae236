#!/usr/bin/perl
# Versions of a key grow with each write, also when it is deleted and created again, and
# when several clients write it at once.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;
use POSIX ();

use constant { CLIENTS => 6, WRITES => 80 };

my $stack = private_stack(set => { IO7_TEST_WORKERS => 4 });
my $account = new_account($stack);
my $schema = $account->schema;

sub ask
{
	my ($http, $method, $target, $body, @headers) = @_;

	return $http->request($method, $target,
		headers => $account->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

sub query
{
	my ($sql) = @_;

	return $stack->psql("$sql;", 'io7_test') =~ s/\n\z//r;
}

# --- Waiting for another writer ---------------------------------------------

my $sessions = 0;

# Runs SQL in a session, sends requests that wait for it, commits, and returns the answers.
sub ask_meanwhile
{
	my ($n, $sql, $method, $target, $body) = @_;

	open my $session, '|-', 'psql', '-XqAt', '-o', '/dev/null',
		$stack->env('IO7_TEST_DSN') or die "psql: $!\n";
	$session->autoflush;
	# The name is another one each time: the last session may not have ended yet.
	my $name = 'session ' . ++$sessions;
	print $session "BEGIN; $sql; SET application_name = '$name';\n";
	eventually { query("SELECT count(*) FROM pg_stat_activity
		WHERE application_name = '$name'") > 0 } 'a session holds the row';
	my @clients = map { $stack->http } 1 .. $n;
	$_->send($_->compose($method => $target, headers => $account->auth('test'),
		body => $body)) for @clients;
	eventually { query(q{SELECT count(*) FROM pg_stat_activity
		WHERE usename = 'io7_app' AND wait_event_type = 'Lock'}) == $n }
		"... and $n requests wait";
	print $session "COMMIT;\n";
	my @answers = map { $_->receive($method) } @clients;
	close $session or die "psql failed\n";
	return @answers;
}

sub put_meanwhile
{
	my ($n, $sql) = @_;

	return ask_meanwhile($n, $sql, PUT => '/kv/a', 2);
}

my $http = $stack->http;
my $last = ask($http, PUT => '/kv/a', 1)->{json}{version};
my ($answer) = put_meanwhile(1, "UPDATE $schema.kv_slot
	SET bytes = bytes - 102 WHERE slot = hashtext('a') & 15;
	DELETE FROM $schema.kv_store");
is($answer->{status}, 201, 'a PUT creates the key that is deleted meanwhile');
cmp_ok($answer->{json}{version}, '>', $last, '... with a greater version');

$last = $answer->{json}{version};
query("UPDATE $schema.kv_slot SET version = $last + 1
	WHERE slot = hashtext('a') & 15");
my @answers = put_meanwhile(3, "SELECT FROM $schema.kv_store FOR UPDATE");
is(join(' ', map { $_->{status} } @answers), '200 200 200',
	'PUTs replace a value whose slot has one version left');
my @versions = sort { $a <=> $b } $last, map { $_->{json}{version} } @answers;
is(scalar(grep { $versions[$_] < $versions[$_ + 1] } 0 .. 2), 3,
	'... each with a version of its own') or diag("@versions");
ask($http, DELETE => '/kv/a');
cmp_ok(ask($http, PUT => '/kv/a', 1)->{json}{version}, '>', $versions[-1],
	'... and the key gets a greater one when it is created again');

# As kv_set does: without a lock of the slot.
$last = ask($http, GET => '/kv/a')->{headers}{etag} =~ s/\D//gr;
($answer) = ask_meanwhile(1, "UPDATE $schema.kv_store SET version = version + 1
	WHERE key = 'a'", POST => '/kv/batch', encode_json({ ops => [{ op => 'put',
	key => 'a', value => 3, version => 0 + $last }] }));
is($answer->{status}, 409,
	'a batch with the version of a value that is replaced meanwhile fails')
	or diag($answer->{body});

# --- Many writers -----------------------------------------------------------

# A write of a key by any statement. Returns its answer, and its version, if it has one.
sub write_once
{
	my ($http, $key) = @_;
	my $what = rand;

	return ask($http, DELETE => "/kv/$key") if $what < .15;
	return ask($http, DELETE => "/kv?pattern=$key&confirm=true") if $what < .2;
	my $answer =
		$what < .3 ? ask($http, PUT => "/kv/$key", 1, 'If-Match' => '*')
		: $what < .4 ? ask($http, PATCH => "/kv/$key", '{"a":1}',
			'Content-Type' => 'application/merge-patch+json')
		: $what < .5 ? ask($http, POST => '/kv/batch',
			qq({"ops":[{"op":"put","key":"$key","value":1}]}))
		: $what < .55 ? ask($http, POST => '/api/kv/import',
			qq({"key":"$key","value":12}))
		: ask($http, PUT => "/kv/$key" . ($what < .6 ? '?ttl=1' : ''),
			'"' . 'x' x rand(50) . '"');
	my $result = $answer->{json}{results} ? $answer->{json}{results}[0]
		: $answer->{json};
	return ($answer, $answer->{status} < 300 ? $result->{version} : undef);
}

# Prints "key version" for each write, and the status of an unexpected answer.
sub write_many
{
	my ($number) = @_;
	my $http = $stack->http;

	srand $number;
	for (1 .. WRITES) {
		my $key = rand() < .7 ? 'x' : 'y';
		my ($answer, $version) = write_once($http, $key);
		# 429: two clients delete by pattern already; 503: more import than
		# the stream pool has workers.
		print "status $answer->{status}\n"
			if $answer->{status} !~ /^(200|201|204|404|412|429|503)$/;
		print "$key $version\n" if defined $version;
	}
}

my @readers = map {
	my $pid = open(my $reader, '-|') // die "fork: $!\n";
	if (!$pid) {
		write_many($_);
		STDOUT->flush;
		POSIX::_exit(0);
	}
	$reader;
} 1 .. CLIENTS;
my (%seen, @wrong);
for my $reader (@readers) {
	my %last = (x => 0, y => 0);
	while (my $line = <$reader>) {
		my ($key, $version) = split ' ', $line;
		push @wrong, "client: $line" if $key eq 'status'
			|| $version <= $last{$key};
		push @wrong, "twice: $line" if $seen{$line}++;
		$last{$key} = $version;
	}
	close $reader;
}
cmp_ok(scalar(keys %seen), '>', 100, 'clients write the same keys at once');
is(join('', @wrong), '', '... each write has a version of its own, later ones a greater one');
is(query("SELECT sum(bytes) - coalesce((SELECT sum(bytes) FROM $schema.kv_store), 0)
	FROM $schema.kv_slot"), 0, '... and the bytes of the store are counted exactly');
is(query("SELECT count(*) FROM $schema.kv_store s JOIN $schema.kv_slot
	ON slot = hashtext(key) & 15 WHERE s.version > kv_slot.version"), 0,
	'... and no version is greater than that of its slot');

finish;
