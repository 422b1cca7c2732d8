import { posix } from 'node:path';
import { readImports, type SourceFile } from './read-imports.ts';

/** Groups of files that import each other, directly or not, by imports of any kind: a cycle of types ties files together like one of values. */
export function findCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, targetsOf(file)]));
  const reached = new Map([...imports.keys()].map((path) => [path, reachableFrom(path, imports)]));
  const circles = new Set<string>();
  for (const [path, targets] of reached) {
    if (!targets.has(path)) continue;
    circles.add([path, ...[...targets].filter((other) => other !== path && reached.get(other)?.has(path) === true)].toSorted().join(' ↔ '));
  }
  return [...circles];
}

const targetsOf = (file: SourceFile): string[] =>
  readImports(file).flatMap((specifier) => (specifier.startsWith('.') ? [posix.join(posix.dirname(file.path), specifier)] : []));

function reachableFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [...(imports.get(path) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return reached;
}
