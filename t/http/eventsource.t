#!/usr/bin/perl
# Every stream, read by an independent client: npm's eventsource-parser.

use strict;
use warnings;

use Io7::Account;
use Io7::Command;
use Io7::Model;
use Io7::Npm;
use Io7::Test;
use Io7::Transform;
use Io7::Json;

my ($at, $reason) = npm_client('eventsource');
plan skip_all => $reason unless $at;

my $model = Io7::Model->new(key => '');
my $stack = private_stack(set => { IO7_MODEL_URL => $model->url,
	IO7_MODELS => 'm', IO7_STREAM_HEARTBEAT => '200ms' });
my $account = new_account($stack);
my $t = Io7::Transform->new($account, 'test', $stack->http);
$t->put($_, '{"text":"line\\none","n":[1,2]}') for qw(a b);
$model->behave('quiet');

my @questions = (
	['jq', '/kv/a/transform', { engine => 'jq', program => '.n[], .text' }],
	['an error', '/kv/a/transform', { engine => 'jq', program => 'error("x")' }],
	['merge', '/kv/a/transform', { engine => 'merge', patch => { n => undef } }],
	['a batch', '/kv/transform/batch', { engine => 'jq', program => '.text',
		keys => ['a', 'nosuch', 'b'] }],
	['a model, with comments', '/kv/a/transform',
		{ engine => 'model', prompt => 'Wait.' }],
	['the status', '/status/stream', undef, 2],
);
my @lines = split /\n/, run_ok({ timeout => 60 }, 'node', "$at/read.mjs",
	'http://127.0.0.1:' . $stack->port, $account->test_key,
	encode_json([map { { path => $_->[1],
		$_->[2] ? (body => $_->[2]) : (), $_->[3] ? (most => $_->[3]) : () } }
		@questions]));
is(scalar @lines, scalar @questions, 'every stream is read to its end');

for my $i (0 .. $#questions) {
	my ($what, undef, $body) = @{$questions[$i]};
	my $seen = decode_json($lines[$i]);
	my @events = @{$seen->{events}};

	is($seen->{type}, 'text/event-stream', "$what: events");
	is_deeply($seen->{errors}, [], '... none of which is wrong');
	my @ids = (1 .. @events);
	$ids[-1] .= '-end' if $body;
	is_deeply([map { $_->{id} } @events], \@ids, '... with their ids');
	is(scalar(grep { !defined eval { decode_json($_->{data}) } }
		@events), 0, '... and JSON');
	next unless $body;
	is($events[0]{event}, 'start', '... from the start');
	is($events[-1]{event}, 'done', '... to the end');
	cmp_ok($seen->{comments}, '>=', 2, '... with heartbeats')
		if $body->{engine} eq 'model';
}
is_deeply([map { decode_json($_->{data})->{value} }
	grep { $_->{event} eq 'chunk' }
	@{decode_json($lines[0])->{events}}], [1, 2, "line\none"],
	'the client reads the output unchanged');

finish;
