import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type ImageRequest = NonNullable<RequestInput<'generateImage'>['body']>;
export type VideoRequest = NonNullable<RequestInput<'generateVideo'>['body']>;

export type GenerateResource = ReturnType<typeof generateResource>;

/** Media that a machine makes. Each answers a job; `generation_complete` names what was stored. */
export function generateResource(connection: Connection) {
  return {
    image: (asked: ImageRequest, options: CallOptions = {}) => request(connection, 'generateImage', { ...options, body: asked }),
    video: (asked: VideoRequest, options: CallOptions = {}) => request(connection, 'generateVideo', { ...options, body: asked }),
    /** Who can make what on this server. */
    models: async (options: CallOptions = {}) => (await request(connection, 'listGenerationModels', options)).models,
    /** What the caller has used today, and may. */
    usage: (options: CallOptions = {}) => request(connection, 'readGenerationUsage', options),
  };
}
