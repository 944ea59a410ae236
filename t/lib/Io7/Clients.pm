# Io7::Clients: processes that send one request after another and record the answers.
#
#     my $clients = Io7::Clients->start($stack, 4, sub {
#         my ($http, $number) = @_;
#         return ('my name for it', $http->get(...));
#     });
#     ...
#     $clients->stop;
#     is($clients->count(200), ...);
#
# A request without a complete answer counts as status 0, named by its error.
package Io7::Clients;

use strict;
use warnings;

use File::Temp ();
use POSIX ();

sub start
{
	my ($class, $stack, $n, $ask, %options) = @_;

	my $self = bless { go => File::Temp->new, journals => {},
		most => $options{most} }, $class;
	for my $number (1 .. $n) {
		my $journal = File::Temp->new;
		my $pid = fork // die "fork: $!\n";
		if ($pid) {
			$self->{journals}{$pid} = $journal;
			next;
		}
		eval { $self->ask_on($stack, $number, $ask, $journal); 1 }
			or print STDERR $@;
		POSIX::_exit($@ ? 1 : 0);
	}
	return $self;
}

# Sends requests until the file is removed or the maximum is reached.
sub ask_on
{
	my ($self, $stack, $number, $ask, $journal) = @_;
	my $http = $stack->http;

	srand $number;
	$journal->autoflush;
	for (my $i = 0; -e $self->{go}->filename; $i++) {
		last if $self->{most} && $i >= $self->{most};
		my ($name, $answer) = eval { $ask->($http, $number) };
		if (!$answer) {
			$http->close;
			($name, $answer) = ($@, { status => 0 });
		}
		print $journal $answer->{status}, ' ', ($name // '') =~ s/\n/ /gr,
			"\n";
	}
}

# Stops the clients after their current requests. Returns false if one failed.
sub stop
{
	my ($self) = @_;

	unlink $self->{go}->filename;
	return $self->wait;
}

# Waits until all have sent their maximum. Returns false if one failed.
sub wait
{
	my ($self) = @_;
	my $fine = 1;

	for my $pid (keys %{$self->{journals}}) {
		waitpid $pid, 0;
		$fine = 0 if $?;
	}
	return $fine;
}

# Counts the answers with a status, and with a name if one is given.
sub count
{
	my ($self, $status, $name) = @_;

	return scalar grep { $_->[0] == $status
		&& (!defined $name || $_->[1] eq $name) } $self->answers;
}

# Returns all answers so far, each as [status, name].
sub answers
{
	my ($self) = @_;

	return map {
		open my $in, '<', $_->filename or die "a journal: $!\n";
		map { [/^(\d+) (.*)\n\z/] } grep { /\n\z/ } <$in>;
	} values %{$self->{journals}};
}

1;
