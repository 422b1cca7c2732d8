import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** The body for a reader who may give up in the middle: ending it ends neither the request nor the connection that the answer goes over. */
export const bodyOf = (request: IncomingMessage): Readable => Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
