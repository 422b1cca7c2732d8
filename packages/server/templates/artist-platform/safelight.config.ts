import { defineConfig, noLimits } from '@safelight/server/config';

const megabytes = 2 ** 20;

/** An artist platform: galleries and one profile picture, clips and tracks. Everything is public as soon as it is ready. */
export default defineConfig({
  collections: {
    'artist.images': {
      entityType: 'artist',
      kinds: ['image'],
      purposes: ['gallery', 'profile'],
      // A new profile picture replaces the old one.
      singlePurposes: ['profile'],
      // Small enough to be processed while the artist waits; the upload is answered with the ready record.
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
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 25 * megabytes,
        maxMegapixels: 50,
        maxItems: 200,
        acceptedTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/heic'],
        undoWindowSeconds: 30,
        photoReviewEnabled: false,
        photoReviewProvider: 'disabled',
      },
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
      policy: {
        ...noLimits,
        batchSize: 20,
        maxBytes: 500 * megabytes,
        maxDurationMs: 3_600_000,
        maxItems: 200,
        acceptedTypes: ['video/mp4', 'video/quicktime', 'video/webm', 'audio/mpeg', 'audio/mp4', 'audio/flac', 'audio/wav'],
        undoWindowSeconds: 30,
        photoReviewEnabled: false,
        photoReviewProvider: 'disabled',
      },
    },
  },
});
