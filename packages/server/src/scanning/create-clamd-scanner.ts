import { Transform, pipeline, type Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import { askClamd, type ClamdAddress } from './ask-clamd.ts';
import type { Scan } from './scan.ts';

export type ClamdOptions = { address: ClamdAddress; silenceMs: number; maxBytes: number };

/**
 * Scans bytes with ClamAV through the protocol of its daemon, which therefore needs no access to our files.
 *
 * Throws `unavailable` (a later attempt may succeed) when clamd does not answer, and `file_too_large` or `resource_limit` when it could not scan the
 * whole: a partly scanned file never passes as clean.
 */
export function createClamdScanner({ address, silenceMs, maxBytes }: ClamdOptions): Scan {
  return async (body, { signal }) => {
    const answer = await askClamd({ address, command: 'INSTREAM', body: limited(body, maxBytes), silenceMs, signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (cause instanceof SafelightError) throw cause;
      throw new SafelightError('unavailable', 'The malware scanner does not answer, and no file is taken without it. Try again shortly.', { cause });
    });
    return { found: verdictOf(answer) };
  };
}

function verdictOf(answer: string): string | null {
  if (answer === 'stream: OK') return null;
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  // With AlertExceedsMax, clamd reports a partial scan in this way.
  if (found?.startsWith('Heuristics.Limits.Exceeded') === true || answer.includes('size limit exceeded')) {
    throw new SafelightError('resource_limit', 'The malware scanner does not take files of this size or depth. Ask the operator about its limits.', {
      context: { answer },
    });
  }
  if (found !== undefined) return found;
  throw new SafelightError('unavailable', 'The malware scanner could not look at the file. Try again shortly.', { context: { answer } });
}

function limited(body: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const counted = owned(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes <= maxBytes) done(null, chunk);
        else done(new SafelightError('file_too_large', `At most ${maxBytes} bytes of a file can be scanned for malware here, so larger files are not taken.`));
      },
    }),
  );
  return pipeline(body, counted, () => undefined);
}
