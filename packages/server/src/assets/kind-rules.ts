import type { Kind } from '../lib/schema.ts';

/** What differs between kinds for everybody who only passes them on: where their work waits, and whether the gate asks about them. */
export const kindRules = {
  image: { lane: 'short', reviewed: true },
  video: { lane: 'poster', reviewed: true },
  audio: { lane: 'long', reviewed: false },
  file: { lane: 'short', reviewed: false },
} as const satisfies Record<Kind, { lane: 'short' | 'poster' | 'long'; reviewed: boolean }>;
