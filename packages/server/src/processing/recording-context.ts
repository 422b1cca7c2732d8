import type { ProcessingContext, ProcessingSite } from './processing-context.ts';

/** What the work on a recording needs; it stores nothing and asks no database. */
export type RecordingContext = Pick<ProcessingContext, 'log' | 'signal'> & {
  site: Pick<ProcessingSite, 'ceilings' | 'decoders' | 'encoders' | 'engines'>;
};
