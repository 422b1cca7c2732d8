import type { Readable } from 'node:stream';

/** Scans a whole file for malware and returns the name of what was found, or null when it is clean. Throws when it could not scan. */
export type Scan = (body: Readable, options: { signal: AbortSignal }) => Promise<{ found: string | null }>;
