import { glob, readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

import { describe, expect, test } from 'vitest';

import { findUnowned } from './support/find-unowned.ts';

const root = resolve(import.meta.dirname, '../src');

/** Files that are owned in another way, and why. */
const otherwise: Record<string, string> = {
  'http/upload-form.ts: ….pipe': 'a pipeline would end the connection that the answer to a broken form goes over; both ends are owned',
};

test('every stream, process, socket and emitter is owned by the expression that creates it', async () => {
  const found: string[] = [];
  for await (const path of glob('**/*.ts', { cwd: root })) {
    if (/\.test\.ts$|conformance/.test(path)) continue;
    found.push(...findUnowned({ path: path.split(sep).join('/'), source: await readFile(resolve(root, path), 'utf8') }));
  }
  expect(found.filter((line) => !Object.keys(otherwise).some((known) => line.startsWith(known)))).toEqual([]);
});

const file = (source: string) => findUnowned({ path: 'a.ts', source });

describe('anything without an owner is found', () => {
  test.each([
    ['a stream that is kept', `import { createReadStream } from 'node:fs'; const a = createReadStream('x');`],
    ['a stream that is returned', `import { createWriteStream } from 'node:fs'; export const a = () => createWriteStream('x');`],
    ['a decoder', `import { createGunzip } from 'node:zlib'; use(createGunzip());`],
    ['a decoder of a whole module', `import zlib from 'node:zlib'; const a = zlib.createGunzip();`],
    ['a decoder under another name', `import { createGunzip as unzip } from 'node:zlib'; const a = unzip();`],
    ['a child', `import { spawn } from 'node:child_process'; const a = spawn('x');`],
    ['an emitter', `import { EventEmitter } from 'node:events'; const a = new EventEmitter();`],
    ['a stream over an iterable', `import { Readable } from 'node:stream'; const a = Readable.from([]);`],
    ['a request', `import http from 'node:http'; const a = http.get('x');`],
    ['a connection', `import { connect } from 'node:net'; const a = connect(1);`],
    ['a pipe', `a.pipe(b);`],
    ['one inside of a function that is handed to an owner', `import { spawn } from 'node:child_process'; owned(make(() => spawn('x')));`],
  ])('%s', (_what, source) => {
    expect(file(source)).toHaveLength(1);
  });
});

test('anything that is owned, or only looks unowned, passes', () => {
  expect(
    file(`
      import { createReadStream } from 'node:fs';
      import { pipeline, Transform, type Readable } from 'node:stream';
      import { spawn } from 'node:child_process';
      const a = owned(createReadStream('x'));
      const b = owned(new Transform());
      await pipeline(a, b, createReadStream('y'));
      const child = owned(isRoot ? spawn('a') : spawn('b'));
      /x/.exec('x');
      map.get('x');
      await client.connect();
      const text = 'createReadStream(x)';
    `),
  ).toEqual([]);
});
