import { expect, onTestFinished, test, vi } from 'vitest';

import type { Engine } from '../../processing/engine/engine.ts';
import type { GenerationRequest } from '../generator.ts';
import { createLocalGenerator } from './create-local-generator.ts';

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
const request: GenerationRequest = { kind: 'video', model: 'local-video', prompt: 'a lamp', n: 1, index: 0, inputs: [], ownerToken: '' };

test('a video for which the temporary directory has no room failed, to be tried again: nothing was sent to anybody', async () => {
  vi.stubEnv('TMPDIR', '/dev/null');
  onTestFinished(() => void vi.unstubAllEnvs());
  const started = createLocalGenerator({ engines: { find: async () => ({ engine, reason: null }) } }).start(request, { signal: new AbortController().signal });
  await expect(started).rejects.toMatchObject({ code: 'provider_failed', isBilled: false, forOperator: expect.stringContaining('TMPDIR') });
});
