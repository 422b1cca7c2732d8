import { ProgressBar } from '@safelight/react';
import type { Media } from '@safelight/contract/media';

import { useMediaProgress } from '../live/use-media-progress.ts';
import { titleOf } from './title-of.ts';

/** Stands where the picture will be, for as long as it is being made. */
export function Developing({ media }: { media: Media }) {
  const { value, message } = useMediaProgress(media.id);
  const words = [value === null ? 'Developing' : `Developing ${Math.round(value * 100)} %`, message ?? ''].filter(Boolean).join(' · ');
  return (
    <span className="developing">
      <span>{media.status === 'pending' && value === null ? 'Waiting for a worker' : words}</span>
      <ProgressBar className="progress" value={value} label={`Processing ${titleOf(media)}`} />
    </span>
  );
}
