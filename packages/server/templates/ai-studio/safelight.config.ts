import { defineConfig, noLimits } from '@safelight/server/config';

const megabytes = 2 ** 20;
const webp = (role: string, maxSide: number, animated: boolean) => ({ role, maxSide, format: 'webp' as const, quality: 80, effort: 2, animated });

/** An AI studio: each user has a library of uploads and generated media. */
export default defineConfig({
  collections: {
    'user.library': {
      // Belongs to the user alone: no entity.
      entityType: null,
      kinds: ['image', 'video', 'audio'],
      purposes: ['library'],
      ingest: 'queued',
      // Required for generation: provider outputs are kept unchanged.
      keepSource: true,
      visibility: 'unlisted',
      gate: 'none',
      image: { outputs: [webp('preview', 1280, true), webp('thumbnail', 320, false)], blur: true },
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 500 * megabytes,
        maxMegapixels: 50,
        maxDurationMs: 3_600_000,
        acceptedTypes: [
          'image/heic',
          'image/jpeg',
          'image/png',
          'image/webp',
          'image/gif',
          'image/avif',
          'video/mp4',
          'video/quicktime',
          'video/webm',
          'audio/mpeg',
          'audio/wav',
        ],
        undoWindowSeconds: 30,
        photoReviewEnabled: false,
        photoReviewProvider: 'disabled',
      },
    },
  },
  // The default collection for files that name none.
  uploads: { defaultCollection: 'user.library' },
  generation: {
    collection: 'user.library',
    // Without keys "local" draws pictures that say what they are. Keys: OPENAI_API_KEY, GEMINI_API_KEY, SAFELIGHT_GENERATION_URL.
    perOwner: { imagesPerDay: 100, videoSecondsPerDay: 60, active: 4 },
  },
});
