-- Takes points out of every bucket in KEYS, or out of none. ARGV: the points, then of each bucket its capacity and what comes in each millisecond, all in thousandths.
-- Gives which bucket was too empty (0: none), then what each held before.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost = tonumber(ARGV[1])
local held, refused = {}, 0
for place, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * place]), tonumber(ARGV[2 * place + 1])
  held[place] = capacity
  -- What is no bucket counts as a full one, and is overwritten.
  local value = redis.pcall('GETRANGE', key, 0, 63)
  if type(value) == 'string' then
    local points, at = string.match(value, '^(%d+) (%d+)$')
    -- A server that has taken over may have a slower clock, but not by more than this: what lies further ahead would not refill for as long.
    if points and tonumber(at) < now + 2000 then
      held[place] = math.min(capacity, tonumber(points) + math.max(0, now - tonumber(at)) * rate)
    end
  end
  if refused == 0 and held[place] < cost then
    refused = place
  end
end
if refused == 0 then
  for place, key in ipairs(KEYS) do
    local capacity, rate = tonumber(ARGV[2 * place]), tonumber(ARGV[2 * place + 1])
    local left = held[place] - cost
    -- It is forgotten when it is full again.
    redis.call('SET', key, string.format('%.0f %.0f', left, now), 'PX', math.ceil((capacity - left) / rate) + 1000)
  end
end
return {refused, unpack(held)}
