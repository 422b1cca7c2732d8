import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { SafelightError } from '../lib/errors.ts';
import { owned } from '../lib/owned.ts';
import { temporaryError } from '../storage/temporary-error.ts';
import type { FormFile } from './part-queue.ts';

const mostWaitingBytes = 64 * 2 ** 20;

/** Files of a form that has not named their destination yet; they wait on disk until it has, or has ended. */
export class WaitingFiles {
  readonly #below: string;
  #directory: string | null = null;
  #bytes = 0;
  readonly #files: { file: FormFile; path: string }[] = [];

  constructor(below = tmpdir()) {
    this.#below = below;
  }

  any(): boolean {
    return this.#files.length > 0;
  }

  async add(file: FormFile): Promise<void> {
    try {
      await this.#write(file);
    } catch (error) {
      throw temporaryError(error);
    }
  }

  async #write(file: FormFile): Promise<void> {
    this.#directory ??= await mkdtemp(path.join(this.#below, 'safelight-form-'));
    const place = path.join(this.#directory, String(this.#files.length));
    this.#files.push({ file, path: place });
    const counted = owned(
      new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          this.#bytes += chunk.length;
          done(
            this.#bytes > mostWaitingBytes
              ? new SafelightError(
                  'invalid_request',
                  'Send the field collection before the files: files of this size are not taken before it is known where they belong.',
                  { errors: [{ field: 'collection', message: 'before the files' }] },
                )
              : null,
            chunk,
          );
        },
      }),
    );
    await pipeline(file.body, counted, createWriteStream(place, { mode: 0o600 }));
  }

  /** Passes on one file after the other. A file that its reader leaves unread is closed, and its disk space freed, at once. */
  async each(use: (file: FormFile) => Promise<void>): Promise<void> {
    for (const { file, path: place } of this.#files) {
      const body = owned(createReadStream(place));
      try {
        await use({ ...file, body });
      } finally {
        body.destroy();
      }
      await rm(place, { force: true });
    }
  }

  async close(): Promise<void> {
    if (this.#directory !== null) await rm(this.#directory, { recursive: true, force: true });
  }
}
