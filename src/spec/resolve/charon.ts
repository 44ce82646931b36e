/** charon's build and settings per node, and policy routing: what a node's file says must have something to act on. */
import type { CharonSettings, IpsecConnection } from '../../types/experiment.ts';
import { type Prefix, parsePrefix, sameAddress } from '../address.ts';
import type { Path } from '../problem.ts';
import type { FileCharon } from '../schema/nodes.ts';
import { absent, type Context, chosenByMatrix } from './context.ts';

/** Fills `charon` of every node that needs the patched build. Stock nodes have none: the distribution's charon as it is. */
export function resolveCharon(context: Context, connections: readonly IpsecConnection[]): void {
  for (const [name, file] of Object.entries(context.file.nodes)) {
    const mine = connections.filter((c) => c.initiator === name || c.responder === name);
    const path: Path = ['nodes', name, 'charon'];
    if (file.charon !== undefined && mine.length === 0 && context.sound && !elsewhere(context, name)) {
      const hint = 'only a node with an IPsec connection has a charon';
      context.report(path, { code: 'E_SPEC_CHARON', message: `node "${name}" runs no charon`, at: 'key', got: 'charon', hint });
    }
    const settings = charonSettings(context, file.charon ?? {}, mine, path);
    const node = context.nodes.get(name);
    if (settings !== null && node !== undefined && mine.length > 0) node.charon = settings;
  }
}

/** Whether it is the matrix that leaves the node without IKE in this cell. */
function elsewhere(context: Context, node: string): boolean {
  return Object.entries(context.whole.ipsec).some(([name, file]) => {
    if (file.kind === 'mml' || (file.initiator !== node && file.responder !== node)) return false;
    const { security } = file;
    return absent(context, 'ipsec', name) === 'other cells' || (security !== undefined && chosenByMatrix(context, security));
  });
}

function charonSettings(context: Context, file: FileCharon, mine: readonly IpsecConnection[], path: Path): CharonSettings | null {
  const { build, ...rest } = file;
  const settings = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<CharonSettings, 'build'>;
  const [first] = Object.keys(settings);
  if (build === 'stock' && first !== undefined) {
    const hint = 'leave out "build", or the setting';
    context.report([...path, first], { code: 'E_SPEC_CHARON', message: `a stock charon has no "${first}"`, at: 'key', got: first, hint });
  }
  const needed = first !== undefined || mine.some((c) => c.mobility === 'mobikex');
  return (build ?? (needed ? 'patched' : 'stock')) === 'patched' ? { build: 'patched', ...settings } : null;
}

/** At the start, or after an event. */
function mayHave(context: Context, node: string, address: Prefix): boolean {
  if (context.owned.some((owned) => owned.node === node && sameAddress(owned.prefix, address))) return true;
  return context.file.timeline.some(
    (event) => event.event === 'readdress' && event.node === node && sameAddress(parsePrefix(event.address)!, address),
  );
}

/** Rules name addresses of the node and tables with routes. */
export function checkRules(context: Context): void {
  for (const node of context.nodes.values()) {
    for (const [index, rule] of (node.rules ?? []).entries()) {
      const path: Path = ['nodes', node.name, 'rules', index];
      const from = parsePrefix(rule.from)!;
      if (!mayHave(context, node.name, from)) {
        context.report(path, { code: 'E_SPEC_ADDRESS_UNKNOWN', message: `node "${node.name}" does not have the address ${rule.from}` });
      }
      if (node.rules?.findIndex((other) => other.from === rule.from && other.table === rule.table) !== index) {
        context.report(path, { code: 'E_SPEC_RULE', message: 'this rule is listed twice', hint: 'the kernel takes it once' });
      }
      if (!node.routes.some((route) => route.table === rule.table)) {
        const hint = `such as "default via ... table ${rule.table}" under "routes"`;
        context.report(path, { code: 'E_SPEC_RULE', message: `table ${rule.table} has no route`, hint });
      }
    }
  }
}
