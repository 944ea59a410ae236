# io7.sh: the io7 of a stack: configuration, migrations, demo users, supervisor.

# Runs a command without IO7_* variables. They override io7.conf, and the caller
# may have sourced another stack's env.
without_options=(env)
for name in "${!IO7_@}"; do
	without_options+=(-u "$name")
done

io7_up()
{
	if is_running io7; then
		say io7 "already running"
		return 0
	fi
	# Little quarantine: freed memory counts against IO7_WORKER_MEMORY.
	: "${ASAN_OPTIONS=log_path=$log/asan:abort_on_error=0:detect_leaks=1:quarantine_size_mb=16}"
	: "${UBSAN_OPTIONS=log_path=$log/ubsan:print_stacktrace=1}"
	export ASAN_OPTIONS UBSAN_OPTIONS
	io7_migrate
	io7_demo
	io7_start
	say io7 "started, log in $log/io7.log"
}

# An io7 that an earlier version of deploy/stack started has its pid file in $run. It
# would keep the scoreboard and the sockets, without a database after `down`.
io7_refuse_older()
{
	local pid
	pid=$(pid_in "$run/io7.pid") || return 0
	die "$dir: an earlier version started io7, process $pid." \
		"Stop it first: kill $pid"
}

# Prints the user that io7 serves as. Root does not serve: without --set IO7_USER=NAME
# it is the user of `make install` or of nginx, if that one can run the program.
io7_user()
{
	local line name
	for line in "${settings[@]}"; do
		[[ $line != IO7_USER=* ]] || name=${line#*=}
	done
	if [ ! "${name+given}" ] && [ "$root" ]; then
		name=$(getent passwd io7 >/dev/null && echo io7 || user_of nginx)
		can_enter "$name" "$io7" || name=''
	fi
	echo "${name:-$me}"
}

# A supervisor that leaves root needs access to the sockets of PostgreSQL and Redis.
let_io7_in()
{
	local user
	user=$(io7_user)
	[ "$user" != "$me" ] || return 0
	chgrp "$(id -gn "$user")" "$1"
	chmod 710 "$1"
}

# --set overrides the values below.
io7_configure()
{
	local line cores user
	cores=$(nproc)
	user=$(io7_user)
	[ "$user" != "$me" ] || user=''
	! is_running io7 || return 0
	[ -x "$io7" ] || die "$io7: not found. Build it first: make"
	folder "${user:-$me}" 700 "$dir/databases"
	if [ ! -e "$dir/seal.keys" ]; then
		(umask 077; echo "1 $(openssl rand -hex 32)" >"$dir/seal.keys")
		[ ! "$root" ] || chown "${user:-$me}" "$dir/seal.keys"
	fi
	{
		while read -r line; do
			[[ " ${settings[*]}" == *" ${line%%=*}="* ]] ||
				echo "$line"
		done
		[ ${#settings[@]} = 0 ] || printf '%s\n' "${settings[@]}"
	} >"$dir/io7.conf" <<-END
		IO7_LIVE_DSN=host=$run/pg dbname=io7_live
		IO7_TEST_DSN=host=$run/pg dbname=io7_test
		IO7_REDIS=unix:$run/redis/redis.sock
		IO7_RUN_DIR=$run
		IO7_USER=$user
		IO7_SOCKET_GROUP=$(id -gn "$(user_of nginx)")
		IO7_SQL_DIR=$checkout/sql
		IO7_LOG=$log/io7.log
		IO7_LIVE_WORKERS=${workers:-auto}
		IO7_TEST_WORKERS=$((cores > 2 ? 4 : 2))
		IO7_STREAM_WORKERS=4
		IO7_DATABASE_WORKERS=12
		IO7_DATABASES=$dir/databases
		IO7_SEAL_KEYS_FILE=$dir/seal.keys
		IO7_STATUS_WORKERS=1
	END
}

# The number of processes of all pools.
io7_processes()
{
	io7_ask pools | awk 'NR > 1 { n += $2 } END { print n }'
}

io7_migrate()
{
	log_file "$me" migrate
	"${without_options[@]}" "$io7" migrate up -c "$dir/io7.conf" \
		>"$log/migrate.log" 2>&1 9>&- || die_with_log migrate "fails."
	say migrate "done"
}

# Creates a demo user for each plan. io7 shows a key only once, so the keys are
# kept in DIR/demo; if that file is lost, new keys are created.
io7_demo()
{
	local plan mode made keys=$dir/demo
	[ ! "$empty" ] && [ ! -e "$keys" ] || return 0
	(umask 077; : >"$keys.new")
	for plan in starter pro business; do
		made=$(io7_ask user create "demo-$plan" --plan "$plan")
		[[ $made == *_io7_* ]] || made=$(
			for mode in test live; do
				io7_ask key create "demo-$plan" --mode "$mode" \
					--scopes read,write,admin
			done
		)
		sed -En "s/^.* ((test|live)_io7_)/IO7_DEMO_${plan^^}_\U\2\E_KEY=\1/p" \
			<<<"$made"
	done >"$keys.new"
	mv "$keys.new" "$keys"
	say demo "users created, keys in $dir/env"
}

io7_ask()
{
	"${without_options[@]}" "$io7" "$@" -c "$dir/io7.conf" 9>&-
}

# A session of its own, so that Ctrl-C reaches only this script, which then stops
# all parts in order. --default-signal, because a shell makes background commands
# ignore INT and QUIT. A subshell, so that this shell does not report its end.
io7_start()
{
	log_file "$(io7_user)" io7
	(
		setsid "${without_options[@]}" --default-signal=INT,QUIT \
			"$io7" serve -c "$dir/io7.conf" \
			</dev/null >>"$log/io7.log" 2>&1 9>&- &
		echo $! >"$(pid_file io7)"
	)
	wait_for 5 io7_has_begun
}

# is_running() matches the command line, which changes at exec. Stop waiting also
# if the process has exited.
io7_has_begun()
{
	is_running io7 || ! kill -0 "$(cat "$(pid_file io7)")" 2>/dev/null
}
