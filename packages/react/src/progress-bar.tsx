'use client';
import { part, withRef, type PartProps } from './part.tsx';

const Bar = part('progress', 'bar');

export type ProgressBarProps = Omit<PartProps<'progress'>, 'value' | 'max'> & {
  /** 0–1, or null while the progress is unknown. */
  value: number | null;
  label: string;
};

/** A progress bar, also for screen readers. */
export const ProgressBar = withRef(function ProgressBar({ value, label, ...props }: ProgressBarProps): React.JSX.Element {
  return <Bar aria-label={label} max={1} data-state={value === null ? 'unknown' : 'known'} {...(value === null ? {} : { value })} {...props} />;
});
