import { describeModel } from '../describe-model.ts';
import type { GeneratedKind } from '../generated-kinds.ts';
import type { AbilitiesByKind, Generator, MadeModel } from '../generator.ts';
import { openResult } from '../open-result.ts';
import { textIn } from '../provider-failures.ts';
import { home, createClient, type ClientOptions } from './create-client.ts';
import { makePicture } from './make-picture.ts';
import { beginVideo, cancelVideo, glanceAtVideo, pollVideo } from './make-video.ts';

export type GeminiOptions = ClientOptions & { imageModels: readonly string[]; videoModels: readonly string[] };

/** Pictures and videos from Gemini. A picture is one synchronous call; a video is requested once and then polled by its name. */
export function createGeminiGenerator({ imageModels, videoModels, ...options }: GeminiOptions): Generator {
  const { apiKey, timeoutMs, baseURL } = options;
  const base = baseURL ?? home;
  const open = createClient(options);
  return {
    provider: 'gemini',
    isFree: false,
    takesMany: false,
    models: () => [...imageModels.map((model) => describe(model, 'image')), ...videoModels.map((model) => describe(model, 'video'))],
    start: async (request, { signal }) =>
      request.kind === 'image'
        ? await makePicture(await open({ signal }), request, signal)
        : await beginVideo(await open({ signal }), request, { signal, timeoutMs }),
    poll: async (operation, { signal }) => await pollVideo(await open({ signal }), operation, { signal, timeoutMs }),
    glance: async (operation, { signal }) => await glanceAtVideo({ baseURL: base, apiKey }, operation, signal),
    cancel: async (operation, { signal }) => await cancelVideo(await open({ signal }), operation, { signal, timeoutMs }),
    open: async (from, { signal }) => await openResult(textIn(from, 'uri'), { baseURL: base, headers: { 'x-goog-api-key': apiKey }, signal }),
  };
}

const describe = (model: string, kind: GeneratedKind): MadeModel => describeModel('gemini', model, kind, abilities[kind]);

const abilities: AbilitiesByKind = {
  image: {
    sizes: [],
    aspectRatios: ['1:1', '2:3', '3:2', '3:4', '4:3', '9:16', '16:9', '21:9'],
    resolutions: ['1K', '2K', '4K'],
    qualities: [],
    durations: [],
    maxN: 10,
    seed: true,
    inputs: ['image', 'reference'],
    progress: false,
    cancel: 'before_sending',
  },
  video: {
    sizes: [],
    aspectRatios: ['16:9', '9:16'],
    resolutions: ['720p', '1080p', '4k'],
    qualities: [],
    durations: [4, 6, 8],
    maxN: 1,
    seed: false,
    inputs: ['first_frame', 'reference'],
    progress: false,
    cancel: 'stops',
  },
};
