-- limit.lua: decides whether a request may pass. Redis runs it atomically: of two
-- requests that ask for the last credit, one gets it.
--
-- KEYS  revocation stamp, window, credits, the account's window; an empty key is
--       skipped
-- ARGV  the expected stamp (16 bytes; all zero: there was none; empty: answer
--       STALE with the stamp that there is), a new stamp in case there is none,
--       its seconds to live; requests a minute, the wall clock in microseconds;
--       credits a day, the cost (negative: give back), the credits used according
--       to the ledger (-1: unknown), the counter's seconds to live; how many
--       requests to count at once, if no limit is near; 1: the window is that of
--       an address, for a credential that the asking worker does not know;
--       requests a minute of the account
--
-- Returns the verdict, the stamp, the window's minute (if the verdict is ACCOUNT,
-- that of the account's window), the counts of the minute before and of this one, the credits used, and how many requests were counted.
-- Only PASS counts anything.
local PASS, STALE, NO_COUNTER, RATE, QUOTA, ACCOUNT = 0, 1, 2, 3, 4, 5
local MINUTE, NONE = 60000000, string.rep('\0', 16)

local stamp_key, window_key, credits_key = KEYS[1], KEYS[2], KEYS[3]
local account_key = KEYS[4]
local expected, new_stamp, stamp_seconds = ARGV[1], ARGV[2], ARGV[3]
local limit, wall = tonumber(ARGV[4]), tonumber(ARGV[5])
local allowance, cost = tonumber(ARGV[6]), tonumber(ARGV[7])
local ledger, credits_seconds = tonumber(ARGV[8]), ARGV[9]
local want, is_lookup = tonumber(ARGV[10]), ARGV[11] == '1'
local account_limit = tonumber(ARGV[12])

-- More than one request is counted only while this many would pass, and then no
-- more than this part of them: what one host has counted in advance must not make
-- another refuse.
local FAR, PART = 1024, 64
local room = math.huge

local verdict = PASS
local stamp = NONE
if stamp_key ~= '' then
	stamp = redis.call('GET', stamp_key) or NONE
	-- A credential that was used in the last hour has a stamp. One that has none
	-- may be invented, and is looked up only if its address may ask.
	if is_lookup and stamp == NONE then
		verdict = STALE
	elseif stamp ~= expected then
		return {STALE, stamp, 0, 0, 0, 0, 0}
	elseif stamp == NONE then
		stamp = new_stamp
		redis.call('SET', stamp_key, stamp, 'EX', stamp_seconds)
	end
end

-- The ledger lags behind this counter, but it also has what was used while Redis
-- was down: the larger number is the better one.
local used = 0
if credits_key ~= '' then
	used = math.max(tonumber(redis.call('GET', credits_key) or -1), ledger)
	if used < 0 then
		verdict = NO_COUNTER
	elseif cost > 0 and used + cost > allowance then
		verdict = QUOTA
	elseif cost > 0 then
		room = (allowance - used) / cost
	end
end

-- The minute of a window, the counts of the minute before and of this one, and how
-- many requests are left. If our clock is behind the stored minute, use the stored
-- one.
local function read_window(key, most)
	local minute, before, here = math.floor(wall / MINUTE), 0, 0
	local text = redis.call('GET', key)
	local m, b, h = string.match(text or '', '^(%d+) (%d+) (%d+)$')
	if m and tonumber(m) >= minute then
		minute, before, here = tonumber(m), tonumber(b), tonumber(h)
	elseif m and tonumber(m) == minute - 1 then
		before = tonumber(h)
	end
	local into = math.max(0, wall - minute * MINUTE)
	local left = most - here - before * (MINUTE - into) / MINUTE
	room = math.min(room, left)
	return minute, before, here, left
end

local function write_window(key, minute, before, here)
	redis.call('SET', key, string.format('%d %d %d', minute, before, here),
		'EX', 120)
end

local minute, before, here, left = math.floor(wall / MINUTE), 0, 0, 0
if window_key ~= '' then
	minute, before, here, left = read_window(window_key, limit)
	if left < 1 and verdict ~= NO_COUNTER then
		verdict = RATE
	end
end

local of_account = {}
if account_key ~= '' then
	of_account = {read_window(account_key, account_limit)}
	if of_account[4] < 1 and (verdict == PASS or verdict == QUOTA) then
		verdict = ACCOUNT
		minute, before, here = unpack(of_account)
	end
end

local granted = 0
if verdict == PASS then
	granted = 1
	if want > 1 and room >= FAR then
		granted = math.min(want, math.floor(room / PART))
	end
	if window_key ~= '' then
		here = here + granted
		write_window(window_key, minute, before, here)
	end
	if account_key ~= '' then
		write_window(account_key, of_account[1], of_account[2],
			of_account[3] + granted)
	end
	if credits_key ~= '' then
		used = math.max(used + granted * cost, 0)
		redis.call('SET', credits_key, string.format('%d', used),
			'EX', credits_seconds)
	end
end
return {verdict, stamp, minute, before, here, used, granted}
