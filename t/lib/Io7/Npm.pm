# Io7::Npm: the programs of t/clients, which use packages from npm. Each is installed
# once, in build/clients, for all tests and all runs.
#
#     my ($at, $reason) = npm_client('jose');
#     skip $reason, 4 unless $at;
#     run_ok('node', "$at/sign.mjs");
package Io7::Npm;

use strict;
use warnings;

use Digest::SHA ();
use Exporter 'import';
use Fcntl qw(LOCK_EX);
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Io7::Command;

our @EXPORT = qw(npm_client);

# Returns a copy of t/clients/NAME, or of NAME in another folder, with its packages
# installed, or undef and the reason to skip. When a file of the program changes, it is
# installed anew.
sub npm_client
{
	my ($name, $from) = @_;
	my @files = sort glob +($from // top() . '/t/clients') . "/$name/*";
	my $folder = top() . '/build/clients';

	make_path($folder);
	my $at = "$folder/$name-" . digest_of(@files);
	# One test installs, the others wait for it.
	open my $lock, '>', "$folder/lock" or die "$folder/lock: $!\n";
	flock $lock, LOCK_EX or die "$folder/lock: $!\n";
	return $at if -d $at;
	my $reason = install($name, $at, @files);
	return $reason ? (undef, "$0 needs $name of npm: $reason") : $at;
}

sub digest_of
{
	my $sha = Digest::SHA->new(256);

	$sha->addfile($_) for @_;
	return substr $sha->hexdigest, 0, 12;
}

# Installs under another name first, so that $at is always complete. Returns the
# reason if that fails.
sub install
{
	my ($name, $at, @files) = @_;
	my $new = tempdir("$at.XXXX", CLEANUP => 1);

	for my $program (qw(node npm)) {
		return "there is no $program: deploy/deps clients"
			if run($program, '--version')->{exit} != 0;
	}
	copy($_, $new) or die "$_: $!\n" for @files;
	my $installed = run({ timeout => 120 }, 'npm', 'ci', '--prefix', $new,
		'--ignore-scripts', '--no-audit', '--no-fund');
	return ($installed->{err} =~ /error (.*)/)[0] // 'npm ci failed'
		if $installed->{exit} != 0;
	rename $new, $at or die "$at: $!\n";
	return;
}

1;
