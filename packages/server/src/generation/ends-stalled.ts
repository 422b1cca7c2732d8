import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';

const mostSilenceMs = 60_000;

/** Passes the bytes on; if none comes for this time the stream fails, so that a silent provider holds no slot of the lane. */
export function endsStalled(body: Readable, silenceMs = mostSilenceMs): Readable {
  async function* bytes(): AsyncGenerator<Buffer> {
    const wait = (): NodeJS.Timeout => setTimeout(() => body.destroy(new Error(`no byte came for ${silenceMs / 1000} s`)), silenceMs);
    let waiting = wait();
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        // While the reader pauses, the provider is not to blame for the silence.
        clearTimeout(waiting);
        yield chunk;
        waiting = wait();
      }
    } finally {
      clearTimeout(waiting);
      body.destroy();
    }
  }
  return owned(Readable.from(bytes(), { objectMode: false }));
}
