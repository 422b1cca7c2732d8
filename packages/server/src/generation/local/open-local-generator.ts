import { setTimeout as delay } from 'node:timers/promises';

import { errorCodes, isErrorCode } from '@safelight/contract/errors';
import type { GenerationModel } from '@safelight/contract/generation';

import { ProviderFailure, type GenerationRequest, type Generator, type Output } from '../generator.ts';
import { drawPicture } from './draw-picture.ts';

const facts = {
  provider: 'local',
  sizes: null,
  aspectRatios: ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16'],
  seed: true,
  progress: true,
  cancel: 'stops',
  shutdownDate: null,
} as const;

/**
 * Draws pictures from prompt and seed alone, for development: the same again for the same words, and each says that no model made it. It
 * costs nothing, and can be told to fail.
 */
export function openLocalGenerator(): Generator {
  const models = (): GenerationModel[] => [
    {
      ...facts,
      aspectRatios: [...facts.aspectRatios],
      model: 'local-image',
      kinds: ['image'],
      durations: [],
      maxN: 10,
      inputs: ['image', 'mask', 'reference'],
      available: true,
      reason: null,
    },
    {
      ...facts,
      aspectRatios: [...facts.aspectRatios],
      model: 'local-video',
      kinds: ['video'],
      durations: [],
      maxN: 1,
      inputs: [],
      available: false,
      reason: 'this server makes no video of its own',
    },
  ];
  return {
    provider: 'local',
    isFree: true,
    // One picture a call, so that each is stored while the next is drawn.
    takesMany: false,
    models,
    async start(request, { signal }) {
      const { delayMs = 0 } = request.options ?? {};
      await delay(delayMs, undefined, { signal });
      const failure = rehearsed(request);
      const output: Output = failure === null ? { bytes: await drawPicture(request) } : { failure };
      return { state: 'done', outputs: [output], usage: {} };
    },
  };
}

/** The failure that was asked for, of this picture. */
function rehearsed({ options, index }: GenerationRequest): ProviderFailure | null {
  if (options?.fail === undefined || (options.failIndex !== undefined && options.failIndex !== index)) return null;
  const code = isErrorCode(options.fail) ? options.fail : 'provider_failed';
  return new ProviderFailure(code, `${errorCodes[code].title}. This failure was asked for.`, { isBilled: code === 'outcome_unknown' });
}
