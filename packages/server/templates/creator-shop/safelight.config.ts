import { defineConfig, noLimits } from '@safelight/server/config';

const megabytes = 2 ** 20;
const webp = (role: string, maxSide: number) => ({ role, maxSide, format: 'webp' as const, quality: 80, effort: 2, animated: false });

/** A creator shop: files of any kind that only buyers get, and public previews of them. */
export default defineConfig({
  collections: {
    'product.files': {
      entityType: 'product',
      kinds: ['image', 'video', 'audio', 'file'],
      purposes: ['product'],
      ingest: 'queued',
      keepSource: true,
      // The files themselves are only for buyers with a grant; previews are public.
      visibility: 'grant',
      gate: 'none',
      image: { outputs: [webp('preview', 800)], blur: true },
      video: { outputs: ['poster', 'preview'] },
      audio: { outputs: ['preview', 'waveform'] },
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 5120 * megabytes,
        maxItems: 500,
        acceptedTypes: ['*/*'],
        undoWindowSeconds: 30,
        photoReviewEnabled: false,
        photoReviewProvider: 'disabled',
      },
    },
    'product.pictures': {
      entityType: 'product',
      kinds: ['image'],
      purposes: ['gallery', 'cover'],
      singlePurposes: ['cover'],
      ingest: 'inline',
      keepSource: false,
      visibility: 'public',
      gate: 'none',
      image: { outputs: [webp('canonical', 2048), webp('card', 400)], blur: true },
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 25 * megabytes,
        maxMegapixels: 50,
        maxItems: 20,
        acceptedTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/heic'],
        undoWindowSeconds: 30,
        photoReviewEnabled: false,
        photoReviewProvider: 'disabled',
      },
    },
  },
});
