import { ProgressBar } from '@safelight/react';
import type { Media } from '@safelight/contract/media';

import { useMediaProgress } from '../live/use-media-progress.ts';
import { titleOf } from '../media/title-of.ts';

/** How far the work on a record is, along the edge of its picture. */
export const TileProgress = ({ media }: { media: Media }) => (
  <ProgressBar className="progress tile-progress" value={useMediaProgress(media.id).value} label={`Processing ${titleOf(media)}`} />
);
