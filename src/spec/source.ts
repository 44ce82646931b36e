/**
 * From text to plain values with positions: characters are checked, the text is parsed as one YAML 1.2 document,
 * aliases are expanded within a budget, and the place of every key and value is kept for error messages.
 * Own expansion instead of the library's: it needs positions, depth, budget and duplicate keys in one linear pass.
 */
import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser } from 'yaml';
import { SpecError, type SpecIssue } from './issue.ts';
import { MAX_BYTES, MAX_DEPTH, MAX_TOKENS, MAX_VALUES } from './limits.ts';
import { type Path, pathKey } from './problem.ts';

interface Span {
  start: number;
  end: number;
}

export interface Source {
  file: string;
  text: string;
  root: unknown;
  /** values in the document, aliases expanded */
  size: number;
  /** place of the value, or key, at the path; of the nearest ancestor when the path is not in the file */
  locate(path: Path, at: 'key' | 'value'): { line: number; col: number; length: number };
}

type Fail = (code: string, span: Span, message: string, hint?: string) => SpecError;

const SHALLOW = 'an experiment needs six';

/** Parsing is recursive in the library: nesting is measured first, on the flat token tree, with a stack of our own. */
function tooDeep(token: CST.Token): number | undefined {
  const stack: [unknown, number][] = [[token, 0]];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const [node, depth] = entry as [{ value?: unknown; items?: { key?: unknown; value?: unknown }[]; offset?: number } | null, number];
    if (node === null || typeof node !== 'object') continue;
    if (depth > MAX_DEPTH) return node.offset ?? 0;
    if ('items' in node && Array.isArray(node.items)) {
      for (const item of node.items) stack.push([item.key, depth + 1], [item.value, depth + 1]);
    } else if (typeof node.value === 'object') stack.push([node.value, depth]);
  }
  return undefined;
}

function checkText(text: string, fail: Fail): void {
  if (text.length > MAX_BYTES)
    throw fail('E_SPEC_TOO_BIG', { start: 0, end: 1 }, `larger than ${MAX_BYTES} bytes`, 'is this the right file?');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
    const hint = 'an experiment is plain UTF-8 text';
    throw fail('E_SPEC_ENCODING', { start: control.index, end: control.index + 1 }, `control character 0x${code}`, hint);
  }
  if (!text.isWellFormed()) throw fail('E_SPEC_ENCODING', { start: 0, end: 1 }, 'not well-formed Unicode');
}

function parseDocument(text: string, lines: LineCounter, fail: Fail): Document.Parsed {
  let count = 0;
  for (const _ of new Lexer().lex(text)) {
    if (++count > MAX_TOKENS)
      throw fail('E_SPEC_TOO_BIG', { start: 0, end: 1 }, `more than ${MAX_TOKENS} tokens`, 'is this the right file?');
  }
  let documents: Document.Parsed[];
  try {
    const tokens = [...new Parser(lines.addNewLine).parse(text)];
    const deep = tokens.map(tooDeep).find((offset) => offset !== undefined);
    if (deep !== undefined)
      throw fail('E_SPEC_TOO_DEEP', { start: deep, end: deep + 1 }, `nested deeper than ${MAX_DEPTH} levels`, SHALLOW);
    documents = [...new Composer({ uniqueKeys: false, merge: false }).compose(tokens, true, text.length)] as Document.Parsed[];
  } catch (error) {
    // The parser closes nested collections recursively: thousands of them end its stack before ours can measure.
    if (error instanceof RangeError) throw fail('E_SPEC_TOO_DEEP', { start: 0, end: 1 }, `nested deeper than ${MAX_DEPTH} levels`, SHALLOW);
    throw error;
  }
  const [first, second] = documents;
  const broken = documents.flatMap((document) => [...document.errors, ...document.warnings])[0];
  if (broken !== undefined) {
    const [start, end] = broken.pos;
    throw fail('E_SPEC_YAML', { start, end: Math.max(end, start + 1) }, `not YAML: ${broken.message}`, yamlHint(text, start, broken));
  }
  if (second !== undefined) {
    const start = text.lastIndexOf('---', second.range[0]);
    throw fail('E_SPEC_MULTI_DOCUMENT', { start, end: start + 3 }, 'a second document starts here', 'one experiment per file: split it');
  }
  if (first === undefined || first.contents === null || (isScalar(first.contents) && first.contents.value === null)) {
    throw fail('E_SPEC_EMPTY', { start: 0, end: 1 }, 'the file is empty', 'start from topologies/hello.yaml');
  }
  if (!isMap(first.contents)) {
    const [start, end] = (first.contents as unknown as Node).range!;
    const hint = 'an experiment is a mapping that starts with "name: ..."';
    throw fail(
      'E_SPEC_NOT_A_MAPPING',
      { start, end },
      `expected a mapping, got ${isSeq(first.contents) ? 'a list' : 'a single value'}`,
      hint,
    );
  }
  return first;
}

/** An unquoted `${name}` is the commonest slip: YAML reads a mapping in it. */
function yamlHint(text: string, offset: number, error: { code: string; message: string }): string | undefined {
  if (text.startsWith('${', offset - 1) || text.startsWith('${', offset)) return 'put the reference in quotes';
  return error.message.includes('and end with') ? YAML_HINTS.MISSING_CHAR : YAML_HINTS[error.code];
}

