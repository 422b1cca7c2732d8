import type { ProcessingContext } from './processing-context.ts';

/** What the work on a recording needs; it stores nothing and asks no database. */
export type RecordingContext = Pick<ProcessingContext, 'ceilings' | 'decoders' | 'encoders' | 'engines' | 'log' | 'signal'>;
