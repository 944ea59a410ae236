# Io7::Test: the functions of a test file.
#
#     use Io7::Test;
#     my $http = stack->http;
#     is($http->get('/health')->{status}, 200, 'it is healthy');
#     finish;
#
# It exports Test::More too. A test waits for conditions with eventually() and never
# sleeps. finish() checks every stack that was used: no alert in its log, no secret in
# any log, no sanitizer report, no lost worker.
package Io7::Test;

use strict;
use warnings;

use Exporter 'import';
use Io7::Command;
use Io7::File;
use Io7::Process;
use Io7::Secrets qw(secrets_in secrets_of);
use Io7::Stack;
use Io7::Wait;
use Test::More;
use Time::HiRes ();

our @EXPORT = (@Test::More::EXPORT, @Io7::Command::EXPORT, @Io7::File::EXPORT,
	@Io7::Process::EXPORT, @Io7::Wait::EXPORT,
	qw(stack private_stack eventually is_within slowness expect_losses
		expect_alerts finish));

my ($shared, @private);
my $losses = 0;
my $alerts;

chdir top();

# The stack that all test files share. A file that runs by itself starts its own.
sub stack
{
	$shared //= $ENV{IO7_STACK_ENV}
		? Io7::Stack->attach($ENV{IO7_STACK_ENV}) : private_stack();
	return $shared;
}

# A stack of this file's own, with the options of Io7::Stack::new.
sub private_stack
{
	my $stack = Io7::Stack->new(@_);

	push @private, $stack;
	$stack->up;
	return $stack;
}

# Waits until the condition is true and returns its value. The test fails if that
# takes too long.
sub eventually(&$;$)
{
	my ($condition, $what, $seconds) = @_;
	$seconds //= 120;

	my $result = wait_until($seconds, $condition);
	ok($result, $what) or diag("not within $seconds s $@");
	return $result;
}

# Passes if something took less than a number of seconds. On a busy machine it may take
# longer: the limit, times twice the current slowdown of the processor.
sub is_within
{
	my ($took, $seconds, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok(1, $what) if $took < $seconds;
	my $most = $seconds * 2 * slowness();
	ok($took < $most, $what)
		or diag(sprintf 'it took %.3f s, at most %.3f s', $took, $most);
}

# How many times longer work takes than on an idle processor.
sub slowness
{
	my $began = Time::HiRes::time;
	my $cpu = Time::HiRes::clock();

	1 while Time::HiRes::clock() - $cpu < 0.1;
	return (Time::HiRes::time - $began) / 0.1;
}

# Announces that a number of workers die in this test.
sub expect_losses
{
	$losses += $_[0];
}

# Announces alerts: those that match do not fail the test.
sub expect_alerts
{
	($alerts) = @_;
}

sub finish
{
	my @stacks = $shared && $ENV{IO7_STACK_ENV}
		? ($shared, @private) : @private;

	$_->down for @private;
	check_stacks(@stacks) if @stacks;
	done_testing();
}

sub check_stacks
{
	my (@stacks) = @_;

	my @said = grep { !$alerts || !/$alerts/ }
		grep { /"level":"alert"|\bBUG\b/ }
		map { $_->log_lines('io7') } @stacks;
	ok(!@said, 'no alert in the log') or diag(@said);

	my @leaks = map { leaks($_) } @stacks;
	ok(!@leaks, 'no secret in a log') or diag(map { "$_\n" } @leaks);

	my @reports = map { $_->sanitizer_reports } @stacks;
	ok(!@reports, 'no report of a sanitizer')
		or diag(run('cat', @reports)->{out});

	my @lost = map { $_->events('worker_died') } @stacks;
	is(scalar @lost, $losses, 'no worker lost but by the test')
		or diag(explain(\@lost));
}

# Returns the secrets in a stack's logs, each as "FILE: secret".
sub leaks
{
	my ($stack) = @_;
	my @secrets = secrets_of($stack->conf_file);
	my @found;

	for my $file (glob $stack->dir . '/log/*') {
		open my $in, '<:raw', $file or next;
		my $text = do { local $/; <$in> } // '';
		push @found, map { "$file: $_" } secrets_in($text, @secrets);
	}
	return @found;
}

# No stack stays up, even if the test dies. Its folder is kept after a failure.
$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 130 };

END {
	my $code = $?;
	for my $stack (@private) {
		eval { $stack->down; 1 } or diag("down: $@");
		if ($code == 0 && Test::More->builder->is_passing) {
			$stack->remove;
		} else {
			diag("its logs are kept in @{[$stack->dir]}");
		}
	}
	$? = $code;
}

1;
