#!/usr/bin/perl
# Concurrent batches: clients move amounts between the same accounts. The total does not
# change, and no client is blocked, also during a concurrent import.

use strict;
use warnings;

use Io7::Account;
use Io7::Test;
use Io7::Json;
use List::Util qw(shuffle);
use POSIX ();

use constant { CLIENTS => 8, TRANSFERS => 30, ACCOUNTS => 12, START => 1000 };

my $stack = stack;
my $account = new_account($stack);
my $json = json_codec()->utf8(0)->canonical;

sub batch
{
	my ($http, @ops) = @_;

	return $http->post('/kv/batch', headers => $account->auth('test'),
		body => $json->encode({ ops => \@ops }));
}

sub balances
{
	my ($http) = @_;

	return @{batch($http, map { { op => 'get', key => "account:$_" } }
		1 .. ACCOUNTS)->{json}{results}};
}

# Moves an amount from one account to others if their versions have not changed, and
# retries after a conflict. Returns false on any other answer.
sub transfer
{
	my ($http) = @_;

	for (1 .. 500) {
		my %seen = map { $_->{key} => $_ } balances($http);
		my ($from, @to) = (shuffle(keys %seen))[0 .. 3];
		my $answer = batch($http, (map { {
			op => 'put', key => $_, version => $seen{$_}{version},
			value => $seen{$_}{value} + 1,
		} } @to), {
			op => 'put', key => $from,
			version => $seen{$from}{version},
			value => $seen{$from}{value} - @to,
		}, { op => 'put', key => "client:$$", value => $_ });
		return 1 if $answer->{status} == 200;
		return if $answer->{status} != 409;
	}
	return;
}

my $http = $stack->http;
batch($http, map { { op => 'put', key => "account:$_", value => START } }
	1 .. ACCOUNTS);

my @clients = map {
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		srand $$;
		my $own = $stack->http(patient => 1);
		my $done = grep { eval { transfer($own) } } 1 .. TRANSFERS;
		POSIX::_exit($done == TRANSFERS ? 0 : 1);
	}
	$pid;
} 1 .. CLIENTS;

# A concurrent import writes keys of the same slots.
my $imported = 0;
for my $round (1 .. 20) {
	$imported += $http->post('/api/kv/import',
		headers => $account->auth('test'), body => join "\n",
		map { qq({"key":"line:$_","value":$round}) } 1 .. 300)
		->{json}{imported} // 0;
}
is($imported, 20 * 300, 'imports get on among them');
is(scalar(grep { waitpid($_, 0); $? } @clients), 0,
	'each client could do all its transfers');

my $sum = 0;
$sum += $_->{value} for balances($http);
is($sum, ACCOUNTS * START, 'nothing was lost, and nothing made');
is($stack->psql("SELECT sum(bytes) - (SELECT sum(bytes) FROM
	@{[$account->schema]}.kv_store) FROM @{[$account->schema]}.kv_slot",
	'io7_test'), "0\n", 'the bytes of the store are counted right');

finish;
