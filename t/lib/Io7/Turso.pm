# Io7::Turso: a server that imitates Turso: the platform API, and the databases, each a
# namespace of a real sqld, behind a host name of its own.
#
#     my ($turso, $reason) = Io7::Turso->new;
#     plan(skip_all => $reason) unless $turso;
#     my $stack = private_stack(set => $turso->options);
#     $turso->behave(create => 'slow');
#     $turso->revoke;
#
# It enforces the protocol: names, group, and the tokens that it has issued.
package Io7::Turso;

use strict;
use warnings;

use HTTP::Tiny;
use IO::Socket::INET;
use Io7::Json;
use Io7::Process qw(free_port);
use Io7::Server qw(answer read_request);
use Io7::Sqld;
use Io7::Token;
use parent -norequire, 'Io7::Server';

use constant { ORG => 'acme', API_TOKEN => 'the token of the platform API' };

# Returns undef and the reason where sqld cannot be installed.
sub new
{
	my ($class) = @_;
	my $self = $class->SUPER::new;

	$self->{key} = Io7::Token::key('EdDSA');
	$self->write_file('public', Io7::Token::public_key($self->{key}, 'PEM'));
	my $admin = free_port();
	($self->{sqld}, my $reason) = Io7::Sqld->start('--enable-namespaces',
		'--admin-listen-addr', "127.0.0.1:$admin",
		'--auth-jwt-key-file', "$self->{dir}/public");
	return (undef, $reason) unless $self->{sqld};
	$self->{admin} = "http://127.0.0.1:$admin/v1/namespaces";
	$self->write_file('secret', API_TOKEN . "\n");
	$self->write_file('seal', '1 ' . '1a' x 32 . "\n");
	$self->write_file('behaviour', '{}');
	$self->write_file('tokens', '');
	$self->start;
	return $self;
}

# The options with which io7 uses this server.
sub options
{
	my ($self) = @_;

	return {
		IO7_DATABASE_PROVIDER => 'turso',
		IO7_TURSO_URL => "http://localhost:$self->{port}",
		IO7_TURSO_API_TOKEN_FILE => "$self->{dir}/secret",
		IO7_TURSO_ORG => ORG,
		IO7_SEAL_KEYS_FILE => "$self->{dir}/seal",
	};
}

# The host name of a database.
sub host_of
{
	my ($self, $name) = @_;

	return "$name-@{[ORG]}.db.localhost:$self->{port}";
}

# Sets the behaviour of an endpoint (create, find, token, delete, database): well, or
# one of the table below.
sub behave
{
	my ($self, $where, $how) = @_;

	my $now = decode_json($self->read_file('behaviour'));
	$now->{$where} = $how;
	$self->write_file('behaviour', encode_json($now));
}

# From now on databases reject all tokens that were issued.
sub revoke
{
	my ($self) = @_;

	$self->write_file('tokens', '');
}

# Whether there is a database of that name; and removes it behind io7's back.
sub has
{
	my ($self, $name) = @_;

	return $self->admin(GET => "$name/config") == 200;
}

sub remove
{
	my ($self, $name) = @_;

	return $self->admin(DELETE => $name) == 200;
}

sub admin
{
	my ($self, $method, $path) = @_;

	return HTTP::Tiny->new(timeout => 60)->request($method,
		"$self->{admin}/$path", { headers =>
			{ 'Content-Type' => 'application/json' },
		content => $method eq 'POST' ? '{}' : '' })->{status};
}

# --- The platform -----------------------------------------------------------

my $organization = '/v1/organizations/' . ORG;
my $base = "$organization/databases";

my @places = (
	[group => 'GET', qr{^$organization/groups/([a-z0-9-]+)$}, \&group],
	[create => 'POST', qr{^$base$}, \&create],
	[find => 'GET', qr{^$base/([a-z0-9-]+)$}, \&find],
	[delete => 'DELETE', qr{^$base/([a-z0-9-]+)$}, \&drop],
	[token => 'POST', qr{^$base/([a-z0-9-]+)/auth/tokens$}, \&give_token],
);

sub failure
{
	return ($_[0], encode_json({ error => $_[1] }));
}

sub described
{
	my ($self, $name) = @_;

	return (200, encode_json({ database => { DbId => "id-$name",
		Hostname => $self->host_of($name), Name => $name } }));
}

sub group
{
	my ($self, undef, $name) = @_;

	return $name eq 'default' ? (200, encode_json({ group => { name => $name } }))
		: failure(404, 'group not found');
}

