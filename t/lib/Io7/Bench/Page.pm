# Io7::Bench::Page: writes the measured table into deploy/doc/bench.md, between
# `<!-- NAME -->` and `<!-- /NAME -->`, and the charts beside it.
package Io7::Bench::Page;

use strict;
use warnings;

use Exporter 'import';
use Io7::Bench::Chart;
use Io7::Command;
use Io7::File;

our @EXPORT = qw(cells write_page);

# Two digits or three of a figure.
sub short
{
	my ($number) = @_;

	return sprintf $number < 10 ? '%.2f' : $number < 100 ? '%.1f' : '%.0f',
		$number;
}

# The median, the spread, the target of a row, and whether it is held.
sub cells
{
	my ($row) = @_;
	my $result = $row->{result} or return ('-', '-', target($row), '-');
	my $is_one = $result->{min} == $result->{max};

	return (short($result->{median}), $is_one ? ''
		: short($result->{min}) . ' to ' . short($result->{max}),
		target($row), verdict($row, $result->{median}));
}

sub target
{
	my ($row) = @_;

	return defined $row->{least} ? "at least $row->{least}"
		: defined $row->{most} ? "at most $row->{most}" : '';
}

sub verdict
{
	my ($row, $median) = @_;

	return defined $row->{least} ? ($median >= $row->{least} ? 'yes' : 'no')
		: defined $row->{most} ? ($median <= $row->{most} ? 'yes' : 'no') : '';
}

# A word on the machine and what ran on it, for ratios depend on both.
sub machine
{
	my ($model) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
	my $cores = () = slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
	my ($memory) = slurp('/proc/meminfo') =~ /^MemTotal:\s+(\d+) kB/m;
	my $is_virtual = slurp('/proc/cpuinfo') =~ /^flags\b.*\bhypervisor\b/m;

	return sprintf "Measured on a %smachine with %d cores%s and %d GB of memory, "
		. "with PostgreSQL %s, Redis %s and nginx %s of Debian.\n",
		$is_virtual ? 'virtual ' : '', $cores,
		$model ? " ($model)" : '', $memory / 2**20 + 0.5,
		map { my $output = run('/bin/sh', '-c', "$_ 2>&1");
			$output->{out} =~ /(\d+\.\d+(?:\.\d+)?)/ ? $1 : '?' }
		'psql --version', 'redis-server --version',
		'PATH=$PATH:/usr/sbin nginx -v';
}

sub fill
{
	my ($text, $name, $content) = @_;

	$text =~ s{(?<=<!-- $name -->\n).*?(?=<!-- /$name -->)}{$content}s
		or die "bench.md: no place for the $name\n";
	return $text;
}

sub write_page
{
	my ($rows, $charts, %env) = @_;
	my $doc = top() . '/deploy/doc';
	my $text = slurp("$doc/bench.md");
	my $table = join '', "| Measured | Median | Spread | Target | Held |\n",
		"| --- | --- | --- | --- | --- |\n",
		map { '| ' . join(' | ', $_->{what}, cells($_)) . " |\n" } @$rows;

	$text = fill($text, 'machine', machine());
	$text = fill($text, 'rounds', "Rounds: $env{ROUNDS}, of $env{SECONDS} s for each"
		. " load. Load average before: $env{BUSY}.\n");
	$text = fill($text, 'ratios', $table);
	spew("$doc/bench.md", fill($text, 'charts', join "\n",
		map { "![$_->{title}]($_->{file}.svg)\n" } @$charts));
	for my $chart (@$charts) {
		spew("$doc/$chart->{file}.svg", draw_chart(%$chart,
			lines => $chart->{drawn}));
	}
	print "\nwritten: deploy/doc/bench.md\n";
}

1;
