# Io7::Install: what was built, installed below a folder.
package Io7::Install;

use strict;
use warnings;

use Exporter 'import';
use Io7::Command;

our @EXPORT = qw(install_below is_sanitized);

# A program that looks for faults in itself is never shipped: it knows its build
# folder, and needs what a service may not do.
sub is_sanitized
{
	return run('ldd', io7_program())->{out} =~ /libasan/;
}

# Takes what was built as it is, whatever flags it was built with; of the make
# that runs the tests it hears nothing. More arguments are NAME=VALUE.
sub install_below
{
	my ($to, @places) = @_;

	delete local @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
	run_ok('make', '-C', top(), '-s', '-o', 'all', 'install',
		'BUILD=' . build_folder(), "DESTDIR=$to", @places);
}

1;
