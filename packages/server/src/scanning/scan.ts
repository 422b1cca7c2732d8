import type { Readable } from 'node:stream';

/** Looks at all bytes of a file for malware and answers the name of what was found, or null when they are clean. Throws when it could not look. */
export type Scan = (body: Readable, options: { signal: AbortSignal }) => Promise<{ found: string | null }>;
