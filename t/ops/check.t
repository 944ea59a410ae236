#!/usr/bin/perl
# io7 check and io7 serve with a wrong configuration: all faults are reported at
# once, nothing starts, and no secret is printed.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Test;

my $dir = tempdir(CLEANUP => 1);

sub file
{
	my ($name, $text, $mode) = @_;

	my $path = "$dir/$name";
	spew($path, $text);
	chmod $mode // 0644, $path;
	return $path;
}

my $run_dir = "IO7_RUN_DIR=$dir/run\n";

# --- A valid file -----------------------------------------------------------

my $example = io7('check', '-c', 'conf/io7.conf');
is($example->{exit}, 0, 'the shipped example is valid')
	or diag($example->{err});

my $good = file('good.conf', <<"END");
# A comment.

$run_dir
IO7_LIVE_WORKERS=3
IO7_LIVE_DSN="host=/tmp dbname='io7 live'"
IO7_BODY_MAX=2M
END
my $checked = io7('check', '-c', $good);
is($checked->{exit}, 0, 'a valid file is accepted') or diag($checked->{err});
is($checked->{err}, '', '... without a message');

# --- Numbers that the program chooses ---------------------------------------

chomp(my $cpus = run('nproc')->{out});
my $pools = io7('pools', '-c', file('auto.conf',
	"${run_dir}IO7_LIVE_WORKERS=auto\nIO7_TEST_WORKERS=5\n"));
my %processes = $pools->{out} =~ /^(\w+) +(\d+) /mg;
is($processes{live}, 2 * $cpus + 2, 'a pool is as large as the CPUs can use');
is($processes{test}, 5, '... or as large as the configuration says');

# --- All faults at once -----------------------------------------------------

my $bad = file('bad.conf', <<"END");
IO7_LIVE_WORKERS=0
IO7_TEST_WORKERS=many

IO7_NO_SUCH_OPTION=1
IO7_LOG_LEVEL=loud
IO7_READ_TIMEOUT=10 parsecs
IO7_RUN_DIR=relative/path
IO7_LIVE_DSN=host=/tmp user=root
this is no assignment
IO7_BODY_MAX=1T
IO7_LOG_LEVEL=info
END

my %faults = (
	1 => qr/IO7_LIVE_WORKERS: must be auto, or 1 to 1000/,
	2 => qr/IO7_TEST_WORKERS: must be auto, or 1 to 1000/,
	4 => qr/IO7_NO_SUCH_OPTION: is not an option/,
	5 => qr/IO7_LOG_LEVEL: must be debug, info/,
	6 => qr/IO7_READ_TIMEOUT/,
	7 => qr/IO7_RUN_DIR/,
	8 => qr/IO7_LIVE_DSN/,
	9 => qr/./,
	10 => qr/IO7_BODY_MAX/,
	11 => qr/IO7_LOG_LEVEL: is set already in line 5/,
);

for my $command ('check', 'serve') {
	my $result = io7({ timeout => 20 }, $command, '-c', $bad);
	is($result->{exit}, 78, "io7 $command exits with EX_CONFIG");
	for my $line (sort { $a <=> $b } keys %faults) {
		like($result->{err}, qr/^io7: \Q$bad\E:$line: $faults{$line}/m,
			"... and reports the fault of line $line");
	}
	is(() = $result->{err} =~ /^io7: /mg, scalar keys %faults,
		'... and no other fault');
	unlike($result->{err}, qr/many|loud|parsecs/,
		'... without the wrong values');
}

# --- Addresses --------------------------------------------------------------

# Returns the messages about a file with this line.
sub messages_of
{
	my ($line) = @_;

	return io7('check', '-c', file('one.conf', "$run_dir$line\n"))->{err};
}

is(messages_of("IO7_PUBLIC_URL=$_"), '', "'$_' is a valid public URL")
	for '', 'https://api.example.com', 'http://localhost:8080',
		'http://[::1]:80';
like(messages_of("IO7_PUBLIC_URL=$_"), qr/IO7_PUBLIC_URL: must be http/,
	"'$_' is not a valid public URL") for 'api.example.com', 'https://a/',
		'https://a/b',
		'ftp://a', 'https://a?b', 'https://me@a', 'https://', 'https:a';
is(messages_of("$_=https://github.example.com/api/v3"), '', "$_ can have a path")
	for qw(IO7_GITHUB_URL IO7_GITHUB_API);
for my $bad ('', 'github.com', 'file:///etc/passwd', 'https://a/', 'https://a?b') {
	like(messages_of("IO7_GITHUB_URL=$bad"), qr/IO7_GITHUB_URL: /,
		"'$bad' is not a valid GitHub URL");
}

# --- The environment --------------------------------------------------------

my $overridden = io7({ env => { IO7_LIVE_WORKERS => 'x', IO7_TYPO => 1 } },
	'check', '-c', $good);
is($overridden->{exit}, 78, 'a fault in the environment is an error');
like($overridden->{err}, qr/environment: IO7_LIVE_WORKERS: /,
	'... and is reported');
like($overridden->{err}, qr/environment: IO7_TYPO: is not an option/,
	'... and so is an unknown option');

my $mended = io7({ env => { IO7_LIVE_WORKERS => 5 } }, 'check', '-c',
	file('half.conf', "${run_dir}IO7_LIVE_WORKERS=5\n"));
is($mended->{exit}, 0, 'the environment overrides the file')
	or diag($mended->{err});

# --- Files that cannot be read ----------------------------------------------

for my $missing ("$dir/none.conf", $dir) {
	my $result = io7('check', '-c', $missing);
	is($result->{exit}, 78, "$missing is not a configuration file");
	like($result->{err}, qr/^io7: \Q$missing\E: /m, '... and is named');
}

# --- Secrets ----------------------------------------------------------------

my $word = 'correct-horse-battery-staple';
my $secret = file('secret', "$word\n", 0600);
my $open = file('open', "$word\n", 0644);

my $kept = io7('check', '-c',
	file('kept.conf', "${run_dir}IO7_REDIS_PASSWORD_FILE=$secret\n"));
is($kept->{exit}, 0, 'a secret in its own file is accepted') or diag($kept->{err});
unlike($kept->{out} . $kept->{err}, qr/$word/, '... and is not printed');

my $shown = io7('check', '-c',
	file('shown.conf', "${run_dir}IO7_REDIS_PASSWORD_FILE=$open\n"));
is($shown->{exit}, 78, 'a world-readable secret file is a fault');
like($shown->{err}, qr/shown\.conf:2: IO7_REDIS_PASSWORD_FILE: /,
	'... and is reported');
unlike($shown->{out} . $shown->{err}, qr/$word/,
	'... and its content is not printed');

my $inline = io7('check', '-c', file('inline.conf',
	"${run_dir}IO7_LIVE_DSN=host=/tmp password=$word\n"
	. "IO7_REDIS=$word\nIO7_BODY_MAX=$word\n$word\n"));
is($inline->{exit}, 78, 'a secret in another option is a fault');
is(() = $inline->{err} =~ /inline\.conf:[2-5]: /g, 4, '... each line is reported');
unlike($inline->{out} . $inline->{err}, qr/$word/, '... and no secret is printed');

# --- Wrong usage ------------------------------------------------------------

for my $arguments (['dance'], ['check', '--dance'], ['serve', '-c'],
	['check', '-c', $good, 'more']) {
	my $result = io7(@$arguments);
	is($result->{exit}, 64, "io7 @$arguments is wrong usage");
	like($result->{err}, qr/\S/, '... with a message');
	is($result->{out}, '', '... on standard error');
}

finish;
