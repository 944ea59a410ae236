# Io7::Browser: somebody at a browser: cookies, and what a page of the site sends
# along with a change.
#
#     my $browser = Io7::Browser->new($stack);
#     my $answer = $browser->sign_in($github);
#     $browser->change(POST => '/auth/logout');
#
# Each comes from an address of its own, so that none uses up another's limits.
package Io7::Browser;

use strict;
use warnings;

my $count = 0;

# The options of Io7::Http, but for from.
sub new
{
	my ($class, $stack, %options) = @_;
	my $number = $$ * 100 + ++$count;

	my $from = join '.', 127, 1 + ($number >> 16) % 250,
		($number >> 8) % 250, 1 + $number % 250;
	my $host = 'localhost:'
		. ($options{tls} ? $stack->tls_port : $stack->port);
	my $scheme = $options{tls} ? 'https' : 'http';
	return bless { cookies => {}, from => $from, site => "$scheme://$host",
		http => $stack->http(host => $host, %options, from => $from),
	}, $class;
}

sub from
{
	return $_[0]{from};
}

sub origin
{
	return $_[0]{site};
}

# --- Cookies ----------------------------------------------------------------

sub cookie
{
	my ($self, $name) = @_;

	return $self->{cookies}{"__Host-io7_$name"};
}

sub set_cookie
{
	my ($self, $name, $value) = @_;

	$self->{cookies}{"__Host-io7_$name"} = $value;
}

# As a browser keeps them; one of no age goes.
sub keep_cookies
{
	my ($self, $answer) = @_;

	for (split /, (?=__Host)/, $answer->{headers}{'set-cookie'} // '') {
		my ($name, $value, $rest) = /^([^=]+)=([^;]*)(.*)$/;
		die "not as it should be: $_\n" unless $rest =~ m{; Path=/}
			&& $rest =~ /; Secure/ && $rest =~ /; HttpOnly/
			&& $rest =~ /; SameSite=Lax/ && $rest !~ /Domain/;
		if ($rest =~ /; Max-Age=0;/) {
			delete $self->{cookies}{$name};
		} else {
			$self->{cookies}{$name} = $value;
		}
	}
}

# --- Requests ---------------------------------------------------------------

sub request
{
	my ($self, $method, $target, %options) = @_;

	my @headers = @{$options{headers} // []};
	my $cookies = $self->{cookies};
	push @headers, Cookie => join '; ', 'theme=dark',
		map { "$_=$cookies->{$_}" } sort keys %$cookies;
	my $answer = $self->{http}->request($method, $target, %options,
		headers => \@headers);
	$self->keep_cookies($answer);
	return $answer;
}

sub get
{
	my ($self, $target, %options) = @_;

	return $self->request('GET', $target, %options);
}

# What a page does that changes something: it knows the token.
sub change
{
	my ($self, $method, $target, %options) = @_;

	my $session = $self->get('/api/session')->{json};
	return $self->request($method, $target, %options, headers => [
		@{$options{headers} // []}, Origin => $self->origin,
		'X-CSRF-Token' => $session->{csrf_token} // 'none' ]);
}

# --- Signing in -------------------------------------------------------------

# To GitHub: its address.
sub begin
{
	my ($self, $query) = @_;

	my $answer = $self->get('/auth/github' . ($query // ''));
	die "no way to GitHub: $answer->{status}\n" if $answer->{status} != 302;
	return $answer->{headers}{location};
}

# From GitHub: the path that it sends this browser to.
sub come_back
{
	my ($self, $github, $location) = @_;

	return $github->consent($location) =~ s/^\Q$self->{site}\E//r;
}

# All of it: the last answer.
sub sign_in
{
	my ($self, $github, $query) = @_;

	return $self->get($self->come_back($github, $self->begin($query)));
}

1;
