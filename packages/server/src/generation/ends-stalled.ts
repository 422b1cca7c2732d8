import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';

const mostSilenceMs = 60_000;

/** The same bytes; where none comes for so long the stream fails, so that a provider that has fallen silent holds no place of the lane. */
export function endsStalled(body: Readable, silenceMs = mostSilenceMs): Readable {
  async function* bytes(): AsyncGenerator<Buffer> {
    const wait = (): NodeJS.Timeout => setTimeout(() => body.destroy(new Error(`no byte came for ${silenceMs / 1000} s`)), silenceMs);
    let waiting = wait();
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        // When the reader pauses, the provider is not the one that is silent.
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
