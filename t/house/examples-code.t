#!/usr/bin/perl
# The code that /docs shows for each call and body works: bash runs the curl
# command, the C program compiles and runs, node runs the JavaScript. Each gets a
# declared response.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Examples;
use Io7::Json;
use Io7::Test;

plan skip_all => 'there is no node: deploy/deps clients' if run('node', '--version')->{exit};

my $examples = Io7::Examples->new;
my $stack = $examples->stack;
my $folder = tempdir(CLEANUP => 1);

sub file_of
{
	my ($name, $text) = @_;

	spew("$folder/$name", $text, ':encoding(UTF-8)');
	return "$folder/$name";
}

# With this file beside them, node loads the page's scripts as modules.
file_of('package.json', '{"type":"module"}');
mkdir "$folder/docs" or die "$folder/docs: $!\n";
for ('curl', map { "docs/$_" } qw(contract examples libcurl text)) {
	copy(www() . "/assets/$_.js", "$folder/$_.js") or die "$_: $!\n";
}
my $shown = decode_json(run_ok('node', 't/lib/Io7/examples.mjs',
	"$folder/docs", 'http://localhost:' . $stack->port, www() . '/openapi.json'));
my @all = map { { %$_, what => "$_->{id} $_->{name}" =~ s/ $//r } }
	$examples->all;
is_deeply([sort keys %$shown], [sort map { $_->{what} } @all],
	'the page shows code for each call and each of its bodies');

# --- C, compiled ------------------------------------------------------------

# Compile all programs first, two at a time.
my %built = map { ($all[$_]{what} => "$folder/c$_") } 0 .. $#all;
my @compiling;

sub compile
{
	my ($example) = @_;
	my $file = $built{$example->{what}};

	file_of("$file.c" =~ s{.*/}{}r, $shown->{$example->{what}}{C});
	push @compiling, [$example, start('gcc', '-std=c11', '-Wall', '-Wextra',
		'-Werror', '-o', $file, "$file.c", '-lcurl')];
	finish_one() if @compiling > 1;
}

sub finish_one
{
	my ($example, $process) = @{shift @compiling};
	my $result = await($process);

	is($result->{exit}, 0, "$example->{what} compiles as C") or diag($result->{err});
}

compile($_) for @all;
finish_one() while @compiling;

# --- Run --------------------------------------------------------------------

# Replaces the ids of the examples in a program. Each replacement has the same
# length, because the program is binary.
sub make_real
{
	my ($file) = @_;

	my $bytes = slurp($file);
	my $real = $examples->real($bytes);
	die "$file: not as long\n" if length $real != length $bytes;
	spew($file, $real);
	chmod 0755, $file;
	return $file;
}

# Makes curl print the status to standard error.
file_of('.curlrc', qq(silent\nwrite-out = "%{stderr}%{http_code}"\n));
my %command = (
	curl => sub { ('bash', '-c', $examples->real($shown->{$_[0]{what}}{curl})) },
	C => sub { make_real($built{$_[0]{what}}) },
	JavaScript => sub { ('node', '--input-type=module', '-e',
		$examples->real($shown->{$_[0]{what}}{JavaScript})) },
);

# The printed status: curl and C write it to standard error, JavaScript before the
# response.
sub status_of
{
	my ($language, $result) = @_;

	return ($language eq 'JavaScript' ? $result->{out} : $result->{err})
		=~ /^(\d{3})\b/ ? $1 : 'none';
}

sub start_it
{
	my ($example, $language) = @_;
	my $who = $examples->prepare($example) // '';

	return start({ env => { CURL_HOME => $folder, IO7_KEY => $who,
		IO7_SESSION => $who } }, $command{$language}->($example));
}

# Stops reading an endless stream after the first event.
sub speaks
{
	my ($process, $what) = @_;

	eventually { Io7::Command::read_all($process->{out})
		=~ /^event: status$/m } $what;
	kill KILL => $process->{pid};
	await($process);
}

for my $example (@all) {
	if (my $why = Io7::Examples::obstacle($example)) {
		pass("$example->{what}: $why");
		next;
	}
	for my $language (qw(curl C JavaScript)) {
		my $what = "$example->{what} in $language";
		my $process = start_it($example, $language);
		if ($example->{id} eq 'streamStatus') {
			speaks($process, $what);
			next;
		}
		my $result = await($process);
		my $status = status_of($language, $result);
		ok($result->{exit} == 0 && $status =~ /^[23]/
			&& $example->{operation}{responses}{$status},
			"$what: $status") or diag($result->{out}, $result->{err});
	}
}

finish;
