import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';

import { SafelightError } from '../lib/errors.ts';

const otherUnicode = /;\s*charset="?utf-?(16|32)/i;

/**
 * Why a JSON body cannot be read as text. JSON is UTF-8: in another encoding it would not parse, for no reason that the sender could see, or be stored
 * with other letters than were sent. Only the bytes decide: many libraries send plain ASCII and call it something else.
 */
export function encodingProblem(headers: IncomingHttpHeaders, body: Buffer): SafelightError | null {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity')
    return new SafelightError('unsupported_type', `A JSON body is taken as it is, without the Content-Encoding "${encoding.slice(0, 64)}". Send it without.`);
  if (isUtf8(body) && !otherUnicode.test(headers['content-type'] ?? '')) return null;
  return new SafelightError('invalid_request', 'The body is not encoded as UTF-8, as JSON is. Encode it so and send it again.');
}
