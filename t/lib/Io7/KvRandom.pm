# Io7::KvRandom: random operations on stores, and a model that predicts their answers.
#
#     is(kv_random(stack, seed => 1, operations => 1000), '', 'no difference');
#
# Three users, both modes, every verb. Io7::KvModel is the model. The run ends at the first
# answer that differs from the model and returns a description of it. The same seed repeats
# the same requests.
package Io7::KvRandom;

use strict;
use warnings;
use utf8;

use Encode qw(encode decode);
use Exporter 'import';
use Io7::Account;
use Io7::KvModel;
use Io7::Json;

our @EXPORT = qw(kv_random);

my $json = json_codec()->canonical;

# Keys that a path can contain, and keys that only a batch can reach.
my @KEYS = (qw(a b a:1 a:2 a:10 A user:1 user:2 user:é batch export . ..),
	'x/y', '%25', '_%', 'a\\b', '*', '?', 'a b', "q'q", 'é€😀', 'Ａ',
	'k' x 256);
my @PATTERNS = ('*', 'a*', 'a:*', 'a:?', 'user:*', '?', '*:*', '\\*', '\\?',
	'*%*', '_*', 'a\\\\b', 'none*', '*é*', 'k*', 'A*', '??*');

# The weight of each operation.
my %WEIGHTS = (
	put => 25, get => 20, remove => 10, merge => 7, patch => 6,
	increment => 7, list => 5, count => 3, wipe => 1, batch => 14,
	export => 2, import_lines => 3, expire => 0.3,
);

sub kv_random
{
	my ($stack, %options) = @_;

	my $self = bless { stack => $stack, http => $stack->http }, __PACKAGE__;
	srand $options{seed};
	$self->make_stores;
	for my $nr (1 .. $options{operations}) {
		my $verb = choose_verb();
		$self->{store} = pick(@{$self->{stores}});
		my $done = eval { $self->$verb; 1 };
		return "operation $nr, $verb: $@" unless $done;
	}
	return join '', map { $self->{store} = $_; $self->differences }
		@{$self->{stores}};
}

# A plan with limits that a test does not reach.
sub make_stores
{
	my ($self) = @_;

	new_plan($self->{stack}, 'endless');
	my @accounts = map { new_account($self->{stack}, plan => 'endless') } 1 .. 3;
	$self->{stores} = [map { my $account = $_; map { {
		account => $account, mode => $_, model => Io7::KvModel->new,
	} } qw(live test) } @accounts];
}

sub pick
{
	return $_[rand @_];
}

sub choose_verb
{
	my $sum = 0;
	$sum += $WEIGHTS{$_} for sort keys %WEIGHTS;
	my $at = rand $sum;

	for (sort keys %WEIGHTS) {
		return $_ if ($at -= $WEIGHTS{$_}) < 0;
	}
	return 'get';
}

# --- Values -----------------------------------------------------------------

sub random_text
{
	return join '', map { pick('a' .. 'e', 'é', '😀', '"', '\\', "\n", '%') }
		1 .. rand 6;
}

sub random_object
{
	my ($depth) = @_;

	return { map { $_ => random_value($depth + 1) }
		grep { rand() < 0.5 } qw(a b n) };
}

sub random_value
{
	my ($depth) = @_;

	return int(rand 1000) - 500 if rand() < 0.3;
	return random_text() if rand() < 0.3 || $depth > 2;
	return undef if rand() < 0.1;
	return rand() < 0.5 ? true : false if rand() < 0.1;
	return [map { random_value($depth + 1) } 1 .. rand 4] if rand() < 0.3;
	return random_object($depth);
}

# --- Requests ---------------------------------------------------------------

sub model
{
	return $_[0]{store}{model};
}

sub escape
{
	return encode('UTF-8', $_[0]) =~ s/([^A-Za-z0-9_~-])/sprintf '%%%02X',
		ord $1/ger;
}

# A key that a path can contain.
sub path_key
{
	return pick(grep { !/^\.\.?$/ } @KEYS);
}

