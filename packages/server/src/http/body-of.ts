import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { chunksOf } from '../uploads/chunks-of.ts';

/**
 * The body for a reader that may stop early: ending it ends neither the request nor the connection that the answer uses. It fails when the client is
 * silent for too long.
 */
export const bodyOf = (request: IncomingMessage, signal: AbortSignal): Readable => owned(Readable.from(chunksOf(request, { signal }), { objectMode: false }));
