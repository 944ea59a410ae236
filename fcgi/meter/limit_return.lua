-- limit_return.lua: takes requests off the counts that were counted in advance and
-- never made. A minute or a day that is over is left alone.
--
-- KEYS  window, the account's window, credits; an empty key is skipped
-- ARGV  requests, for one credit each, and the minute in which they were counted
local credits_key = KEYS[3]
local requests, counted = tonumber(ARGV[1]), tonumber(ARGV[2])

for i = 1, 2 do
	local text = redis.call('GET', KEYS[i])
	local m, b, h = string.match(text or '', '^(%d+) (%d+) (%d+)$')
	if m then
		m, b, h = tonumber(m), tonumber(b), tonumber(h)
		if m == counted then
			h = math.max(h - requests, 0)
		elseif m == counted + 1 then
			b = math.max(b - requests, 0)
		end
		redis.call('SET', KEYS[i], string.format('%d %d %d', m, b, h),
			'KEEPTTL')
	end
end
if credits_key ~= '' then
	local used = redis.call('GET', credits_key)
	if used then
		redis.call('SET', credits_key, string.format('%d',
			math.max(tonumber(used) - requests, 0)), 'KEEPTTL')
	end
end
return {}
