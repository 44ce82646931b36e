/** What must be right about a flow whatever its addresses are. */
import { isMultihomed } from '../../types/experiment.ts';
import { suggest } from '../did-you-mean.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import { absent, type Context, nodeAt, OTHER_CELLS } from './context.ts';
import { reportName } from './nodes.ts';

/** octets; above about 1300 SCTP sends a message in fragments, and the receiver reads into a buffer of this size */
const MAX_MESSAGE = 16000;
/** packets per second */
const MIN_RATE = 0.01;

function conflict(context: Context, path: Path, key: string, message: string, hint: string): void {
  context.report([...path, key], { code: 'E_SPEC_CONFLICT', message, at: 'key', got: key, hint });
}

/** What only some kinds have. */
function checkKind(context: Context, file: FileFlow, path: Path): void {
  const { kind } = file;
  const refuse = (key: string, message: string, hint: string) => conflict(context, path, key, message, hint);
  if (kind === 'tcp') {
    for (const key of ['rate', 'size'] as const) {
      if (file[key] !== undefined) refuse(key, `a tcp flow has no ${key}`, 'bulk transfer sends as fast as it can');
    }
  }
  if (kind !== 'udp') {
    const what = kind === 'sctp' ? 'an sctp association' : kind === 'mptcp' ? 'an mptcp connection' : 'a tcp connection';
    if (file.source === 'route') refuse('source', `${what} keeps its address`, '"source: route" is for udp flows');
    if (file.answers !== undefined) refuse('answers', `${article(kind)} flow answers no other`, '"answers" is for udp flows');
  }
  if (kind !== 'sctp' && file.sctp !== undefined) refuse('sctp', `${article(kind)} flow has no SCTP settings`, 'they are for "kind: sctp"');
  if (kind !== 'tcp' && file.tcp !== undefined) refuse('tcp', `${article(kind)} flow has no TCP settings`, 'they are for "kind: tcp"');
  if (isMultihomed(file)) return;
  if (file.client !== undefined)
    refuse('client', `${article(kind)} flow is opened by the node it is from`, '"client" is for sctp and mptcp');
  for (const key of ['source', 'destination'] as const) {
    if (Array.isArray(file[key])) refuse(key, `${article(kind)} flow has one address at each end`, 'lists are for sctp and mptcp');
  }
}

export const article = (kind: FileFlow['kind']): string => `${kind === 'sctp' || kind === 'mptcp' ? 'an' : 'a'} ${kind}`;

function checkQuantities(context: Context, { kind, rate, size }: FileFlow, path: Path): void {
  if (rate !== undefined && rate < MIN_RATE && !(rate === 0 && kind !== 'udp')) {
    const hint = kind === 'udp' ? 'such as 100/s' : 'such as 100/s, or 0: as fast as the transport takes them';
    context.report([...path, 'rate'], { code: 'E_SPEC_RANGE', message: `a packet rate must be at least ${MIN_RATE}`, hint });
  }
  if (isMultihomed({ kind }) && size !== undefined && size > MAX_MESSAGE) {
    context.report([...path, 'size'], { code: 'E_SPEC_RANGE', message: 'too much for a message', hint: `at most ${MAX_MESSAGE}B` });
  }
}

function checkClient(context: Context, { client, from, to }: FileFlow, path: Path): void {
  if (client === undefined || client === from || client === to) return;
  const message = `"${client}" is no end of the flow`;
  context.report([...path, 'client'], { code: 'E_SPEC_FLOW_CLIENT', message, hint: `one of: ${from}, ${to}` });
}

/** Whether the flow may answer the one it names; reports when not. */
function mayAnswer(context: Context, name: string, file: FileFlow): boolean {
  const { flows } = context.file;
  const { answers } = file;
  if (answers === undefined) return true;
  const refuse = (code: string, message: string, hint: string | undefined): false => {
    context.report(['flows', name, 'answers'], { code, message, hint });
    return false;
  };
  if (absent(context, 'flows', answers) === 'other cells') {
    return refuse('E_SPEC_NO_FLOW', `the flow "${answers}" is not in this cell`, OTHER_CELLS);
  }
  const asked = Object.hasOwn(flows, answers) ? flows[answers] : undefined;
  if (asked === undefined) {
    const names = Object.keys(flows).filter((other) => other !== name);
    return refuse('E_SPEC_NO_FLOW', `there is no flow "${answers}"`, suggest(answers, names));
  }
  const bad = 'E_SPEC_FLOW_ANSWERS';
  if (asked.kind !== 'udp') return refuse(bad, `"${answers}" is ${article(asked.kind)} flow`, 'only a udp flow can be answered by one');
  if (asked.from !== file.to || asked.to !== file.from) {
    return refuse(bad, `"${answers}" does not go from "${file.to}" to "${file.from}"`, 'answers go the other way');
  }
  if (asked.answers !== undefined) return refuse(bad, `"${answers}" is itself an answer`, 'name a flow that sends by itself');
  const first = Object.keys(flows).find((other) => flows[other]!.answers === answers);
  if (first !== name) return refuse(bad, `"${answers}" is answered by "${first}"`, 'a flow has one answer');
  return true;
}

/** Name, ends, what its kind may have, and the flow it answers; false after a report that leaves nothing to resolve. */
export function isWhole(context: Context, name: string, file: FileFlow): boolean {
  const path: Path = ['flows', name];
  reportName(context.report, path, name, itemNameProblem(name));
  const from = nodeAt(context, file.from, [...path, 'from']);
  const to = nodeAt(context, file.to, [...path, 'to']);
  checkKind(context, file, path);
  checkQuantities(context, file, path);
  if (from === null || to === null) return false;
  if (from === to) {
    context.report([...path, 'to'], { code: 'E_SPEC_FLOW_SELF', message: 'the flow ends where it starts', hint: 'name another node' });
    return false;
  }
  checkClient(context, file, path);
  return mayAnswer(context, name, file);
}
