# Io7::Token: creates keys and tokens (JWT) with the program openssl.
#
#     my $key = Io7::Token::key('RS256', 'my-kid');
#     my $token = token({ sub => 'joe' }, key => $key, head => { crit => [] });
package Io7::Token;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Exporter 'import';
use File::Temp qw(tempdir);
use Io7::Command;
use Io7::Json;
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(token secret_token);

my $dir = tempdir(CLEANUP => 1);
my $count = 0;

my %kinds = (
	RS256 => [qw(rsa -pkeyopt rsa_keygen_bits:2048)],
	ES256 => [qw(ec -pkeyopt ec_paramgen_curve:P-256)],
	EdDSA => [qw(ed25519)],
);

# Creates a key pair for an algorithm, with a key id.
sub key
{
	my ($algorithm, $kid) = @_;
	my $file = "$dir/" . ++$count . '.pem';

	run_ok('openssl', 'genpkey', '-out', $file,
		'-algorithm', @{$kinds{$algorithm}});
	return { alg => $algorithm, kid => $kid, file => $file };
}

sub public_key
{
	my ($key, $form) = @_;

	return run_ok('openssl', 'pkey', '-in', $key->{file}, '-pubout',
		'-outform', $form);
}

# The public key as a member of a key set (JWK).
sub jwk
{
	my ($key) = @_;
	my %common = (kid => $key->{kid}, alg => $key->{alg}, use => 'sig');
	my $der = public_key($key, 'DER');

	if ($key->{alg} eq 'RS256') {
		my ($modulus) = run_ok('openssl', 'rsa', '-in', $key->{file},
			'-noout', '-modulus') =~ /=([0-9A-F]+)/;
		return { %common, kty => 'RSA', e => 'AQAB',
			n => encode_base64url(pack 'H*', $modulus) };
	}
	return { %common, kty => 'OKP', crv => 'Ed25519',
		x => encode_base64url(substr $der, -32) }
		if $key->{alg} eq 'EdDSA';
	return { %common, kty => 'EC', crv => 'P-256',
		x => encode_base64url(substr $der, -64, 32),
		y => encode_base64url(substr $der, -32) };
}

# Converts a DER signature to its two raw numbers of 32 bytes.
sub raw_of
{
	my ($der) = @_;
	my ($r, $s) = unpack 'x2 x C/a x C/a', $der;

	return join '', map { substr "\0" x 32 . $_, -32 } $r, $s;
}

sub signature
{
	my ($key, $text, %options) = @_;
	my $in = "$dir/text-$$";

	open my $out, '>', $in or die "$in: $!\n";
	print $out $text;
	close $out;
	return run_ok('openssl', 'pkeyutl', '-sign', '-rawin', '-inkey',
		$key->{file}, '-in', $in) if $key->{alg} eq 'EdDSA';
	my $made = run_ok('openssl', 'dgst', '-sha256', '-sign', $key->{file},
		(map { ('-sigopt', $_) } @{$options{padding} // []}), $in);
	return $key->{alg} eq 'ES256' && !$options{der} ? raw_of($made) : $made;
}

my $json = json_codec()->canonical;

# Encodes header and claims, which are hashes or bytes, and joins them with a dot.
sub unsigned
{
	return join '.', map {
		encode_base64url(ref $_ ? $json->encode($_) : $_) } @_;
}

# Signs claims with a key, whose alg and kid go into the header. Options: head =>
# { changes, undef removes } or bytes; der => 1; padding => [options of openssl].
sub token
{
	my ($claims, %options) = @_;
	my $key = $options{key};
	my $head = $options{head} // {};

	if (ref $head) {
		$head = { alg => $key->{alg}, kid => $key->{kid}, typ => 'JWT',
			%$head };
		delete $head->{$_} for grep { !defined $head->{$_} }
			keys %$head;
	}
	my $text = unsigned($head, $claims);
	return signed($text, signature($key, $text, %options));
}

# Signs claims with HS256.
sub secret_token
{
	my ($claims, $secret, $head) = @_;
	my $text = unsigned({ alg => 'HS256', typ => 'JWT', %{$head // {}} },
		$claims);

	return signed($text, hmac_sha256($text, $secret));
}

sub signed
{
	my ($text, $signature) = @_;

	return $text . '.' . encode_base64url($signature);
}

1;