sub ask
{
	my ($self, $method, $target, %options) = @_;
	my $store = $self->{store};

	my $answer = $self->{http}->request($method, $target,
		headers => $store->{account}->auth($store->{mode},
			@{$options{headers} // []}),
		defined $options{body} ? (body => $options{body}) : ());
	$self->{asked} = "$method $target "
		. join(' ', @{$options{headers} // []}, $options{body} // '');
	return $answer;
}

sub expect
{
	my ($self, $what, $got, $expected) = @_;

	$_ = defined ? ref ? $json->encode($_) : $_ : 'nothing'
		for $got, $expected;
	die "$self->{asked}: $what is $got, expected $expected\n"
		if $got ne $expected;
}

# The condition of a request: its headers, and whether it holds.
sub condition
{
	my ($self, $key) = @_;
	my $version = $self->model->version($key);
	my $guess = rand() < 0.6 ? $version || 1 : 1 + int rand 5;

	return ([], 1) if rand() < 0.7;
	return (['If-Match' => '*'], $version != 0) if rand() < 0.2;
	return (['If-None-Match' => '*'], $version == 0) if rand() < 0.3;
	return (['If-Match' => qq("$guess")], $guess == $version);
}

# --- One key ----------------------------------------------------------------

# Records a successful write with its version.
sub note_write
{
	my ($self, $answer, $key, $value, $ends) = @_;
	my $existed = $self->model->version($key) != 0;

	$self->expect('version', $self->model->takes_version($key,
		$answer->{json}{version}) ? 'newer' : 'old', 'newer');
	$self->model->put($key, $value, $answer->{json}{version}, $ends);
	return $existed;
}

sub put
{
	my ($self) = @_;
	my ($key, $value) = (path_key(), random_value(0));
	my ($headers, $holds) = $self->condition($key);
	my $ttl = rand() < 0.15;

	my $answer = $self->ask(PUT => '/kv/' . escape($key)
		. ($ttl ? '?ttl=86400' : ''), headers => $headers,
		body => $json->encode($value));
	return $self->expect('status', $answer->{status}, 412) unless $holds;
	my $status = $self->model->version($key) ? 200 : 201;
	$self->expect('status', $answer->{status}, $status);
	$self->note_write($answer, $key, $value, $ttl);
}

sub get
{
	my ($self) = @_;
	my $key = path_key();
	my $version = $self->model->version($key);
	my $method = pick(qw(GET GET HEAD));
	my $known = $version && rand() < 0.2;

	my $answer = $self->ask($method => '/kv/' . escape($key),
		headers => $known ? ['If-None-Match' => qq("$version")] : []);
	$self->expect('status', $answer->{status},
		!$version ? 404 : $known ? 304 : 200);
	return unless $version;
	$self->expect('ETag', $answer->{headers}{etag}, qq("$version"));
	return if $known || $method eq 'HEAD';
	$self->expect('value', $json->encode($answer->{json}),
		$json->encode($self->model->value($key)));
}

sub remove
{
	my ($self) = @_;
	my $key = path_key();
	my ($headers, $holds) = $self->condition($key);
	($headers, $holds) = ([], 1) if "@$headers" =~ /None/;

	my $answer = $self->ask(DELETE => '/kv/' . escape($key),
		headers => $headers);
	$self->expect('status', $answer->{status},
		!$holds ? 412 : $self->model->version($key) ? 204 : 404);
	$self->model->remove($key) if $holds;
}

sub merge
{
	my ($self) = @_;
	my ($key, $patch) = (path_key(), random_value(0));
	my ($headers, $holds) = $self->condition($key);

	my $answer = $self->ask(PATCH => '/kv/' . escape($key),
		headers => ['Content-Type' => 'application/merge-patch+json',
			@$headers], body => $json->encode($patch));
	return $self->expect('status', $answer->{status}, 412) unless $holds;
	my $existed = $self->model->version($key);
	$self->expect('status', $answer->{status}, $existed ? 200 : 201);
	$self->note_write($answer, $key, Io7::KvModel::merged(
		$self->model->value($key), $patch), $self->model->ends($key));
}

sub patch
{
	my ($self) = @_;
	my $key = path_key();
	my @operations = map { {
		op => pick(qw(add replace remove test)),
		path => '/' . pick(qw(a b n)),
		value => rand() < 0.3 ? $self->member_of($key) : random_value(1),
	} } 1 .. 1 + rand 3;
	delete $_->{value} for grep { $_->{op} eq 'remove' } @operations;

	my $answer = $self->ask(PATCH => '/kv/' . escape($key),
		headers => ['Content-Type' => 'application/json-patch+json'],
		body => $json->encode(\@operations));
	return $self->expect('status', $answer->{status}, 404)
		unless $self->model->version($key);
	my $patched = Io7::KvModel::patched($self->model->value($key),
		@operations);
	return $self->expect('status', $answer->{status}, 409) unless $patched;
	$self->expect('status', $answer->{status}, 200);
	$self->note_write($answer, $key, $$patched, $self->model->ends($key));
}

sub member_of
{
	my ($self, $key) = @_;
	my $value = $self->model->value($key);

	return ref $value eq 'HASH' ? $value->{a} : 1;
}

sub increment
{
	my ($self) = @_;
	my ($key, $by) = (path_key(), int(rand 11) - 5);
	my $path = rand() < 0.3 ? '/n' : '';

	my $answer = $self->ask(POST => '/kv/' . escape($key) . '/incr',
		body => $json->encode({ by => $by, path => $path }));
	my $value = $self->model->value($key);
	return $self->expect('status', $answer->{status}, 404)
		if $path && !$self->model->version($key);
	$value = 0 unless $self->model->version($key);
	my $number = !$path ? $value
		: ref $value eq 'HASH' && exists $value->{n} ? $value->{n} : undef;
	return $self->expect('status', $answer->{status}, 409)
		unless Io7::KvModel::is_number($number);
	$self->expect('status', $answer->{status}, 200);
	$self->expect('sum', $answer->{json}{value}, $number + $by);
	$self->note_write($answer, $key, $path
		? { %$value, n => $number + $by } : $number + $by,
		$self->model->ends($key));
}

# --- Many keys --------------------------------------------------------------

sub list
{
	my ($self) = @_;
	my ($pattern, $limit) = (pick(@PATTERNS), pick(1, 2, 3, 7, 100));
	my $values = rand() < 0.5;
	my (@items, $cursor);

	do {
		my $answer = $self->ask(GET => '/kv?pattern=' . escape($pattern)
			. "&limit=$limit" . ($values ? '&values=true' : '')
			. ($cursor ? "&cursor=$cursor" : ''));
		$self->expect('status', $answer->{status}, 200);
		push @items, @{$answer->{json}{items}};
		$cursor = $answer->{json}{next_cursor};
	} while ($cursor);
	$self->expect('list', join(' ', map { "$_->{key} $_->{version} "
		. ($values ? $json->encode($_->{value}) : '') } @items),
		join(' ', map { "$_ " . $self->model->version($_) . ' '
		. ($values ? $json->encode($self->model->value($_)) : '') }
		$self->model->matching($pattern)));
}

sub count
{
	my ($self) = @_;
	my $pattern = pick(@PATTERNS);

	my $answer = $self->ask(GET => '/kv?count=true&pattern='
		. escape($pattern));
	$self->expect('count', $answer->{json}{count},
		scalar(() = $self->model->matching($pattern)));
}

sub wipe
{
	my ($self) = @_;
	my $pattern = pick(@PATTERNS);
	my @gone = $self->model->matching($pattern);

	my $answer = $self->ask(DELETE => '/kv?confirm=true&pattern='
		. escape($pattern));
	$self->expect('deleted', $answer->{json}{deleted}, scalar @gone);
	$self->model->remove($_) for @gone;
}

sub random_operation
{
	my ($self) = @_;
	my ($op, $key) = (pick(qw(get put delete check)), pick(@KEYS));
	my $version = rand() < 0.6 ? $self->model->version($key) : int rand 4;
	my %operation = (op => $op, key => $key);

	$operation{value} = random_value(0) if $op eq 'put';
	$operation{ttl} = 86400 if $op eq 'put' && rand() < 0.15;
	$operation{version} = $version
		if $op eq 'check' || $op ne 'get' && rand() < 0.3;
	return \%operation;
}

sub batch
{
	my ($self) = @_;
	my @operations = map { $self->random_operation } 1 .. 1 + rand 9;
	my $atomic = rand() < 0.5;
	my %is_put;

	# The version of a put that was rolled back is unknown.
	for (@operations) {
		$_->{version} = 0 if $is_put{$_->{key}} && $_->{version};
		$is_put{$_->{key}} ||= $_->{op} eq 'put';
	}

	my $answer = $self->ask(POST => '/kv/batch', body => $json->encode({
		ops => \@operations,
		atomic => $atomic ? true : false,
	}));
	my $after = $self->model->copy;
	my $results = $answer->{json}{results} // [];
	my @expected = map { $after->perform($operations[$_],
		$results->[$_]{version}) } 0 .. $#operations;
	my ($undone) = grep { $expected[$_]{status} eq 'conflict' }
		0 .. $#operations;
	if ($atomic && defined $undone) {
		$self->expect('status', $answer->{status}, 409);
		return $self->expect('field',
			$answer->{json}{error}{details}{field},
			"ops[$undone].version");
	}
	for my $i (0 .. $#operations) {
		my %got = %{$results->[$i] // {}};
		delete $got{expires_at};
		$self->expect("ops[$i]", \%got, $expected[$i]);
	}
	$self->expect('status', $answer->{status}, 200);
	$self->{store}{model} = $after;
}

sub exported
{
	my ($self, $pattern) = @_;

	my $answer = $self->ask(GET => '/api/kv/export?pattern='
		. escape($pattern));
	return map { $json->decode($_) } split /\n/, $answer->{body};
}

sub export
{
	my ($self) = @_;
	my $pattern = pick(@PATTERNS);

	$self->expect('export', join("\n", map { "$_->{key} $_->{version} "
		. $json->encode($_->{value}) . ' ' . !!$_->{expires_at} }
		$self->exported($pattern)),
		join("\n", map { $self->model->line($_) }
		$self->model->matching($pattern)));
}

sub import_lines
{
	my ($self) = @_;
	my $skip = rand() < 0.5;
	my ($imported, $skipped, %touched) = (0, 0);
	my @lines = map { {
		key => pick(@KEYS),
		value => random_value(0),
		rand() < 0.15 ? (ttl => 86400) : (),
	} } 1 .. 1 + rand 12;

	my $answer = $self->ask(POST => '/api/kv/import?mode='
		. ($skip ? 'skip' : 'overwrite'),
		body => join "\n", map { $json->encode($_) } @lines);
	for (@lines) {
		if ($skip && $self->model->version($_->{key})) {
			$skipped++;
			next;
		}
		$imported++;
		$touched{$_->{key}} = 1;
		$self->model->put($_->{key}, $_->{value}, 1, $_->{ttl});
	}
	$self->expect('imported', $answer->{json}{imported}, $imported);
	$self->expect('skipped', $answer->{json}{skipped}, $skipped);
	$self->learn_versions(sort keys %touched);
}

# An import does not return the versions.
sub learn_versions
{
	my ($self, @keys) = @_;

	my $answer = $self->ask(POST => '/kv/batch', body => $json->encode({
		ops => [map { { op => 'get', key => $_ } } @keys] })) if @keys;
	for my $i (0 .. $#keys) {
		my $version = $answer->{json}{results}[$i]{version};
		$self->expect('version', $self->model->takes_version($keys[$i],
			$version) ? 'newer' : 'old', 'newer');
		$self->model->put($keys[$i], $self->model->value($keys[$i]),
			$version, $self->model->ends($keys[$i]));
	}
}

# Makes all keys with an expiry expire.
sub expire
{
	my ($self) = @_;
	my $store = $self->{store};

	$self->{asked} = 'time';
	$self->{stack}->psql("UPDATE @{[$store->{account}->schema]}.kv_store
		SET expires_at = now() - interval '1 s'
		WHERE expires_at IS NOT NULL", "io7_$store->{mode}");
	$self->model->expire;
}

# --- Final comparison -------------------------------------------------------

# The differences between a store and its model, in keys and in counted bytes.
sub differences
{
	my ($self) = @_;
	my $store = $self->{store};

	my $holds = join "\n", map { "$_->{key} $_->{version} "
		. $json->encode($_->{value}) . ' ' . !!$_->{expires_at} }
		$self->exported('*');
	my $knows = join "\n", map { $self->model->line($_) }
		$self->model->matching('*');
	return "the store holds\n$holds\nand the model\n$knows\n"
		if $holds ne $knows;
	my $schema = $store->{account}->schema;
	my $bytes = $self->{stack}->psql("SELECT sum(bytes) - (SELECT
		coalesce(sum(100 + octet_length(key) + octet_length(value::text)), 0)
		FROM $schema.kv_store) FROM $schema.kv_slot",
		"io7_$store->{mode}");
	return $bytes == 0 ? '' : "it counts $bytes too many bytes\n";
}

1;
