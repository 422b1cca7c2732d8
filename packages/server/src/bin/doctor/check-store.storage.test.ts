import path from 'node:path';

import { expect, test } from 'vitest';

import { startProvider, whyNoProvider } from '../../../test/support/provider.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig } from '../../config.ts';
import { checkStore } from './check-store.ts';

const root = path.resolve(import.meta.dirname, '../../../../..');
const { signal } = new AbortController();

test.each(['s3', 'azure', 'gcs'] as const)('the doctor tests %s for real, signed URLs too, and leaves nothing there', async (kind) => {
  const reason = whyNoProvider(kind);
  if (reason !== null) return void process.stdout.write(`skipped: ${reason}\n`);
  const provider = await startProvider(kind);
  try {
    const saved = { ...process.env };
    // The credentials of the SDK's own chain are asked for there.
    Object.assign(process.env, provider.env);
    try {
      const { stores } = await loadConfig({ ...provider.env, SAFELIGHT_DATA_DIR: await temporaryDirectory() }, root);
      for (const store of stores)
        expect(await checkStore(store, { signal })).toEqual([
          expect.objectContaining({ result: 'ok', detail: expect.stringContaining('put by a signed URL') }),
        ]);
    } finally {
      for (const name of Object.keys(provider.env)) delete process.env[name];
      Object.assign(process.env, saved);
    }
    expect((await provider.final?.list({}))?.objects).toEqual([]);
  } finally {
    await provider.stop();
  }
});
