# Io7::HranaRandom: random requests of Hrana, sent to two servers whose answers are
# compared.
#
#     is(hrana_random(seed => 7, statements => 1000, servers => [$io7, $sqld]), '',
#         'equal answers');
#
# It returns a description of the first differences. The same seed repeats the same
# requests. An episode begins with an empty database, has some streams, and ends with a comparison
# of all tables. A difference ends the episode and is described with the requests that
# lead to it; the next episode does not depend on it.
package Io7::HranaRandom;

use strict;
use warnings;
use utf8;

use Exporter 'import';
use Io7::HranaAnswer qw(canonical);
use Io7::Json;
use Io7::SqlRandom qw(pick chance);

my $json = json_codec()->canonical;

our @EXPORT = qw(hrana_random);

use constant { STEPS => 25, STREAMS => 3 };

# Options: seed; statements; servers, Io7::Hrana of io7 and of sqld; episode, the number of the
# first one; shown, the number of differences that end the run.
sub hrana_random
{
	my (%options) = @_;

	my $self = bless { shown => 3, %options, sent => 0, differences => [],
		sql => Io7::SqlRandom->new }, __PACKAGE__;
	my $number = $options{episode} // 0;
	while ($self->{sent} < $options{statements}
		&& @{$self->{differences}} < $self->{shown}) {
		$self->episode($number++);
	}
	return join "\n", @{$self->{differences}};
}

# Each episode has a seed of its own, so that one can be repeated alone.
sub episode
{
	my ($self, $number) = @_;

	srand($self->{seed} * 1_000_000 + $number);
	$self->{history} = [];
	$self->{writer} = undef;
	delete $self->{difference};
	my $goes_on = $self->reset;
	for (1 .. STEPS) {
		$goes_on = $goes_on && $self->step;
	}
	$goes_on && $self->close_streams && $self->compare_tables;
	push @{$self->{differences}}, "episode $number of seed $self->{seed}: "
		. $self->{difference} if $self->{difference};
	$self->close_streams;
}

# --- Sending ----------------------------------------------------------------

# Sends to both servers, and returns whether the answers are equal, and the episode
# can go on.
sub ask
{
	my ($self, $stream, $path, $body) = @_;

	push @{$self->{history}}, "$path " . (defined $stream ? "stream $stream " : '')
		. (ref $body ? $json->encode($body) : $body);
	my @answers = map { scalar canonical($path, defined $stream
		? $_->post_in($stream, $path, $body) : $_->post($path, $body)) }
		@{$self->{servers}};
	return 0 if !defined $answers[1];
	$answers[0] //= 'no answer';
	return 1 if $answers[0] eq $answers[1];
	$self->{difference} = join "\n", 'after', @{$self->{history}},
		'the answers are', @answers, '';
	return 0;
}

# Sends requests in a stream that ends with them.
sub ask_once
{
	my ($self, @requests) = @_;

	return $self->ask(undef, pick('v2/pipeline', 'v3/pipeline'),
		{ requests => [@requests, { type => 'close' }] });
}

sub reset
{
	my ($self) = @_;

	return $self->ask_once({ type => 'sequence',
		sql => Io7::SqlRandom::clean() },
		map { $self->count(execute($_)) } $self->{sql}->beginning);
}

sub close_streams
{
	my ($self) = @_;
	my $goes_on = 1;

	for my $stream (1 .. STREAMS) {
		next unless grep { $_->is_open($stream) } @{$self->{servers}};
		$goes_on = 0 unless $self->ask($stream, 'v2/pipeline',
			{ requests => [{ type => 'close' }] });
	}
	return $goes_on;
}

sub compare_tables
{
	my ($self) = @_;

	return $self->ask_once(map { {
		type => 'execute', stmt => { sql => "SELECT * FROM $_" },
	} } qw(t0 t1 t2 w0 lg r0 f0 v0 made renamed));
}

# --- Requests ---------------------------------------------------------------

# One request over HTTP. While a stream is in a transaction that may have locked the
# database, the others only read.
sub step
{
	my ($self) = @_;

	return $self->malformed if chance(0.03);
	if (defined $self->{writer}) {
		return $self->read_elsewhere if chance(0.15);
		return $self->in_transaction;
	}
	return $self->begin if chance(0.12);
	return $self->cursor if chance(0.15);
	return $self->in_stream if chance(0.3);
	return $self->ask_once(map { $self->request } 1 .. pick(1, 1, 2, 3, 5));
}

