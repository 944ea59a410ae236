#!/usr/bin/perl
# The secret that signs the requests of cron jobs, over the API and in the database.

use strict;
use warnings;

use Io7::Account;
use Io7::Json;
use Io7::Test;

my $stack = private_stack(workers => 2);
my $http = $stack->http;
my $account = new_account($stack);

sub call
{
	my ($method, $path, $body, $mode) = @_;

	return $http->$method("/api/cron/$path", headers => [
		Authorization => 'Bearer ' . $account->session,
		'Io7-Mode' => $mode // 'test' ],
		defined $body ? (body => encode_json($body)) : ());
}

my $secret = call(get => 'secret');
is($secret->{status}, 200, 'the secret is shown') or diag($secret->{body});
like($secret->{json}{secret}, qr{^whsec_[A-Za-z0-9+/]{43}=$}, '... as libraries take it');
like($secret->{headers}{'cache-control'}, qr/no-store/, '... and is not cached');
is($secret->{json}{previous_until}, undef, '... there is no previous one');
is(call(get => 'secret')->{json}{secret}, $secret->{json}{secret}, '... it stays');
isnt(call(get => 'secret', undef, 'live')->{json}{secret}, $secret->{json}{secret},
	'each mode has its own');
my $key = $http->post('/api/keys', headers => $account->auth('test'), body => encode_json({
	label => 'less', mode => 'test', scopes => ['read', 'write'] }))->{json}{key};
is($http->get('/api/cron/secret',
	headers => [Authorization => "Bearer $key"])->{status}, 403,
	'a key without the scope admin gets no secret');
is($http->get('/api/cron/secret')->{status}, 401, '... and no credential gets none');

my $rotated = call(post => 'secret/rotate', { grace_s => 3600 });
is($rotated->{status}, 200, 'the secret is rotated');
isnt($rotated->{json}{secret}, $secret->{json}{secret}, '... to another one');
like($rotated->{json}{previous_until}, qr/^\d{4}-/, '... and the previous one stays');
is(call(get => 'secret')->{json}{secret}, $rotated->{json}{secret},
	'... the new one is shown');
is(call(post => 'secret/rotate', { grace_s => 0 })->{json}{previous_until}, undef,
	'without a grace the previous one does not stay');
like(call(post => 'secret/rotate')->{json}{previous_until}, qr/^\d{4}-/,
	'without a body the grace is a day');
for my $bad ({ grace_s => -1 }, { grace_s => 604801 }, { grace_s => 'a' }, { more => 1 }) {
	is(call(post => 'secret/rotate', $bad)->{status}, 400,
		'a rotation is refused: ' . encode_json($bad));
}
is($stack->psql("SELECT count(*) FROM io7.audit_log
	WHERE event = 'cron_secret_rotated' AND user_id = '@{[$account->user_id]}'") + 0, 3,
	'rotations are in the audit log');

# --- Encryption -------------------------------------------------------------

sub stored
{
	return $stack->psql("SELECT concat_ws(' ', secret, previous) FROM io7.cron_secrets
		WHERE user_id = '@{[$account->user_id]}' AND mode = 'test'");
}

like(stored(), qr/^1:[0-9a-f]+ 1:[0-9a-f]+$/, 'secrets are stored encrypted');
my $now = call(get => 'secret')->{json};
my $keys = $stack->dir . '/seal.keys';
open my $file, '>>', $keys or die "$keys: $!\n";
print $file '2 ' . '2b' x 32 . "\n";
close $file;
my $reseal = io7('userdb', 'reseal', '-c', $stack->conf_file);
is($reseal->{exit}, 0, 'they are encrypted with a new key') or diag($reseal->{err});
like($reseal->{out}, qr/^2 webhook secrets are, too$/m, '... those of both modes');
like(stored(), qr/^2:[0-9a-f]+ 2:[0-9a-f]+$/, '... the previous one, too');
$stack->psql("UPDATE io7.cron_secrets SET secret = '3:00' WHERE mode = 'live'");
$reseal = io7('userdb', 'reseal', '-c', $stack->conf_file);
is($reseal->{exit}, 1, 'one that cannot be decrypted is an error');
like($reseal->{err}, qr/live: The webhook secret cannot be decrypted/,
	'... which names it');
my $broken = call(get => 'secret', undef, 'live');
is($broken->{status}, 500, '... of a request, too');

# --- Without keys -----------------------------------------------------------

$stack = private_stack(workers => 2, set => { IO7_SEAL_KEYS_FILE => '' });
$http = $stack->http;
$account = new_account($stack);
for my $answer (call(get => 'secret'), call(post => 'secret/rotate', {})) {
	is($answer->{status}, 503, 'a host without keys has no secret');
	like($answer->{json}{error}{message}, qr/must set IO7_SEAL_KEYS_FILE\.$/,
		'... and says why');
}

finish;
