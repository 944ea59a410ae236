#!/usr/bin/perl
# A statement whose rows were sent but whose transaction was not committed is a
# failure to the client, never a success.

use strict;
use warnings;

use Io7::Account;
use Io7::PgProxy;
use Io7::Test;

my $stack = private_stack(set => { IO7_TEST_WORKERS => 1 });
my $proxy = Io7::PgProxy->new($stack->dir . '/run/pg');
$stack->reconfigure(IO7_TEST_DSN => $proxy->dsn('io7_test'));
my $account = new_account($stack);
my $http = $stack->http;

sub ask
{
	my ($method, $key, $body) = @_;

	return $http->request($method, "/kv/$key",
		headers => $account->auth('test'),
		defined $body ? (body => $body) : ());
}

# The worker prepares the statements, so that each is one message from now on.
is(ask(PUT => 'known', 1)->{status}, 201, 'a value is stored through the proxy');
is(ask(GET => 'known')->{status}, 200, '... and read');

for my $how (qw(error close)) {
	$proxy->cut($how);
	my $answer = ask(PUT => "by-$how", 1);
	ok($proxy->has_cut, "rows arrive, then the connection ends by $how");
	is($answer->{status}, 503, '... and the client gets 503');
	eventually { ask(GET => "by-$how")->{status} == 404 }
		"... and nothing is stored";
	is(ask(PUT => "by-$how", 1)->{status}, 201, '... and a retry succeeds');

	$proxy->cut($how);
	is(ask(DELETE => 'known')->{status}, 503,
		"a deletion that is cut off by $how fails");
	eventually { ask(GET => "known")->{status} == 200 }
		"... and deletes nothing";
}

finish;
