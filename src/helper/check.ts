/** Requests are looked at before anything is done: whoever may open the socket need not be right. No message repeats what may be a key. */
import { isIPv4 } from 'node:net';
import { NEVER } from '../mlipsec/index.ts';
import type { HelperAgent, HelperRequest, HelperSetup, HelperTunnel, TunnelKeys } from '../types/helper.ts';
import type { CsaKeys } from '../types/keys.ts';

/** A request that is not what it should be; `message` says where. */
export class BadRequest extends Error {}

type Check<T> = (value: unknown, where: string) => T;

function demand(condition: boolean, where: string, what: string): asserts condition {
  if (!condition) throw new BadRequest(`${where}: ${what}`);
}

const object: Check<Record<string, unknown>> = (value, where) => {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), where, 'must be an object');
  return value as Record<string, unknown>;
};
const boolean: Check<boolean> = (value, where) => {
  demand(typeof value === 'boolean', where, 'must be true or false');
  return value;
};
const text =
  (pattern: RegExp, what: string): Check<string> =>
  (value, where) => {
    demand(typeof value === 'string' && pattern.test(value), where, `must be ${what}`);
    return value;
  };
const integer =
  (least: number, most: number): Check<number> =>
  (value, where) => {
    demand(Number.isInteger(value) && (value as number) >= least && (value as number) <= most, where, `must be ${least} to ${most}`);
    return value as number;
  };
const number =
  (least: number, most: number): Check<number> =>
  (value, where) => {
    demand(typeof value === 'number' && value >= least && value <= most, where, `must be ${least} to ${most}`);
    return value;
  };
const oneOf =
  <T extends string>(...allowed: T[]): Check<T> =>
  (value, where) => {
    demand(allowed.includes(value as T), where, `must be one of ${allowed.join(', ')}`);
    return value as T;
  };
const list =
  <T>(item: Check<T>, most: number): Check<T[]> =>
  (value, where) => {
    demand(Array.isArray(value) && value.length <= most, where, `must be a list of at most ${most}`);
    return value.map((one, i) => item(one, `${where}[${i}]`));
  };
const optional =
  <T>(check: Check<T>): Check<T | null> =>
  (value, where) =>
    value === null || value === undefined ? null : check(value, where);

const address: Check<string> = (value, where) => {
  demand(typeof value === 'string' && isIPv4(value), where, 'must be an IPv4 address');
  return value;
};
const network: Check<string> = (value, where) => {
  demand(typeof value === 'string', where, 'must be an IPv4 network');
  const [base = '', prefix = '32', ...more] = value.split('/');
  demand(isIPv4(base) && /^\d{1,2}$/.test(prefix) && Number(prefix) <= 32 && more.length === 0, where, 'must be an IPv4 network');
  return value;
};
const interfaceName = text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,14}$/, 'the name of an interface');
const MODES = ['plain', 'ipsec', 'mml'] as const;
const seconds = number(0.001, 86_400);

const dynamic: Check<NonNullable<HelperTunnel['dynamic']>> = (value, where) => {
  const given = object(value, where);
  return {
    everyNth: integer(1, NEVER)(given.everyNth, `${where}.everyNth`),
    otherwise: oneOf(...MODES)(given.otherwise, `${where}.otherwise`),
    perFlow: list((one, at) => {
      const flow = object(one, at);
      return { port: integer(1, 65_535)(flow.port, `${at}.port`), mode: oneOf(...MODES)(flow.mode, `${at}.mode`) };
    }, 64)(given.perFlow, `${where}.perFlow`),
  };
};

const tunnel: Check<HelperTunnel> = (value, where) => {
  const given = object(value, where);
  const checked: HelperTunnel = {
    name: interfaceName(given.name, `${where}.name`),
    mode: oneOf('tunnel', 'transport')(given.mode, `${where}.mode`),
    local: address(given.local, `${where}.local`),
    remote: address(given.remote, `${where}.remote`),
    localInner: network(given.localInner, `${where}.localInner`),
    remoteInner: network(given.remoteInner, `${where}.remoteInner`),
    mtu: integer(68, 65_000)(given.mtu, `${where}.mtu`),
    encapsulation: oneOf('esp', 'udp')(given.encapsulation, `${where}.encapsulation`),
    speed: oneOf('faithful', 'fast')(given.speed, `${where}.speed`),
    dynamic: optional(dynamic)(given.dynamic, `${where}.dynamic`),
  };
  const { mode, encapsulation, speed } = checked;
  demand(
    mode === 'tunnel' || (encapsulation === 'esp' && checked.dynamic === null),
    where,
    'transport mode is ESP in IP, and never dynamic',
  );
  demand(speed === 'faithful' || encapsulation === 'udp', where, 'fast takes encapsulation udp');
  demand(speed === 'faithful' || checked.dynamic === null, where, 'fast is never dynamic');
  return checked;
};

