-- Takes points out of every bucket in KEYS, or out of none, for each of several requests in turn. ARGV: of each bucket its capacity and what comes in each millisecond, then, of
-- requests that follow each other and cost the same, the points of one and how many they are; all points in thousandths. Gives of these which bucket was too empty for the last of
-- them (0: none), how many were paid for, then what each bucket held before the first.
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
for run = 2 * #KEYS + 1, #ARGV, 2 do
  local cost, number = tonumber(ARGV[run]), tonumber(ARGV[run + 1])
  local paid, refused = number, 0
  for place in ipairs(KEYS) do
    local fit = math.floor(held[place] / cost)
    if fit < paid then
      paid, refused = fit, place
    end
  end
  told[#told + 1] = refused
  told[#told + 1] = paid
  for place in ipairs(KEYS) do
    told[#told + 1] = held[place]
    held[place] = held[place] - paid * cost
  end
  taken = taken or paid > 0
end
if taken then
  for place, key in ipairs(KEYS) do
    local capacity, rate = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
    -- It is forgotten when it is full again.
    redis.call('SET', key, string.format('%.0f %.0f', held[place], now), 'PX', math.ceil((capacity - held[place]) / rate) + 1000)
  end
end
return told
