import { setTimeout as delay } from 'node:timers/promises';

import { errorCodes, isErrorCode } from '@safelight/contract/errors';

import type { Engines } from '../../processing/engine/engine.ts';
import { temporaryError } from '../../storage/temporary-error.ts';
import { describeModel } from '../describe-model.ts';
import type { GeneratedKind } from '../generated-kinds.ts';
import { ProviderFailure, type AbilitiesByKind, type GenerationRequest, type Generator, type MadeModel, type Output } from '../generator.ts';
import { drawPicture } from './draw-picture.ts';
import { drawVideo } from './draw-video.ts';

/**
 * Draws pictures and videos from prompt and seed alone, for development: the same words give the same result, and each says that no model made it. It
 * costs nothing, and can simulate failures.
 */
export function createLocalGenerator({ engines }: { engines: Engines }): Generator {
  return {
    provider: 'local',
    isFree: true,
    // One picture per call, so that each is stored while the next is drawn.
    takesMany: false,
    models: () => [describe('image'), describe('video')],
    async start(request, { signal }) {
      const { delayMs = 0 } = request.options ?? {};
      await delay(delayMs, undefined, { signal });
      const failure = rehearsed(request);
      const draw = async (): Promise<Output> => ({
        bytes: await (request.kind === 'image' ? drawPicture(request) : drawVideo(engines, request, signal)).catch(notDrawn),
      });
      return { state: 'done', outputs: [failure === null ? await draw() : { failure }], usage: {} };
    },
  };
}

/** Nothing was sent to anybody, so that the outcome is never unknown. */
function notDrawn(error: unknown): never {
  if (error instanceof ProviderFailure) throw error;
  const cause = temporaryError(error);
  throw new ProviderFailure('provider_failed', 'It could not be drawn at this moment. The log of the server says why. Try again later.', {
    isBilled: false,
    forOperator: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

const describe = (kind: GeneratedKind): MadeModel => describeModel('local', `local-${kind}`, kind, abilities[kind]);

const aspectRatios = ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16'];
const abilities: AbilitiesByKind = {
  image: {
    sizes: null,
    aspectRatios,
    resolutions: [],
    qualities: [],
    durations: [],
    maxN: 10,
    seed: true,
    inputs: ['image', 'mask', 'reference'],
    progress: true,
    cancel: 'stops',
  },
  video: {
    sizes: null,
    aspectRatios,
    resolutions: [],
    qualities: [],
    durations: [2, 4, 6, 8, 10],
    maxN: 1,
    seed: true,
    inputs: [],
    progress: false,
    cancel: 'stops',
  },
};

/** The simulated failure of this picture, if one was requested. */
function rehearsed({ options, index }: GenerationRequest): ProviderFailure | null {
  if (options?.fail === undefined || (options.failIndex !== undefined && options.failIndex !== index)) return null;
  const code = isErrorCode(options.fail) ? options.fail : 'provider_failed';
  return new ProviderFailure(code, `${errorCodes[code].title}. This failure was asked for.`, { isBilled: code === 'outcome_unknown' });
}
