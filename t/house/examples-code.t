#!/usr/bin/perl
# The code that /docs shows for each call and each of its bodies works: the line
# for curl by bash, the program in C when it is compiled, the one in JavaScript by
# node; and each gets the answer that is stated.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Io7::Examples;
use Io7::Test;
use JSON::PP ();

plan skip_all => 'there is no node' if run('node', '--version')->{exit};

my $examples = Io7::Examples->new;
my $stack = $examples->stack;
my $folder = tempdir(CLEANUP => 1);

sub file_of
{
	my ($name, $text) = @_;

	spew("$folder/$name", $text, ':encoding(UTF-8)');
	return "$folder/$name";
}

# The page's modules are modules to node too, where they lie beside this.
file_of('package.json', '{"type":"module"}');
mkdir "$folder/docs" or die "$folder/docs: $!\n";
for ('curl', map { "docs/$_" } qw(contract examples libcurl text)) {
	copy(www() . "/assets/$_.js", "$folder/$_.js") or die "$_: $!\n";
}
my $shown = JSON::PP::decode_json(run_ok('node', 't/lib/Io7/examples.mjs',
	"$folder/docs", 'http://localhost:' . $stack->port, www() . '/openapi.json'));
my @all = map { { %$_, what => "$_->{id} $_->{name}" =~ s/ $//r } }
	$examples->all;
is_deeply([sort keys %$shown], [sort map { $_->{what} } @all],
	'the page shows code for each call and each of its bodies');

# --- C, compiled ------------------------------------------------------------

# All before any runs, and two at a time.
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

	is($result->{exit}, 0, "$example->{what} is C") or diag($result->{err});
}

compile($_) for @all;
finish_one() while @compiling;

# --- Run --------------------------------------------------------------------

# A program has the words of the examples in it; they are all as long as what
# they stand for.
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

# As bash reads it; its .curlrc has curl tell the status as well.
file_of('.curlrc', qq(silent\nwrite-out = "%{stderr}%{http_code}"\n));
my %command = (
	curl => sub { ('bash', '-c', $examples->real($shown->{$_[0]{what}}{curl})) },
	C => sub { make_real($built{$_[0]{what}}) },
	JavaScript => sub { ('node', '--input-type=module', '-e',
		$examples->real($shown->{$_[0]{what}}{JavaScript})) },
);

# The status that it told: curl and C apart from the answer, JavaScript before.
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

# A stream without an end is left when it has spoken.
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
