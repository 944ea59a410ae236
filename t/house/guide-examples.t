#!/usr/bin/perl
# The commands of README.md and of the guide run as written, also a second time: a
# reader may repeat any of them.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Io7::Account;
use Io7::Test;

my @documents = ('README.md', map { "deploy/doc/$_.md" }
	qw(guide kv transforms));

# A reader's folder: a checkout with what `make run` leaves in it.
my $stack = stack();
my $key = new_account($stack, plan => 'pro')->test_key;
my $folder = tempdir(CLEANUP => 1);
mkdir "$folder/build" or die "$folder: $!\n";
symlink io7_program(), "$folder/build/io7" or die "io7: $!\n";
spew("$folder/build/env", slurp($stack->dir . '/env')
	. "IO7_DEMO_PRO_TEST_KEY=$key\n");

# Returns the code blocks that begin with a command; other blocks show output.
sub commands
{
	my ($document) = @_;
	my @paragraphs = split /\n{2,}/, slurp($document);

	return map { s/^ {4}//gmr }
		grep { /\A {4}(?:\.|curl|kv|build\/io7|\w+=\S+)[ \n]?.*/ }
		grep { !/^(?! {4})/m } @paragraphs;
}

# A request that fails ends the script, except the one that demonstrates an error.
my $strict = <<'END';
set -eu
unset ${!IO7_@}
cd "$1"
curl() {
	case $* in
	*/nowhere) command curl "$@" ;;
	*) command curl --fail-with-body "$@" ;;
	esac
}
END

for my $document (@documents) {
	my @commands = commands($document);
	cmp_ok(scalar @commands, '>', 2, "$document has commands");
	my $script = join "\n", $strict, @commands;
	$script = join "\n", $strict, commands('deploy/doc/guide.md'), @commands
		unless $script =~ /^kv\(\)/m;
	for my $time (qw(once twice)) {
		my $result = run({ env => { HOME => $folder } }, 'bash', '-c',
			$script, 'bash', $folder);
		is($result->{exit}, 0, "... which run $time")
			or diag("$script\n$result->{out}\n$result->{err}");
		unlike($result->{out}, qr/"code":"(?!not_found)/,
			'... without an error');
	}
}

finish;
