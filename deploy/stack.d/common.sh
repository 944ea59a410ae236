# common.sh: users, processes and waiting, for all parts of a stack.

me=$(id -un)
root=$([ "$(id -u)" != 0 ] || echo yes)

# Debian puts initdb in no PATH, and nginx only in root's.
PATH=/usr/lib/postgresql/15/bin:$PATH:/usr/sbin:/sbin

say()
{
	printf '  %-10s%s\n' "$1" "$2" || :
}

die()
{
	echo "stack: $*" >&2
	exit 1
}

die_with_log()
{
	tail -n 20 "$log/$1.log" >&2
	die "$1 $2 Above is the end of $log/$1.log"
}

# --- Users ------------------------------------------------------------------

user_of()
{
	if [ ! "$root" ]; then
		echo "$me"
	elif [ "$1" = nginx ]; then
		echo www-data
	else
		echo "$1"
	fi
}

as()
{
	local user=$1
	shift
	if [ "$user" = "$me" ]; then
		"$@" 9>&-
	else
		setpriv --reuid="$user" --regid="$user" --init-groups \
			-- "$@" 9>&-
	fi
}

can_enter()
{
	getent passwd "$1" >/dev/null ||
		die "user $1 does not exist. Run deploy/deps run first."
	as "$1" test -x "$2"
}

# io7's user may own the parent, so links are not followed.
folder()
{
	[ ! -L "$3" ] || die "$3: is a link. Remove it."
	install -d -o "$1" -g "$(id -gn "$1")" -m "$2" "$3"
}

# Creates a log file that other users cannot read, for a writer that cannot create
# files in root's folder.
log_file()
{
	[ -e "$log/$2.log" ] || install -o "$1" -g "$(id -gn "$1")" -m 640 \
		/dev/null "$log/$2.log"
}

# --- Processes --------------------------------------------------------------

# io7's user may own the folder $run, so root writes no file there.
pid_file()
{
	case $1 in
	postgres)	echo "$dir/pg/postmaster.pid" ;;
	redis)		echo "$run/redis/redis.pid" ;;
	*)		echo "$dir/$1.pid" ;;
	esac
}

# Prints the process id in a file, if that process runs. The file may be stale and its
# number reused; a process of this stack has DIR in its command line.
pid_in()
{
	local pid words
	{
		read -r pid <"$1" &&
			mapfile -d '' words <"/proc/$pid/cmdline" &&
			[[ ${words[*]} == *"$dir/"* ]] &&
			echo "$pid"
	} 2>/dev/null
}

pid_of()
{
	pid_in "$(pid_file "$1")"
}

is_running()
{
	pid_of "$1" >/dev/null
}

are_running()
{
	local part
	for part; do
		is_running "$part" || return 1
	done
}

# end PART SIGNAL SECONDS...: sends each signal and waits, then sends KILL.
end()
{
	local part=$1 pid
	shift
	if ! pid=$(pid_of "$part"); then
		say "$part" "not running"
		return 0
	fi
	while [ $# -gt 0 ]; do
		kill -s "$1" "$pid" || :
		if wait_for "$2" is_ended "$part"; then
			say "$part" "stopped"
			return 0
		fi
		shift 2
	done
	kill -s KILL "$pid" || :
	say "$part" "killed: it did not stop in time"
}

is_ended()
{
	! is_running "$1"
}

# wait_for SECONDS COMMAND...: retries until COMMAND succeeds. Status 2 of COMMAND ends
# the wait: it will never succeed.
wait_for()
{
	local until=$((SECONDS + $1)) status
	shift
	while [ $SECONDS -lt $until ]; do
		status=0
		"$@" || status=$?
		case $status in
		0)	return 0 ;;
		2)	return 1 ;;
		esac
		sleep 0.05
	done
	return 1
}
