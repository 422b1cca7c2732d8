import { describeModel } from '../describe-model.ts';
import type { GeneratedKind } from '../generated-kinds.ts';
import type { AbilitiesByKind, Generator, MadeModel } from '../generator.ts';
import { openResult } from '../open-result.ts';
import { field } from '../provider-failures.ts';
import { makePictures, qualities } from './make-pictures.ts';
import { createClient, type ClientOptions } from './create-client.ts';
import { beginVideo, cancelVideo, glanceAtVideo, openVideo, pollVideo, seconds, sizes } from './make-video.ts';

export type CompatibleOptions = ClientOptions & { baseURL: string; imageModels: readonly string[]; videoModels: readonly string[] };

/**
 * The operator's own server, or a gateway, that speaks OpenAI's protocol: pictures, and the videos that OpenAI itself no longer makes. Its answer may
 * give pictures as addresses.
 */
export function createCompatibleGenerator({ imageModels, videoModels, ...options }: CompatibleOptions): Generator {
  const { baseURL, apiKey } = options;
  const open = createClient(options);
  return {
    provider: 'compatible',
    isFree: false,
    takesMany: true,
    models: () => [...imageModels.map((model) => describe(model, 'image')), ...videoModels.map((model) => describe(model, 'video'))],
    start: async (request, { signal }) =>
      request.kind === 'image'
        ? await makePictures(await open(), request, { response_format: 'b64_json' }, signal)
        : await beginVideo(await open(), request, signal),
    poll: async (operation, { signal }) => await pollVideo(await open(), operation, signal),
    glance: async (operation, { signal }) => await glanceAtVideo({ baseURL, apiKey }, operation, signal),
    cancel: async (operation, { signal }) => await cancelVideo(await open(), operation, signal),
    async open(from, { signal }) {
      const url = field(from, 'url');
      if (typeof url === 'string') return await openResult(url, { baseURL, headers: { authorization: `Bearer ${apiKey}` }, signal });
      return await openVideo(await open(), from, signal);
    },
  };
}

const describe = (model: string, kind: GeneratedKind): MadeModel => describeModel('compatible', model, kind, abilities[kind]);

const abilities: AbilitiesByKind = {
  image: {
    sizes: null,
    aspectRatios: [],
    resolutions: [],
    qualities: [...qualities],
    durations: [],
    maxN: 10,
    seed: false,
    inputs: ['image', 'mask', 'reference'],
    progress: false,
    cancel: 'before_sending',
  },
  video: {
    sizes: [...sizes],
    aspectRatios: [],
    resolutions: [],
    qualities: [],
    durations: seconds.map(Number),
    maxN: 1,
    seed: false,
    inputs: ['first_frame'],
    progress: true,
    cancel: 'stops',
  },
};
