-- Takes points out of every bucket in KEYS, or out of none, for each of several requests in turn. ARGV: of each bucket its capacity and what comes in each millisecond, then the
-- points of each request, all in thousandths. Gives of each request which bucket was too empty (0: none), then what each held before.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held, taken, told = {}, false, {}
for place, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
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
end
for request = 2 * #KEYS + 1, #ARGV do
  local cost, refused, answer = tonumber(ARGV[request]), 0, #told + 1
  told[answer] = 0
  for place in ipairs(KEYS) do
    if refused == 0 and held[place] < cost then
      refused = place
    end
    told[answer + place] = held[place]
  end
  told[answer] = refused
  if refused == 0 then
    taken = true
    for place in ipairs(KEYS) do
      held[place] = held[place] - cost
    end
  end
end
if taken then
  for place, key in ipairs(KEYS) do
    local capacity, rate = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
    -- It is forgotten when it is full again.
    redis.call('SET', key, string.format('%.0f %.0f', held[place], now), 'PX', math.ceil((capacity - held[place]) / rate) + 1000)
  end
end
return told
