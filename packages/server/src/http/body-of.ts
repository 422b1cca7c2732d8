import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { chunksOf } from '../uploads/chunks-of.ts';

/**
 * The body for a reader who may give up in the middle: ending it ends neither the request nor the connection that the answer goes over.
 * It fails when its client is silent for too long.
 */
export const bodyOf = (request: IncomingMessage, signal: AbortSignal): Readable => owned(Readable.from(chunksOf(request, { signal }), { objectMode: false }));
