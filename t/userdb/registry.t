#!/usr/bin/perl
# The rows of a user's databases are created by whichever request comes first; eight
# may come first at the same time.

use strict;
use warnings;

use File::Temp ();
use Io7::Account;
use Io7::Test;

use constant { CLIENTS => 8, ROUNDS => 100 };

my $stack = stack;
my $account = new_account($stack);
my $user = $account->user_id;
my $rows = "FROM io7.user_databases WHERE user_id = '$user'";

# The statement with values. The host is another one: no chore creates these databases.
my %values = (1 => $user, 2 => 'file', 3 => 'elsewhere');
my $add = slurp('sql/q/userdb/databases_add.sql') =~ s/\$(\d)/'$values{$1}'/gr;

my $script = File::Temp->new;
print $script "DELETE $rows;\n$add;\n";
close $script;
my $made = run('pgbench', '-n', '-f', $script->filename, '-c', CLIENTS, '-j', 2,
	'-t', ROUNDS, $stack->env('IO7_SUPER_DSN'));
is($made->{exit}, 0, 'concurrent requests create the rows of one user')
	or diag($made->{err});
like($made->{out}, qr{actually processed: @{[CLIENTS * ROUNDS]}/},
	'... and none of them fails');
is($stack->psql("SELECT string_agg(mode, ' ' ORDER BY mode) $rows"), "live test\n",
	'... and there is one row for each mode');

$stack->psql("UPDATE io7.users SET auth_email = 'new\@example.com' WHERE id = '$user'");
$stack->psql($add);
is($stack->psql("SELECT DISTINCT email $rows"), "new\@example.com\n",
	'the rows follow the e-mail of the user');

finish;