const YAML_HINTS: Partial<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'keys of one mapping start in the same column',
  MULTILINE_IMPLICIT_KEY: 'is a colon or a closing bracket missing on the line before?',
  MISSING_CHAR: 'close the bracket or quote',
  TAG_RESOLVE_FAILED: 'tags are not used in experiments',
};

/** Throws SpecError for everything that makes the text not one plain YAML mapping. */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const place = (span: Span) => {
    const { line, col } = lines.lineStarts.length === 0 ? positionIn(text, span.start) : lines.linePos(span.start);
    return { line: Math.max(line, 1), col: Math.max(col, 1), length: Math.max(1, span.end - span.start) };
  };
  const problems: SpecIssue[] = [];
  const issue = (code: string, span: Span, message: string, hint?: string, path = ''): SpecIssue => ({
    code,
    ...place(span),
    path,
    message,
    got: undefined,
    hint,
  });
  const fail: Fail = (code, span, message, hint) => new SpecError(file, text, [issue(code, span, message, hint)]);

  checkText(text, fail);
  const document = parseDocument(text, lines, fail);

  const spans = new Map<string, { key: Span; value: Span; leaf: boolean }>();
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let size = 0;
  /** the outermost alias being expanded */
  let through: Span | undefined;
  const spanOf = (node: unknown, otherwise: Span): Span => {
    const range = (node as Node | null)?.range;
    return range ? { start: range[0], end: Math.max(range[1], range[0] + 1) } : otherwise;
  };
  const complain = (code: string, span: Span, path: Path, message: string, hint?: string): undefined => {
    problems.push(issue(code, span, message, hint, path.join('.')));
  };

  const plain = (node: unknown, path: Path, key: Span): unknown => {
    const value = spanOf(node, key);
    if (++size > MAX_VALUES) {
      if (through !== undefined)
        throw fail('E_SPEC_ALIAS_BOMB', through, `aliases expand to more than ${MAX_VALUES} values`, 'write less by alias');
      throw fail('E_SPEC_TOO_BIG', value, `more than ${MAX_VALUES} values`, 'is this the right file?');
    }
    if (path.length > MAX_DEPTH) throw fail('E_SPEC_TOO_DEEP', value, `nested deeper than ${MAX_DEPTH} levels`, SHALLOW);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) return complain('E_SPEC_ALIAS', value, path, `no anchor "&${node.source}" before this alias`);
      if (open.has(target)) return complain('E_SPEC_ALIAS', value, path, 'an alias inside its own anchor', 'an experiment is finite');
      const outer = through;
      through ??= value;
      const expanded = plain(target, path, key);
      through = outer;
      return expanded;
    }
    spans.set(pathKey(path), { key, value, leaf: isScalar(node) && node.value !== null });
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) anchors.set(anchor, node as Node);
    if (isSeq(node)) {
      open.add(node);
      const list = node.items.map((item, index) => plain(item, [...path, index], value));
      open.delete(node);
      return list;
    }
    if (isMap(node)) {
      open.add(node);
      const map: Record<string, unknown> = {};
      for (const pair of node.items) {
        const where = spanOf(pair.key, value);
        const name = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : null;
        if (name === null) complain('E_SPEC_KEY', where, path, 'a key must be a plain word', 'put matrix references in quotes');
        else if (name === '__proto__')
          complain('E_SPEC_NAME_RESERVED', where, path, '"__proto__" cannot be used as a name', 'choose another');
        else if (Object.hasOwn(map, name)) complain('E_SPEC_DUPLICATE_KEY', where, [...path, name], `"${name}" is given twice`, 'keep one');
        else map[name] = plain(pair.value, [...path, name], where);
      }
      open.delete(node);
      return map;
    }
    const scalar = isScalar(node) ? node.value : null;
    if (scalar === undefined || scalar === null) return null;
    if (typeof scalar === 'number' && !Number.isFinite(scalar)) return complain('E_SPEC_NUMBER', value, path, 'not a finite number');
    if (typeof scalar === 'string' || typeof scalar === 'number' || typeof scalar === 'boolean') return scalar;
    return complain('E_SPEC_TYPE', value, path, 'not a string, number, truth value, list or mapping', 'tags are not used in experiments');
  };
  const root = plain(document.contents, [], { start: 0, end: 1 });
  if (problems.length > 0) throw new SpecError(file, text, problems);

  const locate: Source['locate'] = (path, at) => {
    for (let length = path.length; length > 0; length--) {
      const found = spans.get(pathKey(path.slice(0, length)));
      if (found === undefined) continue;
      // Something missing inside a mapping is shown at the key that opens the mapping.
      const span = at === 'key' || (length < path.length && !found.leaf) ? found.key : found.value;
      const end = text.slice(span.start, span.end).search(/[\r\n]/);
      return place({ start: span.start, end: end < 0 ? span.end : span.start + end });
    }
    return { line: 1, col: 1, length: 1 };
  };
  return { file, text, root, size, locate };
}

/** Position before the line counter has seen the text. */
function positionIn(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, col: offset - before.lastIndexOf('\n') };
}
