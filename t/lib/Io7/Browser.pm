# Io7::Browser: the cookies of a browser, and the headers that a page sends with a
# write.
#
#     my $browser = Io7::Browser->new($stack);
#     my $answer = $browser->sign_in($github);
#     $browser->change(POST => '/auth/logout');
#
# Each browser has its own IP address, and so its own rate limit.
package Io7::Browser;

use strict;
use warnings;

my $count = 0;

# Takes the options of Io7::Http except from.
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

# Stores cookies like a browser; a cookie with Max-Age=0 is removed.
sub keep_cookies
{
	my ($self, $answer) = @_;

	for (split /, (?=__Host)/, $answer->{headers}{'set-cookie'} // '') {
		my ($name, $value, $rest) = /^([^=]+)=([^;]*)(.*)$/;
		die "a cookie lacks an attribute: $_\n" unless $rest =~ m{; Path=/}
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

# A write as a page sends it, with Origin and CSRF token.
sub change
{
	my ($self, $method, $target, %options) = @_;

	my $session = $self->get('/api/session')->{json};
	return $self->request($method, $target, %options, headers => [
		@{$options{headers} // []}, Origin => $self->origin,
		'X-CSRF-Token' => $session->{csrf_token} // 'none' ]);
}

# --- Login ------------------------------------------------------------------

# Starts a login and returns the URL at GitHub.
sub begin
{
	my ($self, $query) = @_;

	my $answer = $self->get('/auth/github' . ($query // ''));
	die "no redirect to GitHub: $answer->{status}\n" if $answer->{status} != 302;
	return $answer->{headers}{location};
}

# Returns the path to which GitHub redirects.
sub come_back
{
	my ($self, $github, $location) = @_;

	return $github->consent($location) =~ s/^\Q$self->{site}\E//r;
}

# Signs in through GitHub and returns the last answer.
sub sign_in
{
	my ($self, $github, $query) = @_;

	return $self->get($self->come_back($github, $self->begin($query)));
}

1;
