/** What must be right about a flow whatever its addresses are. */
import { suggest } from '../did-you-mean.ts';
import { itemNameProblem } from '../names.ts';
import type { Path } from '../problem.ts';
import type { FileFlow } from '../schema/flows.ts';
import { type Context, nodeAt } from './context.ts';
import { reportName } from './nodes.ts';

/** What only a udp flow has. */
function checkKind(context: Context, file: FileFlow, path: Path): void {
  if (file.kind === 'udp') return;
  const refuse = (key: string, message: string, hint: string) =>
    context.report([...path, key], { code: 'E_SPEC_CONFLICT', message, at: 'key', got: key, hint });
  for (const key of ['rate', 'size'] as const) {
    if (file[key] !== undefined) refuse(key, `a tcp flow has no ${key}`, 'bulk transfer sends as fast as it can');
  }
  if (file.source === 'route') refuse('source', 'a tcp connection keeps its address', '"source: route" is for udp flows');
  if (file.answers !== undefined) refuse('answers', 'a tcp flow answers no other', '"answers" is for udp flows');
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
  const asked = Object.hasOwn(flows, answers) ? flows[answers] : undefined;
  if (asked === undefined) {
    const names = Object.keys(flows).filter((other) => other !== name);
    return refuse('E_SPEC_NO_FLOW', `there is no flow "${answers}"`, suggest(answers, names));
  }
  const bad = 'E_SPEC_FLOW_ANSWERS';
  if (asked.kind !== 'udp') return refuse(bad, `"${answers}" is a tcp flow`, 'only a udp flow can be answered by one');
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
  if (from === null || to === null) return false;
  if (from === to) {
    context.report([...path, 'to'], { code: 'E_SPEC_FLOW_SELF', message: 'the flow ends where it starts', hint: 'name another node' });
    return false;
  }
  return mayAnswer(context, name, file);
}
