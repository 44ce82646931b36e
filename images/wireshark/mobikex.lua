-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Copyright (C) 2026 The roamlab authors
--
-- This program is free software; you can redistribute it and/or modify it under the terms of the GNU General Public License
-- as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version.
-- This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
-- warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

-- MOBIKE-X (roamlab's docs/mobike-x.md) for Wireshark and tshark (tested with 4.0): wireshark -X lua_script:mobikex.lua ...
--
-- Wireshark's own dissector decrypts IKEv2 and shows notifications it does not know as octets. This script runs after it, looks up
-- where it found notifications, and decodes those of MOBIKE-X there. src/pcap/ike/mobikex.ts does the same; a test holds
-- the two against each other.

local mobikex = Proto("mobikex", "MOBIKE-X")

local SUPPORTED, ADD, REMOVE, PATH_STATUS, UPDATE = 41041, 41042, 41043, 41044, 16400
local COOKIE2, INFORMATIONAL = 16401, 37
-- payloads a check may have: notify, and encrypted ones, which Wireshark lists like those inside
local ALLOWED = { [41] = true, [46] = true, [53] = true }
local MAGIC, VERSION, IP_PARAMETER, MOST_PARAMETERS = 0x4d424b58, 1, 2, 4

local NAMES = {
  [SUPPORTED] = "MOBIKEX_SUPPORTED",
  [ADD] = "ADD_SA_ADDRESS",
  [REMOVE] = "REMOVE_SA_ADDRESS",
  [PATH_STATUS] = "MOBIKEX_PATH_STATUS",
  [UPDATE] = "UPDATE_SA_ADDRESSES",
}
local EVENTS = { [SUPPORTED] = "supported", [ADD] = "add", [REMOVE] = "remove", [PATH_STATUS] = "status", [UPDATE] = "update" }
local ROLES = { "old-sender", "new-sender", "old-peer", "new-peer" }
-- the roles a request has, by their numbers (sections 5, 6 and 8)
local WANTED = { [ADD] = { 2 }, [REMOVE] = { 1 }, [UPDATE] = { 1, 2 } }
local STATUSES = {
  [0] = "ok",
  "unknown-path",
  "policy",
  "rrc-pending",
  "too-many",
  "wrong-path",
  "last-path",
  "malformed",
  "busy",
}

local field = {
  event = ProtoField.string("mobikex.event", "Event", base.ASCII, "add, update, remove, status, supported or check"),
  text = ProtoField.string("mobikex.text", "In words"),
  malformed = ProtoField.string("mobikex.malformed", "Malformed"),
  version = ProtoField.uint8("mobikex.version", "Version"),
  flags = ProtoField.uint8("mobikex.flags", "Flags", base.HEX),
  transport = ProtoField.bool("mobikex.flags.transport", "Addresses of transport mode SAs may change", 8, nil, 0x01),
  paths = ProtoField.bool("mobikex.flags.paths", "Several paths", 8, nil, 0x02),
  max_paths = ProtoField.uint8("mobikex.max_paths", "Max Paths"),
  path = ProtoField.uint16("mobikex.path", "Path ID"),
  status = ProtoField.uint16("mobikex.status", "Status", base.DEC, STATUSES),
  parameter = ProtoField.none("mobikex.parameter", "IP parameter"),
  role = ProtoField.uint8("mobikex.role", "Role", base.DEC, ROLES),
  family = ProtoField.uint8("mobikex.family", "Family"),
  parameter_flags = ProtoField.uint8("mobikex.parameter.flags", "Flags", base.HEX),
  port = ProtoField.uint16("mobikex.port", "UDP port"),
  address = ProtoField.string("mobikex.address", "Address"),
  ipv4 = ProtoField.ipv4("mobikex.ipv4", "IPv4 address"),
  ipv6 = ProtoField.ipv6("mobikex.ipv6", "IPv6 address"),
}
mobikex.fields = field

local refused = ProtoExpert.new("mobikex.refused", "Malformed: the receiver must refuse this", expert.group.MALFORMED, expert.severity.WARN)
mobikex.experts = { refused }

-- what Wireshark's dissector found
local ike = {
  version = Field.new("isakmp.version"),
  exchange = Field.new("isakmp.exchangetype"),
  response = Field.new("isakmp.flag_r"),
  payload = Field.new("isakmp.typepayload"),
  notify = Field.new("isakmp.notify.msgtype"),
}

local function ipv4_text(range)
  return string.format("%d.%d.%d.%d", range(0, 1):uint(), range(1, 1):uint(), range(2, 1):uint(), range(3, 1):uint())
end

-- As inet_ntop writes it (RFC 5952): the first longest run of zeros is "::", an IPv4 address at the end is dotted.
local function ipv6_text(range)
  local words = {}
  for i = 0, 7 do
    words[i] = range(2 * i, 2):uint()
  end
  local best, size, run = 0, 1, 0
  for i = 0, 7 do
    run = words[i] == 0 and run + 1 or 0
    if run > size then
      best, size = i - run + 1, run
    end
  end
  if size == 1 then
    size = 0
  end
  local dotted = size > 0 and best == 0 and (size == 6 or (size == 5 and words[5] == 0xffff))
  local text = ""
  for i = 0, dotted and 5 or 7 do
    local inside = size > 0 and i >= best and i < best + size
    if i == best and inside then
      text = text .. "::"
    elseif not inside then
      local first = text == "" or text:sub(-1) == ":"
      text = text .. (first and "" or ":") .. string.format("%x", words[i])
    end
  end
  if dotted then
    text = text .. (text:sub(-1) == ":" and "" or ":") .. ipv4_text(range(12, 4))
  end
  return text
end

-- Not unspecified, 0.0.0.0/8, multicast, 240.0.0.0/4, or an IPv4-mapped IPv6 address.
local function usable(range)
  local first = range(0, 1):uint()
  if range:len() == 4 then
    return first > 0 and first < 224
  end
  local zeros = 0
  while zeros < 16 and range(zeros, 1):uint() == 0 do
    zeros = zeros + 1
  end
  local mapped = zeros == 10 and range(10, 2):uint() == 0xffff
  return first ~= 0xff and zeros < 16 and not mapped
end

-- One IP parameter of the data from `at` on, or nil and why not (section 2.2).
local function parameter_at(data, at, seen)
  local left = data:len() - at
  if left < 12 then
    return nil, "truncated"
  end
  local kind, role, length, family = data(at, 1):uint(), data(at + 1, 1):uint(), data(at + 2, 2):uint(), data(at + 6, 1):uint()
  if kind ~= IP_PARAMETER then
    return nil, "parameter type " .. kind
  elseif ROLES[role] == nil then
    return nil, "role " .. role
  elseif family ~= 4 and family ~= 6 then
    return nil, "family " .. family
  elseif length ~= (family == 4 and 16 or 28) then
    return nil, "length " .. length .. " of IPv" .. family
  elseif left < length then
    return nil, "truncated"
  end
  local octets = data(at + 12, length - 12)
  local address = family == 4 and ipv4_text(octets) or ipv6_text(octets)
  if not usable(octets) then
    return nil, "address " .. address
  elseif seen[role] then
    return nil, ROLES[role] .. " twice"
  end
  return { range = data(at, length), role = role, family = family, address = address, octets = octets }
end

-- All of them in order, and by role; or nil, and why not.
local function parameters_of(data)
  local all, by_role, at = {}, {}, 0
  while at < data:len() do
    if #all == MOST_PARAMETERS then
      return nil, "more than " .. MOST_PARAMETERS .. " parameters"
    end
    local parameter, why = parameter_at(data, at, by_role)
    if parameter == nil then
      return nil, why
    end
    all[#all + 1] = parameter
    by_role[parameter.role] = parameter
    at = at + parameter.range:len()
  end
  return all, by_role
end

local function names_of(roles)
  local names = {}
  for _, role in ipairs(roles) do
    names[#names + 1] = ROLES[role]
  end
  return table.concat(names, " and ")
end

local function endpoint(parameter)
  local text = parameter.family == 6 and "[" .. parameter.address .. "]" or parameter.address
  return text .. ":" .. parameter.range(8, 2):uint()
end

local function path_of(parameter)
  return parameter.range(4, 2):uint()
end

local function request_text(kind, by_role)
  local older, newer = by_role[1], by_role[2]
  if kind == ADD then
    return path_of(newer) .. " " .. endpoint(newer)
  elseif kind == REMOVE then
    return path_of(older)
  elseif path_of(older) == path_of(newer) then
    return path_of(older) .. " " .. endpoint(older) .. " -> " .. endpoint(newer)
  end
  return path_of(older) .. " -> " .. path_of(newer)
end

local function show_parameter(tree, parameter)
  local range = parameter.range
  local item = tree:add(field.parameter, range)
  item:append_text(": " .. ROLES[parameter.role] .. ", path " .. path_of(parameter) .. ", " .. endpoint(parameter))
  item:add(field.role, range(1, 1))
  item:add(field.path, range(4, 2))
  item:add(field.family, range(6, 1))
  item:add(field.parameter_flags, range(7, 1))
  item:add(field.port, range(8, 2))
  item:add(field.address, parameter.octets, parameter.address)
  item:add(parameter.family == 4 and field.ipv4 or field.ipv6, parameter.octets)
end

-- Each of these adds fields to the tree and returns the content in words; or nil, and why it is malformed.

local function request(tree, kind, data)
  if data == nil then
    return nil, "empty"
  end
  local all, by_role = parameters_of(data)
  if all == nil then
    return nil, by_role
  end
  local present = {}
  for role = 1, #ROLES do
    if by_role[role] ~= nil then
      present[#present + 1] = role
    end
  end
  local found, wanted = names_of(present), names_of(WANTED[kind])
  if found ~= wanted then
    return nil, found .. " instead of " .. wanted
  end
  for _, parameter in ipairs(all) do
    show_parameter(tree, parameter)
  end
  return NAMES[kind] .. " path " .. request_text(kind, by_role)
end

local function supported(tree, data)
  if data == nil or data:len() < 8 then
    return nil, "truncated"
  elseif data(0, 4):uint() ~= MAGIC then
    return nil, "another magic"
  end
  local version, flags, most = data(4, 1):uint(), data(5, 1):uint(), data(6, 1):uint()
  if version ~= VERSION then
    return nil, "version " .. version
  elseif most == 0 then
    return nil, "no path"
  end
  tree:add(field.version, data(4, 1))
  local item = tree:add(field.flags, data(5, 1))
  item:add(field.transport, data(5, 1))
  item:add(field.paths, data(5, 1))
  tree:add(field.max_paths, data(6, 1))
  return string.format("MOBIKEX_SUPPORTED v%d flags 0x%02x max %d", version, flags, most)
end

local function path_status(tree, data)
  local size = data == nil and 0 or data:len()
  if size ~= 4 then
    return nil, size .. " octets"
  end
  tree:add(field.path, data(0, 2))
  tree:add(field.status, data(2, 2))
  local status = data(2, 2):uint()
  return "PATH_STATUS " .. data(0, 2):uint() .. " " .. (STATUSES[status] or status)
end

-- The payload a message type was found in, and its notification data (nil if there is none); nil if it does not fit.
-- RFC 7296, section 3.10: next payload, critical, length (2), protocol, SPI size, message type (2), SPI, data.
local function payload_of(info)
  local source, at = info.source, info.offset
  if source == nil or at < 6 or at + 2 > source:len() then
    return nil
  end
  local length, spi = source(at - 4, 2):uint(), source(at - 1, 1):uint()
  if length < 8 + spi or at - 6 + length > source:len() then
    return nil
  end
  local size = length - 8 - spi
  return source(at - 6, length), size > 0 and source(at + 2 + spi, size) or nil
end

local function note(pinfo, tree, event, range, text)
  tree:add(field.event, range, event):set_generated()
  tree:add(field.text, range, text):set_generated()
  pinfo.cols.info:append(" [" .. text .. "]")
end

local function show(pinfo, root, kind, payload, data)
  local tree = root:add(mobikex, payload, "MOBIKE-X " .. NAMES[kind])
  local text, why
  if kind == SUPPORTED then
    text, why = supported(tree, data)
  elseif kind == PATH_STATUS then
    text, why = path_status(tree, data)
  else
    text, why = request(tree, kind, data)
  end
  if text == nil then
    text = NAMES[kind] .. " malformed: " .. why
    tree:add(field.malformed, payload, why):add_proto_expert_info(refused)
  end
  note(pinfo, tree, EVENTS[kind], payload, text)
end

-- A request with COOKIE2 and no other payload (section 4, rule 6).
local function is_check(notifies)
  local exchange, response = ike.exchange(), ike.response()
  if #notifies ~= 1 or notifies[1].value ~= COOKIE2 or exchange == nil or response == nil then
    return false
  end
  local others = 0
  for _, payload in ipairs({ ike.payload() }) do
    if not ALLOWED[payload.value] then
      others = others + 1
    end
  end
  return others == 0 and exchange.value == INFORMATIONAL and response.value == false
end

function mobikex.dissector(_, pinfo, root)
  local version = ike.version()
  if version == nil or math.floor(version.value / 16) ~= 2 then
    return
  end
  local notifies = { ike.notify() }
  for _, info in ipairs(notifies) do
    local kind = info.value
    if NAMES[kind] ~= nil then
      local payload, data = payload_of(info)
      -- without data it is the UPDATE_SA_ADDRESSES of RFC 4555
      if payload ~= nil and (kind ~= UPDATE or data ~= nil) then
        show(pinfo, root, kind, payload, data)
      end
    end
  end
  if is_check(notifies) then
    local payload = payload_of(notifies[1])
    if payload ~= nil then
      note(pinfo, root:add(mobikex, payload, "MOBIKE-X path check"), "check", payload, "path check")
    end
  end
end

register_postdissector(mobikex)
