/** The paths of an IKE_SA with MOBIKE-X, as vici's list-sas tells them (docs/mobike-x.md, section 13). */
import type { Vici, ViciMessage } from './vici.ts';

export interface MobikePath {
  id: number;
  state: string;
  local: string;
  remote: string;
  /** both sides know that the other one is reached over it, and each CHILD_SA of the active path has one there */
  ready: boolean;
}

const section = (value: unknown): ViciMessage =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ViciMessage) : {};
const installed = (path: string) => (child: unknown) => section(child).path === path && section(child).state === 'INSTALLED';

/** Of what list-sas says of one IKE_SA. Empty without MOBIKE-X. */
export function pathsOf(ikeSa: ViciMessage): MobikePath[] {
  const children = Object.values(section(ikeSa['child-sas']));
  const paths = Object.entries(section(ikeSa.paths)).map(([id, value]) => ({ id, ...(section(value) as Record<string, string>) }));
  const active = paths.find((path) => (path as Record<string, string>).state === 'active')?.id ?? '0';
  const needed = children.filter(installed(active)).length;
  return paths.map((path: Record<string, string> & { id: string }) => ({
    id: Number(path.id),
    state: path.state ?? '?',
    local: path['local-host'] ?? '?',
    remote: path['remote-host'] ?? '?',
    ready: path.verified === 'yes' && path.confirmed === 'yes' && children.filter(installed(path.id)).length >= needed,
  }));
}

/** Whether exchanges of the IKE_SA wait for their turn or for their answer: a path that was asked for may still come. */
export const isBusy = (ikeSa: ViciMessage): boolean =>
  ['tasks-queued', 'tasks-active'].some((key) => Array.isArray(ikeSa[key]) && ikeSa[key].length > 0);

/** Paths of the IKE_SA called `connection`, and whether more may come. Throws E_VICI (exit 1). */
export async function listPaths(vici: Vici, connection: string): Promise<{ paths: MobikePath[]; busy: boolean }> {
  const found = (await vici.stream('list-sas', 'list-sa', { ike: connection })).map((message) => section(message[connection]));
  return { paths: found.flatMap(pathsOf), busy: found.some(isBusy) };
}
