import type { Media } from '@safelight/contract/media';
import type { CSSProperties } from 'react';

import { clockOf } from '../format/clock-of.ts';
import { MomentSlider } from './moment-slider.tsx';

type StripProps = { storyboard: NonNullable<Media['storyboard']>; at: number; seconds: number; onSeek: (seconds: number) => void };

/** The picture of the moment at which the player is, and a slider that brings it elsewhere. */
export function StoryboardStrip({ storyboard, at, seconds, onSeek }: StripProps) {
  const tile = Math.min(storyboard.count - 1, Math.floor((at * 1000) / storyboard.intervalMs));
  const picture: CSSProperties = {
    backgroundImage: `url("${storyboard.src}")`,
    backgroundPosition: `${-(tile % 10) * 160}px ${-Math.floor(tile / 10) * 90}px`,
  };
  return (
    <div className="storyboard">
      <span className="storyboard-picture" style={picture} role="img" aria-label={`The video at ${clockOf(at)}`} />
      <MomentSlider of="video" at={at} seconds={seconds} step={storyboard.intervalMs / 1000} onSeek={onSeek} />
      <output className="fine">
        {clockOf(at)} / {clockOf(seconds)}
      </output>
    </div>
  );
}
