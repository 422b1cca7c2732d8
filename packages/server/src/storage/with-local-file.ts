import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import { SafelightError } from '../lib/errors.ts';
import type { Locator } from './locator.ts';
import type { Stores } from './stores.ts';
import { temporaryError } from './temporary-error.ts';

/**
 * Runs `use` with a path to the object's bytes on this machine: the object itself if it is a local file, otherwise a private copy that is removed
 * when `use` has ended, however it ends. The object is read from storage once.
 */
export async function withLocalFile<T>(stores: Stores, locator: Locator, signal: AbortSignal, use: (file: string) => Promise<T>): Promise<T> {
  const store = stores.of(locator);
  if (store.localPath !== undefined) return await use(await store.localPath(locator.key));
  const failed = (error: unknown): never => {
    throw temporaryError(error);
  };
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-')).catch(failed);
  try {
    const stored = await store.get(locator.key, { signal });
    if (stored === null) throw new SafelightError('storage_unavailable', 'The object is not in storage.', { context: { ...locator } });
    const file = path.join(directory, 'source');
    await pipeline(stored.body, createWriteStream(file, { mode: 0o600 }), { signal }).catch(failed);
    return await use(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