# Some requests over HTTP in one stream. It does not stay open: sqld does not notice in
# an open stream that another one has changed the schema.
sub in_stream
{
	my ($self) = @_;
	my $stream = 1 + int rand STREAMS;

	for (1 .. pick(1, 2, 3)) {
		$self->ask($stream, 'v3/pipeline', { requests =>
			[map { $self->request } 1 .. pick(1, 2, 3)] }) or return 0;
	}
	return $self->ask($stream, 'v2/pipeline', { requests =>
		[{ type => 'close' }] });
}

# The number of the version decides whether get_autocommit is known: only 3 is asked.
sub begin
{
	my ($self) = @_;

	$self->{writer} = 1 + int rand STREAMS;
	return $self->ask($self->{writer}, 'v3/pipeline', { requests => [
		execute(pick('BEGIN', 'BEGIN IMMEDIATE', 'BEGIN DEFERRED',
			'BEGIN TRANSACTION READONLY', 'SAVEPOINT s')),
		{ type => 'get_autocommit' }, map { $self->request } 0 .. 2] });
}

sub in_transaction
{
	my ($self) = @_;
	my $stream = $self->{writer};
	my @requests = map { $self->request } 1 .. pick(1, 2, 3);

	push @requests, execute(pick('SAVEPOINT s', 'RELEASE s', 'ROLLBACK TO s'))
		if chance(0.2);
	push @requests, { type => 'get_autocommit' } if chance(0.2);
	if (chance(0.3)) {
		push @requests, execute(pick('COMMIT', 'COMMIT', 'END', 'ROLLBACK')),
			{ type => 'close' };
		$self->{writer} = undef;
	}
	return $self->ask($stream, 'v3/pipeline', { requests => \@requests });
}

# A reader does not see what a transaction has written.
sub read_elsewhere
{
	my ($self) = @_;

	return $self->ask_once(map { $self->count(execute($self->{sql}->reading)) }
		1 .. 2);
}

sub execute
{
	my ($sql, $args) = @_;

	return { type => 'execute', stmt => statement($sql, $args) };
}

# A statement as Hrana describes it. Names may lack their prefix.
sub statement
{
	my ($sql, $args) = @_;
	my $stmt = { sql => $sql };

	$stmt->{args} = $args if ref $args eq 'ARRAY';
	$stmt->{named_args} = [map { { name => chance(0.5) ? $_ : substr($_, 1),
		value => $args->{$_} } } sort keys %$args] if ref $args eq 'HASH';
	spoil_arguments($stmt) if chance(0.02);
	return $stmt;
}

# Too many arguments, too few, or both kinds.
sub spoil_arguments
{
	my ($stmt) = @_;
	my $null = { type => 'null' };

	push @{$stmt->{args}}, $null if chance(0.5);
	delete $stmt->{args} if chance(0.3);
	push @{$stmt->{named_args}}, { name => 'other', value => $null }
		if chance(0.3);
}

# Counts the statements of a request.
sub count
{
	my ($self, $request) = @_;
	my $batch = $request->{batch};

	$self->{sent} += $batch ? @{$batch->{steps}} : 1;
	return $request;
}

sub request
{
	my ($self) = @_;
	my $kind = pick(('single') x 12, qw(batch batch transaction sequence
		describe stored));

	return $self->count($self->$kind);
}

sub single
{
	my ($self) = @_;

	return execute($self->{sql}->statement);
}

sub describe
{
	my ($self) = @_;
	my ($sql) = $self->{sql}->statement;

	return { type => 'describe', sql => $sql };
}

# Where sqld's own parser stops, it ends the sequence without an error: there the two
# may differ, so all statements of a sequence parse.
sub sequence
{
	my ($self) = @_;

	return { type => 'sequence', sql => join pick(';', ";\n", '; -- é' . "\n"),
		map { $self->{sql}->writing } 1 .. pick(1, 2, 3) };
}

# The text is the same for a stream's life, as an id may be given only once.
sub stored
{
	my ($self) = @_;

	return { type => pick('sequence', 'describe'), sql => $self->{sql}->reading };
}

# --- Batches ----------------------------------------------------------------

sub condition
{
	my ($step, $depth) = @_;
	my $kind = pick($depth > 0 ? qw(ok error not and or) : qw(ok error));

	return { type => $kind, step => int rand $step } if $kind =~ /^(ok|error)$/;
	return { type => 'not', cond => condition($step, $depth - 1) }
		if $kind eq 'not';
	return { type => $kind, conds => [map { condition($step, $depth - 1) }
		1 .. int rand 3] };
}

