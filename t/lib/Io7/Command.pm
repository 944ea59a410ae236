# Io7::Command: runs programs and returns their exit code and output.
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

# The build folder of make.
sub build_folder
{
	return $ENV{IO7_BUILD} // top() . '/build';
}

my $io7_program = $ENV{IO7_BIN} // build_folder() . '/io7';

sub io7_program
{
	return $io7_program;
}

# The folder of the built pages.
sub www
{
	return build_folder() . '/www';
}

# io7 with the test room of t/room.
sub tested_program
{
	return "$io7_program-test";
}

# Runs a program and returns { exit, out, err }; exit is 128 + N after signal N. The
# first argument may be { input => text, env => {...}, timeout => seconds }.
sub run
{
	return await(start(@_));
}

# The same in two steps: start() returns the process with its pid, await() the result.
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

# Runs a program and returns its standard output. Dies with its output if it fails.
sub run_ok
{
	my $result = run(@_);

	die join(' ', grep { !ref } @_), ": exit $result->{exit}\n",
		$result->{out}, $result->{err} if $result->{exit} != 0;
	return $result->{out};
}

# Runs io7 without the IO7_* variables of the environment.
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
