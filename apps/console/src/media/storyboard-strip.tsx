import type { Media } from '@safelight/contract/media';
import { useState, type CSSProperties } from 'react';

import { clockOf } from '../format/clock-of.ts';

type StripProps = { storyboard: NonNullable<Media['storyboard']>; seconds: number; onSeek: (seconds: number) => void };

/** A slider over the whole of a video that shows the moment it stands at, and brings the player there. */
export function StoryboardStrip({ storyboard, seconds, onSeek }: StripProps) {
  const [at, setAt] = useState(0);
  const tile = Math.min(storyboard.count - 1, Math.floor((at * 1000) / storyboard.intervalMs));
  const picture: CSSProperties = {
    backgroundImage: `url("${storyboard.src}")`,
    backgroundPosition: `${-(tile % 10) * 160}px ${-Math.floor(tile / 10) * 90}px`,
  };
  return (
    <div className="storyboard">
      <span className="storyboard-picture" style={picture} role="img" aria-label={`The video at ${clockOf(at)}`} />
      <input
        type="range"
        min={0}
        max={Math.max(0.1, seconds)}
        step={Math.max(0.1, storyboard.intervalMs / 1000)}
        value={at}
        aria-label="Moment of the video"
        aria-valuetext={clockOf(at)}
        onChange={({ target }) => {
          setAt(Number(target.value));
          onSeek(Number(target.value));
        }}
      />
      <output className="fine">{clockOf(at)}</output>
    </div>
  );
}
