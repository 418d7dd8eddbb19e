"""`SCRIPT`: what Redis runs, in Lua, to share one budget among replicas (see redis_budget.py)."""

from upstreams.redis_link import Script

SCRIPT = Script.of(
    """\
-- Reserves moments in time for calls to one upstream, on Redis's own clock (milliseconds).
-- KEYS[1]: the state. ARGV: member, what to do (take, beat, leave, close), the slot it had (-1),
-- calls, window, replicas, slot length, horizon, how long a member counts as present, how long
-- its slot is kept for it, how long new members wait for old ones, for how long to close.
local member, deed = ARGV[1], ARGV[2]
local had, calls, window = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local replicas = tonumber(ARGV[6])
local length, horizon, present = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local kept, grace, closing = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local readable, state = pcall(cjson.decode, redis.call('GET', KEYS[1]) or '')
if not readable or type(state) ~= 'table' or type(state.members) ~= 'table' then
  -- Redis lost what was reserved: a full round must pass before anybody calls.
  state = {born = now, closed = now + window, log = {}, members = {}}
end

if deed == 'leave' then
  state.members[member] = nil
else
  local me = state.members[member]
  if not me then
    me = {since = now, slot = -1}
  elseif now - me.seen > present then
    me.since = now
  end
  me.seen = now
  local taken = {}
  for name, other in pairs(state.members) do
    if now - other.seen > kept then
      state.members[name] = nil
    elseif name ~= member and other.slot >= 0 then
      taken[other.slot] = true
    end
  end
  if me.slot < 0 and had >= 0 and not taken[had] then
    me.slot = had
  end
  if me.slot < 0 and now - state.born >= grace then
    for slot = 0, replicas - 1 do
      if not taken[slot] then
        me.slot = slot
        break
      end
    end
  end
  state.members[member] = me
end
if deed == 'close' then
  state.closed = math.max(state.closed, now + closing)
end

-- Owners of slots who are here, by when they came. An owner who is away may be calling in its
-- own slots, and one who has just come may have done so a moment ago.
local since = {}
local mine = -1
for name, other in pairs(state.members) do
  if name == member then
    mine = other.slot
  end
  if other.slot >= 0 and now - other.seen <= present then
    since[other.slot] = other.since
  end
end
local function settled(slot, moment)
  return since[slot] ~= nil and since[slot] + window <= moment
end

local log = state.log
local moment = math.max(now, state.closed, log[#log] or 0)
if #log >= calls then
  moment = math.max(moment, log[#log - calls + 1] + window)
end
local whole = true
for slot = 0, replicas - 1 do
  whole = whole and settled(slot, moment)
end
if not whole then
  local slot = math.ceil(math.max(moment, (log[#log] or 0) + length) / length)
  moment = nil
  for later = 0, replicas - 1 do
    local owner = (slot + later) % replicas
    if owner == mine or settled(owner, (slot + later) * length) then
      moment = (slot + later) * length
      break
    end
  end
end

local granted = 0
if deed == 'take' and moment and moment - now <= horizon then
  granted = 1
  log[#log + 1] = moment
  while #log > calls do
    table.remove(log, 1)
  end
end
local free = 0
if whole and state.closed <= now then
  free = calls
  for _, each in ipairs(log) do
    if each + window > now then
      free = free - 1
    end
  end
end
redis.call('SET', KEYS[1], cjson.encode(state), 'PX', 86400000)
return {granted, moment and math.ceil(moment - now) or -1, now, mine, free, whole and 1 or 0,
  state.born}
"""
)
