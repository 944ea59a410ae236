# Io7::GitHub: a server that imitates GitHub's sign-in: consent, the exchange of a code
# for a token, the user of the token and the user's e-mail addresses.
#
#     my $github = Io7::GitHub->new;
#     my $stack = private_stack(set => $github->options);
#     $github->person(id => 1, login => 'octocat', email => 'o@example.com');
#     my $back = $github->consent($location);   # where the browser goes next
#     $github->behave(user => 'slow');
#
# It enforces the protocol: client, secret, redirect_uri and PKCE verifier must be
# correct, and a code can be used once.
package Io7::GitHub;

use strict;
use warnings;

use Digest::SHA qw(sha256);
use HTTP::Tiny;
use Io7::Server qw(answer read_request);
use Io7::Json;
use MIME::Base64 qw(encode_base64url);
use parent -norequire, 'Io7::Server';

use constant { CLIENT => 'Iv1.a1b2c3', SECRET => 'the secret of the client' };

sub new
{
	my ($class) = @_;

	my $self = $class->SUPER::new;
	$self->write_file('secret', SECRET . "\n");
	$self->write_file('behaviour', '{}');
	$self->person(id => 1, login => 'octocat');
	$self->start;
	return $self;
}

sub url
{
	return "http://localhost:$_[0]{port}";
}

# The options with which io7 uses this server.
sub options
{
	my ($self) = @_;

	return {
		IO7_GITHUB_CLIENT_ID => CLIENT,
		IO7_GITHUB_CLIENT_SECRET_FILE => "$self->{dir}/secret",
		IO7_GITHUB_URL => $self->url,
		IO7_GITHUB_API => $self->url . '/api/v3',
		IO7_GITHUB_TIMEOUT => '2s',
	};
}

# Sets the user of the browser: id, login, email, avatar_url; emails: the list.
sub person
{
	my ($self, %person) = @_;

	$person{email} //= "$person{login}\@example.com";
	$person{emails} //= [
		{ email => 'old@example.com', primary => false,
			verified => true },
		{ email => $person{email}, primary => true,
			verified => true, visibility => 'private' },
	];
	$person{avatar_url} //= "https://avatars.example.com/u/$person{id}";
	$self->write_file('person', encode_json(\%person));
}

# Sets the behaviour of an endpoint (consent, token, user, emails): well, denied, failing,
# rubbish, empty, huge, cut, slow.
sub behave
{
	my ($self, $where, $how) = @_;

	my $now = decode_json($self->read_file('behaviour'));
	$now->{$where} = $how;
	$self->write_file('behaviour', encode_json($now));
}

# Visits the URL to which io7 redirects a browser, and returns the URL to which GitHub
# redirects it back.
sub consent
{
	my ($self, $location) = @_;

	my $answer = HTTP::Tiny->new(max_redirect => 0)->get($location);
	die "no consent: $answer->{status} $answer->{content}\n"
		if $answer->{status} != 302;
	return $answer->{headers}{location};
}

# All codes and tokens that the server has issued. They must not appear in a log.
sub secrets
{
	my ($self) = @_;

	return SECRET, split /\n/, $self->read_file('given', '');
}

# --- The protocol -----------------------------------------------------------

my %places = (
	'GET /login/oauth/authorize' => [consent => \&authorize],
	'POST /login/oauth/access_token' => [token => \&give_token],
	'GET /api/v3/user' => [user => \&show_user],
	'GET /api/v3/user/emails' => [emails => \&show_emails],
);

sub authorize
{
	my ($self, $request) = @_;
	my %asked = pairs($request->{query});

	return (404, 'no such client') if $asked{client_id} ne CLIENT;
	return (400, 'not for the addresses')
		unless $asked{scope} =~ /\buser:email\b/;
	return (400, 'without PKCE') unless $asked{code_challenge_method} eq 'S256'
		&& $asked{code_challenge} =~ /^[\w-]{43}$/;
	return (400, 'no state') unless length $asked{state} >= 32;
	my $to = "$asked{redirect_uri}?state=$asked{state}&";
	return (302, '', "${to}error=access_denied&error_description=no")
		if $request->{how} eq 'denied';
	my $code = $self->secret('code');
	$self->write_file($code, encode_json({ %asked,
		person => $self->read_file('person') }));
	return (302, '', "${to}code=$code");
}