sub steps
{
	my ($self) = @_;

	return map { {
		stmt => statement($self->{sql}->statement),
		$_ && chance(0.5) ? (condition => condition($_, 2)) : (),
	} } 0 .. int rand 5;
}

sub batch
{
	my ($self) = @_;

	return { type => 'batch', batch => { steps => [$self->steps] } };
}

# A transaction as clients write it: all steps, and COMMIT, or ROLLBACK.
sub transaction
{
	my ($self) = @_;
	my @writes = map { statement($self->{sql}->statement) } 1 .. pick(1, 2, 3);
	my @steps = ({ stmt => { sql => pick('BEGIN IMMEDIATE', 'BEGIN DEFERRED') } });

	push @steps, { stmt => $_, condition => { type => 'ok', step => $#steps } }
		for @writes, { sql => 'COMMIT' };
	push @steps, { stmt => { sql => 'ROLLBACK' }, condition => { type => 'not',
		cond => { type => 'ok', step => $#steps } } };
	return { type => 'batch', batch => { steps => \@steps } };
}

# A cursor leaves its stream open, which the next pipeline closes.
sub cursor
{
	my ($self) = @_;
	my $batch = chance(0.5) ? $self->batch : $self->transaction;
	my $stream = 1 + int rand STREAMS;

	$self->count($batch);
	return $self->ask($stream, 'v3/cursor', { batch => $batch->{batch} })
		&& (!(grep { $_->is_open($stream) } @{$self->{servers}})
			|| $self->ask($stream, 'v3/pipeline',
				{ requests => [{ type => 'get_autocommit' },
					{ type => 'close' }] }));
}

# --- Bad input --------------------------------------------------------------

my $value = '{"type":"execute","stmt":{"sql":"SELECT ?","args":[%s]}}';
my $step = '{"type":"batch","batch":{"steps":[%s]}}';

# What is no request at all; both servers answer 400.
my @MALFORMED = (
	(map { sprintf $value, $_ } '{"type":"integer","value":5}',
		'{"type":"integer","value":"99999999999999999999"}',
		'{"type":"integer","value":"five"}', '{"type":"integer","value":""}',
		'{"type":"float","value":"1"}', '{"type":"float","value":null}',
		'{"type":"float","value":1e400}', '{"type":"blob","base64":"A*"}',
		'{"type":"blob"}', '{"type":"date","value":"x"}', '{"type":"text"}',
		'{"type":"text","value":"\ud800"}', '{}', '5', 'null'),
	(map { sprintf $step, $_ }
		'{"condition":{"type":"ok","step":0},"stmt":{"sql":"SELECT 1"}}',
		'{"condition":{"type":"ok","step":7},"stmt":{"sql":"SELECT 1"}}',
		'{"condition":{"type":"maybe"},"stmt":{"sql":"SELECT 1"}}',
		'{"condition":{"type":"ok","step":-1},"stmt":{"sql":"SELECT 1"}}',
		'{"stmt":{}}', '{}', 'null', '{"stmt":{"sql_id":3}}'),
	'{"type":"what"}', '{}', 'null', '"close"', '{"type":"execute"}',
	'{"type":"execute","stmt":{"sql":5}}', '{"type":"execute","stmt":{}}',
	'{"type":"execute","stmt":{"sql":"SELECT 1","sql_id":1}}',
	'{"type":"execute","stmt":{"sql_id":77}}', '{"type":"describe"}',
	'{"type":"store_sql","sql_id":1}', '{"type":"store_sql","sql":"SELECT 1"}',
	'{"type":"close"},{"type":"execute","stmt":{"sql":"SELECT 1"}}',
	'{"type":"store_sql","sql_id":1,"sql":"SELECT 1"},'
		. '{"type":"store_sql","sql_id":1,"sql":"SELECT 2"}',
);
my @BODIES = ('', '{', '[]', 'null', '{"requests":{}}', '{"baton":null}',
	'{"baton":5,"requests":[]}', '{"baton":"forged","requests":[]}',
	'{"requests":[]} x', "{\"requests\":[\"\xff\"]}");

sub malformed
{
	my ($self) = @_;

	return $self->ask(undef, 'v2/pipeline', pick(@BODIES)) if chance(0.2);
	return $self->ask(undef, 'v2/pipeline', '{"baton":null,"requests":['
		. '{"type":"get_autocommit"},{"type":"close"}]}') if chance(0.05);
	return $self->ask(undef, pick('v2/pipeline', 'v3/pipeline'),
		'{"baton":null,"requests":[' . pick(@MALFORMED)
		. ',{"type":"close"}]}');
}

1;
