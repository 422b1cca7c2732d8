import type { MediaPart, MediaURLs } from '../assets/render-media.ts';
import type { Clock } from '../lib/clock.ts';
import type { Signing } from '../lib/signing.ts';

/** The purpose that signatures of previews are bound to. */
export const artifactPreview = 'artifact-preview';

/** The purpose of signatures in the path, which cover all parts of one video's stream. */
export const assetStream = 'asset-stream';

/** A preview URL is valid for one to two of these periods; within one it stays the same, so that browsers can cache it. */
const previewSeconds = 3600;

/** The server's own artifact URLs: opaque, and signed for a limited time while the asset is unpublished. */
export function mediaURLs(options: { baseURL: string; signing: Signing; clock: Clock }): MediaURLs {
  const { baseURL, signing, clock } = options;
  const mediaPath = (token: string, part?: MediaPart): string => `${baseURL}/media/${token}${part === undefined ? '' : `/${part}`}`;
  const until = (): Date => new Date((Math.floor(clock.now().getTime() / 1000 / previewSeconds) + 2) * previewSeconds * 1000);
  return {
    artifact: mediaPath,
    signedArtifact: (token, part) => `${mediaPath(token, part)}?signature=${signing.sign(artifactPreview, [token], until())}`,
    signedStream: (assetId, token) => `${baseURL}/s/${signing.sign(assetStream, [assetId], until())}/${token}/index.m3u8`,
  };
}
