# redis.sh: the Redis of a stack. Its data may be lost at any time. The permissions
# of its folder control access; the socket itself accepts everybody.

redis_up()
{
	local user
	user=$(user_of redis)
	if is_running redis; then
		say redis "already running"
		return 0
	fi
	folder "$user" 700 "$run/redis"
	let_io7_in "$run/redis"
	folder "$user" 700 "$dir/redis"
	log_file "$user" redis
	redis_conf | as "$user" tee "$dir/redis/redis.conf" >/dev/null
	as "$user" redis-server "$dir/redis/redis.conf"
	wait_for 10 redis_answers || die_with_log redis "does not answer."
	say redis "started"
}

redis_answers()
{
	[ "$(redis-cli -s "$run/redis/redis.sock" ping 2>&1)" = PONG ]
}

redis_conf()
{
	cat <<-END
		port 0
		unixsocket $run/redis/redis.sock
		unixsocketperm 777
		daemonize yes
		pidfile $run/redis/redis.pid
		dir $dir/redis
		logfile $log/redis.log
		save ""
		appendonly no
		maxmemory 64mb
		maxmemory-policy noeviction
	END
}