# GitHub answers errors of this request with 200, too.
sub give_token
{
	my ($self, $request) = @_;
	my %form = pairs($request->{body});

	return refusal('incorrect_client_credentials')
		unless $form{client_id} eq CLIENT && $form{client_secret} eq SECRET;
	my $kept = $form{code} =~ /^code\w+$/
		&& $self->read_file($form{code}, '');
	return refusal('bad_verification_code') unless $kept;
	unlink "$self->{dir}/$form{code}";
	my $asked = decode_json($kept);
	return refusal('redirect_uri_mismatch')
		if $form{redirect_uri} ne $asked->{redirect_uri};
	return refusal('bad_verification_code') if $asked->{code_challenge}
		ne encode_base64url(sha256($form{code_verifier}));
	return refusal('not_acceptable')
		if $request->{headers}{accept} ne 'application/json';
	my $token = $self->secret('gho_');
	$self->write_file($token, $asked->{person});
	return (200, encode_json({ access_token => $token,
		token_type => 'bearer', scope => 'read:user,user:email' }));
}

sub refusal
{
	return (200, encode_json({ error => $_[0],
		error_description => 'The request is invalid.' }));
}

# The user of a token. GitHub requires a User-Agent.
sub owner
{
	my ($self, $request) = @_;

	my ($token) = ($request->{headers}{authorization} // '')
		=~ /^Bearer (gho_\w+)$/ or return;
	return unless length($request->{headers}{'user-agent'} // '');
	my $person = $self->read_file($token, '') or return;
	return decode_json($person);
}

sub show_user
{
	my ($self, $request) = @_;
	my $person = $self->owner($request)
		or return (401, '{"message":"Bad credentials"}');

	delete @$person{qw(email emails)};
	return (200, encode_json($person));
}

sub show_emails
{
	my ($self, $request) = @_;
	my $person = $self->owner($request)
		or return (401, '{"message":"Bad credentials"}');

	return (200, encode_json($person->{emails}));
}

sub secret
{
	my ($self, $prefix) = @_;

	open my $random, '<:raw', '/dev/urandom' or die "random: $!\n";
	sysread $random, my $bytes, 20;
	my $secret = $prefix . unpack 'H*', $bytes;
	open my $out, '>>', "$self->{dir}/given" or die "given: $!\n";
	syswrite $out, "$secret\n";
	return $secret;
}

# --- The server -------------------------------------------------------------

my %behaviour = (
	well => \&answer,
	denied => \&answer,
	failing => sub { answer($_[0], 503, $_[2]) },
	rubbish => sub { answer($_[0], 200, '<html>Unicorn!</html>') },
	empty => sub { answer($_[0], 200, '{}') },
	huge => sub { answer($_[0], 200, $_[2] . ' ' x (1 << 20)) },
	cut => sub { print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 999"
		. "\r\n\r\n{" },
	slow => sub { 1 while sysread $_[0], my $nothing, 1 },
);

sub serve
{
	my ($self, $client) = @_;
	my $request = read_request($client);

	my $place = $places{"$request->{method} $request->{path}"}
		or return answer($client, 404, '{"message":"Not Found"}');
	my ($name, $code) = @$place;
	my $now = decode_json($self->read_file('behaviour'));
	$request->{how} = $now->{$name} // 'well';
	$behaviour{$request->{how}}->($client, $self->$code($request));
	close $client;
}

sub pairs
{
	my ($text) = @_;

	return map { my ($name, $value) = split /=/, $_, 2;
		$value =~ tr/+/ /;
		($name, $value =~ s/%(..)/chr hex $1/ger) } split /&/, $text;
}

1;
