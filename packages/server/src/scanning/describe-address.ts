import type { ClamdAddress } from './ask-clamd.ts';

/** Where clamd listens, for people. */
export const describeAddress = (address: ClamdAddress): string => ('path' in address ? address.path : `${address.host}:${address.port}`);
