import { createHash } from 'node:crypto';

/** The prefix of API keys, which tells them from tokens. */
export const keyPrefix = 'sl_';

/** All that is stored of a key. */
export const hashKey = (secret: string): string => createHash('sha256').update(secret).digest('hex');
