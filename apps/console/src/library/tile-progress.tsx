import { ProgressBar } from '@safelight/react';
import type { Media } from '@safelight/contract/media';

import { useMediaProgress } from '../live/use-media-progress.ts';

/** How far the work on a record is, along the edge of its picture. */
export const TileProgress = ({ media: { id, originalFileName } }: { media: Media }) => (
  <ProgressBar className="progress tile-progress" value={useMediaProgress(id).value} label={`Processing ${originalFileName}`} />
);
