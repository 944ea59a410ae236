# Io7::Stack: a stack of deploy/stack, to be used and broken by tests.
#
# A part is named as in deploy/stack: postgres, redis, io7, nginx.
package Io7::Stack;

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Io7::Command;
use Io7::File;
use Io7::Http;
use Io7::Process;
use Io7::Psql;
use Io7::Wait;
use Io7::Json;

my $program = top() . '/deploy/stack';

# A stack that is already up.
sub attach
{
	my ($class, $env_file) = @_;

	my $self = bless { env_file => $env_file }, $class;
	$self->read_env;
	return $self;
}

# A stack in a new folder on a free port, which up() starts. Options: balancer =>
# ADDRESS, origin => ORIGIN, workers => N, set => { IO7_X => VALUE }, demo => 1 for
# the demo users, durable => 1 for a PostgreSQL that waits for the disk, as in
# production, name => WORD in the name of its folder. The limit per address is high,
# since all tests share one. io7 runs as the caller's user, who can read the files that
# tests make for it.
sub new
{
	my ($class, %options) = @_;
	my $set = { IO7_ADDRESS_LIMIT => 1_000_000, IO7_USER => '',
		%{delete $options{set} // {}} };
	my $is_durable = delete $options{durable};
	my $dir = fresh_folder(delete $options{name} // 'test', $is_durable);
	my @flags = (delete $options{demo} ? () : '--empty',
		$is_durable ? () : '--fast');
	my @arguments = map { ("--$_", $options{$_}) } sort keys %options;

	push @arguments, map { ('--set', "$_=$set->{$_}") } sort keys %$set;
	return bless { dir => $dir, env_file => "$dir/env",
		arguments => [@arguments, @flags] }, $class;
}

# A folder for a stack. PostgreSQL never runs as root: its user must be able to enter
# the folder.
sub fresh_folder
{
	my ($name, $is_durable) = @_;
	my $dir = tempdir("io7-$name-XXXXXX",
		DIR => $is_durable ? '/var/tmp' : quick_folder());

	chmod 0711, $dir or die "$dir: $!\n";
	return $dir;
}

# In memory, if there is room for the stacks of many tests: on a busy disk, copying the
# thousand files of a PostgreSQL cluster takes seconds.
sub quick_folder
{
	my ($memory, $gigabytes) = ('/dev/shm', 4);
	my $room = run('df', '--output=avail', '-B1G', $memory)->{out};

	return $room =~ /(\d+)$/ && $1 >= $gigabytes ? $memory : '/var/tmp';
}

# Starts the parts that do not run.
sub up
{
	my ($self) = @_;

	my @port = $self->{env} ? () : ('--port', 0);
	run_ok({ timeout => 120 }, $program, 'up',
		'--template', build_folder() . '/cluster',
		'--dir', $self->{dir}, '--io7', io7_program(), '--www', www(),
		@port, @{$self->{arguments}});
	$self->read_env;
}

sub down
{
	my ($self) = @_;

	delete $self->{sessions};
	return run_ok({ timeout => 120 }, $program, 'down',
		'--dir', $self->{dir});
}

sub remove
{
	my ($self) = @_;

	remove_tree($self->{dir});
}

# --- The environment file ---------------------------------------------------

sub read_env
{
	my ($self) = @_;

	open my $in, '<', $self->{env_file} or die "$self->{env_file}: $!\n";
	my %env = map { /^(IO7_\w+)=(.*)$/ ? ($1, $2) : () } <$in>;
	$self->{env} = \%env;
	$self->{dir} = $env{IO7_DIR};
}

sub env
{
	my ($self, $name) = @_;

	return $self->{env}{$name} // croak "the stack has no $name";
}

sub dir
{
	return $_[0]{dir};
}

sub pid
{
	return $_[0]->env('IO7_PID');
}

sub conf_file
{
	return $_[0]->env('IO7_CONF');
}

sub port
{
	return ($_[0]->env('IO7_URL') =~ /:(\d+)$/)[0];
}

sub tls_port
{
	return ($_[0]->env('IO7_TLS_URL') =~ /:(\d+)$/)[0];
}

# The path of a pool's socket.
sub socket
{
	my ($self, $pool) = @_;

	return "$self->{dir}/run/$pool.sock";
}

# An HTTP client of the stack, with the options of Io7::Http.
sub http
{
	my ($self, %options) = @_;

	return Io7::Http->new(%options,
		port => $options{tls} ? $self->tls_port : $self->port);
}

# --- Its databases ----------------------------------------------------------

# Runs SQL in a database as the superuser and returns its rows, one a line. The session
# is kept for the next call, unless the SQL changes it.
sub psql
{
	my ($self, $sql, $database) = @_;
	my $dsn = $self->env('IO7_SUPER_DSN');

	$dsn =~ s{/io7_live\?}{/$database?} if $database;
	return Io7::Psql->new($dsn)->ask($sql) if $sql =~ /\b(?:SET|BEGIN)\b/;
	my $answer = eval { $self->session($dsn)->ask($sql) };
	return $answer if defined $answer;
	die $@ unless $@ =~ /terminating connection|server closed/;
	# PostgreSQL was restarted since the last call.
	return $self->session($dsn)->ask($sql);
}

sub session
{
	my ($self, $dsn) = @_;

	delete $self->{sessions}{$dsn} unless $self->{sessions}{$dsn}
		&& $self->{sessions}{$dsn}->is_ours;
	return $self->{sessions}{$dsn} //= Io7::Psql->new($dsn);
}

sub redis
{
	my ($self, @command) = @_;

	return run_ok('redis-cli', '-s', $self->env('IO7_REDIS')
		=~ s/^unix://r, @command);
}

# --- Its processes ----------------------------------------------------------

my %pid_name = (
	postgres => 'IO7_PG_PID',
	redis => 'IO7_REDIS_PID',
	io7 => 'IO7_PID',
	nginx => 'IO7_NGINX_PID',
);

# A part's main process and its descendants.
sub processes
{
	my ($self, $part) = @_;

	return family($self->env($pid_name{$part}));
}

# Stops every process of a part with SIGSTOP. Its sockets still accept connections.
sub pause
{
	my ($self, $part) = @_;

	kill STOP => $self->processes($part);
}

sub resume
{
	my ($self, $part) = @_;

	kill CONT => $self->processes($part);
}

# Ends a part with SIGINT and waits for it. up() starts it again.
sub stop
{
	my ($self, $part) = @_;
	my @processes = $self->processes($part);

	kill INT => $processes[0];
	wait_until(30, sub { !alive(@processes) }) or die "$part does not stop\n";
}

# Changes options in io7.conf and reloads io7; undef removes an option. Returns
# when the workers of the old configuration have ended and each slot has a new
# one.
sub reconfigure
{
	my ($self, %set) = @_;
	my @before = map { $_->{pid} || () } $self->workers;
	my @lines = grep { !/^(\w+)=/ || !exists $set{$1} }
		split /^/m, slurp($self->conf_file);

	push @lines, map { "$_=$set{$_}\n" }
		grep { defined $set{$_} } sort keys %set;
	spew($self->conf_file, join '', @lines);
	kill HUP => $self->pid;
	wait_until(60, sub { !alive(@before) })
		or die "the old workers do not exit\n";
	wait_until(60, sub { !grep { $_->{stage} eq 'vacant' } $self->workers })
		or die "the new workers do not start\n";
}

# The workers in /status, of one pool or all.
sub workers
{
	my ($self, $pool) = @_;

	my $status = $self->http->get('/status')->{json};
	return grep { !$pool || $_->{pool} eq $pool } @{$status->{workers}};
}

# The sum of a metric's samples with these labels.
sub metric
{
	my ($self, $name, %labels) = @_;
	my $sum = 0;

	for (split /\n/, $self->http->get('/metrics')->{body}) {
		my ($with, $value) = /^\Q$name\E(?:\{(.*)\})? (\S+)$/ or next;
		$sum += $value unless grep {
			($with // '') !~ /\b$_="\Q$labels{$_}\E"/ } keys %labels;
	}
	return $sum;
}

# --- Its logs ---------------------------------------------------------------

# The lines of DIR/log/NAME.log.
sub log_lines
{
	my ($self, $name) = @_;

	open my $in, '<', "$self->{dir}/log/$name.log" or return;
	return <$in>;
}

# The lines of the logs of io7 and nginx. Both write their lines a moment after the
# response: waits until a last request is in both logs.
sub settled_log_lines
{
	my ($self) = @_;
	my $id = $self->http->get('/nowhere')->{headers}{'x-request-id'};

	for my $name (qw(io7 access)) {
		wait_until(60, sub { grep { /$id/ } $self->log_lines($name) })
			or die "request $id is not in $name.log\n";
	}
	return map { $self->log_lines($_) } qw(io7 access nginx);
}

# The log events of io7, or of nginx (access), as hashes: of one name or all.
sub events
{
	my ($self, $event, $name) = @_;

	return map { eval { decode_json($_) } // () }
		grep { !defined $event || /"event":"$event"/ }
		$self->log_lines($name // 'io7');
}

# The files with reports of sanitizers.
sub sanitizer_reports
{
	my ($self) = @_;

	return grep { -s } glob "$self->{dir}/log/{asan,ubsan}.*";
}

1;
