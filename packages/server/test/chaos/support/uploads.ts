import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';
import sharp from 'sharp';
import { expect } from 'vitest';

import type { Site } from './site.ts';

/** A photo that keeps a worker busy for a moment. */
export const largePhoto = async (): Promise<Buffer<ArrayBuffer>> =>
  Buffer.from(
    await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 30 } } })
      .jpeg({ quality: 60 })
      .toBuffer(),
  );

export type Client = {
  upload(bytes: Buffer<ArrayBuffer>): Promise<{ jobId: string; id: string }>;
  job(id: string): Promise<Job>;
  media(id: string): Promise<Media>;
  read(src: string): Promise<number>;
  settled(id: string): Promise<Media>;
};

/** The requests of these suites. */
export function clientOf(site: Pick<Site, 'url' | 'token'>): Client {
  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Body> =>
    (await (await fetch(`${site.url()}/v1${path}`, { ...init, headers: { authorization: `Bearer ${site.token}` } })).json()) as Body;
  const client: Client = {
    async upload(bytes) {
      const form = new FormData();
      for (const [name, value] of Object.entries({ collection: 'listing.photos', entityType: 'listing', entityId: crypto.randomUUID() }))
        form.append(name, value);
      form.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'photo.jpg');
      const { jobId, media } = await ask<{ jobId: string; media: Media }>('/media', { method: 'POST', body: form });
      return { jobId, id: media.id };
    },
    job: async (id) => (await ask<{ job: Job }>(`/jobs/${id}`)).job,
    media: async (id) => (await ask<{ media: Media }>(`/media/${id}`)).media,
    read: async (src) => (await (await fetch(new URL(new URL(src).pathname, site.url()))).arrayBuffer()).byteLength,
    async settled(id) {
      await expect.poll(async () => (await client.media(id)).status, { timeout: 60_000, interval: 20 }).toMatch(/ready|failed/);
      return await client.media(id);
    },
  };
  return client;
}
