#!/usr/bin/perl
# The documents agree with the tables that the program prints: deploy/doc,
# conf/io7.conf, openapi.json, and the errors that nginx generates. `make tables`
# updates deploy/doc and conf/io7.conf. t/house/limits.t does the same for the limits.

use strict;
use warnings;

use Io7::Http;
use Io7::Install;
use Io7::Test;
use List::Util qw(pairs);

sub printed
{
	my $result = io7(@_);

	is($result->{exit}, 0, "io7 @_") or diag($result->{err});
	is($result->{err}, '', '... without an error message');
	return $result->{out};
}

# The rows of the table between <!-- NAME --> and <!-- /NAME --> of a page.
sub documented
{
	my ($page, $name) = @_;

	my ($text) = slurp("deploy/doc/$page.md")
		=~ m{<!-- $name -->\n(.*?)<!-- /$name -->}s;
	return join '', grep { /^\| `/ } split /(?<=\n)/, $text // '';
}

# A row of such a table; the first cell is code.
sub row
{
	my ($first, @rest) = map { s/\|/\\|/gr } @_;

	return join(' | ', "| `$first`", @rest) . " |\n";
}

# --- Options ----------------------------------------------------------------

is(printed(qw(options --example)), slurp('conf/io7.conf'),
	'conf/io7.conf has all options');
is(documented('configuration', 'options'), printed(qw(options --markdown)),
	'configuration.md has all options');
my $options = printed('options');
for my $name (slurp('conf/io7.conf') =~ /^#(IO7_\w+)=/mg) {
	like($options, qr/^$name\b/m, "$name is in the list");
}

# --- Commands ---------------------------------------------------------------

my @commands = printed('help') =~ /^(io7 \S.*?) {2,}(\S.*)$/mg;
ok((grep { $_ eq 'io7 serve [-c FILE]' } @commands), 'serve is a command');
is(documented('commands', 'commands'), join('', map { row(@$_) } pairs(@commands)),
	'commands.md has all commands');
my @verbs = map { printed('help', $_) =~ /^(io7 .*)\n +(.*)$/mg }
	map { $_->[0] =~ /^io7 (\S+) VERB / } pairs(@commands);
is(documented('commands', 'verbs'), join('', map { row(@$_) } pairs(@verbs)),
	'commands.md has all verbs');
like(printed('version'), qr/^io7 \d+\.\d+\.\d+$/, 'io7 version prints the version');

# --- Chores -----------------------------------------------------------------

my @chores = map { [/^(\S+) +(\d+s) +(\S.*)$/] }
	grep { !/^CHORE / } split /\n/, printed('chores');
is(documented('operating', 'chores'), join('', map { row(@$_) } @chores),
	'operating.md has all chores');

# --- Kinds of queued work ---------------------------------------------------

my (undef, @kinds) = map { [split / {2,}/] } split /\n/, printed(qw(work kinds));
is(documented('work', 'kinds'), join('', map { row(@$_) } @kinds),
	'work.md has all kinds of queued work');

# --- Files and log events ---------------------------------------------------

my $documents = join '', map { slurp($_) } 'README.md', 'CONTRIBUTING.md',
	'SECURITY.md', glob 'deploy/doc/*.md';
my %named = map { $_ => 1 } $documents
	=~ m{`((?:conf|deploy|fcgi|lib|sql|t)/[\w./-]*[\w/])`}g;
is_deeply([grep { !/NAME/ && !-e } sort keys %named], [],
	'the documents name files that exist');
is_deeply([grep { !-e } map { slurp($_) =~ /\]\(([\w.\/-]+)\)/g }
	qw(README.md CONTRIBUTING.md SECURITY.md)], [],
	'... and link to files that exist');
my ($events) = slurp('deploy/doc/operating.md')
	=~ /^\| Event \| Meaning \|\n.*\n((?:\|.*\n)+)/m;
my $sources = join '', map { slurp($_) } glob 'fcgi/*/*.c lib/*/*.c';
is_deeply([grep { $sources !~ /"$_"/ }
	map { /`(\w+)`/g } map { /^\| (.*?) \|/ } split /\n/, $events], [],
	'... and log events that exist');

# --- Routes -----------------------------------------------------------------

my $contract = Io7::Http->contract;
my (%needs, %credits);
for (split /\n/, printed('routes')) {
	my ($method, $path, $what, $cost)
		= m{^([A-Z]+) +(/\S*) +(\S+) +(\d+)} or next;
	my $route = "$method " . $path =~ s/:(\w+)/{$1}/gr;
	$needs{$route} = $what;
	$credits{$route} = $cost;
}
my %declared = map { ("$_->[0] $_->[1]" => $_->[2]) } $contract->operations;
is_deeply([sort keys %needs], [sort keys %declared],
	'openapi.json declares exactly the routes');

# What a route reads besides its path, as [names of the query, types of the body].
my %reads;
for (split /\n/, printed(qw(routes --inputs))) {
	my ($method, $path, @lists) = m{^([A-Z]+) +(/\S*) +(\S+) +(\S+)$} or next;
	$reads{"$method " . $path =~ s/:(\w+)/{$1}/gr}
		= [map { $_ eq '-' ? [] : [split /,/] } @lists];
}

sub accepts
{
	my ($type, @patterns) = @_;

	return scalar grep { $type =~ /^\Q$_\E$/ } @patterns;
}

for my $route (sort keys %reads) {
	my ($names, $types) = @{$reads{$route}};
	my @stated = map { $_->{name} } grep { $_->{in} eq 'query' }
		map { $_->{'$ref'} ? $contract->schema->resolve($_->{'$ref'}) : $_ }
		@{$declared{$route}{parameters} // []};
	my @content = sort keys %{$declared{$route}{requestBody}{content} // {}};

	is("@{[sort @stated]}", "@{[sort @$names]}",
		"$route: openapi.json declares the names of its query")
		unless "@$names" eq '*';
	is(join(' ', grep { !accepts($_, @$types) } @content), '',
		'... and no body type that the route refuses');
	ok((!@$types || grep { $_ eq $types->[0] } @content),
		'... and the first type that the route accepts');
}

# The security requirement of a route: none, a signed-in person, or any credential,
# where a key needs the scopes.
sub security
{
	my ($needs) = @_;

	return [] if $needs =~ /^(-|operator|limit)$/;
	my @sets = $needs =~ /\bdatabase:read\b/
			? (['database:read'], ['database'], ['read'])
		: $needs =~ /\bdatabase\b/ ? (['database'], ['read', 'write'])
		: [$needs =~ /\b(read|write|admin)\b/g];
	return [$needs =~ /\bperson\b/ ? () : (map { { key => $_ } } @sets),
		map { { $_ => [] } } qw(session cookie jwt)];
}

for my $route (sort keys %needs) {
	is_deeply($declared{$route}{security} // $contract->document->{security},
		security($needs{$route}),
		"$route: the security requirement ($needs{$route})");
	is($declared{$route}{'x-credits'} // 0, $credits{$route},
		'... and the cost');
}
is("io7 $contract->{document}{info}{version}\n", printed('version'),
	'openapi.json has the version of the program');

# --- Errors -----------------------------------------------------------------

my @errors = map { [/^(\w+) +(\d{3}) +(\S.*)$/] }
	grep { !/^CODE / } split /\n/, printed('errors');
my %errors = map { ($_->[0] => "$_->[1] $_->[2]") } @errors;
is(documented('guide', 'errors'), join('', map { row(@$_) } @errors),
	'guide.md has all errors');
my $components = $contract->document->{components};
is_deeply([sort @{$components->{schemas}{ErrorCode}{enum}}],
	[sort keys %errors], 'openapi.json has all error codes');
my %row = map { $_->{code} => $_ } @{$contract->document->{'x-errors'}};
for my $code (sort keys %errors) {
	is("$row{$code}{status} $row{$code}{message}", $errors{$code},
		"$code: openapi.json has a row with the status and the message");
	like($row{$code}{advice}, qr/^[A-Z].*\.$/, '... and with advice');
	my $response = $components->{responses}{$code} // next;
	my $example = $response->{content}{'application/json'}{example}{error};
	is("$example->{code} $example->{status} $example->{message}",
		"$code $errors{$code}", '... and a response that shows the same');
}

# --- Errors of nginx --------------------------------------------------------

# "map $status NAME { STATUS VALUE; }"; the default is for 400.
sub nginx_map
{
	my ($name) = @_;

	my ($rows) = slurp('conf/nginx/http.conf')
		=~ /^map \$status \$$name \{\n(.*?)^\}/ms or return {};
	return { map { /^\t(\w+)\t+"?(.*?)"?;$/
		? ($1 eq 'default' ? 400 : $1, $2) : () } split /\n/, $rows };
}

my $codes = nginx_map('io7_error_code');
my $messages = nginx_map('io7_error_message');
ok(keys %$codes > 8, 'nginx generates some errors itself');
for my $status (sort keys %$codes) {
	my $code = $codes->{$status};
	is("$status " . ($messages->{$status} // ''), $errors{$code} // '',
		"nginx generates $code as the program does");
}
my $server = slurp('conf/nginx/server.conf');
while ($server =~ /"code":"(\w+)","message":"([^"]+)","status":\$status/g) {
	like($errors{$1} // '', qr/^\d{3} \Q$2\E$/,
		"nginx generates $1 as the program does");
}

finish;
