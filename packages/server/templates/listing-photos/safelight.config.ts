import { defineConfig, noLimits } from '@safelight/server/config';

const megabytes = 2 ** 20;
const webp = (role: string, maxSide: number) => ({ role, maxSide, format: 'webp' as const, quality: 80, effort: 2, animated: false });

/** A listing-photo service: photos from phones, five sizes, a review before anybody else sees them. The source stays private. */
export default defineConfig({
  collections: {
    'listing.photos': {
      entityType: 'listing',
      kinds: ['image'],
      purposes: ['gallery', 'profile'],
      singlePurposes: ['profile'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'public',
      // The live policy says whether photos wait for a review; it can be changed without a restart.
      gate: 'policy',
      image: { outputs: [webp('detail_large', 2048), webp('detail', 1280), webp('preview', 800), webp('card', 400), webp('thumbnail', 160)], blur: true },
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 25 * megabytes,
        maxMegapixels: 50,
        maxItems: 100,
        acceptedTypes: ['image/heic', 'image/heif', 'image/jpeg', 'image/png', 'image/webp'],
        undoWindowSeconds: 30,
        photoReviewEnabled: true,
        // People decide in the console. "gemini" and "openai" need a key, "webhook" a URL of yours.
        photoReviewProvider: 'manual',
      },
    },
  },
});
