"""`SCRIPT`: what Redis runs, in Lua, to share one budget among replicas (see limiter.py).

It keeps one JSON text and believes none of it that it cannot have written. `Ask` is what a replica
says, `Reply` what it hears. Moments are in milliseconds on Redis's own clock.
"""

from typing import Annotated

import msgspec

from upstreams.redis.link import Script

_Milliseconds = Annotated[int, msgspec.Meta(ge=-1, le=2**53)]


class Ask(msgspec.Struct):
    """What a replica wants (`command`: take, beat, leave, close), and what it promises.

    The command is void after `expires` (0: never), because its sender has given up. Until
    `promise` (0: none is made) the sender calls at no moment but those that it is given.
    `slots` are its own; at a `place` it holds the locks of those, and of `want`, a slot that it
    would like (-1: none). `last` is the last moment that it was given since `born`. `resets` says
    that Redis's clock was set, so that nothing kept is worth anything.
    """

    member: str
    command: str
    expires: int
    promise: int
    place: str
    slots: list[int]
    want: int
    born: int
    last: int
    resets: bool
    # For how long to close.
    closing: int
    # The rest is the same for all replicas. `calls` in any `window`, in slots of `length`.
    calls: int
    window: float
    length: float
    replicas: int
    # Nothing is given that lies further ahead than `horizon`.
    horizon: float
    # The longest promise, and the longest closing.
    hold: float
    most_closing: float
    # A moment given is used only by those who heard of Redis so shortly before.
    confirm: float
    # Unseen for so long a replica is `missing`; for `kept`, and its slots go to others.
    missing: float
    kept: float
    # How long a Redis that knows nobody waits for owners of slots.
    grace: float


class Reply(msgspec.Struct):
    """`now` is Redis's clock. Only that is told where `is_late`: nothing was done.

    `moment` is when a call may leave, -1 where that cannot be said; it is the replica's own if
    `is_granted`. `slots` are the replica's own, `idle` those whose owner was at its place and is
    missing; `is_crowded` says that another has no slot. `free` calls could leave now, and
    `is_whole` tells that any moment may be given, not those of some slots alone.
    """

    now: _Milliseconds
    is_late: bool = False
    is_granted: bool = False
    moment: _Milliseconds = -1
    born: _Milliseconds = 0
    slots: str = ""
    idle: str = ""
    is_crowded: bool = False
    free: int = 0
    is_whole: bool = False


