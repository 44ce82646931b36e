/** One tunnel of ESP in zones: an interface called like the entry at both ends, one inner address each, IPv4. */
import { type SuiteName, suiteNamed } from '../../mlipsec/index.ts';
import type { MmlTunnel } from '../../types/experiment.ts';
import { parsePrefix } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileMml } from '../schema/mml.ts';
import { checkAgents } from './agents.ts';
import { connectionEnds } from './connection-ends.ts';
import type { Context } from './context.ts';
import { dynamicSettings } from './dynamic.ts';
import { checkVirtualIp } from './ipsec.ts';
import { mmlMtu } from './mml-mtu.ts';
import { asHost } from './networks.ts';
import type { Shelter } from './shelter.ts';
import { checkInterfaceName, innerAddress } from './tunnel-interface.ts';
import { checkReach, checkZones } from './zones.ts';

/** false after a report. */
function onlyIpv4(context: Context, file: FileMml, path: Path): boolean {
  const six = (['virtualIp', 'initiatorAddress', 'responderAddress'] as const).filter((key) => file[key]?.includes(':'));
  for (const key of six) {
    const hint = 'such as 10.10.0.2: zones are octets of an IPv4 packet';
    context.report([...path, key], { code: 'E_SPEC_ADDRESS', message: 'a tunnel of ESP in zones is for IPv4', hint });
  }
  return six.length === 0;
}

/** Suite, binding and speed; false after a report. */
function checkProtection(context: Context, file: FileMml, path: Path): boolean {
  const { suite: name, fidelity, bind, speed, encapsulation, dynamic } = file;
  const suite = suiteNamed(name, { fidelity: true });
  let sound = true;
  const refuse = (key: string, code: string, message: string, hint: string) => {
    sound = false;
    context.report([...path, key], { code, message, hint });
  };
  if (suite.fidelityOnly && !fidelity) {
    const why = suite.icv === 0 ? 'authenticates nothing: whoever is on the way can change headers' : 'has blocks of 64 bits (RFC 7321)';
    refuse('suite', 'E_SPEC_SUITE', `${name} ${why}`, 'choose another, or add "fidelity: true" to have what the paper had');
  }
  if (bind !== undefined && bind !== 'none' && suite.icv === 0) {
    refuse('bind', 'E_SPEC_CONFLICT', `${name} has no ICV that could cover the first zone`, 'use "bind: none", or a suite with an ICV');
  }
  if (speed === 'fast' && encapsulation !== 'udp') {
    const hint = 'add "encapsulation: udp": the kernel cuts and gathers UDP only';
    refuse('speed', 'E_SPEC_CONFLICT', 'fast needs ESP in UDP', hint);
  }
  if (speed === 'fast' && dynamic !== undefined) {
    refuse('speed', 'E_SPEC_CONFLICT', 'fast has one protection for all packets', 'leave out "dynamic", or "speed: fast"');
  }
  return sound;
}

const bindOf = ({ bind, suite }: FileMml): MmlTunnel['bind'] => bind ?? (suiteNamed(suite, { fidelity: true }).icv > 0 ? 'hdr' : 'none');

/** null after a report. */
export function mmlTunnel(context: Context, name: string, file: FileMml): { tunnel: MmlTunnel; shelter: Shelter } | null {
  const path: Path = ['ipsec', name];
  checkInterfaceName(context, name, file, 'an mml tunnel');
  const fitting = [onlyIpv4(context, file, path), checkProtection(context, file, path), checkZones(context, file, path)].every(Boolean);
  if (!fitting) return null;
  checkVirtualIp(context, file.virtualIp, path);
  const ends = connectionEnds(context, name, file, 4);
  const near = parsePrefix(file.virtualIp)!;
  const far = ends === null ? null : innerAddress(context, name, file, near);
  if (ends === null || far === null) return null;
  const { here, there } = ends;
  checkAgents(context, name, file, ends);
  const mtu = mmlMtu(context, name, file, ends);
  checkReach(context, file, mtu, path);
  const common = { name, initiator: ends.initiator.name, responder: ends.responder.name };
  const outer = { initiatorAddress: here.address, responderAddress: there.address };
  return {
    tunnel: {
      ...common,
      ...outer,
      ...{ initiatorInner: near.address, responderInner: far.address, mtu, boundaries: [...file.zones] },
      ...{ suite: file.suite satisfies SuiteName, layout: file.layout, bind: bindOf(file) },
      ...{ encapsulation: file.encapsulation, agents: [...file.agents] },
      ...(file.dynamic === undefined ? {} : { dynamic: dynamicSettings(file.dynamic) }),
      speed: file.speed,
    },
    shelter: {
      ...{ ...common, ...outer, mode: 'tunnel', virtualIp: near.address },
      ...{ initiatorNets: [asHost(near)], responderNets: [asHost(far)], mobility: 'none', ownInterface: true },
    },
  };
}
