# Io7::Clock: sets the wall clock of a stack. The clock runs on from there.
#
#     my $clock = Io7::Clock->new;
#     my $stack = private_stack(set => { IO7_CLOCK => $clock->file });
#     $clock->set('2028-02-29T23:59:30Z');
package Io7::Clock;

use strict;
use warnings;

use File::Temp ();
use Time::HiRes qw(time);
use Time::Local qw(timegm);

sub new
{
	my ($class) = @_;

	my $self = bless { file => File::Temp->new }, $class;
	$self->shift_by(0);
	return $self;
}

sub file
{
	return $_[0]{file}->filename;
}

# io7 maps the file, so it is written in place.
sub shift_by
{
	my ($self, $seconds) = @_;

	sysseek $self->{file}, 0, 0;
	syswrite($self->{file}, pack 'q', $seconds * 1e9) == 8
		or die "the clock: $!\n";
}

# Sets the clock to an ISO 8601 time.
sub set
{
	my ($self, $moment) = @_;

	my ($y, $m, $d, $h, $min, $s) =
		$moment =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):([\d.]+)Z$/
		or die "$moment is not a time\n";
	my $at = timegm(int $s, $min, $h, $d, $m - 1, $y) + $s - int $s;
	$self->shift_by($at - time);
}

1;
