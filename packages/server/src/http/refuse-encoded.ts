import type { IncomingHttpHeaders } from 'node:http';

import { SafelightError } from '../lib/errors.ts';

/** Refuses the bytes of a file that are sent compressed: they are stored as they come, and the encoding would be stored with them. */
export function refuseEncoded({ 'content-encoding': encoding = 'identity' }: IncomingHttpHeaders): void {
  if (encoding !== '' && encoding !== 'identity')
    throw new SafelightError('invalid_request', `The bytes of a file are taken as they are, without the Content-Encoding "${encoding.slice(0, 64)}".`, {
      errors: [{ field: 'Content-Encoding', message: 'not taken' }],
    });
}
