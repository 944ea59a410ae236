# Io7::Chrome: a headless Chromium at the pages of a stack, driven by chromedriver with
# the WebDriver protocol, JSON over HTTP.
#
#     my $obstacle = Io7::Chrome->obstacle;
#     plan(skip_all => $obstacle) if $obstacle;
#     my $chrome = Io7::Chrome->new($stack->env('IO7_TLS_URL'));
#     $chrome->visit('/dashboard/login');
#     $chrome->type('#key', $key);
#     $chrome->click('button');
#     is($chrome->text('#plan-name'), 'Pro', 'the plan');
#
# Methods wait until an element is there. All requests and console messages are kept.
package Io7::Chrome;

use strict;
use warnings;

use File::Temp qw(tempdir);
use HTTP::Tiny;
use Io7::Command;
use Io7::Wait;
use Io7::Json;
use MIME::Base64 qw(decode_base64);
use POSIX ();

use constant {
	ELEMENT => 'element-6066-11e4-a52e-4f735466cecf',
	# Seconds, for an element and for an answer of chromedriver: on a busy machine
	# a check of a large page takes a minute.
	PATIENCE => 60,
	ANSWER => 300,
};

# Disables everything that makes Chromium ask other hosts.
my @flags = qw(--headless --no-sandbox --disable-gpu --disable-quic
	--no-first-run --disable-background-networking
	--disable-component-update --disable-sync --disable-dev-shm-usage);

# Why there is no browser; undef if there is one. A test asks this first, so that it
# prints no result before it is skipped.
sub obstacle
{
	for my $program (qw(chromedriver chromium)) {
		return "there is no $program: deploy/deps clients"
			if run($program, '--version')->{exit} != 0;
	}
	return;
}

# A browser at a site.
sub new
{
	my ($class, $site) = @_;
	my $self = bless { site => $site, owner => $$, console => [],
		requests => [], http => HTTP::Tiny->new(timeout => ANSWER) },
		$class;
	$self->start_driver;
	$self->start_session;
	return $self;
}

sub start_driver
{
	my ($self) = @_;

	my $pid = open(my $out, '-|') // die "fork: $!\n";
	if ($pid == 0) {
		open STDERR, '>&', \*STDOUT;
		setpgrp;
		exec('chromedriver', '--port=0') or POSIX::_exit(127);
	}
	@$self{qw(pid out)} = ($pid, $out);
	while (my $line = <$out>) {
		next unless $line =~ /started successfully on port (\d+)/;
		$self->{driver} = "http://127.0.0.1:$1";
		return;
	}
	die "chromedriver does not start\n";
}

sub start_session
{
	my ($self) = @_;
	my $folder = $self->{folder} = tempdir(CLEANUP => 1);

	my $session = $self->call(POST => '/session', { capabilities => {
		alwaysMatch => {
			acceptInsecureCerts => true,
			timeouts => { script => ANSWER * 1000 },
			'goog:loggingPrefs' => {
				browser => 'ALL', performance => 'ALL' },
			'goog:chromeOptions' => {
				args => [@flags, "--user-data-dir=$folder"] },
		} } });
	$self->{driver} .= "/session/$session->{sessionId}";

	# Chromium's own start page is not a request of a page.
	$self->call(POST => '/url', { url => 'about:blank' });
	$self->listen;
	@$self{qw(console requests)} = ([], []);
}

sub is_open
{
	return !!$_[0]{pid};
}

# Ends the browser. The end of the test does so too.
sub quit
{
	my ($self) = @_;

	return unless $self->{pid} && $self->{owner} == $$;
	local ($?, $@);
	eval { $self->call(DELETE => ''); };
	kill TERM => -$self->{pid};
	close $self->{out};
	delete $self->{pid};
}

sub DESTROY
{
	$_[0]->quit;
}

# --- WebDriver --------------------------------------------------------------

