# Io7::Command: programs run to their end, and what they said.
package Io7::Command;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp ();
use POSIX ();

our @EXPORT = qw(run run_ok start start_io7 await io7 io7_program
	tested_program build_folder top www);

# The root of the checkout.
sub top
{
	return abs_path(dirname(__FILE__) . '/../../..');
}

# What make builds lies there.
sub build_folder
{
	return $ENV{IO7_BUILD} // top() . '/build';
}

my $io7_program = $ENV{IO7_BIN} // build_folder() . '/io7';

sub io7_program
{
	return $io7_program;
}

# The pages as they were built.
sub www
{
	return build_folder() . '/www';
}

# io7 with the room of t/room.
sub tested_program
{
	return "$io7_program-test";
}

# { exit, out, err }; a program that a signal ended has 128 + its number. The
# first argument may be { input => text, env => {...}, timeout => seconds }.
sub run
{
	return await(start(@_));
}

# The same in two steps: the process that was started, with its pid, and how it
# ended.
sub start
{
	my $options = ref $_[0] ? shift : {};
	my @command = @_;
	my ($in, $out, $err) = map { File::Temp->new } 1 .. 3;

	print $in $options->{input} // '';
	seek $in, 0, 0;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		%ENV = (%ENV, %{$options->{env} // {}});
		open STDIN, '<&', $in;
		open STDOUT, '>&', $out;
		open STDERR, '>&', $err;
		exec { $command[0] } @command or do {
			print STDERR "$command[0]: $!\n";
			POSIX::_exit(127);
		};
	}
	return { pid => $pid, out => $out, err => $err,
		timeout => $options->{timeout} // 60 };
}

sub await
{
	my ($process) = @_;

	local $SIG{ALRM} = sub { kill KILL => $process->{pid} };
	alarm($process->{timeout});
	1 while waitpid($process->{pid}, 0) < 0;
	alarm 0;
	my $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return { exit => $exit, map { $_ => read_all($process->{$_}) } qw(out err) };
}

# What it printed; dies with its complaint when it fails.
sub run_ok
{
	my $result = run(@_);

	die join(' ', grep { !ref } @_), ": exit $result->{exit}\n",
		$result->{out}, $result->{err} if $result->{exit} != 0;
	return $result->{out};
}

# io7 with these arguments, and of IO7_* only what the test says.
sub io7
{
	return await(start_io7(@_));
}

sub start_io7
{
	my $options = ref $_[0] ? shift : {};

	local %ENV = map { ($_, $ENV{$_}) } grep { !/^IO7_/ } keys %ENV;
	return start($options, io7_program(), @_);
}

sub read_all
{
	my ($file) = @_;

	open my $in, '<', $file->filename or die "$file: $!\n";
	local $/;
	return <$in> // '';
}

1;
