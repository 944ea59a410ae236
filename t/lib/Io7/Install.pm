# Io7::Install: installs the build below a folder.
package Io7::Install;

use strict;
use warnings;

use Exporter 'import';
use Io7::Command;

our @EXPORT = qw(install_below is_sanitized);

# A build with sanitizers is never installed: it contains the path of its build folder,
# and needs system calls that the service forbids.
sub is_sanitized
{
	return run('ldd', io7_program())->{out} =~ /libasan/;
}

# Installs the existing build, whatever flags it was built with, without the variables of
# the make that runs the tests. Arguments are NAME=VALUE.
sub install_below
{
	my ($to, @places) = @_;

	delete local @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
	run_ok('make', '-C', top(), '-s', '-o', 'all', 'install',
		'BUILD=' . build_folder(), "DESTDIR=$to", @places);
}

1;
