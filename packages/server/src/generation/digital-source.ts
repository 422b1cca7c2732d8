import type { DigitalSource } from '@safelight/contract/generation';

import type { Wanted } from './choose-model.ts';

/** The IPTC term for media made in this way: the local renderer for development was not trained on anything. */
export function digitalSourceOf(provider: string, wanted: Pick<Wanted, 'inputs'>): DigitalSource {
  if (provider === 'local') return 'algorithmicMedia';
  return wanted.inputs.length === 0 ? 'trainedAlgorithmicMedia' : 'compositeWithTrainedAlgorithmicMedia';
}
