import { expect, test } from 'vitest';

import type { Engine, EngineLookUp } from './engine/engine.ts';
import { watchEngine } from './watch-engine.ts';

const engine: Engine = {
  mode: 'wasm',
  ffmpeg: 'core',
  ffprobe: 'core',
  version: '5.1.4',
  decodes: new Set(),
  encoders: new Set(),
  filters: new Set(),
  threads: 1,
  most: { bytes: 1, seconds: 60, because: 'no ffmpeg' },
  sandbox: 'none',
  hasLimits: false,
  isNice: false,
  leavesCpu: false,
  endsWithUs: false,
};

test('an engine that is installed later is used without a restart, with its features', async () => {
  const [heic, none] = [
    { type: 'image/heic', reason: 'no decoder' },
    { engine: null, reason: 'no ffmpeg' },
  ];
  const types = [heic];
  const here = { longestMs: null, mostBytes: null };
  const answers: EngineLookUp[] = [none, none, { engine, reason: null }];
  const seen: string[][] = [];
  const find = async (): Promise<EngineLookUp> => {
    seen.push(types.map(({ type }) => type));
    return await Promise.resolve(answers.shift() ?? none);
  };
  await watchEngine({ find }, { types, here, closing: new AbortController().signal, everyMs: 1 });
  expect(seen[0]).toEqual(['image/heic']);
  expect(seen[1]).toContain('video/mp4');
  expect(seen[1]).toEqual(seen[2]);
  expect(types).toEqual([heic]);
  expect(here).toEqual({ longestMs: 60_000, mostBytes: 1 });
});
