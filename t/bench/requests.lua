-- requests.lua: a script for wrk that sends the requests of a file in turn, and prints
-- one line of figures. Io7::Bench::Load writes the file and reads the line.
--
-- A request is a line "METHOD TARGET KEY LENGTH", and a body of LENGTH bytes with a
-- newline behind it; a KEY of - stands for none. All requests are prepared before the
-- first one is sent, so that wrk spends no time here.

local all, n = {}, 0

function init(arguments)
	local file = assert(io.open(arguments[1]))
	for line in file:lines() do
		local method, target, key, length =
			line:match("^(%S+) (%S+) (%S+) (%d+)$")
		local body = file:read(tonumber(length))
		file:read("*l")
		all[#all + 1] = wrk.format(method, target, {
			Authorization = key ~= "-" and "Bearer " .. key or nil,
		}, #body > 0 and body or nil)
	end
	file:close()
	math.randomseed(os.time())
	n = math.random(#all)
end

function request()
	n = n % #all + 1
	return all[n]
end

function done(summary, latency)
	local e = summary.errors
	print(("figures: requests=%d us=%d p50=%d p99=%d refused=%d broken=%d"):format(
		summary.requests, summary.duration, latency:percentile(50),
		latency:percentile(99), e.status,
		e.connect + e.read + e.write + e.timeout))
end
