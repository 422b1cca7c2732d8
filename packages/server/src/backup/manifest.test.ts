import { open } from 'node:fs/promises';
import path from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { readLines, writeLines } from './manifest.ts';

test('a table is whole although the disk took only a part of what it was given, as a nearly full one does', async () => {
  const file = path.join(await temporaryDirectory(), 'table.jsonl.gz');
  const handle = await open('/dev/null', 'w');
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const whole = prototype.write;
  const short = vi.spyOn(prototype, 'write').mockImplementation(async function (this: typeof handle, chunk: unknown) {
    const bytes = Buffer.from(chunk as Buffer);
    return await Reflect.apply(whole, this, [bytes.subarray(0, Math.ceil(bytes.length / 2))]);
  });
  onTestFinished(() => short.mockRestore());
  const lines = Array.from({ length: 100 }, (_, at) => JSON.stringify({ at }));
  await writeLines(
    file,
    (async function* () {
      yield await Promise.resolve(lines);
    })(),
  );
  const read: string[] = [];
  for await (const some of readLines(file)) read.push(...some);
  expect(read).toEqual(lines);
});
