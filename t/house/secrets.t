#!/usr/bin/perl
# The check for secrets in logs finds each kind of secret, and nothing else.

use strict;
use warnings;

use File::Temp ();
use Io7::Secrets qw(secrets_in secrets_of);
use Io7::Test;

my %secrets = (
	'a test key' => 'test_io7_' . '0a' x 16,
	'a live key' => 'live_io7_' . 'f9' x 16,
	'a session' => 'session_io7_' . '3c' x 32,
	'a token' => 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl',
	'a token without a signature' => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
	"a token of GitHub's" => 'gho_' . 'aB3' x 12,
);
for my $what (sort keys %secrets) {
	is_deeply([secrets_in(qq({"detail":"it was $secrets{$what}!"}))],
		[substr($secrets{$what}, 0, 12) . '...'], "$what is found");
	is(scalar secrets_in("$secrets{$what} $secrets{$what}"), 1, '... once');
}
for my $fine ('test_io7_0a0', 'session_io7_', 'eyJ', 'live_io7_' . 'F9' x 16,
	'key_created', '4f0c9d6e2b7a41538c1d0e9f7a6b5c34', 'nobody.eyJ.x') {
	is_deeply([secrets_in($fine)], [], "$fine is not a secret");
}

my $secret = File::Temp->new;
print $secret "correct horse\nbattery\n";
$secret->flush;
my $password = File::Temp->new;
print $password "hunter22-hunter22\n";
$password->flush;
my $conf = File::Temp->new;
print $conf "IO7_REDIS_PASSWORD_FILE=$password\nIO7_LOG=-\n"
	. "IO7_JWT_SECRET_FILE=$secret\nIO7_NONE_FILE=/nowhere\n";
$conf->flush;
my @words = secrets_of("$conf");
is("@words", 'hunter22-hunter22',
	'the secret in a file of the configuration is known');
is_deeply([secrets_in('AUTH hunter22-hunter22 failed', @words)],
	['hunter22-hun...'], '... is found');

finish;
