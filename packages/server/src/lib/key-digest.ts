import { createHash } from 'node:crypto';

/** API keys begin so, which tells them from tokens. */
export const keyPrefix = 'sl_';

/** All that is kept of a key. */
export const hashKey = (secret: string): string => createHash('sha256').update(secret).digest('hex');
