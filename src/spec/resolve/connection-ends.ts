/** The two ends of a connection: nodes that exist, outer addresses, and a route both ways. */
import type { LabNode } from '../../types/experiment.ts';
import { type Prefix, parsePrefix, sameAddress } from '../address.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileConnection } from '../schema/ipsec.ts';
import { type Context, nodeAt } from './context.ts';
import { reportName } from './nodes.ts';
import { linkAddress, sourceAddress, unreachable } from './routing.ts';

export interface ConnectionEnds {
  initiator: LabNode;
  responder: LabNode;
  /** outer addresses at start */
  here: Prefix;
  there: Prefix;
}

const RESERVED_NONE = { code: 'E_SPEC_NAME_RESERVED', message: '"none" means "in clear" to a flow', hint: 'choose another' };

/** The given address if the node has it, else a report. */
function given(context: Context, node: string, text: string, path: Path): Prefix | null {
  const prefix = parsePrefix(text)!;
  if (context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, prefix))) return prefix;
  context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node}" does not have the address ${text}` });
  return null;
}

/** Name and nodes; null after a report. */
function endNodes(context: Context, name: string, file: FileConnection): Pick<ConnectionEnds, 'initiator' | 'responder'> | null {
  const path: Path = ['ipsec', name];
  reportName(context.report, path, name, name === 'none' ? RESERVED_NONE : itemNameProblem(name));
  const initiator = nodeAt(context, file.initiator, [...path, 'initiator']);
  const responder = nodeAt(context, file.responder, [...path, 'responder']);
  if (initiator === null || responder === null) return null;
  if (initiator !== responder) return { initiator, responder };
  context.report([...path, 'responder'], { code: 'E_SPEC_IPSEC_SELF', message: 'initiator and responder are the same node' });
  return null;
}

/** `version`: the only one of IP it works over. null after a report. */
export function connectionEnds(context: Context, name: string, file: FileConnection, version?: 4): ConnectionEnds | null {
  const path: Path = ['ipsec', name];
  const nodes = endNodes(context, name, file);
  if (nodes === null) return null;
  const { initiator, responder } = nodes;
  const wanted = file.initiatorAddress === undefined ? version : parsePrefix(file.initiatorAddress)!.family;
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
      message: `node "${node}" has no usable ${version === undefined ? '' : `IPv${version} `}address on a link`,
      hint,
    });
    return null;
  }
  const broken = unreachable(context, initiator.name, there, here) ?? unreachable(context, responder.name, here, there);
  if (broken !== null && context.sound) {
    const hint = `${file.kind === 'mml' ? 'ESP' : 'IKE'} needs a route both ways: add one under "routes"`;
    const message = `${initiator.name} (${here.address}) and ${responder.name} (${there.address}) cannot reach each other: ${broken}`;
    context.report(path, { code: 'E_SPEC_IPSEC_UNREACHABLE', message, at: 'key', got: name, hint });
  }
  return { initiator, responder, here, there };
}
