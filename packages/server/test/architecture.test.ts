import { glob, readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCircles } from './support/find-circles.ts';
import { findSaidTwice, findSharedNumbers } from './support/find-said-twice.ts';
import { findLong } from './support/find-long.ts';
import { findWideSql } from './support/find-wide-sql.ts';
import { findBreaches } from './support/layers.ts';
import { readImports } from './support/read-imports.ts';

const root = resolve(import.meta.dirname, '../../..');
const server = (path: string, source = ''): { path: string; source: string } => ({ path: `packages/server/src/${path}`, source });

async function sources(): Promise<{ path: string; source: string }[]> {
  const files: { path: string; source: string }[] = [];
  for await (const path of glob('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })) {
    files.push({ path: path.split(sep).join('/'), source: await readFile(resolve(root, path), 'utf8') });
  }
  return files;
}

test('modules import only themselves and lower layers', async () => {
  const files = await sources();
  expect(files.length, 'files read').toBeGreaterThan(5);
  expect(findBreaches(files)).toEqual([]);
});

test('no files import each other in a cycle, not even types', async () => {
  expect(findCircles(await sources())).toEqual([]);
});

describe('a default or a limit is written once', () => {
  test('in this repository', async () => {
    const files = await sources();
    expect(findSaidTwice(files)).toEqual([]);
    expect(findSharedNumbers(files)).toEqual([]);
  });

  test('and the check finds one that is written twice', () => {
    const source =
      "const a = given ?? 30_000;\nfetch(url, { signal: AbortSignal.timeout(5_000) });\nconst purpose = 'How many; 50 by default.';\nconst idleMs = 3_000;";
    const files = [server('bin/one.ts', source), server('bin/two.ts', 'const idleMs = 3_000;')];
    expect(findSaidTwice(files)).toHaveLength(3);
    expect(findSharedNumbers(files)).toEqual(['idleMs = 3_000: packages/server/src/bin/one.ts, packages/server/src/bin/two.ts']);
    expect(findSaidTwice([server('a.ts', 'const b = (list[0] ?? 0) + (left ?? 1) + (given ?? usual);')])).toEqual([]);
  });
});

/** Fields of `ctx` beyond the four that every call has (a job adds itself, a command its configuration), and places that rebuild the site. */
function strangeCalls(files: readonly { path: string; source: string }[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('packages/server/src/') && !path.endsWith('.test.ts'))
    .flatMap(({ path, source }) => {
      const known = new Set(['actor', 'log', 'signal', 'site', 'job', ...(path.startsWith('packages/server/src/bin/') ? ['config', 'own'] : [])]);
      const fields = [...source.matchAll(/\bctx\.(\w+)/g)].flatMap(([, field = '']) => (known.has(field) ? [] : [`${path}: ctx.${field}`]));
      return [...fields, ...[...source.matchAll(/\.\.\.(\w+\.)?site\b(?![.\w])/g)].map(([spread]) => `${path}: ${spread}`)];
    });
}

test('`ctx` has an actor, a log, a signal and the site, which is created once and never rebuilt', async () => {
  expect(strangeCalls(await sources())).toEqual([]);
  const planted = server('uploads/a.ts', 'await store({ ...ctx, site: { ...ctx.site, db: tx } }, ctx.db);');
  expect(strangeCalls([planted])).toEqual([`${planted.path}: ctx.db`, `${planted.path}: ...ctx.site`]);
});

test('differences between kinds of media are in tables, not in scattered conditions', async () => {
  // Exceptions: file types have a kind, and a request to a generator is a union of kinds.
  const asks = /\bkind (===|!==) '(image|video|audio|file)'|\bswitch \((\w+\.)*kind\)/;
  const elsewhere = (await sources()).filter(
    ({ path }) => path.startsWith('packages/server/src/') && !/\.test\.ts$|server\/src\/(filetypes|generation)\//.test(path),
  );
  expect(elsewhere.flatMap(({ path, source }) => (asks.test(source) ? [path] : []))).toEqual(['packages/server/src/delivery/sign-cdn-url.ts']);
});

/** Every function named `open…`, and how its result is closed. Functions whose result needs no closing create, read, find or start. */
const closings: Record<string, string> = {
  openApp: 'close',
  openAppendSink: 'close',
  openAv1: 'close',
  openBody: 'its reader destroys the stream',
  openBytes: 'its reader destroys the stream',
  openData: 'with the resources',
  openDatabase: 'close',
  openDatabaseOf: 'with the resources',
  openDecoderPool: 'close',
  openEventFeed: 'close',
  openFile: 'closeFile',
  openFilesystemStore: 'close',
  openGcsStore: 'close',
  openAzureStore: 'close',
  openHolders: 'close',
  openLister: 'close',
  openMemoryStore: 'close',
  openMigrated: 'with the resources',
  openObject: 'its descriptor is closed when it was sent',
  openPartSink: 'close',
  openRedisPublisher: 'close',
  openRefusalCount: 'close',
  openResources: 'close',
  openResult: 'its reader destroys the stream',
  openResumable: 'the session is completed, aborted or expires',
  openS3Bucket: 'with its store',
  openS3Store: 'close',
  openSettlements: 'close',
  openSharedClock: 'close',
  openSite: 'close',
  openSpan: 'end',
  openStore: 'close',
  openStores: 'close',
  openTail: 'close',
  openTracing: 'close',
  openUpload: 'the session is completed, aborted or expires',
  openUploads: 'the sessions are completed, aborted or expire',
  openVideo: 'its reader destroys the stream',
  openWebhooks: 'stop',
};

test('only functions whose result has to be closed are named `open…`', async () => {
  const shipped = (await sources()).filter(({ path }) => !/\.test\.tsx?$|-conformance\.ts$/.test(path));
  const opening = shipped.flatMap(({ source }) =>
    [...source.matchAll(/^export (?:async )?(?:function\*?|const) (open[A-Z]\w*)/gm)].map(([, name = '']) => name),
  );
  expect([...new Set(opening)].toSorted()).toEqual(Object.keys(closings).toSorted());
});

test('functions that remove something use the verb that CONTRIBUTING.md gives', async () => {
  const others = /\b(?:function|const) ((?:abandon|dispose|drop|erase|evict|forget|trash|unlink|wipe)[A-Z]\w*)/g;
  const shipped = (await sources()).filter(({ path }) => !/\.test\.tsx?$/.test(path));
  expect(shipped.flatMap(({ path, source }) => [...source.matchAll(others)].map(([, name]) => `${path} ${name}`))).toEqual([]);
});

test('lines of SQL have at most 120 columns, also within TypeScript', async () => {
  const shipped = (await sources()).filter(({ path }) => !/\.test\.tsx?$/.test(path));
  for await (const path of glob('{bench,scripts}/**/*.ts', { cwd: root }))
    if (!path.endsWith('.test.ts')) shipped.push({ path: path.split(sep).join('/'), source: await readFile(resolve(root, path), 'utf8') });
  expect(findWideSql(shipped)).toEqual([]);
  const planted = server('uploads/a.ts', `const a = sql\`\n  select id, ${'x'.repeat(100)} from asset where id = 1\`;`);
  expect(findWideSql([planted])).toEqual([`${planted.path}:2`]);
});

async function longSources(): Promise<Record<string, number>> {
  const files = (await sources()).filter(({ path }) => !/(\.test\.tsx?|-conformance\.ts|contract\/src\/api\.ts)$/.test(path));
  for await (const path of glob('{packages/server/migrations,examples,bench,scripts}/**/*.{ts,tsx,sql}', { cwd: root, exclude: ['**/node_modules/**'] }))
    if (!/\.test\.tsx?$/.test(path)) files.push({ path: path.split(sep).join('/'), source: await readFile(resolve(root, path), 'utf8') });
  return findLong(files);
}

test('functions have at most 60 lines, files 250, and lines of migrations 120 columns', async () => {
  expect(await longSources(), 'too long: cut it at a joint').toEqual({});
  const planted = server('uploads/a.ts', `const read = () => {\n${'a();\n'.repeat(60)}};\n${'\n'.repeat(200)}`);
  expect(findLong([planted, { path: 'a.sql', source: 'x'.repeat(121) }])).toEqual({ [planted.path]: 262, [`${planted.path} read`]: 62, 'a.sql': 121 });
});

test('an import cycle of types is found', () => {
  const files = [
    server('jobs/a.ts', `import type { B } from './b.ts';`),
    server('jobs/b.ts', `export type B = import('./c.ts').C;`),
    server('jobs/c.ts', `import { a } from './a.ts';`),
    server('jobs/d.ts', `import { a } from './a.ts';`),
  ];
  expect(findCircles(files)).toEqual([['a', 'b', 'c'].map((name) => `packages/server/src/jobs/${name}.ts`).join(' ↔ ')]);
});

describe('a planted breach is found', () => {
  const breaches: [string, { path: string; source: string }, RegExp][] = [
    ['a module importing a higher layer', server('assets/a.ts', `import { b } from '../uploads/b.ts';`), /uploads is above assets/],
    ['a module importing another of its layer', server('uploads/a.ts', `import { b } from '../processing/b.ts';`), /are in one layer/],
    ['a type from another module of its layer', server('storage/a.ts', `import type { B } from '../jobs/b.ts';`), /are in one layer/],
    ['a type named inline', server('jobs/a.ts', `export type A = import('../policy/b.ts').B;`), /are in one layer/],
    ['a re-export', server('events/a.ts', `export { b } from '../assets/b.ts';`), /assets is above events/],
    ['a re-export of everything', server('events/a.ts', `export * from '../assets/b.ts';`), /assets is above events/],
    ['a dynamic import', server('policy/a.ts', `const b = await import('../delivery/b.ts');`), /delivery is above policy/],
    ['a child entry named by URL', server('jobs/a.ts', `fork(new URL('../processing/child.ts', import.meta.url));`), /processing is above jobs/],
    ['lib importing any other module', server('lib/a.ts', `import '../storage/b.ts';`), /storage is above lib/],
    ['http importing compose', server('http/a.ts', `import { compose } from '../compose.ts';`), /compose is above http/],
    [
      'a module reading the configuration',
      server('uploads/a.ts', `import type { Config } from '../config-schema.ts';`),
      /only bin and compose read the configuration/,
    ],
    ['http reading the configuration', server('http/a.ts', `import type { Config } from '../config.ts';`), /only bin and compose read the configuration/],
    ['a module knowing an adapter', server('storage/stores.ts', `import { openS3 } from './s3/open-s3.ts';`), /only compose.ts knows the adapter storage\/s3/],
    ['bin knowing an adapter', server('bin/a.ts', `import { a } from '../review/gemini/a.ts';`), /only compose.ts knows the adapter review\/gemini/],
    ['an adapter knowing another', server('storage/s3/a.ts', `import { b } from '../azure/b.ts';`), /only compose.ts knows/],
    ['a domain module knowing Fastify', server('delivery/a.ts', `import type { FastifyRequest } from 'fastify';`), /knows no web framework/],
    ['shipped code importing a test', server('uploads/a.ts', `import { b } from '../../test/support/b.ts';`), /does not import from tests/],
    ['a folder in no layer', server('plugins/a.ts'), /is in no layer/],
    ['a file in no layer', server('stuff.ts'), /is in no layer/],
    ['a folder with a vague name', server('uploads/helpers/a.ts'), /says nothing about what is in it/],
    ['another package by its path', server('lib/a.ts', `import '../../../contract/src/errors.ts';`), /never by its path/],
    ['the contract importing a library', { path: 'packages/contract/src/a.ts', source: `import { v7 } from 'uuid';` }, /zod and itself/],
    ['the contract importing the server', { path: 'packages/contract/src/a.ts', source: `import '@safelight/server/config';` }, /zod and itself/],
    ['the client importing the server', { path: 'packages/client/src/a.ts', source: `import '@safelight/server/config';` }, /framework-free/],
    ['the console importing the server', { path: 'apps/console/src/a.tsx', source: `import '@safelight/server/config';` }, /others speak HTTP/],
  ];
  test.each(breaches)('%s', (_what, file, reason) => {
    expect(findBreaches([file])).toEqual([expect.stringMatching(reason)]);
  });
});

test('allowed imports pass', () => {
  expect(
    findBreaches([
      server('lib/errors.ts', `import { errorCodes } from '@safelight/contract/errors';`),
      server('uploads/complete-upload.ts', `import { a } from '../assets/a.ts'; import type { B } from '../storage/store.ts'; import { c } from './c.ts';`),
      server('storage/s3/open-s3.ts', `import type { Store } from '../store.ts'; import { key } from './key.ts';`),
      server('compose.ts', `import { openS3 } from './storage/s3/open-s3.ts'; import { app } from './http/app.ts'; import type { Config } from './config.ts';`),
      server('compose-stores.ts', `const { openS3 } = await import('./storage/s3/open-s3.ts');`),
      server('config.ts', `import { schema } from './config-schema.ts'; import { z } from 'zod';`),
      server('bin/serve.ts', `import { compose } from '../compose.ts'; import { readConfig } from '../config.ts';`),
      server('http/app.ts', `import fastify from 'fastify'; import { findDelivery } from '../delivery/find-delivery.ts';`),
      server(
        'uploads/complete-upload.test.ts',
        `import { processAsset } from '../processing/process-asset.ts'; import { openMemory } from '../storage/memory/open-memory.ts';`,
      ),
      server('storage/store-conformance.ts', `import { test } from 'vitest';`),
      { path: 'packages/contract/src/media.ts', source: `import { z } from 'zod'; import { kind } from './kind.ts';` },
    ]),
  ).toEqual([]);
});

test('imports are read from code, not from comments and strings', () => {
  expect(readImports(server('lib/a.ts', `// import '../http/a.ts';\nconst s = "import('../http/b.ts')";\nexport { s };`))).toEqual([]);
});
