import type { MediaURLs } from '../assets/render-media.ts';
import type { Clock } from '../lib/clock.ts';
import type { Signing } from '../lib/signing.ts';

/** The purpose that signatures of previews are bound to. */
export const artifactPreview = 'artifact-preview';

/** A preview URL lives between one and two of these; within one it stays the same, so that a browser's cache is of use. */
const previewSeconds = 3600;

/** URLs of artifacts, from the server alone: opaque, and for what is not published yet signed for a while. */
export function mediaURLs(options: { baseURL: string; signing: Signing; clock: Clock }): MediaURLs {
  const { baseURL, signing, clock } = options;
  return {
    artifact: (token) => `${baseURL}/media/${token}`,
    signedArtifact(token) {
      const period = Math.floor(clock.now().getTime() / 1000 / previewSeconds) + 2;
      return `${baseURL}/media/${token}?signature=${signing.sign(artifactPreview, [token], new Date(period * previewSeconds * 1000))}`;
    },
  };
}
