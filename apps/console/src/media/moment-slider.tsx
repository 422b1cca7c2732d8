import { clockOf } from '../format/clock-of.ts';

type MomentSliderProps = { of: 'video' | 'recording'; at: number; seconds: number; step: number; onSeek: (seconds: number) => void };

/** A slider over the whole of a recording, which a keyboard moves in its steps. */
export const MomentSlider = ({ of, at, seconds, step, onSeek }: MomentSliderProps) => (
  <input
    type="range"
    min={0}
    max={Math.max(0.1, seconds)}
    step={Math.max(0.1, step)}
    value={at}
    aria-label={`Moment of the ${of}`}
    aria-valuetext={clockOf(at)}
    onChange={({ target }) => onSeek(Number(target.value))}
  />
);
