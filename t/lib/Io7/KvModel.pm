# Io7::KvModel: a model of one store, a hash: key => { value, version, ends }.
package Io7::KvModel;

use strict;
use warnings;

use Encode qw(encode);
use Io7::Json;

# Stands for a version that is not newer than the previous one of its key.
use constant OTHER => 1 << 52;

my $json = json_codec()->canonical;

sub new
{
	my ($class) = @_;

	return bless { keys => {}, newest => {} }, $class;
}

sub copy
{
	my ($self) = @_;

	return bless { keys => { %{$self->{keys}} },
		newest => { %{$self->{newest}} } }, ref $self;
}

# The version of a key, or 0 if it does not exist.
sub version
{
	my ($self, $key) = @_;

	return $self->{keys}{$key} ? $self->{keys}{$key}{version} : 0;
}

sub value
{
	my ($self, $key) = @_;

	return $self->{keys}{$key} ? $self->{keys}{$key}{value} : undef;
}

sub ends
{
	my ($self, $key) = @_;

	return $self->{keys}{$key} && $self->{keys}{$key}{ends};
}

# A version must be newer than any that the key has had.
sub takes_version
{
	my ($self, $key, $version) = @_;

	return if !$version || $version <= ($self->{newest}{$key} // 0);
	$self->{newest}{$key} = $version;
	return 1;
}

sub put
{
	my ($self, $key, $value, $version, $ends) = @_;

	$self->{keys}{$key} = { value => $value, version => $version,
		ends => $ends ? 1 : '' };
}

sub remove
{
	my ($self, $key) = @_;

	return delete $self->{keys}{$key};
}

sub expire
{
	my ($self) = @_;

	delete $self->{keys}{$_}
		for grep { $self->{keys}{$_}{ends} } keys %{$self->{keys}};
}

# Keys that match, in byte order.
sub matching
{
	my ($self, $pattern) = @_;

	my $regex = $pattern =~ s{\\(.)|(\*)|(\?)|(.)}{
		$2 ? '.*' : $3 ? '.' : quotemeta($1 // $4)}gser;
	return sort { encode('UTF-8', $a) cmp encode('UTF-8', $b) }
		grep { /\A$regex\z/s } keys %{$self->{keys}};
}

# A key as a line of an export, in the form that Io7::KvRandom compares.
sub line
{
	my ($self, $key) = @_;

	return join ' ', $key, $self->version($key),
		$json->encode($self->value($key)), $self->ends($key);
}

# --- Batches ----------------------------------------------------------------

# Carries out an operation, with the given version for a write, and returns the result.
sub perform
{
	my ($self, $operation, $given) = @_;
	my ($op, $key, $wanted) = @$operation{qw(op key version)};
	my $version = $self->version($key);
	my %result = (op => $op, key => $key, version => $version || undef);

	return { %result, status => 'conflict' }
		if defined $wanted && $wanted != $version;
	return { %result, status => 'ok' } if $op eq 'check';
	return { %result, status => 'not_found' } if !$version && $op ne 'put';
	return { %result, status => 'ok', value => $self->value($key) }
		if $op eq 'get';
	if ($op eq 'delete') {
		$self->remove($key);
		return { %result, status => 'ok', version => undef };
	}
	$self->put($key, $operation->{value},
		$self->takes_version($key, $given) ? $given : OTHER,
		$operation->{ttl});
	return { %result, status => 'ok', version => $self->version($key),
		created => $version ? false : true };
}

# --- Changes ----------------------------------------------------------------

sub is_number
{
	my ($value) = @_;

	return defined $value && !ref $value && $json->encode($value) =~ /^-?\d/;
}

# RFC 7396.
sub merged
{
	my ($value, $patch) = @_;

	return $patch unless ref $patch eq 'HASH';
	my %merged = ref $value eq 'HASH' ? %$value : ();
	for (keys %$patch) {
		if (defined $patch->{$_}) {
			$merged{$_} = merged($merged{$_}, $patch->{$_});
		} else {
			delete $merged{$_};
		}
	}
	return \%merged;
}

# RFC 6902, for paths of one segment; returns a reference, or undef if the patch fails.
sub patched
{
	my ($value, @operations) = @_;

	return unless ref $value eq 'HASH';
	my %patched = %$value;
	for (@operations) {
		my $name = substr $_->{path}, 1;
		return if $_->{op} ne 'add' && !exists $patched{$name};
		if ($_->{op} eq 'remove') {
			delete $patched{$name};
		} elsif ($_->{op} eq 'test') {
			return if $json->encode($patched{$name})
				ne $json->encode($_->{value});
		} else {
			$patched{$name} = $_->{value};
		}
	}
	return \\%patched;
}

1;
