# Io7::Cron: the cron jobs of an account, for a test.
#
#     my $cron = cron_of($account, 'test');
#     my $job = $cron->add(name => 'a', schedule => '@hourly', command => 'sql SELECT 1');
#     my $answer = $cron->post('/jobs', { name => 'b' });
package Io7::Cron;

use strict;
use warnings;

use Exporter 'import';
use Io7::Json;
use Io7::Wait;

our @EXPORT = qw(cron_of);

# Options: auth, the headers that authenticate.
sub cron_of
{
	my ($account, $mode, %options) = @_;

	return bless { http => $account->{stack}->http, account => $account,
		mode => $mode, auth => $account->auth($mode), %options }, __PACKAGE__;
}

# A request below /api/cron. A body is sent as JSON, a text as it is.
sub request
{
	my ($self, $method, $path, $body) = @_;

	return $self->{http}->request($method => "/api/cron$path",
		headers => $self->{auth},
		defined $body ? (type => 'application/json',
			body => ref $body ? encode_json($body) : $body) : ());
}

sub get { my ($self, @rest) = @_; return $self->request(GET => @rest) }
sub post { my ($self, @rest) = @_; return $self->request(POST => @rest) }
sub patch { my ($self, @rest) = @_; return $self->request(PATCH => @rest) }
sub delete { my ($self, @rest) = @_; return $self->request(DELETE => @rest) }

# Creates a job, and returns it. Dies if it is refused.
sub add
{
	my ($self, %job) = @_;

	my $answer = $self->post('/jobs', \%job);
	die "no job: $answer->{status} $answer->{body}\n"
		unless $answer->{status} == 201;
	return $answer->{json};
}

# The job as it is now.
sub job
{
	my ($self, $job) = @_;

	return $self->get("/jobs/$job->{id}")->{json};
}

# The runs of a job, oldest first.
sub runs
{
	my ($self, $job, $query) = @_;

	my $answer = $self->get("/jobs/$job->{id}/runs?limit=1000" . ($query // ''));
	return reverse @{$answer->{json}{items} // []};
}

1;
