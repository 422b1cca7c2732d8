import { clockOf } from './clock-of.ts';

/** How long a recording is, in whole seconds, as players say it; but nothing that can be heard or seen is 0:00 long. */
export const lengthOf = (ms: number): string => clockOf(Math.max(1, ms / 1000));
