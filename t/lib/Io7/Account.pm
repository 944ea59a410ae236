# Io7::Account: an account that a test creates with the operator's command.
#
#     my $account = new_account(stack, plan => 'pro');
#     $http->get('/api/me', headers => $account->auth('test'));
package Io7::Account;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use Io7::Command;
use Io7::Json;

our @EXPORT = qw(new_account new_plan);

my $count = 0;

# Creates a plan unless it exists, and returns its id. The limits are credits (a day),
# requests (a minute), bytes and streams; a test does not reach the defaults.
sub new_plan
{
	my ($stack, $id, %limits) = @_;
	my %of = (credits => 1e12, requests => 1e9, bytes => 1e12,
		streams => 100, %limits);

	$stack->psql("INSERT INTO io7.plans (id, name, credits_per_day,
		requests_per_minute, storage_bytes, streams)
		VALUES ('$id', initcap('$id'), $of{credits}, $of{requests},
		$of{bytes}, $of{streams}) ON CONFLICT DO NOTHING;");
	return $id;
}

# Creates an account. Options: plan (default business, whose limits take thousands
# of requests to reach) and name (default: a unique one).
sub new_account
{
	my ($stack, %options) = @_;
	my $name = $options{name} // join '-', 't', $$, time, ++$count;

	my $made = io7('user', 'create', $name, '--plan',
		$options{plan} // 'business', '--json', '-c', $stack->conf_file);
	die "user create $name: $made->{err}" if $made->{exit} != 0;
	my $self = decode_json($made->{out});
	return bless { %$self, stack => $stack }, __PACKAGE__;
}

sub user_id
{
	return $_[0]{id};
}

sub schema
{
	return $_[0]{schema};
}

sub name
{
	return $_[0]{name};
}

sub test_key
{
	return $_[0]{test_key};
}

sub live_key
{
	return $_[0]{live_key};
}

# Inserts a session of the account and returns its token. kind: web or device.
sub session
{
	my ($self, $kind) = @_;
	my $token = 'session_io7_' . sha256_hex(join '-', $self->{id}, $$, time,
		++$count);

	$self->{stack}->psql("INSERT INTO io7.sessions
		(user_id, hash, kind, user_agent) VALUES ('$self->{id}',
		sha256('$token'), '" . ($kind // 'web') . "', 't');");
	return $token;
}

# Returns the headers that authenticate with the key of a mode, test or live.
sub auth
{
	my ($self, $mode, @more) = @_;

	return [Authorization => "Bearer $self->{qq(${mode}_key)}", @more];
}

# Sends a request in test mode. body can be undef.
sub ask
{
	my ($self, $method, $target, $body, @headers) = @_;

	$self->{http} //= $self->{stack}->http;
	return $self->{http}->request($method, $target,
		headers => $self->auth('test', @headers),
		defined $body ? (body => $body) : ());
}

1;
