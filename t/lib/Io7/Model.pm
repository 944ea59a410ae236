# Io7::Model: a language model service on loopback whose behaviour a test selects. It
# has the API of OpenAI: POST /v1/chat/completions, answered as a stream.
#
#     my $model = Io7::Model->new;
#     private_stack(set => { IO7_MODEL_URL => $model->url, IO7_MODELS => 'm' });
#     $model->behave('cut');
#
# asked() returns the last request's JSON, hits() the number of requests.
package Io7::Model;

use strict;
use warnings;

use Io7::Server qw(answer read_request);
use Io7::Json;
use parent -norequire, 'Io7::Server';
use Time::HiRes qw(sleep time);

# --- Behaviours -------------------------------------------------------------

sub chunk
{
	my ($text, %more) = @_;

	return 'data: ' . encode_json({ id => 'c', model => 'm',
		object => 'chat.completion.chunk', choices => [ { index => 0,
		delta => { content => $text }, %more } ] }) . "\n\n";
}

sub usage
{
	return 'data: {"choices":[],"usage":{"prompt_tokens":' . $_[0]
		. ',"completion_tokens":' . $_[1] . "}}\n\n";
}

my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	. "Connection: close\r\n\r\n";
my $done = "data: [DONE]\n\n";

sub refusal
{
	my ($status) = @_;

	return sub { answer($_[0], $status,
		'{"error":{"message":"sk-operators-own is wrong"}}') };
}

my %behaviour = (
	well => sub { print {$_[0]} $head, chunk('Hello'), chunk(', wor'),
		chunk("ld\x{e9}", finish_reason => 'stop'), usage(11, 7), $done },
	uncounted => sub { print {$_[0]} $head, chunk('Hello'), chunk(' world'),
		$done },
	undone => sub { print {$_[0]} $head, chunk('Hello',
		finish_reason => 'stop') },
	expensive => sub { print {$_[0]} $head, chunk('Hello'),
		usage(2500, 700), $done },
	json => sub { print {$_[0]} $head, chunk('{"a":'), chunk(' 1234567890'),
		chunk("1234567890}\n"), $done },
	fenced => sub { print {$_[0]} $head, chunk("```json\n[1]\n```"), $done },
	pieces => sub {
		my ($client) = @_;
		for my $byte (split //, $head . ": hi\r\n\r\n"
			. (chunk('Hello') =~ s/\n/\r\n/gr) . $done) {
			print $client $byte;
			sleep 0.0005;
		}
	},
	slow => sub {
		my ($client, $self) = @_;
		print $client $head, chunk('first ');
		for (1 .. 300) {
			sleep 0.1;
			print $client chunk("$_ ") or return $self->note('left');
		}
		print $client $done;
	},
	# Sends one word, and the other one when the test releases it, or after 30 seconds.
	held => sub {
		my ($client, $self) = @_;
		my $before = $self->count('released');
		print $client $head, chunk('first ');
		for (1 .. 300) {
			last if $self->count('released') > $before;
			sleep 0.1;
			print $client ": not yet\n\n";
		}
		print $client chunk('last', finish_reason => 'stop'),
			usage(11, 7), $done;
	},
	trickle => sub {
		my ($client) = @_;
		print $client $head;
		for (1 .. 40) {
			print $client chunk("$_ ");
			sleep 0.25;
		}
		print $client $done;
	},
	# Each word is the time at which it is sent.
	clock => sub {
		my ($client) = @_;
		print $client $head;
		for (1 .. 20) {
			print $client chunk(sprintf '%.6f', time);
			sleep 0.05;
		}
		print $client $done;
	},
	quiet => sub {
		my ($client) = @_;
		print $client $head, chunk('first');
		sleep 3.5;
		print $client chunk('last'), $done;
	},
	silent => sub {
		my ($client, $self) = @_;
		print $client $head, chunk('Hello');
		1 while sysread $client, my $nothing, 1;
		$self->note('left');
	},
	mute => sub {
		my ($client, $self) = @_;
		1 while sysread $client, my $nothing, 1;
		$self->note('left');
	},
	garbage => sub { print {$_[0]} $head, chunk('Hello'), "data: {nonsense\n\n" },
	page => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		. "Content-Type: text/html\r\n\r\n<html>Login</html>" },
	cut => sub { print {$_[0]} $head, chunk('Hello'),
		substr chunk('world'), 0, 20 },
	short => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n"
		. "Content-Type: text/event-stream\r\n\r\n", chunk('Hello') },
	failing_midway => sub { print {$_[0]} $head, chunk('Hello'),
		"data: {\"error\":{\"message\":\"sk-operators-own\"}}\n\n" },
	huge_line => sub { print {$_[0]} $head, 'data: ', 'x' x 400_000, "\n\n" },
	endless => sub { my $client = $_[0]; print $client $head;
		1 while print $client chunk('word ' x 20) },
	hang_up => sub { },
	(map { ($_ => refusal($_)) } 400, 401, 404, 429, 500),
);

# --- The service ------------------------------------------------------------

sub new
{
	my ($class, %options) = @_;
	my $self = $class->SUPER::new(behaviour => \%behaviour,
		key => 'sk-operators-own', %options);

	$self->behave('well');
	$self->start;
	return $self;
}

sub url
{
	return "http://127.0.0.1:$_[0]{port}/v1";
}

sub hits
{
	return $_[0]->count('hits');
}

# The number of clients that disconnected during an answer.
sub left
{
	return $_[0]->count('left');
}

# Continues the answers that are held.
sub release
{
	$_[0]->note('released');
}

sub asked
{
	return decode_json($_[0]->read_file('asked'));
}

sub serve
{
	my ($self, $client) = @_;
	my $request = read_request($client);
	my $is_ours = !$self->{key} || ($request->{headers}{authorization} // '')
		eq "Bearer $self->{key}";

	$self->write_file('asked', $request->{body});
	$self->note('hits');
	$behaviour{$is_ours ? $self->read_file('behaviour') : '401'}
		->($client, $self);
	close $client;
}

1;
