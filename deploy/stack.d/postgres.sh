# postgres.sh: the PostgreSQL of a stack. It trusts every client of its socket, so
# the socket is in a folder that other users cannot enter.

postgres_up()
{
	local user
	user=$(user_of postgres)
	if is_running postgres; then
		say postgres "already running"
	else
		postgres_start "$user"
	fi
	postgres_roles
}

postgres_start()
{
	local begun=started
	folder "$1" 700 "$run/pg"
	let_io7_in "$run/pg"
	log_file "$1" postgres
	if [ ! -d "$dir/pg" ]; then
		postgres_make "$1"
		begun="created and started"
	fi
	postgres_conf | as "$1" tee "$dir/pg/postgresql.conf" >/dev/null
	wait_for 5 postgres_begin "$1" ||
		die_with_log postgres "does not start."
	say postgres "$begun"
}

# After a crash, children of the old server may still hold its shared memory, and
# a new server then fails immediately: postgres_start() retries.
postgres_begin()
{
	as "$1" pg_ctl -s -w -t 60 -D "$dir/pg" -l "$log/postgres.log" start \
		2>/dev/null
}

# Created under another name, so that an interrupted initdb is never used.
postgres_make()
{
	local new=$dir/pg.new
	rm -rf "$new"
	if [ "$template" ]; then
		postgres_copy "$1" "$new"
	else
		postgres_init "$1" "$new"
	fi
	mv "$new" "$dir/pg"
}

postgres_init()
{
	folder "$1" 700 "$2"
	as "$1" initdb -D "$2" -U postgres --encoding=UTF8 \
		--locale=C.UTF-8 --auth-local=trust --auth-host=reject \
		${fast:+--no-sync --wal-segsize=1} >"$log/initdb.log" 2>&1 ||
		die_with_log initdb "fails."
}

# initdb takes most of the time in which a stack is raised. The template's name
# changes with this file, which holds the options of initdb.
postgres_copy()
{
	local kept sum
	sum=$(sha256sum "$checkout/deploy/stack.d/postgres.sh")
	kept=$template/${sum:0:12}${fast:+-fast}
	if [ -d "$kept" ]; then
		cp -r --reflink=auto "$kept" "$2"
		chown -R "$1:" "$2"
		chmod 700 "$2"
	else
		postgres_init "$1" "$2"
		mkdir -p "$template"
		cp -r "$2" "$kept.$$"
		# Another stack may have been quicker.
		mv -T "$kept.$$" "$kept" 2>/dev/null || rm -rf "$kept.$$"
	fi
}

# A worker holds a connection to each database. While it is being replaced, its
# successor holds two more. Processes of queued work come on top.
postgres_conf()
{
	cat <<-END
		listen_addresses = ''
		unix_socket_directories = '$run/pg'
		max_connections = $((3 * $(io7_processes) + 80))
		shared_buffers = 64MB
		shared_preload_libraries = 'pg_stat_statements'
		pg_stat_statements.track = all
		timezone = 'UTC'
		log_timezone = 'UTC'
		log_line_prefix = '%m [%p] %u@%d '
		log_checkpoints = off
	END
	[ ! "$fast" ] || cat <<-END
		fsync = off
		synchronous_commit = off
		full_page_writes = off
	END
}

postgres_roles()
{
	psql -X -q -v ON_ERROR_STOP=1 -h "$run/pg" -U postgres postgres \
		<"$checkout/sql/cluster.sql" >/dev/null ||
		die "sql/cluster.sql failed."
}
