# Io7::Npm: programs of t/clients, which use what others wrote, from npm.
#
#     my ($at, $reason) = npm_client('jose');
#     skip $reason, 4 unless $at;
#     run_ok('node', "$at/sign.mjs");
package Io7::Npm;

use strict;
use warnings;

use Exporter 'import';
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Command;

our @EXPORT = qw(npm_client);

# The folder of t/clients/NAME with its packages installed, or undef and why
# there is none.
sub npm_client
{
	my ($name) = @_;
	my $at = tempdir(CLEANUP => 1);

	for my $program (qw(node npm)) {
		return (undef, "there is no $program")
			if run($program, '--version')->{exit} != 0;
	}
	copy($_, $at) or die "$_: $!\n" for glob top() . "/t/clients/$name/*";
	my $installed = run({ timeout => 120 }, 'npm', 'ci', '--prefix', $at,
		'--ignore-scripts', '--no-audit', '--no-fund');
	return (undef, "npm has no $name for us: "
		. (($installed->{err} =~ /error (.*)/)[0] // 'nobody knows why'))
		if $installed->{exit} != 0;
	return $at;
}

1;
