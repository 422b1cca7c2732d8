import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import { isBadlyEncoded } from './decode-body.ts';
import { guardedFetch, type Fetched, type FetchOptions } from './guarded-fetch.ts';

const mostResumptions = 5;

/**
 * The whole body of a fetched file. If its connection breaks and the server can resume (it takes ranges and has a strong ETag), the rest is
 * requested; otherwise the body ends with `import_failed`.
 */
export function resumingBody(first: Fetched, options: FetchOptions): Readable {
  const etag = first.headers.etag;
  const total = Number(first.headers['content-length'] ?? Number.NaN);
  const canResume =
    etag?.startsWith('"') === true && first.headers['accept-ranges'] === 'bytes' && first.headers['content-encoding'] === undefined && Number.isFinite(total);

  async function* bytes(): AsyncGenerator<Buffer> {
    let received = 0;
    let { body } = first;
    for (let resumed = 0; ; resumed += 1) {
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          received += chunk.length;
          yield chunk;
        }
        if (Number.isFinite(total) && received < total && first.headers['content-encoding'] === undefined)
          throw new Error(`only ${received} of ${total} bytes came`);
        return;
      } catch (error) {
        if (options.signal.aborted) throw error;
        if (isBadlyEncoded(error))
          throw new SafelightError(
            'import_failed',
            `${first.url.hostname} says that its answer is packed as ${first.headers['content-encoding']}, and it is not.`,
            {
              cause: error,
              retryable: false,
            },
          );
        if (!canResume || resumed >= mostResumptions)
          throw error instanceof SafelightError
            ? error
            : new SafelightError('import_failed', 'The connection broke before the file was complete.', { cause: error });
        const next = await guardedFetch(first.url, { ...options, headers: { ...options.headers, range: `bytes=${received}-`, 'if-range': etag ?? '' } });
        if (next.status !== 206 || next.headers['content-range']?.startsWith(`bytes ${received}-`) !== true) {
          next.body.destroy();
          throw new SafelightError('import_failed', 'The connection broke, and the file changed before it could be resumed.');
        }
        body = next.body;
      }
    }
  }
  return owned(Readable.from(bytes(), { objectMode: false }));
}