const snoop: Check<NonNullable<HelperAgent['snoop']>> = (value, where) => {
  const given = object(value, where);
  const count = integer(0, 65_535);
  return {
    wireless: interfaceName(given.wireless, `${where}.wireless`),
    maxWindow: integer(1, 65_535)(given.maxWindow, `${where}.maxWindow`),
    maxConnections: integer(1, 65_535)(given.maxConnections, `${where}.maxConnections`),
    maxRxmit: count(given.maxRxmit, `${where}.maxRxmit`),
    dupThresh: count(given.dupThresh, `${where}.dupThresh`),
    initialRto: seconds(given.initialRto, `${where}.initialRto`),
    minRto: seconds(given.minRto, `${where}.minRto`),
    persistTimeout: seconds(given.persistTimeout, `${where}.persistTimeout`),
    garbageTimeout: seconds(given.garbageTimeout, `${where}.garbageTimeout`),
    priority: boolean(given.priority, `${where}.priority`),
  };
};

const pair =
  <T>(item: Check<T>): Check<[T, T]> =>
  (value, where) => {
    demand(Array.isArray(value) && value.length === 2, where, 'must be two');
    return [item(value[0], `${where}[0]`), item(value[1], `${where}[1]`)];
  };

const plain: Check<HelperAgent['plain'][number]> = (value, where) => {
  const given = object(value, where);
  return {
    ends: pair(address)(given.ends, `${where}.ends`),
    inner: pair(network)(given.inner, `${where}.inner`),
    dynamic: dynamic(given.dynamic, `${where}.dynamic`),
  };
};

const agent: Check<HelperAgent> = (value, where) => {
  const given = object(value, where);
  return {
    tun: interfaceName(given.tun, `${where}.tun`),
    snoop: optional(snoop)(given.snoop, `${where}.snoop`),
    mobile: list(network, 64)(given.mobile, `${where}.mobile`),
    plain: list(plain, 16)(given.plain, `${where}.plain`),
  };
};

const setup: Check<HelperSetup> = (value, where) => {
  const given = object(value, where);
  const checked: HelperSetup = {
    tunnels: list(tunnel, 16)(given.tunnels, `${where}.tunnels`),
    agent: optional(agent)(given.agent, `${where}.agent`),
    profile: boolean(given.profile, `${where}.profile`),
  };
  const names = [...checked.tunnels.map(({ name }) => name), ...(checked.agent === null ? [] : [checked.agent.tun])];
  demand(new Set(names).size === names.length, where, 'two interfaces of one name');
  return checked;
};

const csa: Check<CsaKeys> = (value, where) => {
  const given = object(value, where);
  const zone: Check<NonNullable<CsaKeys['sas'][number]>> = (one, at) => {
    const sa = object(one, at);
    return {
      spi: integer(256, 0xffff_ffff)(sa.spi, `${at}.spi`),
      suite: text(/^[a-z0-9/-]{1,40}$/, 'the name of a suite')(sa.suite, `${at}.suite`),
      material: text(/^(?:[0-9a-fA-F]{2}){0,128}$/, 'hex digits')(sa.material, `${at}.material`),
    };
  };
  return {
    src: address(given.src, `${where}.src`),
    dst: address(given.dst, `${where}.dst`),
    layout: oneOf('P', 'C')(given.layout, `${where}.layout`),
    bind: oneOf('none', 'seq', 'hdr')(given.bind, `${where}.bind`),
    boundaries: list(integer(1, 65_535), 254)(given.boundaries, `${where}.boundaries`),
    sas: list(optional(zone), 255)(given.sas, `${where}.sas`),
  };
};

const tunnelKeys: Check<TunnelKeys> = (value, where) => {
  const given = object(value, where);
  const pair = (one: Record<string, unknown>, at: string) => ({
    send: csa(one.send, `${at}.send`),
    receive: csa(one.receive, `${at}.receive`),
  });
  return {
    tunnel: interfaceName(given.tunnel, `${where}.tunnel`),
    ...pair(given, where),
    ipsec: optional((one, at) => pair(object(one, at), at))(given.ipsec, `${where}.ipsec`),
  };
};

/** All keys of an end are different: under one key two SAs, or both directions of one, would write the same nonces (RFC 4106 section 3.1). */
function demandDifferent(tunnels: readonly TunnelKeys[]): void {
  const csas = tunnels.flatMap(({ send, receive, ipsec }) => [send, receive, ...(ipsec === null ? [] : [ipsec.send, ipsec.receive])]);
  const materials = csas.flatMap(({ sas }) => sas.flatMap((sa) => (sa === null ? [] : [sa.material.toLowerCase()])));
  demand(new Set(materials).size === materials.length, 'tunnels', 'two SAs have one key');
}

/** A line of the control socket as a request. Throws {@link BadRequest}. */
export function readRequest(line: string): HelperRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadRequest('request: must be one JSON object per line');
  }
  const given = object(value, 'request');
  const what = oneOf('open', 'keys', 'statistics', 'stop')(given.do, 'request.do');
  if (what === 'open') return { do: what, setup: setup(given.setup, 'setup') };
  if (what !== 'keys') return { do: what };
  const agentKeys = optional((one, at) => {
    const keys = object(one, at);
    return { csas: list(csa, 64)(keys.csas, `${at}.csas`), writer: integer(1, 254)(keys.writer, `${at}.writer`) };
  });
  const tunnels = list(tunnelKeys, 16)(given.tunnels, 'tunnels');
  demandDifferent(tunnels);
  return { do: what, tunnels, agent: agentKeys(given.agent, 'agent') };
}
