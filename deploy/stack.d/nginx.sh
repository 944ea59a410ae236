# nginx.sh: the nginx of a stack: ports, certificate and files.

tls_offset=363

# The port of --port, else the port that DIR used last, else 8080.
choose_port()
{
	if is_running nginx; then
		keep_port
		return 0
	fi
	nginx_sweep
	if [ "$port" = 0 ]; then
		any_port=yes
		until port=$((20000 + RANDOM % 10000)) && is_free "$port"; do
			:
		done
	fi
	port=${port:-$(port_of_env)}
	use_port "${port:-8080}"
	is_free "$port" || die "port $port or $tls_port is in use." \
		"Choose another --port (make run PORT=...)."
}

keep_port()
{
	local had
	had=$(port_of_env)
	case $port in
	''|0|"$had")	use_port "$had" ;;
	*)		die "$dir: running on port $had. Stop it first." ;;
	esac
}

port_of_env()
{
	[ ! -e "$dir/env" ] || sed -n 's/^IO7_URL=.*://p' "$dir/env"
}

use_port()
{
	[[ $1 =~ ^[0-9]{1,5}$ ]] && [ $(($1 + tls_offset)) -le 65535 ] ||
		die "--port $1: not a port."
	port=$1
	tls_port=$((port + tls_offset))
	url=http://localhost:$port
	tls_url=https://localhost:$tls_port
}

is_free()
{
	local number
	for number in "$1" $(($1 + tls_offset)); do
		! (exec 3<>"/dev/tcp/127.0.0.1/$number") 2>/dev/null || return 1
	done
}

nginx_up()
{
	if is_running nginx; then
		say nginx "already running"
		return 0
	fi
	nginx_certificate
	nginx_files
	log_file "$me" nginx
	log_file "$me" access
	nginx_start || nginx_start_elsewhere || die "nginx does not start."
	wait_for 5 is_running nginx || die_with_log nginx "does not start."
	say nginx "started on port $port, TLS on $tls_port"
}

nginx_start()
{
	(
		cd "$conf"
		nginx -e "$log/nginx.log" -c "$conf/stack.conf" \
			${root:+-g "user $(user_of nginx);"} 9>&-
	)
}

# Another stack may have taken the port since it was chosen.
nginx_start_elsewhere()
{
	[ "${any_port:-}" ] || return 1
	port=0
	choose_port
	nginx_pages
	nginx_files
	nginx_start
}

# Creates one if there is none, or if it expires within a month.
nginx_certificate()
{
	if openssl x509 -noout -checkend 2592000 -in "$tls/cert.pem" \
	    >/dev/null 2>&1; then
		return 0
	fi
	openssl req -x509 -days 825 -nodes -subj /CN=localhost \
		-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1 \
		-addext extendedKeyUsage=serverAuth \
		-keyout "$tls/key.pem" -out "$tls/cert.pem" 2>/dev/null
}

# Copies, so that nginx's user need not be able to enter the checkout. nginx does a
# third of the work of a request: with half as many processes as CPUs it handles
# several requests each time that it wakes up.
nginx_files()
{
	local line cores
	cores=$(nproc)
	cp "$checkout"/conf/nginx/* "$conf"
	rm "$conf/site.conf"
	"$checkout/deploy/fill" CONF="$conf" RUN="$run" DIR="$dir" LOG="$log" \
		WWW="$dir/www" STATE="$conf" PORT="$port" \
		PROCESSES=$(((cores + 1) / 2)) \
		TLS_PORT="$tls_port" CERT="$tls/cert.pem" \
		KEY="$tls/key.pem" "$conf"/*.conf
	io7_ask nginx http >"$conf/pools.conf"
	io7_ask nginx server >"$conf/limits.conf"
	grep -qs 00000001 /proc/net/if_inet6 ||
		sed -i '/listen.*\[::1\]/d' "$conf/stack.conf"
	for line in "${balancers[@]}"; do
		echo "set_real_ip_from $line;" >>"$conf/balancers.conf"
	done
	for line in "${origins[@]}"; do
		echo "$line 1;" >>"$conf/origins.map"
	done
}

# Copies the pages, for the same reason. DIR/www is a link that is replaced atomically,
# so that nginx never serves a mixture of old and new files.
nginx_pages()
{
	local new old
	[ -d "$www" ] || die "$www: no such folder. Build it first: make"
	new=$(mktemp -d "$dir/www-XXXXXX")
	cp -r --preserve=timestamps "$www/." "$new"
	nginx_demo >"$new/demo.json"
	chmod -R a+rX "$new"
	old=$(readlink "$dir/www") || rm -rf "$dir/www"
	ln -s "${new##*/}" "$dir/www.new"
	mv -T "$dir/www.new" "$dir/www"
	[ ! "$old" ] || rm -rf "${dir:?}/$old"
}

# Gives the pages the demo's test key and the address without TLS.
nginx_demo()
{
	local key
	key=$(sed -n 's/^IO7_DEMO_PRO_TEST_KEY=//p' "$dir/demo" 2>/dev/null) || :
	if [ "$key" ]; then
		printf '{"url":"%s","test_key":"%s"}\n' "$url" "$key"
	else
		echo '{}'
	fi
}

nginx_down()
{
	end nginx QUIT 2 TERM 5
	nginx_sweep
}

# Kills the workers of an nginx master that was killed: they keep its ports open.
# They are identified by their working directory.
nginx_sweep()
{
	local process
	for process in /proc/[0-9]*; do
		if [ "$process/cwd" -ef "$conf" ] &&
		    [ "$(cat "$process/comm")" = nginx ]; then
			kill -s KILL "${process#/proc/}" || :
		fi
	done 2>/dev/null
}
