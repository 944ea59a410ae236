#!/usr/bin/perl
# Accounts whose targets do not answer leave processes to the jobs of others.

use strict;
use warnings;

use Io7::Account;
use Io7::Cron;
use Io7::Target;
use Io7::Test;

my $stack = private_stack(set => { IO7_OUTBOUND_ALLOW => '127.0.0.0/8',
	IO7_CRON_TIMEOUT => '5m', IO7_RUNNERS => 2, IO7_RUNNER_PROCESSES => 8 });
my $target = Io7::Target->new(address => '127.0.0.9');
my @slow = map { cron_of(new_account($stack), 'test') } 1 .. 3;

sub running
{
	return $stack->psql(q{SELECT count(*) FROM io7.work
		WHERE kind = 'cron.run' AND state = 'running'}) + 0;
}

for my $cron (@slow) {
	my $before = running();

	for my $n (1 .. 9) {
		my $job = $cron->add(name => "slow $n", schedule => '@yearly',
			command => 'http GET ' . $target->url('/silent'));
		$cron->post("/jobs/$job->{id}/run");
	}
	eventually { running() > $before } 'runs of an account wait for their target';
}
my $quick = cron_of(new_account($stack), 'test');
for my $n (1 .. 3) {
	my $job = $quick->add(name => "quick $n", schedule => '@yearly',
		command => 'sql SELECT 1');
	my $run = $quick->post("/jobs/$job->{id}/run")->{json};

	eventually { $quick->get("/runs/$run->{id}")->{json}{status} eq 'ok' }
		'a run of another account does not wait for them', 60;
}
is((grep { $_->{status} !~ /^(queued|running)$/ } map { my $cron = $_;
	map { $cron->runs($_) } @{$cron->get('/jobs')->{json}{items}} } @slow), 0,
	'... none of which has ended');

finish;
