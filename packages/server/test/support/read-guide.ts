import { readFile } from 'node:fs/promises';
import path from 'node:path';

export type Line = { kind: 'run'; args: string[]; env: Record<string, string> } | { kind: 'export'; env: Record<string, string> };

const guide = path.resolve(import.meta.dirname, '../../../../docs/deploying.md');

/**
 * The commands of each named step of docs/deploying.md, with the addresses of this machine instead of the guide's. Anything unexpected in the guide
 * is an error.
 */
export async function readGuide(replacements: Record<string, string>): Promise<Map<string, Line[]>> {
  const text = await readFile(guide, 'utf8');
  const steps = new Map<string, Line[]>();
  for (const [, name = '', code = ''] of text.matchAll(
    /<!-- run by packages\/server\/test\/growth\.storage\.test\.ts: step "([^"]+)" -->\n+```sh\n([\s\S]*?)```/g,
  )) {
    const put = Object.entries(replacements).reduce((all, [from, to]) => all.replaceAll(from, to), code);
    steps.set(name, put.trim().split('\n').map(lineOf));
  }
  return steps;
}

function lineOf(line: string): Line {
  const words = line.split(' ');
  if (words[0] === 'export') return { kind: 'export', env: settings(words.slice(1)) };
  const command = words.indexOf('safelight');
  if (command === -1) throw new Error(`docs/deploying.md has a line that is no command of Safelight: ${line}`);
  return { kind: 'run', args: words.slice(command + 1), env: settings(words.slice(0, command)) };
}

const settings = (words: string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((word) => {
      const [name = '', ...value] = word.split('=');
      return [name, value.join('=')];
    }),
  );
