# Io7::Psql: one psql process for many calls. Starting psql for each call would take a
# test more time than its statements.
#
#     my $psql = Io7::Psql->new($dsn);
#     my $rows = $psql->ask('SELECT id FROM io7.users;');
#
# The session lasts until the first error, or until the process that made it ends.
package Io7::Psql;

use strict;
use warnings;

use File::Temp ();
use IO::Select;
use Io7::File;
use POSIX ();

use constant PATIENCE => 60;

my $mark = "-- end of the answer --\n";

sub new
{
	my ($class, $dsn) = @_;
	my $complaints = File::Temp->new;

	pipe my $theirs, my $in or die "pipe: $!\n";
	pipe my $out, my $answers or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<&', $theirs;
		open STDOUT, '>&', $answers;
		open STDERR, '>&', $complaints;
		exec qw(psql -XqAt -v ON_ERROR_STOP=1), $dsn
			or POSIX::_exit(127);
	}
	$in->autoflush;
	return bless { pid => $pid, owner => $$, in => $in, out => $out,
		complaints => $complaints }, $class;
}

# Whether it can be used: it runs, and this process has started it.
sub is_ours
{
	return $_[0]{pid} && $_[0]{owner} == $$;
}

# Runs SQL and returns its rows, one a line. Dies with the error of psql.
sub ask
{
	my ($self, $sql) = @_;

	local $SIG{PIPE} = 'IGNORE';
	print {$self->{in}} "$sql\n;\n\\echo $mark";
	my $got = '';
	while ($got !~ s/\Q$mark\E\z//) {
		IO::Select->new($self->{out})->can_read(PATIENCE)
			&& sysread $self->{out}, $got, 65536, length $got
			or die 'psql: ' . $self->complaint . $got;
	}
	return $got;
}

# Ends psql after a failure and returns its error message.
sub complaint
{
	my ($self) = @_;

	$self->close;
	return slurp($self->{complaints}->filename);
}

sub close
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;

	local ($?, $!);
	kill TERM => $pid;
	waitpid $pid, 0;
}

sub DESTROY
{
	my ($self) = @_;

	$self->close if $self->is_ours;
}

1;
