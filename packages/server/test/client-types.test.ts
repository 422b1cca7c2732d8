import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { API, type Symbol, type Type } from 'typescript/unstable/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { tabbed } from '../../../scripts/tab-declarations.ts';

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'client-types-'));
  const compiler = 'node_modules/typescript/bin/tsc';
  // One by one: a compiler emits nothing of a package that it finds through node_modules.
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

/** Every declaration file that a compiler reads for an entry, with its size; `others` are the packages besides ours. */
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

test('the declarations of the client have names instead of schemas, and fit in 100 kB', () => {
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

test('the declarations of the kit, with those of the client that they use, fit in 100 kB too, and use nothing else but React', () => {
  for (const entry of ['react/src/index.d.ts', 'react/src/hooks.d.ts', 'react/src/review.d.ts', 'react/src/files.d.ts', 'react/src/german.d.ts']) {
    const { bytes, others } = reach(entry);
    expect(bytes, entry).toBeLessThanOrEqual(100_000);
    expect(
      others.filter((name) => name !== 'react'),
      entry,
    ).toEqual([]);
  }
});

const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const types = path.join(root, 'node_modules/@types/react');
/** A program that finds the compiled packages; all of their declarations are checked. */
async function program(name: string, source: string): Promise<string> {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'esnext',
    lib: ['esnext', 'dom', 'dom.iterable'],
    types: [],
    allowImportingTsExtensions: true,
    paths: {
      '@safelight/contract/*': ['./contract/src/*'],
      '@safelight/client': ['./client/src/index.d.ts'],
      '@safelight/react': ['./react/src/index.d.ts'],
      react: [path.join(types, 'index.d.ts')],
    },
  };
  await writeFile(path.join(folder, `${name}.ts`), source);
  const config = path.join(folder, `${name}.json`);
  await writeFile(config, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  return config;
}

/** The work of a compiler on a program, in its own counts: times on a busy machine say nothing. */
async function workOf(name: string, source: string): Promise<{ types: number; instantiations: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', await program(name, source), '--extendedDiagnostics', '--singleThreaded']);
  const count = (what: string): number => Number(new RegExp(`^${what}: +(\\d+)`, 'm').exec(stdout)?.[1]);
  return { types: count('Types'), instantiations: count('Instantiations') };
}

const page = `import { createClient } from '@safelight/client';
import { MediaUploader, useMediaUpload } from '@safelight/react';
export const client = createClient({ baseURL: '' });
export const result = useMediaUpload({ collection: 'user.library' });
export const Uploader = MediaUploader;
export const media = await client.media.read('1');
`;

test('client and kit together cost a compiler a few hundredths of what React and the DOM cost it', async () => {
  const without = await workOf('without', `export { useState } from 'react';\n`);
  const together = await workOf('together', page);
  expect(without.types).toBeGreaterThan(10_000);
  expect(together.types - without.types).toBeLessThan(without.types * 0.1);
  expect(together.instantiations - without.instantiations).toBeLessThan(without.instantiations * 0.5);
});

test('an editor shows names and sentences, not their definitions', async () => {
  const resources = ['media', 'uploads', 'jobs', 'generate', 'grants', 'entities', 'rules', 'policies', 'reviews', 'discrepancies', 'webhooks'];
  const config = await program('hovered', `${page}${resources.map((name) => `client.${name};`).join('\n')}\nmedia.src;\nresult.upload;\nresult.files;\n`);
  const file = path.join(folder, 'hovered.ts');
  const text = readFileSync(file, 'utf8');
  const api = new API();
  try {
    const [project] = api.updateSnapshot({ openProjects: [config] }).getProjects();
    if (!project) throw new Error('The compiler opened nothing.');
    const { checker } = project;
    const typeOf = (symbol: Symbol): Type => checker.getTypeOfSymbol(symbol) as Type;
    const hover = (symbol: Symbol): { type: string; says: string } => ({
      type: checker.typeToString(typeOf(symbol)),
      says: checker.getDocumentationCommentOfSymbol(symbol),
    });
    const at = (words: string): Symbol => {
      const symbol = checker.getSymbolAtPosition(file, text.lastIndexOf(words) + words.lastIndexOf('.') + 1);
      if (!symbol) throw new Error(`${words} stands for nothing.`);
      return symbol;
    };
    const members = resources.flatMap((name) => checker.getPropertiesOfType(typeOf(at(`client.${name}`))).map((symbol) => [name, symbol] as const));
    expect(members.length).toBeGreaterThan(50);
    for (const [name, symbol] of members) {
      const { type } = hover(symbol);
      expect(type.length, `client.${name}.${symbol.name} shows ${type}`).toBeLessThan(260);
    }
    const spoken = members.filter(([, symbol]) => hover(symbol).says !== '');
    expect(spoken.length).toBeGreaterThan(members.length * 0.7);
    expect(hover(at('media.src')).type).toBe('string | null');
    expect(hover(at('result.files')).type).toBe('readonly FileUpload[]');
    expect(hover(at('result.upload'))).toEqual({
      type: '(file: FileSource, options?: FileOptions | undefined) => Promise<UploadResult>',
      says: 'Resolves once it can be shown; rejects with a `SafelightProblem`, also in `error`.',
    });
  } finally {
    api.close();
  }
});