SCRIPT = Script.of(
    """\
local ask = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if ask.expires > 0 and now > ask.expires then
  return cjson.encode({now = now, is_late = true})
end
local calls, window, length, replicas = ask.calls, ask.window, ask.length, ask.replicas
-- By how much TIME may go back without having been set.
local tolerance = 20

local function is_number(value, most)
  return type(value) == 'number' and value >= 0 and value <= most
end
-- Nothing that was written here lies further ahead than this allows.
local function is_ours(state)
  if type(state) ~= 'table' or type(state.log) ~= 'table' or type(state.members) ~= 'table'
    or type(state.slots) ~= 'table' then
    return false
  end
  local most = now + tolerance
  if not is_number(state.born, most) or not is_number(state.wrote, most)
    or not is_number(state.closed, most + ask.confirm + window + ask.most_closing)
    or not is_number(state.last, most + ask.horizon)
    or not is_number(state.slot, (most + ask.horizon) / length + 1) then
    return false
  end
  local before = 0
  for index, moment in ipairs(state.log) do
    if index > calls or not is_number(moment, state.last) or moment < before then
      return false
    end
    before = moment
  end
  for _, member in pairs(state.members) do
    if type(member) ~= 'table' or type(member.place) ~= 'string'
      or not is_number(member.came, most) or not is_number(member.seen, most)
      or not is_number(member.since, most) or not is_number(member.promise, most + ask.hold) then
      return false
    end
  end
  for name, slot in pairs(state.slots) do
    local number = tonumber(name)
    if number == nil or number < 0 or number >= replicas or type(slot) ~= 'table'
      or not is_number(slot.since, most) or not is_number(slot.promise, most + ask.hold)
      or slot.member ~= '' and state.members[slot.member] == nil then
      return false
    end
  end
  return true
end

local raw = redis.pcall('GET', KEYS[1])
local readable, state = pcall(cjson.decode, raw)
if ask.resets or not readable or #raw > 1e6 or not is_ours(state) then
  -- What was given before is unknown, but used by then.
  state = {
    born = now, closed = now + ask.confirm + window, last = 0, slot = 0,
    log = {}, members = {}, slots = {},
  }
elseif replicas > 1 and now - state.wrote > ask.confirm
  or ask.born == state.born and ask.last > state.last then
  -- An older copy may have come back, which lacks what was given since.
  state.closed = math.max(state.closed, now + ask.confirm + window)
  state.last = math.max(state.last, ask.last)
end
state.wrote = now
local log, members, slots = state.log, state.members, state.slots

local function is_here(member)
  return not member.left and now - member.seen <= ask.missing
end
-- Since when no call was made in a slot but at moments given here, as far as that is promised.
local function calm(slot)
  local owner = members[slot.member]
  local since = math.max(slot.since, owner and owner.since or 0)
  return since, owner and owner.promise or slot.promise
end
local function give(name, since)
  local slot = slots[name]
  if slot then
    local before, promise = calm(slot)
    if now <= promise then
      since = before
    end
  end
  slots[name] = {member = ask.member, since = since, promise = 0}
end

local me = members[ask.member]
if ask.command == 'leave' then
  if me then
    me.left = true
  end
else
  if not me or not is_here(me) then
    me = {came = now, since = me and me.since or now, promise = me and me.promise or 0}
    members[ask.member] = me
  end
  me.seen, me.place = now, ask.place
  if ask.promise > me.promise then
    if now > me.promise then
      me.since = now
    end
    me.promise = math.min(ask.promise, now + ask.hold)
  end

  local claimed = {}
  for _, number in ipairs(ask.slots) do
    claimed[tostring(number)] = true
  end
  for name, slot in pairs(slots) do
    if slot.member == ask.member and not claimed[name] then
      local since, promise = calm(slot)
      slots[name] = {member = '', since = since, promise = promise}
    end
  end
  -- Whoever holds the lock of a slot at its owner's place knows that the owner is dead.
  local function is_free(name)
    local slot = slots[name]
    local owner = slot and members[slot.member]
    return not owner or owner.left or (ask.place ~= '' and owner.place == ask.place)
  end
  local count = 0
  for name in pairs(claimed) do
    local slot = slots[name]
    if slot and slot.member == ask.member then
      count = count + 1
    elseif is_free(name) then
      give(name, now)
      count = count + 1
    end
  end

  -- Those who came before the last who are missing were seen, and are seen still, were all alive
  -- at one moment. If they are as many as there can be, whoever is missing was dead by then.
  local steady = 0
  for _, member in pairs(members) do
    if is_here(member) and now - member.came > ask.missing then
      steady = steady + 1
    end
  end
  local is_complete = replicas == 1 or steady >= replicas
  if count == 0 then
    local chosen, since
    for later = 0, replicas - 1 do
      local name = tostring((math.max(ask.want, 0) + later) % replicas)
      local slot = slots[name]
      local owner = slot and members[slot.member]
      local is_locked = later == 0 and ask.want >= 0
      if owner and is_locked and is_free(name) then
        chosen, since = name, now
      elseif owner and not owner.left then
        if not is_here(owner) and (is_complete or now - owner.seen > ask.kept) then
          chosen, since = name, now - ask.missing
        end
      elseif is_complete then
        chosen, since = name, now - ask.missing
      elseif owner or slot or now - state.born >= ask.grace then
        chosen, since = name, now
      end
      if chosen then
        give(chosen, since)
        break
      end
    end
  end
end
if ask.command == 'close' then
  state.closed = math.max(state.closed, now + math.min(ask.closing, ask.most_closing))
end

local owns = {}
local mine, idle = {}, {}
for name, slot in pairs(slots) do
  local owner = members[slot.member]
  owns[slot.member] = true
  if slot.member == ask.member then
    mine[#mine + 1] = name
  elseif owner and not is_here(owner) and ask.place ~= '' and owner.place == ask.place then
    idle[#idle + 1] = name
  end
end
local is_crowded = false
for name, member in pairs(members) do
  if not owns[name] then
    if is_here(member) then
      is_crowded = is_crowded or name ~= ask.member
    else
      members[name] = nil
    end
  end
end

-- No owner makes a call of its own in this slot within a window of the moment, on either side.
local function is_covered(number, moment)
  local slot = slots[tostring(number)]
  if not slot or slot.member == '' then
    return false
  end
  local since, promise = calm(slot)
  return since + window <= moment and moment + window <= promise
end
local moment = math.max(now, state.closed, state.last)
if #log >= calls then
  moment = math.max(moment, log[#log - calls + 1] + window)
end
local is_granted, is_whole = false, true
local number = 0
for slot = 0, replicas - 1 do
  is_whole = is_whole and is_covered(slot, moment)
end
if not is_whole and moment - now <= ask.horizon then
  -- Only whole slots then, each of them once.
  local first = math.max(math.ceil(moment / length), state.slot + 1)
  moment = nil
  for later = 0, replicas - 1 do
    if is_covered((first + later) % replicas, math.ceil((first + later) * length)) then
      number = first + later
      moment = math.ceil(number * length)
      break
    end
  end
end
if ask.command == 'take' and moment and moment - now <= ask.horizon then
  is_granted = true
  moment = math.ceil(moment)
  state.last = moment
  log[#log + 1] = moment
  if #log > calls then
    table.remove(log, 1)
  end
  state.slot = math.max(state.slot, number)
end
local free = 0
if is_whole and state.closed <= now then
  free = calls
  for _, each in ipairs(log) do
    if each + window > now then
      free = free - 1
    end
  end
end
redis.call('SET', KEYS[1], cjson.encode(state), 'PX', 86400000)
return cjson.encode({
  now = now, is_granted = is_granted, moment = moment and math.ceil(moment) or -1,
  born = state.born, slots = table.concat(mine, ','), idle = table.concat(idle, ','),
  is_crowded = is_crowded, free = free, is_whole = is_whole,
})
"""
)