sub create
{
	my ($self, $request) = @_;
	my $asked = decode_json($request->{body});
	my $name = $asked->{name} // '';

	return failure(400, 'invalid name') unless $name =~ /^[a-z0-9-]{1,64}$/;
	return failure(400, 'group not found')
		unless ($asked->{group} // '') eq 'default';
	return failure(409, "database with name $name already exists")
		if $self->admin(POST => "$name/create") != 200;
	return $self->described($name);
}

sub find
{
	my ($self, undef, $name) = @_;

	return $self->has($name) ? $self->described($name)
		: failure(404, 'database not found');
}

sub drop
{
	my ($self, undef, $name) = @_;

	return $self->remove($name) ? (200, encode_json({ database => $name }))
		: failure(404, 'database not found');
}

sub give_token
{
	my ($self, $request, $name) = @_;
	my %may = ('full-access' => 'rw', 'read-only' => 'ro');

	my ($expiration) = $request->{query} =~ /\bexpiration=(\w+)/;
	my ($access) = $request->{query} =~ /\bauthorization=([\w-]+)/;
	return failure(400, 'invalid parameters')
		unless $expiration eq 'never' && $may{$access};
	return failure(404, 'database not found') unless $self->has($name);
	local $SIG{CHLD} = 'DEFAULT'; # openssl signs
	my $token = token({ a => $may{$access}, id => $name,
		n => join '-', $$, time }, key => $self->{key});
	$self->note_token($token);
	return (200, encode_json({ jwt => $token }));
}

sub note_token
{
	my ($self, $token) = @_;

	for my $name (qw(tokens issued)) {
		open my $out, '>>', "$self->{dir}/$name" or die "$name: $!\n";
		syswrite $out, "$token\n";
	}
}

# All tokens that were issued. They must not appear in a log.
sub secrets
{
	my ($self) = @_;

	return API_TOKEN, split /\n/, $self->read_file('issued', '');
}

# --- The databases ----------------------------------------------------------

# Passes a request on to sqld, and its answer back as it comes.
sub pass_on
{
	my ($self, $client, $request, $name) = @_;
	my $sqld = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $self->{sqld}->port) or die "sqld: $!\n";

	print $sqld "$request->{method} $request->{path} HTTP/1.1\r\n"
		. "Host: $name.localhost\r\nConnection: close\r\n"
		. "Authorization: $request->{headers}{authorization}\r\n"
		. "Content-Type: application/json\r\nContent-Length: "
		. length($request->{body}) . "\r\n\r\n$request->{body}";
	$sqld->flush;
	while (sysread $sqld, my $piece, 65536) {
		print $client $piece;
		$client->flush;
	}
}

# An answer whose stream goes on at another address.
sub redirect
{
	my ($client, $to) = @_;

	answer($client, 200, encode_json({ baton => 'a-baton', base_url => $to,
		results => [] }));
}

sub serve_database
{
	my ($self, $client, $request, $how) = @_;
	my ($name) = $request->{headers}{host} =~ /^([a-z0-9-]+)-@{[ORG]}\./
		or return answer($client, 404, '{"error":"no such host"}');

	$self->note('requests');
	my ($token) = ($request->{headers}{authorization} // '')
		=~ /^Bearer (\S+)$/;
	return answer($client, 401, '{"error":"Unauthorized: revoked"}')
		unless grep { $_ eq ($token // '') }
		split /\n/, $self->read_file('tokens');
	return redirect($client, 'http://elsewhere.example/')
		if $how eq 'elsewhere';
	return redirect($client, 'http://sibling-' . ORG
		. ".db.localhost:$self->{port}/") if $how eq 'sibling';
	$self->pass_on($client, $request, $name);
}

# --- The server -------------------------------------------------------------

my %behaviour = (
	failing => sub { answer($_[0], 503, '{"error":"failing"}') },
	refused => sub { answer($_[0], 401, '{"error":"unauthorized"}') },
	quota => sub { answer($_[0], 402, '{"error":"upgrade your plan"}') },
	busy => sub { answer($_[0], 429, '{"error":"too many requests"}') },
	missing => sub { answer($_[0], 404, '{"error":"not found"}') },
	conflict => sub { answer($_[0], 400, '{"error":"name already exists"}') },
	rubbish => sub { answer($_[0], 200, '<html>Unicorn!</html>') },
	empty => sub { answer($_[0], 200, '{}') },
	huge => sub { answer($_[0], 200, ' ' x (32 << 20)) },
	cut => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 999"
		. "\r\n\r\n{" },
	slow => sub { 1 while sysread $_[0], my $nothing, 1 },
);

sub serve_platform
{
	my ($self, $client, $request, $now) = @_;

	return answer($client, failure(401, 'unauthorized'))
		if ($request->{headers}{authorization} // '')
		ne 'Bearer ' . API_TOKEN;
	for (@places) {
		my ($name, $method, $path, $code) = @$_;
		next unless $request->{method} eq $method;
		my ($database) = $request->{path} =~ $path or next;
		$self->note($name);
		my $fault = $behaviour{$now->{$name} // 'well'};
		return $fault ? $fault->($client)
			: answer($client, $self->$code($request, $database));
	}
	return answer($client, failure(404, 'not found'));
}

sub serve
{
	my ($self, $client) = @_;
	my $request = read_request($client);
	my $now = decode_json($self->read_file('behaviour'));

	if ($request->{path} =~ m{^/v1/}) {
		$self->serve_platform($client, $request, $now);
	} elsif (my $fault = $behaviour{$now->{database} // 'well'}) {
		$fault->($client);
	} else {
		$self->serve_database($client, $request,
			$now->{database} // 'well');
	}
	close $client;
}

1;
