/** IPsec connections: ends exist and reach each other both ways, addresses and selectors are filled in. */
import type { IpsecConnection } from '../../types/experiment.ts';
import { overlaps, type Prefix, parsePrefix, sameAddress } from '../address.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileConnection } from '../schema/ipsec.ts';
import { type Context, chosenByMatrix, nodeAt } from './context.ts';
import { reportName } from './nodes.ts';
import { linkAddress, sourceAddress, unreachable } from './routing.ts';

const asHost = (prefix: Prefix) => `${prefix.address}/${prefix.family === 4 ? 32 : 128}`;
const asNetwork = (prefix: Prefix): string => {
  if (prefix.family === 4) return `${[24n, 16n, 8n, 0n].map((shift) => (prefix.first >> shift) & 255n).join('.')}/${prefix.bits}`;
  const words = Array.from({ length: 8 }, (_, i) => ((prefix.first >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return `${words.join(':')}/${prefix.bits}`;
};

/** The given address if the node has it, else a report. */
function given(context: Context, node: string, text: string, path: Path): Prefix | null {
  const prefix = parsePrefix(text)!;
  if (context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, prefix))) return prefix;
  context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node}" does not have the address ${text}` });
  return null;
}

function checkVirtualIp(context: Context, file: FileConnection, path: Path): void {
  if (file.virtualIp === undefined) return;
  const prefix = parsePrefix(file.virtualIp)!;
  const inside = context.owned.find((owned) => overlaps(owned.prefix, prefix));
  if (file.mode === 'transport') {
    const hint = 'remove it or use mode tunnel';
    context.report([...path, 'virtualIp'], { code: 'E_SPEC_CONFLICT', message: 'transport mode has no virtual address', hint });
  } else if (inside !== undefined) {
    const message = `${file.virtualIp} lies inside the subnet of ${inside.node}:${inside.interface}`;
    context.report([...path, 'virtualIp'], { code: 'E_SPEC_VIRTUAL_IP', message, hint: 'take an address outside every subnet' });
  }
}

/** Where the matrix chooses between the modes, what only tunnel mode has stands in the file for the tunnel cells. */
function ofMode(context: Context, file: FileConnection): FileConnection {
  if (file.mode === 'tunnel' || !chosenByMatrix(context, file.mode)) return file;
  const { virtualIp: _, responderNets: __, initiatorNets: ___, ...rest } = file;
  return rest;
}

function resolveConnection(context: Context, name: string, written: FileConnection): IpsecConnection | null {
  const file = ofMode(context, written);
  const path: Path = ['ipsec', name];
  reportName(context.report, path, name, name === 'none' ? RESERVED_NONE : itemNameProblem(name));
  const initiator = nodeAt(context, file.initiator, [...path, 'initiator']);
  const responder = nodeAt(context, file.responder, [...path, 'responder']);
  checkVirtualIp(context, file, path);
  if (initiator === null || responder === null) return null;
  if (initiator === responder) {
    context.report([...path, 'responder'], { code: 'E_SPEC_IPSEC_SELF', message: 'initiator and responder are the same node' });
    return null;
  }
  const wanted = file.initiatorAddress === undefined ? undefined : parsePrefix(file.initiatorAddress)!.family;
  const there = file.responderAddress
    ? given(context, responder.name, file.responderAddress, [...path, 'responderAddress'])
    : linkAddress(context, responder.name, wanted)?.prefix;
  if (there === null) return null;
  const here = file.initiatorAddress
    ? given(context, initiator.name, file.initiatorAddress, [...path, 'initiatorAddress'])
    : there && (sourceAddress(context, initiator.name, there) ?? linkAddress(context, initiator.name, there.family))?.prefix;
  if (here === null) return null;
  if (there === undefined || here === undefined) {
    if (!context.sound) return null;
    const node = there === undefined ? responder.name : initiator.name;
    const hint = 'IPsec runs over links';
    context.report([...path, there === undefined ? 'responder' : 'initiator'], {
      code: 'E_SPEC_IPSEC_UNREACHABLE',
      message: `node "${node}" has no usable address on a link`,
      hint,
    });
    return null;
  }
  const broken = unreachable(context, initiator.name, there) ?? unreachable(context, responder.name, here);
  if (broken !== null && context.sound) {
    const hint = 'IKE needs a route both ways: add one under "routes"';
    const message = `${initiator.name} (${here.address}) and ${responder.name} (${there.address}) cannot reach each other: ${broken}`;
    context.report(path, { code: 'E_SPEC_IPSEC_UNREACHABLE', message, at: 'key', got: name, hint });
  }
  const tunnel = file.mode === 'tunnel';
  const behind = context.owned.filter(
    (owned) => owned.node === responder.name && responder.interfaces.some((one) => one.name === owned.interface && one.kind === 'dummy'),
  );
  const responderNets = tunnel && behind.length > 0 ? behind.map((owned) => asNetwork(owned.prefix)) : [asHost(there)];
  const inner = tunnel && file.virtualIp !== undefined ? parsePrefix(file.virtualIp)! : here;
  return {
    name,
    initiator: initiator.name,
    responder: responder.name,
    initiatorAddress: here.address,
    responderAddress: there.address,
    mode: file.mode,
    ike: file.ike,
    esp: file.esp,
    ...(file.virtualIp === undefined ? {} : { virtualIp: file.virtualIp }),
    responderNets: file.responderNets ?? responderNets,
    initiatorNets: file.initiatorNets ?? [asHost(inner)],
    mobility: file.mobility,
  };
}

const RESERVED_NONE = { code: 'E_SPEC_NAME_RESERVED', message: '"none" means "in clear" to a flow', hint: 'choose another' };

export function resolveIpsec(context: Context): IpsecConnection[] {
  const connections = Object.entries(context.file.ipsec).flatMap(([name, file]) => resolveConnection(context, name, file) ?? []);
  const seen = new Map<string, string>();
  for (const { name, virtualIp } of connections) {
    if (virtualIp === undefined) continue;
    const owner = seen.get(virtualIp);
    if (owner !== undefined) {
      const message = `${virtualIp} is already the virtual address of "${owner}"`;
      context.report(['ipsec', name, 'virtualIp'], { code: 'E_SPEC_ADDRESS_DUPLICATE', message, hint: 'each connection needs its own' });
    }
    seen.set(virtualIp, name);
  }
  return connections;
}
