import { defineConfig, noLimits } from '@safelight/server/config';

const megabytes = 2 ** 20;
const photos = ['image/jpeg', 'image/png', 'image/webp'];
const phonePhotos = ['image/heic', 'image/heif', ...photos];
const anyImage = [...phonePhotos, 'image/gif', 'image/avif', 'image/tiff'];
const videos = ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-matroska'];
const recordings = ['audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/flac', 'audio/ogg', 'audio/wav'];

const webp = (role: string, maxSide: number, animated = false) => ({ role, maxSide, format: 'webp' as const, quality: 80, effort: 2, animated });

const firstPolicy = {
  ...noLimits,
  batchSize: 20,
  maxMegapixels: 50,
  undoWindowSeconds: 30,
  photoReviewEnabled: false,
  photoReviewProvider: 'disabled' as const,
};

/** The collections of `npm start`: one for each kind of application. Copy this file and adapt them. */
export default defineConfig({
  uploads: { defaultCollection: 'user.library' },
  review: { presets: ['Blurred', 'Not what is offered', 'Contact data in the picture'] },
  collections: {
    'artist.images': {
      entityType: 'artist',
      kinds: ['image'],
      purposes: ['gallery', 'profile'],
      singlePurposes: ['profile'],
      ingest: 'inline',
      keepSource: false,
      visibility: 'public',
      gate: 'none',
      image: {
        outputs: [
          { role: 'canonical', maxSide: 2560, format: 'source', quality: 85, effort: 4, animated: true },
          { role: 'thumbnail', maxSide: 320, format: 'source', quality: 80, effort: 4, animated: false },
        ],
        blur: true,
      },
      policy: { ...firstPolicy, maxBytes: 25 * megabytes, acceptedTypes: photos, maxItems: 200 },
    },
    'artist.media': {
      entityType: 'artist',
      kinds: ['video', 'audio'],
      purposes: ['clip', 'track'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'public',
      gate: 'none',
      image: null,
      policy: { ...firstPolicy, maxBytes: 500 * megabytes, maxDurationMs: 3_600_000, acceptedTypes: [...videos, ...recordings], maxItems: 200 },
    },
    'listing.photos': {
      entityType: 'listing',
      kinds: ['image'],
      purposes: ['gallery', 'profile'],
      singlePurposes: ['profile'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'public',
      gate: 'policy',
      image: { outputs: [webp('detail_large', 2048), webp('detail', 1280), webp('preview', 800), webp('card', 400), webp('thumbnail', 160)], blur: true },
      policy: { ...firstPolicy, maxBytes: 25 * megabytes, acceptedTypes: phonePhotos, maxItems: 100 },
    },
    'product.files': {
      entityType: 'product',
      kinds: ['image', 'video', 'audio', 'file'],
      purposes: ['product'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'grant',
      gate: 'none',
      image: { outputs: [webp('preview', 800)], blur: true },
      video: { outputs: ['poster', 'preview'] },
      audio: { outputs: ['preview', 'waveform'] },
      // No limit of pixels: files that are too large for a preview are sold without one.
      policy: { ...firstPolicy, maxBytes: 5120 * megabytes, maxMegapixels: null, acceptedTypes: ['*/*'], maxItems: 500 },
    },
    'user.library': {
      entityType: null,
      kinds: ['image', 'video', 'audio'],
      purposes: ['library'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'unlisted',
      gate: 'none',
      image: { outputs: [webp('preview', 1280, true), webp('thumbnail', 320)], blur: true },
      policy: { ...firstPolicy, maxBytes: 500 * megabytes, maxDurationMs: 3_600_000, acceptedTypes: [...anyImage, ...videos, ...recordings] },
    },
    'brand.assets': {
      entityType: 'brand',
      kinds: ['image', 'file'],
      purposes: ['brand'],
      ingest: 'inline',
      keepSource: false,
      visibility: 'public',
      gate: 'none',
      managersOnly: true,
      keyPrefix: 'brand',
      image: { outputs: [{ role: 'canonical', maxSide: 2560, format: 'source', quality: 85, effort: 4, animated: true }], blur: true },
      policy: { ...firstPolicy, maxBytes: 100 * megabytes, acceptedTypes: ['*/*'], maxItems: 500 },
    },
  },
});
