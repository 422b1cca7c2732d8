import type { GenerateImage, GenerateVideo, GenerationModel, GenerationUsage } from '@safelight/contract/api';

import { request, type CallOptions, type Connection } from './request.ts';

/** Generated media. Each call returns a job; `generation_complete` names what was stored. */
export interface GenerateResource {
  image: (asked: GenerateImage, options?: CallOptions) => Promise<{ jobId: string }>;
  video: (asked: GenerateVideo, options?: CallOptions) => Promise<{ jobId: string }>;
  /** The models of this server, by provider. */
  models: (options?: CallOptions) => Promise<GenerationModel[]>;
  /** What the caller has generated today, and their allowance. */
  usage: (options?: CallOptions) => Promise<GenerationUsage>;
}

/** @internal */
export function generateResource(connection: Connection): GenerateResource {
  return {
    image: (asked, options = {}) => request(connection, 'generateImage', { ...options, body: asked }),
    video: (asked, options = {}) => request(connection, 'generateVideo', { ...options, body: asked }),
    models: async (options = {}) => (await request(connection, 'listGenerationModels', options)).models,
    usage: (options = {}) => request(connection, 'readGenerationUsage', options),
  };
}
