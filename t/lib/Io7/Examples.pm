# Io7::Examples: a stack and an account on which the examples of openapi.json can
# be executed. The stack has its own GitHub and language model.
#
#     my $examples = Io7::Examples->new;
#     for my $example ($examples->all) {
#         my $who = $examples->prepare($example);    # a credential, or undef
#         my $body = $examples->real($example->{body});
#     }
#
# real() replaces the ids of users, keys, jobs, runs, sessions and devices in the
# examples by those of this account.
package Io7::Examples;

use strict;
use warnings;

use Io7::Account;
use Io7::GitHub;
use Io7::Http;
use Io7::Model;
use Io7::Schema;
use Io7::Test qw(private_stack);
use Io7::Json;

# The values that the examples expect in the store, all at version 7.
my %store = (
	'user:1' => '{"name": "Ada", "visits": 3}',
	'user:42' => '{"name": "Ada", "visits": 41, "score": 1.5, "tags": []}',
	'account:1' => '{"balance": 100}',
	'rate:eur' => '1.08',
	'draft:1' => '"to be written"',
);

my %word = (
	'5f0f1e0a-2f6b-4c39-9d35-0d7b1f1a8c11' => sub { $_[0]{account}->user_id },
	'9b2c54d0-5a0e-4b5f-8a6e-3d2f1c0b9a87' => \&new_key,
	'3d4f8a21-6c0b-4e57-a1d2-7b90c3e5f648' => \&new_job,
	'7d0f6a2e-3b1c-4e5d-9f80-1a2b3c4d5e6f' => \&new_run,
	'test_io7_5f0c2d4e6a8b0c1d2e3f405162d491ac' =>
		sub { $_[0]{account}->test_key },
	'test-2f1c0b9a5d3e4c7b8a6f9e0d1c2b3a49' =>
		sub { 'test-' . $_[0]{account}->user_id =~ tr/-//dr },
	'5e7f3a52-1d0e-4c39-9e05-1c3c6d0f7a12' => \&new_session_id,
	'WDJB-MJHT' => sub { $_[0]->new_device->{user_code} },
	'8c1f0e5d' x 8 => \&new_device_code,
);
my ($any_word) = map { qr/($_)/ } join '|', map { quotemeta } sort keys %word;

sub new
{
	my ($class) = @_;

	my $github = Io7::GitHub->new;
	my $model = Io7::Model->new(key => '');
	my $stack = private_stack(set => { %{$github->options},
		IO7_MODEL_URL => $model->url, IO7_MODELS => 'm' });
	$model->behave('json');
	return bless { stack => $stack, http => $stack->http,
		account => new_account($stack),
		others => [$github, $model] }, $class;
}

sub stack
{
	return $_[0]{stack};
}

# Why an example cannot be sent, or false.
sub obstacle
{
	my ($example) = @_;

	return 'needs a code that GitHub issues once per browser: see t/signin/github.t'
		if $example->{id} eq 'finishSignIn';
	return $example->{id} eq 'importDatabase'
		&& 'needs an SQLite file: see t/userdb/transfers.t';
}

# All operations with each of their bodies: id, method, path, operation, name,
# type, body.
sub all
{
	return map {
		my ($method, $path, $operation) = @$_;
		my %about = (id => $operation->{operationId}, operation => $operation,
			method => $method, path => $path);
		my @bodies = bodies($operation);
		map { { %about, %$_ } } @bodies ? @bodies : { name => '' };
	} Io7::Http->contract->operations;
}

sub bodies
{
	my ($operation) = @_;
	my $content = ($operation->{requestBody} // {})->{content} // {};

	return map {
		my $type = $_;
		my $named = $content->{$type}{examples}
			// { '' => { value => $content->{$type}{example} } };
		map { { type => $type, name => $_ || (keys %$content > 1 ? $type : ''),
			body => written($named->{$_}{value}, $type) } }
			sort keys %$named;
	} sort keys %$content;
}

sub written
{
	my ($value, $type) = @_;

	return Io7::Schema::encode($value) if $type =~ m{[/+]json$};
	return $value unless ref $value;
	return join '&', map { "$_=" . ($value->{$_} =~ s/:/%3A/gr) }
		sort keys %$value;
}

# The parameters of an operation, with references resolved.
sub parameters
{
	my ($example) = @_;
	my $schema = Io7::Http->contract->schema;

	return map { $_->{'$ref'} ? $schema->resolve($_->{'$ref'}) : $_ }
		@{$example->{operation}{parameters} // []};
}

# --- The account ------------------------------------------------------------

# Prepares the account for an example and returns the credential. Replaces an
# account that an example deleted.
sub prepare
{
	my ($self, $example) = @_;

	my $security = $example->{operation}{security};
	$self->{account} = new_account($self->{stack}) if $self->{has_ended};
	$self->{has_ended} = $example->{id} eq 'deleteMe';
	$self->fill_store if $example->{operation}{tags}[0] eq 'kv';
	$self->prepare_jobs($example->{id}) if $example->{operation}{tags}[0] eq 'cron';
	return unless @$security;
	return $self->{account}->session unless exists $security->[0]{key};
	return $self->{has_ended} ? $self->{account}->live_key
		: $self->{account}->test_key;
}

sub fill_store
{
	my ($self) = @_;
	my $schema = $self->{account}->schema;
	my $rows = join ', ', map { "('$_', '$store{$_}', 7)" } sort keys %store;

	$self->{stack}->psql("BEGIN; DELETE FROM $schema.kv_store;
		INSERT INTO $schema.kv_store (key, value, version) VALUES $rows;
		UPDATE $schema.kv_slot SET version = version + 7, bytes = (
			SELECT coalesce(sum(bytes), 0) FROM $schema.kv_store
			WHERE hashtext(key) & 15 = slot);
		COMMIT;", 'io7_test');
}

# The examples create jobs of the same names, and one sends a heartbeat.
sub prepare_jobs
{
	my ($self, $id) = @_;

	my $jobs = $self->{account}->ask(GET => '/api/cron/jobs')->{json}{items};
	$self->{account}->ask(DELETE => "/api/cron/jobs/$_->{id}") for @$jobs;
	$self->new_job(name => 'backup', command => 'heartbeat')
		if $id eq 'sendCronHeartbeat';
}

# Replaces the ids in the text of an example.
sub real
{
	my ($self, $text) = @_;

	my %made;
	return $text =~ s/$any_word/$made{$1} \/\/= $word{$1}->($self)/ger;
}

sub ask
{
	my ($self, $method, $target, $body, $who) = @_;

	my $answer = $self->{http}->request($method, $target, headers => [
		$who ? (Authorization => "Bearer $who") : () ],
		body => encode_json($body));
	die "$method $target: $answer->{status}\n" if $answer->{status} >= 300;
	return $answer->{json};
}

sub new_key
{
	my ($self) = @_;

	return $self->ask(POST => '/api/keys', { label => 'laptop',
		mode => 'test' }, $self->{account}->test_key)->{id};
}

sub new_job
{
	my ($self, %job) = @_;

	return $self->ask(POST => '/api/cron/jobs', { name => 'Nightly report',
		schedule => '30 2 * * *', command => 'sql SELECT 1', %job },
		$self->{account}->test_key)->{id};
}

sub new_run
{
	my ($self) = @_;
	my $job = $self->new_job;

	return $self->ask(POST => "/api/cron/jobs/$job/run", {},
		$self->{account}->test_key)->{id};
}

sub new_session_id
{
	my ($self) = @_;
	my $token = $self->{account}->session;

	return $self->{stack}->psql("SELECT id FROM io7.sessions
		WHERE hash = sha256('$token');") =~ s/\s//gr;
}

sub new_device
{
	return $_[0]->ask(POST => '/auth/device', {});
}

# The device code of an approved device.
sub new_device_code
{
	my ($self) = @_;
	my $codes = $self->new_device;

	$self->ask(POST => "/api/device/$codes->{user_code}",
		{ approve => true }, $self->{account}->session);
	return $codes->{device_code};
}

1;
