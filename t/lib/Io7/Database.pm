# Io7::Database: the user database of an account, for a test.
#
#     my $db = database_of($account, 'test');
#     my @rows = $db->query('SELECT 1');
package Io7::Database;

use strict;
use warnings;

use Exporter 'import';
use Io7::Hrana;

our @EXPORT = qw(database_of database_url);

# The address of a database that the API names, below the stack's own.
sub database_url
{
	my ($account, $mode) = @_;

	my $stack = $account->{stack};
	my $answer = $stack->http->get('/api/database',
		headers => $account->auth($mode));
	my ($path) = ($answer->{json}{url} // '') =~ m{^\w+://[^/]+(/.*)$}
		or die "no database: $answer->{status} $answer->{body}\n";
	return $stack->env('IO7_URL') . $path;
}

# A client with the account's key.
sub database_of
{
	my ($account, $mode) = @_;

	return Io7::Hrana->of_url(database_url($account, $mode),
		token => $account->{"${mode}_key"});
}

1;
