import type { Media } from '@safelight/contract/media';

import { useMediaProgress } from '../live/use-media-progress.ts';
import { ProgressBar } from '../parts/progress-bar.tsx';

/** Stands where the picture will be, for as long as it is being made. */
export function Developing({ media }: { media: Media }) {
  const progress = useMediaProgress(media.id);
  const percent = progress?.value == null ? '' : ` ${Math.round(progress.value * 100)} %`;
  return (
    <span className="developing">
      <span>{media.status === 'pending' ? 'Waiting for a worker' : `Developing${percent}${progress?.message == null ? '' : ` · ${progress.message}`}`}</span>
      <ProgressBar value={progress?.value ?? null} label={`Processing ${media.originalFileName}`} />
    </span>
  );
}
