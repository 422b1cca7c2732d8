import { parseSync } from 'oxc-parser';

import type { SourceFile } from './read-imports.ts';

/** Code that fits on a screen or two is read at once; anything longer can be split somewhere. */
const most = { lines: 250, body: 60, columns: 120 };

/**
 * Files and functions that are longer than that, and files of SQL with lines that are wider, each with its size: `{ 'a.ts': 251, 'a.ts read': 61,
 * 'b.sql': 130 }`. A function is named by the variable or declaration that holds it; one without a name counts for its file.
 */
export function findLong(files: readonly SourceFile[]): Record<string, number> {
  const found: Record<string, number> = {};
  const note = (name: string, size: number, limit: number): void => {
    if (size > limit) found[name] = Math.max(size, found[name] ?? 0);
  };
  for (const { path, source } of files) {
    const lines = source.split('\n');
    if (path.endsWith('.sql')) {
      note(path, Math.max(...lines.map((line) => line.length)), most.columns);
      continue;
    }
    note(path, lines.length - 1, most.lines);
    for (const { name, size } of functionsOf(path, source)) note(`${path} ${name}`.trim(), size, most.body);
  }
  return found;
}

type Node = { type: string; start: number; end: number; [key: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

function functionsOf(path: string, source: string): { name: string; size: number }[] {
  const found: { name: string; size: number }[] = [];
  const walk = (node: Node, name: string): void => {
    if (functions.has(node.type)) found.push({ name: nameOf(node['id']) ?? name, size: source.slice(node.start, node.end).split('\n').length });
    const named = nameOf(node['id']) ?? nameOf(node['key']) ?? '';
    for (const child of Object.values(node).flat()) if (isNode(child)) walk(child, named);
  };
  walk(parseSync(path, source).program as unknown as Node, '');
  return found;
}

const nameOf = (node: unknown): string | null => (isNode(node) && typeof node['name'] === 'string' ? node['name'] : null);
