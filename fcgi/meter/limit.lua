-- limit.lua: may this request pass? Redis runs this as a whole, as nobody else
-- is served: of two that want the last credit, one has it.
--
-- KEYS  epoch, window, credits; an empty one is not asked about
-- ARGV  the epoch expected (16 bytes, all zero: none; empty: whichever it is,
--       the caller is to be looked up), a fresh epoch and its seconds to live; requests a minute, the
--       wall clock in microseconds; credits a day, what this costs (less than
--       zero gives back), what the ledger has (-1: not known), seconds to live
--
-- Answers with the verdict, the epoch, the window's minute, count before and
-- count here, and the credits used. Nothing is counted unless it is PASS.
local PASS, STALE, COLD, RATE, QUOTA = 0, 1, 2, 3, 4
local MINUTE, NONE = 60000000, string.rep('\0', 16)

local epoch_key, window_key, credits_key = KEYS[1], KEYS[2], KEYS[3]
local expected, fresh, epoch_seconds = ARGV[1], ARGV[2], ARGV[3]
local limit, wall = tonumber(ARGV[4]), tonumber(ARGV[5])
local allowance, cost = tonumber(ARGV[6]), tonumber(ARGV[7])
local ledger, credits_seconds = tonumber(ARGV[8]), ARGV[9]

local verdict = PASS
local epoch = NONE
if epoch_key ~= '' then
	epoch = redis.call('GET', epoch_key) or NONE
	if epoch ~= expected then
		return {STALE, epoch, 0, 0, 0, 0}
	end
	if epoch == NONE then
		epoch = fresh
		redis.call('SET', epoch_key, epoch, 'EX', epoch_seconds)
	end
end

-- The ledger is behind, but what it has is true: while Redis was away it may
-- have learnt more than is here.
local used = 0
if credits_key ~= '' then
	used = math.max(tonumber(redis.call('GET', credits_key) or -1), ledger)
	if used < 0 then
		verdict = COLD
	elseif cost > 0 and used + cost > allowance then
		verdict = QUOTA
	end
end

-- A clock that lags behind the counts is at the beginning of their minute.
local minute, before, here = math.floor(wall / MINUTE), 0, 0
if window_key ~= '' then
	local text = redis.call('GET', window_key)
	local m, b, h = string.match(text or '', '^(%d+) (%d+) (%d+)$')
	if m and tonumber(m) >= minute then
		minute, before, here = tonumber(m), tonumber(b), tonumber(h)
	elseif m and tonumber(m) == minute - 1 then
		before = tonumber(h)
	end
	local into = math.max(0, wall - minute * MINUTE)
	local fits = (limit - here) * MINUTE - before * (MINUTE - into) >= MINUTE
	if not fits and verdict ~= COLD then
		verdict = RATE
	end
end

if verdict == PASS then
	if window_key ~= '' then
		here = here + 1
		redis.call('SET', window_key,
			string.format('%d %d %d', minute, before, here), 'EX', 120)
	end
	if credits_key ~= '' then
		used = math.max(used + cost, 0)
		redis.call('SET', credits_key, string.format('%d', used),
			'EX', credits_seconds)
	end
end
return {verdict, epoch, minute, before, here, used}
