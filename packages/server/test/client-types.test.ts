import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { tabbed } from '../../../scripts/tab-declarations.ts';

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'client-types-'));
  const compiler = 'node_modules/typescript/bin/tsc';
  // Each by itself: a compiler emits nothing of a package that it finds through node_modules.
  const emit = (name: string): Promise<unknown> =>
    promisify(execFile)(
      process.execPath,
      `${compiler} -p packages/${name}/tsconfig.build.json --customConditions safelight-source --emitDeclarationOnly --rootDir packages/${name} --outDir ${folder}/${name}`.split(
        ' ',
      ),
      { cwd: root },
    );
  await Promise.all(['contract', 'client', 'react'].map(emit));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Every declaration file that a compiler reads for an entry, with its bytes; `others` are the packages beyond ours. */
function reach(entry: string): { bytes: number; others: string[] } {
  const seen = new Map<string, number>();
  const others = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    const text = tabbed(readFileSync(file, 'utf8'));
    seen.set(file, text.length);
    for (const [, named, inline] of text.matchAll(/^(?:import|export)\b[^;]*?from ["']([^"']+)["'];|\bimport\(["']([^"']+)["']\)/gm)) {
      const specifier = named ?? inline ?? '';
      const ours = /^@safelight\/(\w+)\/(.+)$/.exec(specifier);
      if (specifier.startsWith('.')) visit(path.resolve(path.dirname(file), specifier.replace(/\.tsx?$/, '.d.ts')));
      else if (specifier === '@safelight/client') visit(path.join(folder, 'client/src/index.d.ts'));
      else if (ours) visit(path.join(folder, ours[1] ?? '', 'src', `${ours[2]}.d.ts`));
      else others.add(specifier);
    }
  };
  visit(path.join(folder, entry));
  return { bytes: [...seen.values()].reduce((sum, one) => sum + one, 0), others: [...others] };
}

test('what an editor reads of the client has names instead of schemas, and fits in 100 kB', () => {
  expect(existsSync(path.join(folder, 'contract/src/operations.d.ts')), 'the schemas were compiled, so reaching them would be seen').toBe(true);
  const { bytes, others } = reach('client/src/index.d.ts');
  expect(bytes).toBeLessThanOrEqual(100_000);
  expect(bytes).toBeGreaterThan(20_000);
  expect(others).toEqual([]);
});

test('a program that only verifies webhooks reads no schemas either', () => {
  const { bytes, others } = reach('client/src/webhooks.d.ts');
  expect(bytes).toBeLessThanOrEqual(100_000);
  expect(others).toEqual([]);
});

test('what an editor reads of the kit, with all of the client that it reaches, fits in 100 kB too, and reaches nothing else but React', () => {
  for (const entry of ['react/src/index.d.ts', 'react/src/hooks.d.ts', 'react/src/review.d.ts', 'react/src/german.d.ts']) {
    const { bytes, others } = reach(entry);
    expect(bytes, entry).toBeLessThanOrEqual(100_000);
    expect(
      others.filter((name) => name !== 'react'),
      entry,
    ).toEqual([]);
  }
});
