#!/usr/bin/perl
# make install: the installed files and their modes, and that systemd and nginx accept
# them. It installs below a temporary folder only.

use strict;
use warnings;

use File::Find;
use File::Temp qw(tempdir);
use Io7::Install;
use Io7::Test;

my $root = tempdir('io7-install-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Returns the content of all files below a folder, by path.
sub files
{
	my ($below) = @_;
	my %found;

	find({ no_chdir => 1, wanted => sub {
		$found{substr $_, length $below} = slurp($_) if -f;
	} }, $below);
	return %found;
}

sub mode
{
	my ($path) = @_;

	return sprintf '%04o', (stat "$root$path")[2] & 07777;
}

my $umask = umask 077;
install_below($root);
umask $umask;
my %files = files($root);

# --- Installed files --------------------------------------------------------

my @nginx = qw(app.conf balancers.conf fastcgi.conf headers.conf http.conf
	limits.conf operators.geo origins.map pools.conf server.conf tls.conf);
my @expected = (
	'/usr/bin/io7',
	(map { "/lib/systemd/system/$_" }
		qw(io7-migrate.service io7.service io7.socket)),
	'/usr/lib/sysusers.d/io7.conf', '/usr/lib/tmpfiles.d/io7.conf',
	'/etc/io7/io7.conf', '/etc/logrotate.d/io7',
	'/etc/nginx/sites-available/io7', map { "/etc/nginx/io7/$_" } @nginx,
);
my $share = qr{^/usr/share/io7/(sql|www|nginx)/};
is_deeply([sort grep { !/$share/ } keys %files], [sort @expected],
	'the files outside of /usr/share/io7 are the expected ones');
for my $file (map { glob "$_/*" } qw(sql/live sql/both sql/tenant)) {
	is($files{"/usr/share/io7/$file"}, slurp($file), "$file is installed");
}
ok($files{"/usr/share/io7/$_"}, "$_ is installed")
	for qw(sql/cluster.sql www/index.html www/openapi.json nginx/site.conf);
ok(!(grep { m{/(stack\.conf|sql/(gen|q))} } keys %files),
	'files that only a checkout needs are not installed');

is(mode('/usr/bin/io7'), '0755', 'all users can run the program');
is_deeply([grep { mode($_) ne '0644' } grep { $_ ne '/usr/bin/io7' }
	sort keys %files], [], '... and read the other files');
is(mode('/etc/io7'), '0755', '... whatever the umask was');

for my $trace (top(), $root, is_sanitized() ? () : build_folder()) {
	is_deeply([grep { index($files{$_}, $trace) >= 0 } sort keys %files], [],
		"no file contains the path $trace");
}
is_deeply([grep { $_ ne '/usr/bin/io7' && $files{$_} =~ /@[A-Z_]+@/ }
	sort keys %files], [], 'every placeholder is replaced');

is(run("$root/usr/bin/io7", 'version')->{exit}, 0, 'the installed program runs');
is($files{'/etc/io7/io7.conf'}, slurp('conf/io7.conf') =~ s/^#(?=IO7_SQL_DIR=)//mr,
	'io7.conf holds every option');

# --- A second installation --------------------------------------------------

my %edited = map { ($_ => "# mine\n") } '/etc/io7/io7.conf',
	'/etc/logrotate.d/io7', '/etc/nginx/sites-available/io7',
	map { "/etc/nginx/io7/$_" }
	qw(balancers.conf operators.geo origins.map tls.conf);
spew("$root/etc/io7/io7.conf",
	"IO7_LIVE_WORKERS=3\nIO7_STREAM_WORKERS=5\nIO7_CLIENT_REQUESTS=7\n");
install_below($root);
my $pools = slurp("$root/etc/nginx/io7/pools.conf");
like($pools, qr{live\.sock max_conns=1027;$}m,
	'the connections to a pool follow io7.conf, with a queue');
like($pools, qr{stream\.sock max_conns=5;$}m,
	'... without a queue for long requests');
like(slurp("$root/etc/nginx/io7/limits.conf"), qr/^limit_conn io7_client 7;$/m,
	'... and limits the requests of one address');
spew("$root$_", $edited{$_}) for keys %edited;
spew("$root/etc/nginx/io7/http.conf", "# old\n");
install_below($root);
is_deeply({ files($root) }, { %files, %edited },
	'files that an operator edited are kept, others are replaced');
spew("$root$_", $files{$_}) for keys %edited;

# --- Another prefix ---------------------------------------------------------

my $local = "$root/elsewhere";
install_below($local, 'PREFIX=/usr/local',
	'SYSTEMDDIR=/usr/local/lib/systemd/system', 'HOST=api.example.com', 'CERT=/etc/a.pem', 'KEY=/etc/b.pem');
my %local = files($local);
my $units = '/usr/local/lib/systemd/system';
like($local{"$units/io7.service"}, qr{^ExecStart=/usr/local/bin/io7 }m,
	'the service uses the prefix');
like($local{'/etc/io7/io7.conf'}, qr{^IO7_SQL_DIR=/usr/local/share/io7/sql$}m,
	'... and so does io7.conf');
like($local{'/etc/nginx/io7/app.conf'}, qr{\s/usr/local/share/io7/www;},
	'... and nginx');
like($local{'/etc/nginx/sites-available/io7'},
	qr/^\s+server_name\s+api\.example\.com;$/m,
		'the site has the given host name');
like($local{'/etc/nginx/io7/tls.conf'},
	qr{/etc/a\.pem;\n.*/etc/b\.pem;}, '... and the given certificate');

# --- systemd accepts the units ----------------------------------------------

# systemd checks that the program exists, so name its path below the root.
SKIP: {
	skip 'there is no systemd-analyze', 3
		if run('systemd-analyze', '--version')->{exit} != 0;
	my @units = glob "$root/lib/systemd/system/*";
	spew($_, slurp($_) =~ s{^(ExecStart=)}{$1$root}mr) for @units;
	my $verified = run('systemd-analyze', 'verify', '--recursive-errors=no',
		'--man=no', @units);
	is($verified->{exit}, 0, 'systemd accepts the units');
	is($verified->{err}, '', '... without a warning');
	my $judged = run('systemd-analyze', 'security', '--offline=true',
		'--threshold=15', '--no-pager',
		grep { /\.service$/ } @units);
	is($judged->{exit}, 0, '... and rates each service as restricted enough')
		or diag($judged->{out});
}

# --- nginx accepts the site -------------------------------------------------

# The same files with their paths moved below the root, on unprivileged ports.
my $nginx = "$root/nginx";
mkdir $_ or die "$_: $!\n"
	for $nginx, "$root/var", "$root/var/log", "$root/var/log/io7",
	"$root/etc/io7/tls";
for my $file (glob("$root/etc/nginx/io7/*"), "$root/etc/nginx/sites-available/io7") {
	spew($file, slurp($file)
		=~ s{(?<=\s)(/etc/(?:nginx/)?io7/|/var/log/|/usr/share/)}{$root$1}gr
		=~ s{^(\s+listen\s.*?)(80|443)\b}{${1}20$2}gmr);
}
run_ok('openssl', 'req', '-x509', '-nodes', '-subj', '/CN=localhost', '-newkey',
	'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
	'-keyout', "$root/etc/io7/tls/key.pem",
	'-out', "$root/etc/io7/tls/cert.pem");
spew("$nginx/nginx.conf", <<"END");
pid		$nginx/nginx.pid;
error_log	stderr;
events { }
http {
	client_body_temp_path	$nginx/body;
	fastcgi_temp_path	$nginx/fastcgi;
	proxy_temp_path		$nginx/proxy;
	scgi_temp_path		$nginx/scgi;
	uwsgi_temp_path		$nginx/uwsgi;
	include			$root/etc/nginx/sites-available/io7;
}
END
local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
my $tested = run('nginx', '-t', '-e', 'stderr', '-c', "$nginx/nginx.conf");
is($tested->{exit}, 0, 'nginx accepts the site') or diag($tested->{err});
unlike($tested->{err}, qr/\[(warn|emerg)\]/, '... without a warning');

finish;
