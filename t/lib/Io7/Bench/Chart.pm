# Io7::Bench::Chart: draws lines over named points as SVG. Text and lines take the
# colours of a light or a dark page.
#
#     draw_chart(title => ..., x => 'workers', y => '4 workers = 1',
#         points => [1, 2, 4], lines => { GET => [{ median, min, max }, ...] });
package Io7::Bench::Chart;

use strict;
use warnings;

use Exporter 'import';
use List::Util qw(max);

our @EXPORT = qw(draw_chart grouped);

use constant { WIDTH => 640, HEIGHT => 320, LEFT => 56, RIGHT => 120, TOP => 40,
	BOTTOM => 48 };

my $style = <<'END';
<style>
	text { font: 13px system-ui, sans-serif; fill: #444 }
	.title { font-size: 15px; font-weight: 600 }
	.grid { stroke: #8884 }
	.line0 { stroke: #1f6feb; fill: #1f6feb }
	.line1 { stroke: #bf5b04; fill: #bf5b04 }
	text.line0, text.line1 { stroke: none }
	polyline { fill: none; stroke-width: 2 }
	polyline.line0, polyline.line1 { fill: none }
	@media (prefers-color-scheme: dark) {
		text { fill: #bbb }
		.line0 { stroke: #6cb0ff; fill: #6cb0ff }
		.line1 { stroke: #f0a050; fill: #f0a050 }
	}
</style>
END

# 1000000 as 1,000,000.
sub grouped
{
	my ($number) = @_;

	1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;
	return $number;
}

sub escaped
{
	my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;');

	return $_[0] =~ s/([&<>])/$entity{$1}/gr;
}

sub text
{
	my ($x, $y, $text, $attributes) = @_;

	return sprintf qq(<text x="%.1f" y="%.1f" %s>%s</text>\n), $x, $y,
		$attributes // '', escaped($text);
}

# The step of the scale: 1, 2 or 5 and zeros, with five steps at most.
sub step_for
{
	my ($most) = @_;
	my $step = 0.01;

	for (my $i = 0; $most / $step > 5; $i++) {
		$step *= (2, 2.5, 2)[$i % 3];
	}
	return $step;
}

sub draw_chart
{
	my (%chart) = @_;
	my $lines = $chart{lines};
	my $points = $chart{points};
	my $step = step_for(max map { $_ ? $_->{max} : () }
		map { @$_ } values %$lines);
	my $most = $step * (1 + int((max map { $_ ? $_->{max} : 0 }
		map { @$_ } values %$lines) / $step));
	my $x = sub { LEFT + $_[0] * (WIDTH - LEFT - RIGHT) / ($#$points || 1) };
	my $y = sub { HEIGHT - BOTTOM - $_[0] / $most * (HEIGHT - TOP - BOTTOM) };

	my $svg = sprintf(qq(<svg xmlns="http://www.w3.org/2000/svg" )
		. qq(viewBox="0 0 %d %d" role="img">\n), WIDTH, HEIGHT)
		. '<title>' . escaped($chart{title}) . "</title>\n" . $style
		. text(LEFT, 18, $chart{title}, 'class="title"');
	for (my $value = 0; $value <= $most + $step / 2; $value += $step) {
		$svg .= sprintf(qq(<path class="grid" d="M%d %.1fH%d"/>\n), LEFT,
			$y->($value), WIDTH - RIGHT)
			. text(LEFT - 8, $y->($value) + 4, sprintf('%g', $value),
				'text-anchor="end"');
	}
	$svg .= text($x->($_), HEIGHT - BOTTOM + 20, grouped($points->[$_]),
		'text-anchor="middle"') for 0 .. $#$points;
	$svg .= text(LEFT, HEIGHT - 8, "$chart{x}; $chart{y}");

	# From the top down, so that two names do not overlap.
	my $number = 0;
	my %class = map { ($_ => 'line' . $number++) } sort keys %$lines;
	my $above = 0;
	for my $name (sort { last_of($lines->{$b}) <=> last_of($lines->{$a}) }
		keys %$lines) {
		$svg .= draw_line($class{$name}, $x, $y, @{$lines->{$name}});
		$above = max($above + 16, 4 + $y->(last_of($lines->{$name})));
		$svg .= text(WIDTH - RIGHT + 8, $above, $name,
			qq(class="$class{$name}"));
	}
	return "$svg</svg>\n";
}

sub last_of
{
	return $_[0][-1] ? $_[0][-1]{median} : 0;
}

# The medians, joined, with a bar from the smallest to the largest value of each.
sub draw_line
{
	my ($class, $x, $y, @values) = @_;
	my @at = grep { $values[$_] } 0 .. $#values;

	return sprintf(qq(<polyline class="%s" points="%s"/>\n), $class,
		join ' ', map { sprintf '%.1f,%.1f', $x->($_),
			$y->($values[$_]{median}) } @at)
		. join '', map { sprintf qq(<path class="%s" d="M%.1f %.1fV%.1f"/>\n),
			$class, $x->($_), $y->($values[$_]{min}),
			$y->($values[$_]{max}) } @at;
}

1;
