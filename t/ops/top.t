#!/usr/bin/perl
# `io7 status` and `io7 top`: tables of all processes and what they do.

use strict;
use warnings;

use Io7::Test;

my @conf = ('-c', stack->conf_file);

my $status = io7('status', @conf)->{out};
like($status, qr/^POOL +WORKERS +IDLE +REQUESTS +SLOW +BACKLOG +ABOUT$/m,
	'io7 status has a row for each pool');
like($status, qr/^$_ +\d+ +\d+ +\d+ +\d+ +\d+ +\S/m, "... $_")
	for qw(live test stream status);
like($status, qr/^$_ +1 +\d+ +\d+ +\d+ +- +\S/m,
	"... also for $_, which has no socket") for qw(listener flusher janitor);
like($status, qr/^ *\d+ live +idle +[\d.]+s +\d+ +[1-9]\d*K/m,
	'... and one for each process, with its memory');

my $top = io7('top', @conf, '--count', 2);
is($top->{exit}, 0, 'io7 top ends after --count tables');
is(scalar(() = $top->{out} =~ /^POOL +WORKERS/mg), 2, '... and has printed them');
like($top->{out}, qr/^io7 [\d.]+, up \d+ s, \d+ requests a second$/m,
	'... with the number of requests a second');
unlike($top->{out}, qr/\e/,
	'... without escape sequences, since stdout is not a terminal');

is(io7('top', @conf, '--count', 'many')->{exit}, 64, '--count needs a number');
is(io7('top', '-c', '/nowhere')->{exit}, 78, 'a missing configuration is an error');

my $screen = run({ input => 'q', timeout => 20 }, 'script', '-qec',
	"env -i TERM=xterm @{[io7_program()]} top @conf", '/dev/null');
is($screen->{exit}, 0, 'on a terminal q ends io7 top');
like($screen->{out}, qr/\e\[\?1049h.*POOL +WORKERS.*\e\[\?1049l/s,
	'... and the screen is restored');

finish;
