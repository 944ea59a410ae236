#!/usr/bin/perl
# Schedules beside npm's cron-parser: both give the same times wherever they mean the
# same. Where they do not, the difference is listed here with its reason, and in
# deploy/doc/cron.md.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib dirname(abs_path(__FILE__)) . '/../lib';

use Io7::Command;
use Io7::Npm;
use Test::More;

my ($at, $reason) = npm_client('cron-parser');
plan skip_all => $reason unless $at;

# Asks both about [zone, schedule, after, count] and returns their answers, in the order
# of the questions.
sub ask
{
	my @questions = @_;
	my $input = join '', map { join("\t", @$_) . "\n" } @questions;

	return map { [split /\n/, run_ok({ input => $input, timeout => 120 }, @$_)] }
		[build_folder() . '/time/next'], ['node', "$at/next.mjs"];
}

# --- The same -------------------------------------------------------------------

srand($ENV{SEED} // 1);

sub pick
{
	return $_[rand @_];
}

# A list of values and ranges that do not overlap: cron-parser refuses a value that
# comes twice.
sub field
{
	my ($min, $max, @names) = @_;
	my %seen;
	my @values = sort { $a <=> $b } grep { !$seen{$_}++ }
		map { $min + int rand $max - $min + 1 } 0 .. rand 5;
	my $name = sub { @names ? pick($_[0], $names[$_[0] - $min]) : $_[0] };
	my @items;

	while (@values) {
		my $from = shift @values;
		my $to = @values && rand 2 < 1 ? shift @values : $from;
		my $range = $name->($from) . '-' . $name->($to);
		push @items, $from == $to ? $name->($from)
			: pick($range, $range . '/' . (1 + int rand 6));
	}
	return join ',', @items;
}

sub day_fields
{
	my $day = field(1, 28);
	my $weekday = field(0, 6, qw(SUN MON tue Wed thu FRI SAT));

	return @{pick(['*', '*'], ['*', '*'], [$day, '*'], ['*', $weekday],
		['*/' . (2 + int rand 9), '*'], [$day, $weekday])};
}

# A schedule that both read in the same way.
sub schedule
{
	my ($day, $weekday) = day_fields();

	return join ' ', pick('*', '*/7', '*/15', '*/35', field(0, 59)),
		pick('*', '*', '*/5', field(0, 23), field(0, 3)), $day,
		pick('*', '*', '*/3', field(1, 12, qw(JAN feb Mar APR may JUN jul AUG SEP
			Oct NOV DEC))),
		$weekday;
}

# Zones, and when their clocks do not change.
my @quiet = (
	['UTC', '2020-01-01', '2090-01-01'],
	['Asia/Tokyo', '2020-01-01', '2090-01-01'],
	['Asia/Kathmandu', '2020-01-01', '2090-01-01'],
	['America/Phoenix', '2020-01-01', '2090-01-01'],
	(map { ['Europe/Rome', "$_-04-01", "$_-10-01"],
		['America/New_York', "$_-03-20", "$_-10-20"],
		['Australia/Lord_Howe', "$_-04-15", "$_-09-15"] } 2024 .. 2035),
);

my $count = $ENV{IO7_SLOW} ? 5_000 : 1_000;
my (@questions, @until);
for (1 .. $count) {
	my ($zone, $from, $until) = @{pick(@quiet)};
	push @questions, [$zone, schedule(), "${from}T00:00:00Z", 20];
	push @until, $until;
}

# The times before a day.
sub before
{
	my ($answer, $until) = @_;

	return join ' ', grep { $_ lt $until } split / /, $answer;
}

my ($ours, $theirs) = ask(@questions);
my @different = grep { before($ours->[$_], $until[$_])
	ne before($theirs->[$_], $until[$_]) } 0 .. $#questions;
is(scalar @different, 0, "$count random schedules have the same next times");
diag("@{$questions[$_]}\nours   $ours->[$_]\ntheirs $theirs->[$_]")
	for grep { defined } @different[0 .. 4];
is(scalar(grep { /^refused/ } @$ours), 0, '... and none is refused');

# --- Other times ----------------------------------------------------------------

my $rome = 'Europe/Rome';

# [why, zone, schedule, after, our times, their times]
my @other = (
	['a skipped fixed time runs at once; theirs keeps its minutes', $rome,
		'30 2 * * *', '2026-03-28T12:00:00Z',
		'2026-03-29T01:00:00Z 2026-03-30T00:30:00Z',
		'2026-03-29T01:30:00Z 2026-03-30T00:30:00Z'],
	['... or does not run where the clock moves by half an hour',
		'Australia/Lord_Howe', '15 2 * * *', '2026-10-03T00:00:00Z',
		'2026-10-03T15:30:00Z 2026-10-04T15:15:00Z',
		'2026-10-04T15:15:00Z 2026-10-05T15:15:00Z'],
	['skipped fixed times of one job run once', $rome, '0,30 2 * * *',
		'2026-03-28T12:00:00Z',
		'2026-03-29T01:00:00Z 2026-03-30T00:00:00Z',
		'2026-03-29T01:00:00Z 2026-03-29T01:30:00Z'],
	['a wildcard job does not run in the skipped hour', $rome,
		'*/30 2 * * *', '2026-03-28T12:00:00Z',
		'2026-03-30T00:00:00Z 2026-03-30T00:30:00Z',
		'2026-03-29T01:00:00Z 2026-03-29T01:30:00Z'],
	['a wildcard job runs in both repeated hours', $rome, '*/30 2 * * *',
		'2026-10-24T22:00:00Z',
		'2026-10-25T00:00:00Z 2026-10-25T00:30:00Z '
		. '2026-10-25T01:00:00Z 2026-10-25T01:30:00Z',
		'2026-10-25T00:00:00Z 2026-10-25T00:30:00Z '
		. '2026-10-26T01:00:00Z 2026-10-26T01:30:00Z'],
	['a day field that begins with "*" restricts the other', 'UTC',
		'0 0 */2 * 1', '2026-01-01T00:00:00Z',
		'2026-01-05T00:00:00Z 2026-01-19T00:00:00Z',
		'2026-01-03T00:00:00Z 2026-01-05T00:00:00Z'],
);

my ($our_other, $their_other) =
	ask(map { [@$_[1 .. 3], scalar split / /, $_->[4]] } @other);
for my $i (0 .. $#other) {
	my ($why, @want) = @{$other[$i]}[0, 4, 5];
	is_deeply([$our_other->[$i], $their_other->[$i]], \@want, $why);
}

# --- Other syntax ---------------------------------------------------------------

# Schedules that only cron-parser reads.
my @theirs_only = ('0 0 12 * * *', '* * * *', '@minutely', '@weekdays', '0 0 L * *',
	'0 0 * * 5L', '0 0 * * 5#2', '0 0 ? * *', '5/15 * * * *', 'H * * * *');
# Schedules that only io7 reads: a week that ends with SUN.
my @ours_only = ('0 0 * * FRI-SUN', '0 0 * * MON-SUN');
# Both refuse these.
my @neither = ('60 * * * *', '0 24 * * *', '0 0 0 * *', '0 0 32 * *', '0 0 * 13 *',
	'0 0 * * 8', '*/0 * * * *', '5-1 * * * *', '0 0 30 2 *', 'a * * * *',
	'@reboot', '1,,2 * * * *', '-1 * * * *', '1-2-3 * * * *', '0 0 * FOO *');

my @syntax = (
	(map { [$_, 'refused', 'read'] } @theirs_only),
	(map { [$_, 'read', 'refused'] } @ours_only),
	(map { [$_, 'refused', 'refused'] } @neither),
);

my ($our_syntax, $their_syntax) =
	ask(map { ['UTC', $_->[0], '2026-01-01T00:00:00Z', 1] } @syntax);
for my $i (0 .. $#syntax) {
	my ($schedule, @want) = @{$syntax[$i]};
	my @got = map { $_->[$i] =~ /^refused/ ? 'refused' : 'read' }
		$our_syntax, $their_syntax;
	is_deeply(\@got, \@want, "\"$schedule\" is $want[0], cron-parser: $want[1]");
}

done_testing();
