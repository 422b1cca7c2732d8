import type { MediaPart, MediaURLs } from '../assets/render-media.ts';
import type { Clock } from '../lib/clock.ts';
import type { Signing } from '../lib/signing.ts';
import type { Collections } from '../policy/collection.ts';
import { opensTo } from './may-read.ts';

/** The purpose that signatures of previews are bound to. */
export const artifactPreview = 'artifact-preview';

/** The purpose of signatures in the path, which cover all parts of one video's stream. */
export const assetStream = 'asset-stream';

/**
 * A preview URL is valid for one to two of these periods, and for as many more as it takes to play what it shows: players ask for its parts until the
 * end. Within one period it stays the same, so that browsers can cache it.
 */
const previewMs = 3_600_000;

/** The server's own artifact URLs: opaque, and signed for a limited time while the asset is open to its owner alone. */
export function mediaURLs(options: { baseURL: string; signing: Signing; clock: Clock; collections: Collections }): MediaURLs {
  const { baseURL, signing, clock, collections } = options;
  const mediaPath = (token: string, part?: MediaPart): string => `${baseURL}/media/${token}${part === undefined ? '' : `/${part}`}`;
  const until = (durationMs: number | null | undefined): Date =>
    new Date((Math.floor(clock.now().getTime() / previewMs) + 2 + Math.ceil((durationMs ?? 0) / previewMs)) * previewMs);
  return {
    areOpen: (collection) => opensTo(collections.get(collection)?.visibility ?? 'owner', 'artifact'),
    artifact: mediaPath,
    signedArtifact: (token, part, durationMs) => `${mediaPath(token, part)}?signature=${signing.sign(artifactPreview, [token], until(durationMs))}`,
    signedStream: (assetId, token, durationMs) => `${baseURL}/s/${signing.sign(assetStream, [assetId], until(durationMs))}/${token}/index.m3u8`,
  };
}
