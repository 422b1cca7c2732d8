import type { DigitalSource } from '@safelight/contract/generation';

import type { Wanted } from './choose-model.ts';

/** What IPTC calls media that came to be this way: the renderer for development has learned from nothing. */
export function digitalSourceOf(provider: string, wanted: Pick<Wanted, 'inputs'>): DigitalSource {
  if (provider === 'local') return 'algorithmicMedia';
  return wanted.inputs.length === 0 ? 'trainedAlgorithmicMedia' : 'compositeWithTrainedAlgorithmicMedia';
}
