#!/usr/bin/perl
# Each case of t/data/json/cases is stored by itself, in a batch and in an import,
# and is accepted or refused as the file says. An accepted value is read back
# unchanged.

use strict;
use warnings;
no warnings 'nonchar';

use Io7::Account;
use Io7::Test;
use Io7::Json;

my $stack = stack;
my $http = $stack->http;
my @auth = (headers => new_account($stack)->auth('test'));
my $json = json_codec()->canonical->allow_bignum
	->max_depth(2000);

# %XX is a byte, %(N*X) is X, N times.
sub unfold
{
	my ($text) = @_;

	$text =~ s/%\((\d+)\*([^)]*)\)/$2 x $1/ge;
	$text =~ s/%([0-9A-F]{2})/chr hex $1/ge;
	return $text;
}

open my $in, '<', 't/data/json/cases' or die "cases: $!\n";
my @cases = map { chomp; /^(\w+)\t+([\w-]+)\t+(.*)$/ ? [$1, $2, unfold($3)]
	: /^(\w+)\t+([\w-]+)$/ ? [$1, $2, ''] : () } <$in>;
cmp_ok(scalar @cases, '>', 450, 'there are cases');

my %said = (
	no => qr/must be JSON|is empty/,
	nul => qr/\\u0000/,
	surrogate => qr/surrogate/,
	digits => qr/more than 1,000 digits/,
	depth => qr/too many levels/,
);

sub is_refused
{
	my ($answer, $verdict, $what) = @_;
	my $details = $answer->{json}{error}{details};

	is($answer->{status}, 400, $what);
	like($details->{problem} // '', $verdict eq 'no'
		? qr/$said{no}|$said{depth}/ : $said{$verdict}, '... and says why');
}

# Whether two texts are the same value: whitespace and the order of names do not count.
# Numbers are compared as text, because doubles would make different ones equal.
sub same_value
{
	my ($left, $right) = @_;

	return $json->encode($json->decode($left))
		eq $json->encode($json->decode($right));
}

for my $case (@cases) {
	my ($verdict, $name, $text) = @$case;
	my $answer = $http->put("/kv/$name", body => $text, @auth);

	if ($verdict ne 'yes') {
		is_refused($answer, $verdict, "$name is refused");
		next;
	}
	is($answer->{status}, 201, "$name is taken");
	my $stored = $http->get("/kv/$name", @auth)->{body};
	ok(same_value($text, $stored), '... and is the same')
		or diag(substr $stored, 0, 200);
}

# --- In an envelope ---------------------------------------------------------

# No case ends the envelope early, and each is a text of one line.
for my $case (grep { length $_->[2] < 200_000 } @cases) {
	my ($verdict, $name, $text) = @$case;
	my $op = qq({"ops":[{"op":"put","key":"b:$name","value":$text}]});
	my $answer = $http->post('/kv/batch', body => $op, @auth);

	is($answer->{status}, $verdict eq 'yes' ? 200 : 400, "$name in a batch");
	next if $text =~ /\n/;
	my $line = qq({"key":"i:$name","value":$text});
	$answer = $http->post('/api/kv/import', body => $line, @auth);
	is($answer->{status}, $verdict eq 'yes' ? 200 : 400, '... in an import');
}
my @taken = grep { $_->[0] eq 'yes' } @cases;
for my $case (@taken) {
	my ($single, $batch) = map { $http->get("/kv/$_$case->[1]", @auth)
		->{body} } '', 'b:';
	ok($single eq $batch, "$case->[1] is the same by either way");
}

finish;
