# Io7::Load: an open load. Requests leave at a fixed rate, whether or not earlier ones
# are answered, as those of many clients do.
package Io7::Load;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

# Options: port, rate (requests a second), target, watch (another target, which gets
# one request after another).
sub new
{
	my ($class, %options) = @_;

	return bless { idle => [], busy => {}, select => IO::Select->new,
		answers => [], watched => [], lost => 0, %options }, $class;
}

# Sends for some seconds and waits for all answers.
sub run
{
	my ($self, $seconds) = @_;

	my $began = time;
	my $sent = 0;
	for (;;) {
		my $gone = time - $began;
		last if $gone > $seconds + 30
			|| $gone > $seconds && !%{$self->{busy}};
		while ($gone < $seconds && $sent < $gone * $self->{rate}) {
			$self->ask($self->{target}, $self->{answers});
			$sent++;
		}
		$self->watch if $self->{watch} && $gone < $seconds;
		$self->take($_) for $self->{select}->can_read(0.002);
	}
	$self->{lost} += keys %{$self->{busy}};
	return $sent;
}

sub watch
{
	my ($self) = @_;

	return if grep { $_->{to} == $self->{watched} } values %{$self->{busy}};
	return if time < ($self->{watch_at} // 0);
	$self->{watch_at} = time + 0.05;
	$self->ask($self->{watch}, $self->{watched});
}

sub ask
{
	my ($self, $target, $to) = @_;

	my $socket = pop @{$self->{idle}};
	if (!$socket) {
		$socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
			PeerPort => $self->{port}) or die "connect: $!\n";
		$self->{select}->add($socket);
	}
	$self->{busy}{fileno $socket} = { began => time, got => '', to => $to };
	syswrite $socket, "GET $target HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

sub take
{
	my ($self, $socket) = @_;

	my $n = sysread $socket, my $bytes, 65536;
	my $request = $self->{busy}{fileno $socket};
	if (!$n) {
		$self->{lost}++ if delete $self->{busy}{fileno $socket};
		@{$self->{idle}} = grep { $_ != $socket } @{$self->{idle}};
		$self->{select}->remove($socket);
		return;
	}
	$request->{got} .= $bytes;
	my ($head, $body) = split /\r\n\r\n/, $request->{got}, 2;
	return unless defined $body;
	my ($length) = $head =~ /^Content-Length: (\d+)/mi;
	return if defined $length ? length $body < $length
		: $body !~ /0\r\n\r\n\z/;
	my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};
	my ($retry) = $head =~ /^Retry-After: (\d+)/mi;
	push @{$request->{to}}, {
		status => $status,
		retry => $retry,
		body => $body,
		seconds => time - $request->{began},
	};
	delete $self->{busy}{fileno $socket};
	push @{$self->{idle}}, $socket;
}

# The answers to the load, those to the watch, and the number of requests without one.
sub answers
{
	return @{$_[0]{answers}};
}

sub watched
{
	return @{$_[0]{watched}};
}

sub lost
{
	return $_[0]{lost};
}

# The time within which a share of the answers came.
sub quantile
{
	my ($share, @answers) = @_;

	my @times = sort { $a <=> $b } map { $_->{seconds} } @answers;
	return @times ? $times[$share * $#times] : undef;
}

1;
