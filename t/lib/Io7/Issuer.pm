# Io7::Issuer: who signs tokens, and the server on which its public keys lie.
#
#     my $issuer = Io7::Issuer->new;
#     my $key = $issuer->add_key('ES256', 'second');
#     $issuer->behave('slow');
#
# It is a process of its own, so it answers while a test waits for io7.
package Io7::Issuer;

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use Io7::Token;
use Io7::Wait;
use JSON::PP ();
use POSIX ();

sub new
{
	my ($class) = @_;

	my $self = bless { keys => [], public => [],
		dir => tempdir(CLEANUP => 1) }, $class;
	$self->behave('well');
	$self->publish;
	$self->start;
	return $self;
}

# --- Keys -------------------------------------------------------------------

# A new one, published with those before it.
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

# Also somebody else's public keys, as a set holds them.
sub add_public
{
	my ($self, @public) = @_;

	push @{$self->{public}}, @public;
	$self->publish;
}

sub publish
{
	my ($self) = @_;

	$self->write_file('jwks', JSON::PP::encode_json({ keys => [
		(map { Io7::Token::jwk($_) } @{$self->{keys}}),
		@{$self->{public}} ] }));
}

# --- The server -------------------------------------------------------------

sub url
{
	return "http://127.0.0.1:$_[0]{port}/.well-known/jwks.json";
}

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

# From now on: well, rubbish, failing, empty, huge, cut or slow.
sub behave
{
	my ($self, $how) = @_;

	$behaviour{$how} or die "nobody behaves $how\n";
	$self->write_file('behaviour', $how);
}

# How many times the keys were asked for.
sub hits
{
	return -s "$_[0]{dir}/hits" // 0;
}

sub start
{
	my ($self) = @_;
	my $listener;

	# A port that was ours may still be closing.
	wait_until(10, sub {
		$listener = IO::Socket::INET->new(Listen => 64, ReuseAddr => 1,
			LocalAddr => '127.0.0.1',
			LocalPort => $self->{port} // 0) })
		or die "listen: $!\n";
	$self->{port} = $listener->sockport;
	$self->{pid} = fork // die "fork: $!\n";
	return if $self->{pid};
	$SIG{CHLD} = 'IGNORE';
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
	for (;;) {
		my $client = $listener->accept or next;
		next if fork // 1;
		close $listener;
		eval { $self->serve($client) };
		POSIX::_exit(0);
	}
}

sub stop
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;

	local $?;
	kill KILL => $pid;
	waitpid $pid, 0;
}

sub serve
{
	my ($self, $client) = @_;

	while (defined(my $line = <$client>)) {
		last if $line eq "\r\n";
	}
	open my $out, '>>', "$self->{dir}/hits" or die "hits: $!\n";
	syswrite $out, '.';
	$behaviour{$self->read_file('behaviour')}->($client,
		$self->read_file('jwks'));
	close $client;
}

sub answer
{
	my ($client, $status, $body) = @_;

	print $client "HTTP/1.1 $status So\r\nConnection: close\r\n"
		. "Content-Type: application/json\r\n"
		. 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

# --- Files, which both sides see --------------------------------------------

sub write_file
{
	my ($self, $name, $text) = @_;
	my $path = "$self->{dir}/$name";

	open my $out, '>', "$path.new" or die "$path: $!\n";
	print $out $text;
	close $out or die "$path: $!\n";
	rename "$path.new", $path or die "$path: $!\n";
}

sub read_file
{
	my ($self, $name) = @_;

	open my $in, '<', "$self->{dir}/$name" or die "$name: $!\n";
	local $/;
	return <$in>;
}

sub DESTROY
{
	$_[0]->stop;
}

1;
