import type { MediaPart, MediaURLs } from '../assets/render-media.ts';
import type { Clock } from '../lib/clock.ts';
import type { Signing } from '../lib/signing.ts';

/** The purpose that signatures of previews are bound to. */
export const artifactPreview = 'artifact-preview';

/** A preview URL lives between one and two of these; within one it stays the same, so that a browser's cache is of use. */
const previewSeconds = 3600;

/** URLs of artifacts, from the server alone: opaque, and for what is not published yet signed for a while. */
export function mediaURLs(options: { baseURL: string; signing: Signing; clock: Clock }): MediaURLs {
  const { baseURL, signing, clock } = options;
  const mediaPath = (token: string, part?: MediaPart): string => `${baseURL}/media/${token}${part === undefined ? '' : `/${part}`}`;
  return {
    artifact: mediaPath,
    signedArtifact(token, part) {
      const period = Math.floor(clock.now().getTime() / 1000 / previewSeconds) + 2;
      return `${mediaPath(token, part)}?signature=${signing.sign(artifactPreview, [token], new Date(period * previewSeconds * 1000))}`;
    },
  };
}
