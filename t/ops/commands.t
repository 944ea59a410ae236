#!/usr/bin/perl
# The command line: help in every spelling, wrong usage, and no output before the
# first result.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;

my $list = io7('help');
is($list->{exit}, 0, 'help succeeds');
like($list->{out}, qr/^io7 user VERB /m, '... and lists the commands');
for my $words (['--help'], ['-h'], []) {
	my $result = io7(@$words);
	is($result->{exit}, 0, "io7 @$words succeeds");
	is($result->{out}, $list->{out}, '... and prints the same list');
}

my $version = io7('version');
for my $word (qw(--version -V)) {
	my $result = io7($word);
	is($result->{exit}, 0, "io7 $word succeeds");
	is($result->{out}, $version->{out}, '... and prints the version');
}

# The commands with verbs, and one without.
my %example = (
	user => 'create NAME',
	key => 'create USER --mode live\|test',
	plan => 'set USER PLAN',
	usage => 'show USER',
	tenant => 'reset-test --yes',
	migrate => 'down --to N',
	doctor => '\[-c FILE\] \[--json\]',
);
for my $command (sort keys %example) {
	my $usage = qr/^io7 $command $example{$command}/m;
	for my $words (['help', $command], [$command, '--help'], [$command, '-h']) {
		my $result = io7(@$words);
		is($result->{exit}, 0, "io7 @$words succeeds");
		like($result->{out}, $usage, '... and shows how to use it');
	}
}

my $pools = io7('pools')->{out};
for (qw(live:worker status:worker listener:listener runner:runner flusher:flusher
	janitor:janitor)) {
	my ($pool, $work) = split /:/;
	like($pools, qr/^$pool +\d+ $work /m, "io7 pools lists the pool $pool");
}

my @wrong = (
	['an unknown command', qr/unknown command frobnicate/, 'frobnicate'],
	['help for an unknown command', qr/unknown command x/, 'help', 'x'],
	['a command without its verb', qr/io7 user create NAME/, 'user'],
	['an unknown verb', qr/io7 user create NAME/, 'user', 'make'],
	['a surplus argument', qr/unexpected argument more/, 'version', 'more'],
	['a new key without a mode', qr/--mode live or --mode test/,
		'key', 'create', 'somebody'],
	['a new key with an unknown mode', qr/--mode live or --mode test/,
		'key', 'create', 'somebody', '--mode', 'both'],
);
for (@wrong) {
	my ($what, $pattern, @words) = @$_;
	my $result = io7(@words);
	is($result->{exit}, 64, "$what is wrong usage");
	like($result->{err}, $pattern, '... and the message says what is expected');
	is($result->{out}, '', '... on standard error alone');
}

# Without a database a list prints nothing, not even a header.
my $nowhere = tempdir(CLEANUP => 1);
for my $words (['user', 'list'], ['user', 'list', '--json'], ['plan', 'list'],
	['tenant', 'list'], ['tenant', 'list', '--json'], ['key', 'list', 'x']) {
	my $result = io7({ env => { IO7_LIVE_DSN => "host=$nowhere",
		IO7_TEST_DSN => "host=$nowhere" } }, @$words);
	is($result->{exit}, 1, "io7 @$words fails without a database");
	is($result->{out}, '', '... and prints no header');
}

# Without -c, IO7_CONF names the configuration.
my $conf = "$nowhere/io7.conf";
open my $out, '>', $conf or die "$conf: $!\n";
print $out "IO7_LIVE_WORKERS=none\n";
close $out or die "$conf: $!\n";
my $result = io7({ env => { IO7_CONF => $conf } }, 'check');
is($result->{exit}, 78, 'IO7_CONF names the configuration file');
like($result->{err}, qr/IO7_LIVE_WORKERS/, '... and its faults are reported');

# The variables in the env file of a private stack are not options.
$result = io7({ env => { IO7_URL => 'http://localhost:8080', IO7_KEY => 'x',
	IO7_TLS_URL => 'https://localhost', IO7_DEMO_PRO_TEST_KEY => 'x' } },
	'check');
is($result->{exit}, 0, "the variables of a stack's env file are ignored")
	or diag($result->{err});
$result = io7({ env => { IO7_LIVE_WORKER => 4 } }, 'check');
is($result->{exit}, 78, 'another unknown IO7_ variable is a fault');
like($result->{err}, qr/IO7_LIVE_WORKER: is not an option/, '... and is reported');

finish;
