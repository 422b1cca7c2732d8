import { parseSync } from 'oxc-parser';

import type { SourceFile } from './read-imports.ts';

/** Statements are read clause by clause, often beside their plan, so a line of them should fit half a screen. */
const columns = 120;

type Node = { type: string; start: number; end: number; [key: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const begins = /^[`'"\s(]*(with|select|insert into|update|delete from|create|alter|from|join|where|and|or|order by|set|exists|case|coalesce|lock table)\b/i;
const goesOn = /\b(select|insert into|update \w+ set|delete from|from \w+|create table|alter table|where)\b/i;
/** A keyword alone is not SQL. */
const isSql = (text: string): boolean => text.length > 30 && begins.test(text) && goesOn.test(text);

/** Lines of SQL within TypeScript that are wider, each as `a.ts:12`. */
export function findWideSql(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, source }) => {
    const lines = source.split('\n');
    if (!lines.some((line) => line.length > columns) || !/\b(select|insert into|update|delete from)\b/i.test(source)) return [];
    const wide = new Set<number>();
    const walk = (node: Node): void => {
      if ((node.type === 'TemplateLiteral' || node.type === 'Literal') && isSql(source.slice(node.start, node.end))) {
        // Text before the first keyword of the statement is not part of it.
        const text = source.slice(node.start + 1, node.end);
        const first = source.slice(0, node.start + 1 + text.length - text.trimStart().length).split('\n').length - 1;
        const last = source.slice(0, node.end).split('\n').length - 1;
        for (let line = first; line <= last; line++) if ((lines[line] ?? '').length > columns) wide.add(line + 1);
      }
      for (const child of Object.values(node).flat()) if (isNode(child)) walk(child);
    };
    walk(parseSync(path, source).program as unknown as Node);
    return [...wide].toSorted((a, b) => a - b).map((line) => `${path}:${line}`);
  });
}
