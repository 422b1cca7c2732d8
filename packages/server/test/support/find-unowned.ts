import { parseSync } from 'oxc-parser';

import type { SourceFile } from './read-imports.ts';

/** Functions that create something which can fail at any moment, even when nobody listens, by the module that exports them. */
const makers: Record<string, readonly string[]> = {
  'node:fs': ['createReadStream', 'createWriteStream', 'watch'],
  'node:child_process': ['spawn', 'fork', 'exec', 'execFile'],
  'node:net': ['connect', 'createConnection', 'createServer', 'Socket', 'Server'],
  'node:tls': ['connect', 'createServer', 'TLSSocket'],
  'node:http': ['get', 'request', 'createServer'],
  'node:https': ['get', 'request', 'createServer'],
  'node:dgram': ['createSocket'],
  'node:events': ['EventEmitter'],
  'node:readline': ['createInterface'],
  'node:worker_threads': ['Worker'],
  'node:stream': ['Readable', 'Writable', 'Duplex', 'Transform', 'PassThrough', 'from', 'fromWeb'],
  'node:zlib': [
    'createGzip',
    'createGunzip',
    'createDeflate',
    'createDeflateRaw',
    'createInflate',
    'createInflateRaw',
    'createUnzip',
    'createBrotliCompress',
    'createBrotliDecompress',
    'createZstdCompress',
    'createZstdDecompress',
  ],
  '@fastify/busboy': ['Busboy'],
  pg: ['Client', 'Pool'],
};

/** A function that takes ownership of its argument: it handles its errors from then on. */
const owners = new Set(['owned', 'pipeline']);

/**
 * Streams, processes, sockets and emitters that nobody owns in the expression that creates them, and every `.pipe(`, which passes no error on.
 * Between such a line and the first listener there is a moment in which an error ends the whole process, and an exception leaks a descriptor.
 */
export function findUnowned({ path, source }: SourceFile): string[] {
  const { program } = parseSync(path, source);
  const names = importedMakers(program);
  const found: string[] = [];
  const look = (value: unknown, isOwned: boolean): void => {
    if (Array.isArray(value)) return value.forEach((item) => look(item, isOwned));
    if (!isNode(value)) return;
    const called = value.type === 'CallExpression' || value.type === 'NewExpression' ? value['callee'] : undefined;
    const name = isNode(called) ? nameOf(called) : undefined;
    if (name !== undefined) {
      if (!isOwned && names(called)) found.push(`${path}: ${name} is made without owned(…)`);
      if (isNode(called) && called.type === 'MemberExpression' && name.endsWith('.pipe')) found.push(`${path}: ${name} passes no error on; use pipeline(…)`);
      for (const [key, child] of Object.entries(value)) look(child, key === 'arguments' && owners.has(name));
      return;
    }
    for (const child of Object.values(value)) look(child, isOwned && passesOn.has(value.type));
  };
  look(program, false);
  return found;
}

/** Expressions between an owner and its argument that only choose among several. */
const passesOn = new Set([
  'ConditionalExpression',
  'ParenthesizedExpression',
  'AwaitExpression',
  'ArrayExpression',
  'SpreadElement',
  'TSAsExpression',
  'TSSatisfiesExpression',
]);

type Node = { readonly type: string } & Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** `spawn`, `http.get`, `Readable.from`; of anything longer the end. */
function nameOf(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return String(callee['name']);
  if (callee.type !== 'MemberExpression' || !isNode(callee['property'])) return undefined;
  const object = isNode(callee['object']) && callee['object'].type === 'Identifier' ? String(callee['object']['name']) : '…';
  return `${object}.${String(callee['property']['name'])}`;
}

/** Whether a callee creates something, by the imports of the file: a name, or a member of a whole module or class. */
function importedMakers(program: unknown): (callee: unknown) => boolean {
  const direct = new Set<string>();
  const modules = new Map<string, readonly string[]>();
  for (const statement of isNode(program) && Array.isArray(program['body']) ? program['body'] : []) {
    if (!isNode(statement) || statement.type !== 'ImportDeclaration' || statement['importKind'] === 'type') continue;
    const made = makers[String((statement['source'] as Node)['value'])];
    if (made === undefined) continue;
    for (const specifier of statement['specifiers'] as Node[]) {
      const local = String((specifier['local'] as Node)['name']);
      if (specifier.type !== 'ImportSpecifier') modules.set(local, made);
      else if (made.includes(String((specifier['imported'] as Node)['name']))) {
        direct.add(local);
        modules.set(local, ['from', 'fromWeb']);
      }
    }
  }
  return (callee) => {
    const name = isNode(callee) ? nameOf(callee) : undefined;
    if (name === undefined) return false;
    const [object = '', member] = name.split('.');
    return member === undefined ? direct.has(object) : (modules.get(object)?.includes(member) ?? false);
  };
}
