# Io7::Bench::Cases: the loads that make bench compares. A case is run once in each
# round, and returns the figures of Io7::Bench::Load. What it needs is made when it is
# first run.
#
#     my $cases = Io7::Bench::Cases->new($stack);
#     my $figures = $cases->figures('get16', 3);
#     $cases->finish;
package Io7::Bench::Cases;

use strict;
use warnings;

use Io7::Bench::Load;
use Io7::Bench::Peers;
use Io7::Bench::Stores;
use Io7::Command qw(top run);
use Io7::File;
use Io7::Process;

use constant { FEW => 1000, MANY => 1_000_000, BATCH => 100, IDLE => 1000,
	TENANTS => 10_000, DRAWS => 50_000, LARGE => 20, SLOW_MS => 200,
	SLOW_ACCOUNTS => 16, EVERY => 50, WARM => 5 };

# Name and how it is run. The number behind a name is that of the connections.
my %cases = (
	get1000 => sub { $_[0]->get(1000, $_[1]) },
	idle => \&get_beside_idle,
	tls32 => sub { $_[0]->get(32, $_[1], url => 'IO7_TLS_URL') },
	slow => \&get_with_slow,
	fastify16 => sub { $_[0]->fastify(16, $_[1], 1) },
	fastify32 => sub { $_[0]->fastify(32, $_[1], 1) },
	fastify_direct16 => sub { $_[0]->fastify(16, $_[1], 0) },
	fastify_direct32 => sub { $_[0]->fastify(32, $_[1], 0) },
	pocketbase16 => sub { $_[0]->pocketbase(16, $_[1]) },
	pocketbase32 => sub { $_[0]->pocketbase(32, $_[1]) },
	put16 => sub { $_[0]->put(16, $_[1]) },
	upsert16 => sub { $_[0]->pgbench(upsert => 16, $_[1]) },
	kv_set16 => sub { $_[0]->pgbench(kv_set => 16, $_[1]) },
	list_few1 => sub { $_[0]->list(few => 1, $_[1]) },
	list_few16 => sub { $_[0]->list(few => 16, $_[1]) },
	list_many1 => sub { $_[0]->list(many => 1, $_[1]) },
	list_many16 => sub { $_[0]->list(many => 16, $_[1]) },
	jq => sub { $_[0]->transform('"engine":"jq","program":".n"', $_[1]) },
	merge => sub { $_[0]->transform('"engine":"merge","patch":{}', $_[1]) },
	batch => \&batch_of_gets,
	# For the charts, too.
	(map { my $n = $_; ("tenants$n" => sub { $_[0]->tenants($n, $_[1]) }) }
		1, 10, 100, 1000, TENANTS),
	(map { my $bytes = $_; (
		"get_bytes$bytes" => sub { $_[0]->get_large($bytes, $_[1]) },
		"put_bytes$bytes" => sub { $_[0]->put_large($bytes, $_[1]) },
	) } 100, 1000, 10_000, 100_000),
	(map { my $n = $_; (
		"get$n" => sub { $_[0]->get($n, $_[1]) },
		"empty$n" => sub { $_[0]->empty($n, $_[1]) },
	) } 1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
	(map { my $n = $_; ("workers$n" => sub {
		$_[0]->get_by_workers($n, $_[1]) }) } 1, 2, 3, 4, 6, 8, 12, 16),
);

sub new
{
	my ($class, $stack) = @_;

	return bless { stack => $stack, made => {}, skipped => {} }, $class;
}

# Runs a case, and returns its figures; nothing if what it needs is not there.
sub figures
{
	my ($self, $name, $seconds) = @_;

	return if $self->{skipped}{$name};
	my $figures = eval { $cases{$name}->($self, $seconds) };
	return $figures if $figures;
	die $@ unless $@ =~ /^skip: (.*)/;
	$self->{skipped}{$name} = $1;
	return;
}

# Runs the cases once and makes what they need, while PostgreSQL does not wait for the
# disk.
sub prepare
{
	my ($self, $seconds, @names) = @_;
	my $set_fsync = sub { $self->{stack}->psql($_) for
		"ALTER SYSTEM SET fsync = $_[0]", 'SELECT pg_reload_conf()' };

	$set_fsync->('off');
	$self->figures($_, $seconds) for @names;
	$self->{stack}->psql('CHECKPOINT');
	$set_fsync->('on');
}

# Why a case is skipped.
sub skipped
{
	my ($self, $name) = @_;

	return $self->{skipped}{$name};
}

# What is made once: by its name, and how.
sub once
{
	my ($self, $name, $make) = @_;

	return $self->{made}{$name} //= $make->();
}

# Ends the peers, and dies if a worker has died. The logs are too large for finish() of
# Io7::Test.
sub finish
{
	my ($self) = @_;
	my $log = $self->{stack}->dir . '/log/io7.log';

	stop_peers();
	my $died = run('grep', '-m', 3, '"event":"worker_died"', $log)->{out};
	die "workers died:\n$died" if $died;
}

sub stack
{
	return $_[0]{stack};
}

sub url
{
	my ($self, $target) = @_;

	return $self->{stack}->env('IO7_URL') . ($target // '');
}

# A file of requests in the folder of the stack.
sub file
{
	my ($self, $name, @requests) = @_;

	return requests($self->{stack}->dir . "/requests-$name", @requests);
}

# --- Values -----------------------------------------------------------------

sub few
{
	my ($self) = @_;

	return $self->once('few', sub { new_store($self->{stack}, FEW) });
}

sub many
{
	my ($self) = @_;

	return $self->once('many', sub { new_store($self->{stack}, MANY) });
}

# The keys of the small store in an order that is not theirs.
sub keys_of_few
{
	return map { key($_ * 7919 % FEW + 1) } 1 .. FEW;
}

sub get
{
	my ($self, $connections, $seconds, %options) = @_;
	my $key = $self->few->live_key;
	my $file = $self->once('get', sub { $self->file('get',
		map { [GET => "/kv/$_", $key] } keys_of_few()) });
	my $url = $self->{stack}->env($options{url} // 'IO7_URL');

	return $self->measured([live_workers($self->{stack})],
		sub { load($url, $file, connections => $connections,
			seconds => $seconds) });
}

sub put
{
	my ($self, $connections, $seconds) = @_;
	my $key = $self->few->live_key;
	my $n = 0;
	my $file = $self->once('put', sub { $self->file('put',
		map { [PUT => "/kv/$_", $key, value(++$n)] } keys_of_few()) });

	return load($self->url, $file, connections => $connections,
		seconds => $seconds);
}

sub list
{
	my ($self, $store, $connections, $seconds) = @_;
	my $file = $self->once("list-$store", sub { $self->file("list-$store",
		[GET => '/kv?limit=100&pattern=user:*', $self->$store->live_key]) });

	return load($self->url, $file, connections => $connections,
		seconds => $seconds);
}

sub batch_of_gets
{
	my ($self, $seconds) = @_;
	my $key = $self->few->live_key;
	my @keys = keys_of_few();
	my $file = $self->once('batch', sub { $self->file('batch', map {
		my $first = $_ * 7;
		[POST => '/kv/batch', $key, '{"ops":[' . join(',', map {
			qq({"op":"get","key":"$keys[($first + $_) % FEW]"})
		} 1 .. BATCH) . ']}']
	} 1 .. 100) });

	my $figures = load($self->url, $file, connections => 16,
		seconds => $seconds);
	$figures->{rate} *= BATCH;
	return $figures;
}

# The same program each time: all workers have seen it.
sub transform
{
	my ($self, $engine, $seconds) = @_;
	my $key = $self->few->live_key;
	my $file = $self->once($engine, sub { $self->file('transform-'
		. ($engine =~ /:"(\w+)/)[0],
		[POST => '/kv/' . key(1) . '/transform', $key, "{$engine}"]) });

	return load($self->url, $file, connections => 1, seconds => $seconds);
}

# A store whose values have so many bytes.
sub large
{
	my ($self, $bytes) = @_;

	return $self->once("large-$bytes",
		sub { new_store($self->{stack}, LARGE, $bytes) });
}

sub get_large
{
	my ($self, $bytes, $seconds) = @_;
	my $key = $self->large($bytes)->live_key;
	my $file = $self->once("get-$bytes", sub { $self->file("get-$bytes",
		map { [GET => '/kv/' . key($_), $key] } 1 .. LARGE) });

	return load($self->url, $file, connections => 16, seconds => $seconds);
}

sub put_large
{
	my ($self, $bytes, $seconds) = @_;
	my $key = $self->large($bytes)->live_key;
	my $file = $self->once("put-$bytes", sub { $self->file("put-$bytes", map {
		[PUT => '/kv/' . key($_), $key, value($_, $bytes)] } 1 .. LARGE) });

	return load($self->url, $file, connections => 16, seconds => $seconds);
}

# --- Connections ------------------------------------------------------------

# The bytes of a request for Io7::Bench::Load.
sub get_bytes
{
	my ($account, $name) = @_;

	return "GET /kv/$name HTTP/1.1\r\nHost: localhost\r\n"
		. 'Authorization: Bearer ' . $account->live_key . "\r\n\r\n";
}

sub get_beside_idle
{
	my ($self, $seconds) = @_;
	my @idle = idle_connections($self->{stack}->port, IDLE,
		get_bytes($self->few, key(1)));

	return $self->get(32, $seconds);
}

# One key of each account is slow in PostgreSQL: a view waits before it shows it. The
# worker waits as for any slow statement. One account may not have many slow requests at
# once, so there are several.
sub get_with_slow
{
	my ($self, $seconds) = @_;
	my $pairs = $self->once('slow', sub { [map {
		my $account = slow_store($self->{stack});
		[map { get_bytes($account, key($_)) } 1, 2]
	} 1 .. SLOW_ACCOUNTS] });

	return load_with_slow($self->{stack}->port, $pairs, every => EVERY,
		connections => 32, seconds => $seconds);
}

sub slow_store
{
	my ($stack) = @_;
	my $account = new_store($stack, 2);
	my $schema = $account->schema;

	$stack->psql("ALTER TABLE $schema.kv_store RENAME TO kv_rows");
	$stack->psql("CREATE VIEW $schema.kv_store AS SELECT * FROM $schema.kv_rows
		WHERE key <> '@{[key(2)]}'
			OR pg_sleep(@{[SLOW_MS / 1000]}) IS NOT NULL");
	$stack->psql("GRANT SELECT ON $schema.kv_store TO io7_app");
	return $account;
}

# With a live pool of so many workers.
sub get_by_workers
{
	my ($self, $n, $seconds) = @_;

	$self->{stack}->reconfigure(IO7_LIVE_WORKERS => $n);
	return $self->get(32, $seconds);
}

# --- Peers ------------------------------------------------------------------

sub empty
{
	my ($self, $connections, $seconds) = @_;
	my $pid = $self->once('empty', sub { serve_empty($self->{stack}) });
	my $file = $self->once('empty-file', sub { $self->file('empty',
		[GET => '/empty']) });

	return $self->measured([family($pid)], sub { load($self->url, $file,
		connections => $connections, seconds => $seconds) });
}

# What a case needs of npm: its answer, or the case is skipped.
sub peer
{
	my ($self, $name, $start) = @_;
	my ($at, @more) = @{$self->once($name, sub { [$start->()] })};

	die "skip: $more[0]\n" unless $at;
	return ($at, @more);
}

# Puts load on a peer. The first time it runs longer, until its code is compiled.
sub load_peer
{
	my ($self, $name, $url, $connections, $seconds, @requests) = @_;
	my $file = $self->once("$name-file",
		sub { $self->file($name, @requests) });
	my $run = sub { load($url, $file, connections => $connections,
		seconds => $_[0]) };

	$self->once("$name-warm", sub { $run->(WARM) });
	return $run->($seconds);
}

sub fastify
{
	my ($self, $connections, $seconds, $is_behind_nginx) = @_;
	my $account = $self->few;
	my ($direct) = $self->peer('fastify',
		sub { serve_fastify($self->{stack}, $account) });
	my ($name, $url, $prefix) = $is_behind_nginx
		? ('fastify-nginx', $self->url, '/fastify')
		: ('fastify-direct', $direct, '');

	return $self->load_peer($name, $url, $connections, $seconds,
		map { [GET => "$prefix/kv/$_", $account->live_key] } keys_of_few());
}

sub pocketbase
{
	my ($self, $connections, $seconds) = @_;
	my ($url, $token, @targets) = $self->peer('pocketbase', sub {
		serve_pocketbase($self->{stack}, map { value($_) } 1 .. FEW) });

	return $self->load_peer('pocketbase-direct', $url, $connections, $seconds,
		map { [GET => $_, $token] } @targets);
}

# Scripts for pgbench. The plain upsert is prepared; for io7's statement each client
# prepares it in its first transaction, because pgbench does not know the types.
sub pgbench
{
	my ($self, $name, $connections, $seconds) = @_;
	my $script = $self->once("pgbench-$name", sub {
		my $file = $self->{stack}->dir . "/$name.sql";
		spew($file, $name eq 'upsert' ? $self->plain_upsert
			: $self->kv_set_script);
		chmod 0644, $file;
		return $file;
	});

	return run_pgbench($self->{stack}, $script, connections => $connections,
		seconds => $seconds,
		mode => $name eq 'upsert' ? 'prepared' : 'simple');
}

sub plain_upsert
{
	my ($self) = @_;

	$self->{stack}->psql('CREATE TABLE plain (key text COLLATE "C" PRIMARY KEY,
		value jsonb NOT NULL, version bigint NOT NULL,
		updated_at timestamptz NOT NULL)');
	return <<'END';
\set n random(1, 1000)
INSERT INTO plain AS old (key, value, version, updated_at)
VALUES ('user:' || lpad(:n::text, 7, '0'),
	jsonb_build_object('name', 'user ' || :n::text, 'n', :n::int), 1, now())
ON CONFLICT (key) DO UPDATE SET value = excluded.value,
	version = old.version + 1, updated_at = excluded.updated_at;
END
}

# The statement's first lines name its parameters: "-- in: NAME TYPE, ..." The value of
# one depends on its type only; those that may be NULL are. Each client has a counter of
# its own, as each worker has.
sub kv_set_script
{
	my ($self) = @_;
	my $schema = $self->once('put-store',
		sub { new_store($self->{stack}, FEW) })->schema;
	my $sql = slurp(top() . '/sql/q/kv/kv_set.sql');
	my ($in) = $sql =~ /^-- in:(.*?)^-- \w+:/ms;
	my @types = $in =~ /\w+ ([\w\[\]]+\??)(?:,|$)/gm;
	my %value = (text => q('user:' || lpad(:n::text, 7, '0')),
		jsonb => q(jsonb_build_object('name', 'user ' || :n, 'n', :n)),
		int8 => '1000000000000', int4 => '16 + :client_id % 16');
	my $values = join ', ', map { /\?$/ ? 'NULL' : $value{$_} } @types;
	my $declared = join ', ', map { s/\?//r } @types;

	$sql = $sql =~ s/^--.*\n//gmr =~ s/\{tenant\}/$schema/gr
		=~ s/[\s;]*\z//r;
	return "\\set n random(1, 1000)\n\\if :is_prepared\n\\else\n"
		. "PREPARE kv_set ($declared) AS $sql;\n"
		. "\\set is_prepared 1\n\\endif\nEXECUTE kv_set ($values);\n";
}

# --- Tenants ----------------------------------------------------------------

sub tenants
{
	my ($self, $n, $seconds) = @_;
	my $file = $self->once("tenants-$n",
		sub { $self->tenants_file("tenants-$n", zipf($n, DRAWS)) });

	return load($self->url, $file, connections => 16, seconds => $seconds);
}

# A file with a request of each of the tenants, which are numbered from 1.
sub tenants_file
{
	my ($self, $name, @tenants) = @_;
	my $keys = $self->once('tenants',
		sub { [new_tenants($self->{stack}, TENANTS)] });

	return $self->file($name, map { [GET => '/kv/' . key(1), $keys->[$_ - 1]] }
		@tenants);
}

# --- CPU time and calls of Redis --------------------------------------------

# Adds to the figures of a load the microseconds of CPU that the processes spent on a
# request, and the script calls of Redis for each. Without cpu, if a process was replaced.
sub measured
{
	my ($self, $pids, $load) = @_;
	my ($cpu, $calls) = (cpu_us(@$pids), $self->script_calls);
	my $figures = $load->();
	my $after = cpu_us(@$pids);

	$figures->{cpu} = ($after - $cpu) / $figures->{requests}
		if defined $after;
	$figures->{redis} = ($self->script_calls - $calls) / $figures->{requests};
	return $figures;
}

# What the processes have had of the processors; nothing if one has ended.
sub cpu_us
{
	my $sum = 0;

	for my $pid (@_) {
		open my $in, '<', "/proc/$pid/schedstat" or return;
		$sum += (split ' ', <$in>)[0] / 1000;
	}
	return $sum;
}

# Commands inside a script are counted too, so that only the script itself tells.
sub script_calls
{
	my ($self) = @_;
	my %calls = $self->{stack}->redis('info', 'commandstats')
		=~ /^cmdstat_(\w+):calls=(\d+)/mg;
	my $sum = 0;

	$sum += $calls{$_} // 0 for qw(eval evalsha fcall);
	return $sum;
}

1;
