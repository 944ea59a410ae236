#!/usr/bin/perl
# Signed requests that io7 sends: npm's standardwebhooks verifies them, unmodified, also
# while the secret is rotated, and not with another secret.

use strict;
use warnings;

use Io7::Json;
use Io7::Npm;
use Io7::Target;
use Io7::Test;
use MIME::Base64 qw(encode_base64);

my $target = Io7::Target->new;
my $stack = private_stack(io7 => tested_program, workers => 2,
	set => { IO7_OUTBOUND_ALLOW => '127.0.0.1/32' });
my $http = $stack->http;

# Three secrets, of the shortest, a usual and the longest length.
my ($current, $next, $other) = map { 'whsec_' . encode_base64($_, '') }
	'k' x 24, join('', map { chr } 0 .. 31), "\xFF" x 64;
my $event = qq({"type":"job.failed","text":"\xC3\xA4 \xE2\x82\xAC \\u0000","n":[1, 2.50]});

# Sends the event, signed, and returns what the target got, or what io7 says of it.
sub deliver
{
	my (%query) = @_;
	my $path = '/t/send?' . join '&', map {
		"$_=" . $query{$_} =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger
	} sort keys %query;
	my $before = $target->hits;

	my $answer = decode_json($http->post("$path&method=POST&url="
		. $target->url('/echo'), body => $event,
		headers => [ 'Content-Type' => 'application/json' ])->{body});
	return $target->hits > $before ? $target->asked : $answer;
}

my $plain = deliver(id => 'msg_1', secret => $current);
my $rotated = deliver(id => 'msg_1', secret => $current, next => $next);
my %headers = %{$plain->{headers}};

# --- The headers ------------------------------------------------------------

is($headers{'webhook-id'}, 'msg_1', 'a request has its id');
like($headers{'webhook-timestamp'}, qr/^\d{10}$/, '... the time in seconds');
ok(abs($headers{'webhook-timestamp'} - time) < 300, '... which is now');
like($headers{'webhook-signature'}, qr{^v1,[A-Za-z0-9+/]{43}=$}, '... a signature');
is($plain->{body}, $event, '... and its body as it is');
is($rotated->{headers}{'webhook-id'}, 'msg_1', 'a repetition has the same id');
like($rotated->{headers}{'webhook-signature'},
	qr{^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$},
	'while a secret is rotated there are two signatures');

for my $bad ([id => 'a.b'], [id => ''], [id => "a\r\nX-More: 1"], [secret => ''],
		[secret => 'whsec_c2hvcnQ='], [next => 'whsec_c2hvcnQ='],
		[secret => substr $current, 6]) {
	is(deliver(id => 'msg_1', secret => $current, @$bad)->{outcome}, 'failed',
		"a request with a bad $bad->[0] is not sent");
}

# --- The verification -------------------------------------------------------

# A request as a question to the program; changes are of its headers.
sub question
{
	my ($request, $secret, %changes) = @_;
	my $body = delete $changes{body} // $request->{body};

	return { secret => $secret, body => encode_base64($body, ''),
		headers => { %{$request->{headers}}, %changes } };
}

my $early = $headers{'webhook-timestamp'} - 1;
my @questions = (
	['the secret verifies it', 1, question($plain, $current)],
	['another secret does not', 0, question($plain, $other)],
	['the next secret does not yet', 0, question($plain, $next)],
	['the secret verifies it while rotating', 1, question($rotated, $current)],
	['the next secret does, too', 1, question($rotated, $next)],
	['another secret still does not', 0, question($rotated, $other)],
	['another body is refused', 0,
		question($plain, $current, body => "$event ")],
	['another id is refused', 0,
		question($plain, $current, 'webhook-id' => 'msg_2')],
	['another time is refused', 0,
		question($plain, $current, 'webhook-timestamp' => "$early")],
);

SKIP: {
	my ($at, $reason) = npm_client('webhooks');
	skip $reason, scalar @questions unless $at;

	my @answers = map { decode_json($_) } split /\n/, run_ok('node',
		"$at/verify.mjs", encode_json([map { $_->[2] } @questions]));
	for my $i (0 .. $#questions) {
		my ($what, $good) = @{$questions[$i]};
		is_deeply($answers[$i], $good ? decode_json($event)
			: { error => 'No matching signature found' }, $what);
	}
}

finish;
