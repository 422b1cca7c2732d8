import type { ProcessingContext, ProcessingSite } from './processing-context.ts';

/** What work on a recording needs; it uses neither storage nor the database. */
export type RecordingContext = Pick<ProcessingContext, 'log' | 'signal'> & {
  site: Pick<ProcessingSite, 'ceilings' | 'decoders' | 'encoders' | 'engines'>;
};
