# Io7::Container: boots a separate systemd on this machine's files.
#
#     my $why_not = Io7::Container->obstacle;
#     my $box = Io7::Container->boot(files => FOLDER, bind => [FROM => TO, ...]);
#     $box->enter_ok('systemctl', 'start', 'X');
#
# It has this machine's root with the folder's files on top, and its own network. It
# writes to memory only. Its mounts have their own namespace and it ends with the
# test, so it leaves nothing behind.
package Io7::Container;

use strict;
use warnings;

use File::Temp ();
use Io7::Command;
use Io7::Process;
use Io7::Wait;

# $0 is the mount point, $1 the folder of files, the rest the command to execute.
my $mount = <<'END';
set -e
mount -t tmpfs tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay "$0/root" \
	-o "lowerdir=/,upperdir=$0/upper,workdir=$0/work"
cp -r --preserve=mode "$1/." "$0/root"
chmod 755 "$0/root"
shift
exec "$@"
END

sub command
{
	my ($at, $files, @become) = @_;

	return ('unshare', '--mount', '--propagation', 'private', '--',
		'sh', '-c', $mount, $at, $files, @become);
}

# Returns the reason why no container can run here, or undef if one can.
sub obstacle
{
	return 'not root' if $> != 0;
	return 'there is no systemd-nspawn: deploy/deps clients'
		if run('systemd-nspawn', '--version')->{exit} != 0;
	my ($at, $files) = map { File::Temp->newdir } 1 .. 2;
	my $tried = run(command($at, $files, 'true'));
	return if $tried->{exit} == 0;
	return 'no overlay can be mounted: ' . $tried->{err} =~ s/\s+/ /gr;
}

# Boots until services can start. The test starts them.
sub boot
{
	my ($class, %options) = @_;
	my @bind = @{$options{bind} // []};

	my $self = bless { at => File::Temp->newdir, tester => $$ }, $class;
	my @nspawn = (qw(setpriv --pdeathsig TERM -- systemd-nspawn --quiet
		--register=no --keep-unit --private-network --console=read-only
		--link-journal=no --boot), "--directory=$self->{at}/root",
		'--system-call-filter=landlock_create_ruleset landlock_add_rule'
			. ' landlock_restrict_self');
	while (my ($from, $to) = splice @bind, 0, 2) {
		push @nspawn, "--bind=$from:$to";
	}
	$self->{process} = start(command($self->{at}, $options{files}, @nspawn,
		'systemd.unit=sysinit.target'));
	wait_until(20, sub { $self->is_up })
		or die "it does not boot: @{[$self->end]}\n";
	return $self;
}

sub is_up
{
	my ($self) = @_;

	($self->{init}) = run('pgrep', '-n', '-x', '-P', $self->{process}{pid},
		'systemd')->{out} =~ /^(\d+)$/;
	return $self->{init} && $self->enter('systemctl', 'is-active',
		'sysinit.target')->{exit} == 0;
}

# Runs a command in the container, as run() and run_ok() do.
sub enter
{
	my ($self, @command) = @_;

	return run($self->way_in, @command);
}

sub enter_ok
{
	my ($self, @command) = @_;

	return run_ok($self->way_in, @command);
}

sub way_in
{
	my ($self) = @_;

	return ('nsenter', '--target', $self->{init}, '--all', '--');
}

# Shuts it down and returns the output of its console.
sub end
{
	my ($self) = @_;

	my $process = delete $self->{process} or return '';
	kill TERM => $process->{pid};
	$process->{timeout} = 10;
	my $ended = await($process);
	return $ended->{out} . $ended->{err};
}

sub DESTROY
{
	my ($self) = @_;

	local ($?, $@);
	$self->end if $$ == $self->{tester};
}

1;
