import { describeModel } from '../describe-model.ts';
import type { Abilities, Generator } from '../generator.ts';
import { makePictures, qualities } from './make-pictures.ts';
import { createClient, type ClientOptions } from './create-client.ts';

export type OpenaiOptions = ClientOptions & { imageModels: readonly string[] };

/** Pictures from OpenAI: one request makes all of them, and the answer contains their bytes. */
export function createOpenaiGenerator({ imageModels, ...options }: OpenaiOptions): Generator {
  const open = createClient(options);
  return {
    provider: 'openai',
    isFree: false,
    takesMany: true,
    models: () => imageModels.map((model) => describeModel('openai', model, 'image', abilities)),
    start: async (request, { signal }) => await makePictures(await open(), request, { safety_identifier: request.ownerToken }, signal),
  };
}

const abilities: Abilities = {
  sizes: ['1024x1024', '1536x1024', '1024x1536'],
  aspectRatios: [],
  resolutions: [],
  qualities: [...qualities],
  durations: [],
  maxN: 10,
  seed: false,
  inputs: ['image', 'mask', 'reference'],
  progress: false,
  cancel: 'before_sending',
};
