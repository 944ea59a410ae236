# Io7::Issuer: signs tokens and serves the public keys of them.
#
#     my $issuer = Io7::Issuer->new;
#     my $key = $issuer->add_key('ES256', 'second');
#     $issuer->behave('slow');
package Io7::Issuer;

use strict;
use warnings;

use Io7::Server qw(answer read_request);
use Io7::Token;
use Io7::Json;
use parent -norequire, 'Io7::Server';

# The behaviours for behave().
my %behaviour = (
	well => sub { answer($_[0], 200, $_[1]) },
	rubbish => sub { answer($_[0], 200, '<html>Login</html>') },
	failing => sub { answer($_[0], 500, $_[1]) },
	empty => sub { answer($_[0], 200, '{"keys":[]}') },
	huge => sub { answer($_[0], 200, $_[1] . ' ' x (1 << 20)) },
	cut => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 999"
		. "\r\n\r\n" . substr $_[1], 0, 20 },
	slow => sub { 1 while sysread $_[0], my $nothing, 1 },
);

sub new
{
	my ($class) = @_;

	my $self = $class->SUPER::new(behaviour => \%behaviour,
		keys => [], public => []);
	$self->behave('well');
	$self->publish;
	$self->start;
	return $self;
}

# --- Keys -------------------------------------------------------------------

# Creates a key and publishes it with the earlier ones.
sub add_key
{
	my ($self, $algorithm, $kid) = @_;
	my $key = Io7::Token::key($algorithm, $kid);

	push @{$self->{keys}}, $key;
	$self->publish;
	return $key;
}

sub drop_key
{
	my ($self, $kid) = @_;

	$self->{keys} = [grep { $_->{kid} ne $kid } @{$self->{keys}}];
	$self->publish;
}

# Publishes further keys, in the form of a key set.
sub add_public
{
	my ($self, @public) = @_;

	push @{$self->{public}}, @public;
	$self->publish;
}

sub publish
{
	my ($self) = @_;

	$self->write_file('jwks', encode_json({ keys => [
		(map { Io7::Token::jwk($_) } @{$self->{keys}}),
		@{$self->{public}} ] }));
}

# --- The server -------------------------------------------------------------

sub url
{
	return "http://127.0.0.1:$_[0]{port}/.well-known/jwks.json";
}

# How often the keys were fetched.
sub hits
{
	return $_[0]->count('hits');
}

sub serve
{
	my ($self, $client) = @_;

	read_request($client);
	$self->note('hits');
	$behaviour{$self->read_file('behaviour')}->($client,
		$self->read_file('jwks'));
	close $client;
}

1;
