# Io7::PgProxy: stands between io7 and PostgreSQL, and cuts a statement off after
# its rows are sent and before it is committed.
#
#     my $proxy = Io7::PgProxy->new($stack->dir . '/run/pg');
#     $stack->reconfigure(IO7_TEST_DSN => $proxy->dsn('io7_test'));
#     $proxy->cut('error');
#
# It speaks the protocol of PostgreSQL. The Sync message, which commits, is held
# back: a Flush in its place makes the server send the rows.
package Io7::PgProxy;

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::UNIX;
use Io7::Process qw(end_child);
use POSIX ();
use Socket qw(SOCK_STREAM SOMAXCONN);

my $socket_name = '.s.PGSQL.5432';

# What the client gets in place of ReadyForQuery, before the connection closes.
my %ending = (
	error => message('E', join('', map { "$_\0" }
		'SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection'
		. ' due to administrator command', '')),
	close => '',
);

# folder: where PostgreSQL has its socket.
sub new
{
	my ($class, $folder) = @_;

	my $self = bless { folder => tempdir(CLEANUP => 1), owner => $$ },
		$class;
	chmod 0755, $self->{folder};
	my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM,
		Local => "$self->{folder}/$socket_name", Listen => SOMAXCONN)
		or die "listen: $!\n";
	chmod 0777, "$self->{folder}/$socket_name";
	$self->{pid} = fork // die "fork: $!\n";
	$self->serve($listener, "$folder/$socket_name") if $self->{pid} == 0;
	return $self;
}

sub dsn
{
	my ($self, $database) = @_;

	return "host=$self->{folder} dbname=$database";
}

# Cuts the next statement off: with an error, or by closing the connection.
sub cut
{
	my ($self, $how) = @_;

	defined $ending{$how} or die "$how is no ending\n";
	symlink $how, "$self->{folder}/cut" or die "cut: $!\n";
}

# Whether that has happened.
sub has_cut
{
	return !-l "$_[0]{folder}/cut";
}

# --- The process of the proxy -----------------------------------------------

sub serve
{
	my ($self, $listener, $path) = @_;

	$SIG{CHLD} = 'IGNORE';
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
	$SIG{PIPE} = 'IGNORE';
	for (;;) {
		my $client = $listener->accept or next;
		next if fork // 1;
		my $server = IO::Socket::UNIX->new(Type => SOCK_STREAM,
			Peer => $path) or POSIX::_exit(1);
		$self->relay($client, $server);
		POSIX::_exit(0);
	}
}

sub relay
{
	my ($self, $client, $server) = @_;
	my $select = IO::Select->new($client, $server);
	my ($asked, $answered, $has_begun, $cut) = ('', '', 0);

	for (;;) {
		for my $from ($select->can_read) {
			my $buffer = $from == $client ? \$asked : \$answered;
			sysread $from, $$buffer, 65536, length $$buffer or return;
		}
		# The first message of a client has no type.
		$has_begun ||= pass_startup(\$asked, $server);
		while (my ($type, $bytes) = next_message(\$asked)) {
			$cut //= $self->order if $type eq 'S';
			send_all($server, $type eq 'S' && $cut
				? message('H', '') : $bytes);
		}
		while (my ($type, $bytes) = next_message(\$answered)) {
			send_all($client, $bytes);
			next unless $cut && $type eq 'C';
			send_all($client, $ending{$cut});
			return unlink "$self->{folder}/cut";
		}
	}
}

# How the statement that is about to commit ends, or undef: as it should.
sub order
{
	return readlink "$_[0]{folder}/cut";
}

sub pass_startup
{
	my ($asked, $server) = @_;

	return 0 if length $$asked < 4;
	my $n = unpack 'N', $$asked;
	return 0 if length $$asked < $n;
	send_all($server, substr $$asked, 0, $n, '');
	return 1;
}

# --- Messages ---------------------------------------------------------------

sub message
{
	my ($type, $content) = @_;

	return $type . pack('N', 4 + length $content) . $content;
}

# Takes a whole message from a buffer: its type and all its bytes.
sub next_message
{
	my ($buffer) = @_;

	return if length $$buffer < 5;
	my ($type, $n) = unpack 'aN', $$buffer;
	return if length $$buffer < 1 + $n;
	return ($type, substr $$buffer, 0, 1 + $n, '');
}

sub send_all
{
	my ($socket, $bytes) = @_;

	while (length $bytes) {
		my $n = syswrite $socket, $bytes or POSIX::_exit(0);
		substr $bytes, 0, $n, '';
	}
}

sub DESTROY
{
	my ($self) = @_;

	end_child($self->{pid}) if $self->{owner} == $$;
}

1;