# Sends a command to chromedriver and returns its value.
sub call
{
	my ($self, $method, $path, $said) = @_;

	my $answer = $self->{http}->request($method, "$self->{driver}$path",
		$method eq 'POST'
			? { content => encode_json($said // {}) } : {});
	my $value = eval { decode_json($answer->{content})->{value} };
	die "$method $path: ", $value ? $value->{message} : $answer->{content},
		"\n" unless $answer->{success};
	return $value;
}

# Runs a function body in the page and returns its result.
sub run_script
{
	my ($self, $body, @arguments) = @_;

	return $self->call(POST => '/execute/sync',
		{ script => $body, args => \@arguments });
}

# Sends a DevTools command.
sub devtools
{
	my ($self, $command, %parameters) = @_;

	return $self->call(POST => '/goog/cdp/execute',
		{ cmd => $command, params => \%parameters });
}

# The first visible element that a CSS selector finds. Waits for it.
sub element
{
	my ($self, $selector) = @_;

	return wait_until(PATIENCE, sub {
		my $id = $self->call(POST => '/element', { using =>
			'css selector', value => $selector })->{+ELEMENT};
		$self->call(GET => "/element/$id/displayed") && $id;
	}) // die "no $selector on " . $self->place . "\n";
}

# --- User actions -----------------------------------------------------------

sub visit
{
	my ($self, $path) = @_;

	$self->listen;
	$self->call(POST => '/url', { url => "$self->{site}$path" });
}

# Repeats a click on an element that was drawn again meanwhile. An element below
# another one is scrolled to the middle first, as a user would do.
sub click
{
	my ($self, $selector) = @_;

	my $path = '/element/' . $self->element($selector) . '/click';
	return if eval { $self->call(POST => $path); 1 };
	return $self->click($selector) if $@ =~ /stale element/;
	die $@ unless $@ =~ /click intercepted/;
	$self->run_script('document.querySelector(arguments[0])
		.scrollIntoView({ block: "center", behavior: "instant" })',
		$selector);
	$self->call(POST => $path);
}

# Replaces the text of a field.
sub type
{
	my ($self, $selector, $text) = @_;

	my $id = $self->element($selector);
	$self->call(POST => "/element/$id/clear");
	$self->call(POST => "/element/$id/value", { text => $text });
}

# Sends keys to the focused element: "\x{e00c}" is Escape, "\x{e004}" Tab.
sub press
{
	my ($self, $keys) = @_;

	my $id = $self->call(GET => '/element/active')->{+ELEMENT};
	$self->call(POST => "/element/$id/value", { text => $keys });
}

# Presses keys one after another; the keys of a list together.
sub strike
{
	my ($self, @keys) = @_;
	my @actions;

	for my $key (@keys) {
		my @held = ref $key ? @$key : $key;
		push @actions, map { { type => 'keyDown', value => $_ } } @held;
		push @actions, map { { type => 'keyUp', value => $_ } }
			reverse @held;
	}
	$self->call(POST => '/actions', { actions => [{ type => 'key',
		id => 'keyboard', actions => \@actions }] });
}

sub text
{
	my ($self, $selector) = @_;

	my $id = $self->element($selector);
	return $self->call(GET => "/element/$id/text");
}

# Whether an element is visible now.
sub shows
{
	my ($self, $selector) = @_;

	return $self->run_script('return !!document.querySelector(
		arguments[0])?.checkVisibility()', $selector);
}

# Path, query and fragment of the page.
sub place
{
	my ($self) = @_;

	return $self->call(GET => '/url') =~ s/^\Q$self->{site}\E//r;
}

sub set_cookie
{
	my ($self, $name, $value) = @_;

	$self->call(POST => '/cookie', { cookie => { name => $name, value =>
		$value, path => '/', secure => true,
		httpOnly => true, sameSite => 'Lax' } });
}

# Sets light or dark mode and the width; without arguments: the defaults.
sub look
{
	my ($self, $scheme, $width, $height) = @_;

	unless ($scheme) {
		$self->devtools('Emulation.clearDeviceMetricsOverride');
		$self->devtools('Emulation.setEmulatedMedia', features => []);
		return;
	}

	$self->devtools('Emulation.setDeviceMetricsOverride', width => $width,
		height => $height // 900, deviceScaleFactor => 1,
		mobile => false);
	$self->devtools('Emulation.setEmulatedMedia', features => [
		{ name => 'prefers-color-scheme', value => $scheme }]);
}

# Saves a screenshot as a PNG file.
sub screenshot
{
	my ($self, $file) = @_;

	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out decode_base64($self->call(GET => '/screenshot'));
	close $out or die "$file: $!\n";
}

# --- Console and network ----------------------------------------------------

# Reads what the browser has logged since the last call.
sub listen
{
	my ($self) = @_;

	push @{$self->{console}},
		map { "$_->{level} $_->{source} $_->{message}" }
		@{$self->call(POST => '/se/log', { type => 'browser' })};
	for my $entry (@{$self->call(POST => '/se/log',
		{ type => 'performance' })}) {
		my $event = decode_json($entry->{message})->{message};
		push @{$self->{requests}}, $event->{params}{request}
			if $event->{method} eq 'Network.requestWillBeSent';
	}
}

# Error messages of the console. Error answers are logged as network errors and are not
# errors of the page.
sub faults
{
	my ($self) = @_;

	$self->listen;
	return grep { /^(SEVERE|WARNING) (?!network )/ } @{$self->{console}};
}

# The requests: method and URL.
sub requests
{
	my ($self) = @_;

	$self->listen;
	return map { "$_->{method} $_->{url}" } @{$self->{requests}};
}

1;
