'use client';
import { part, withRef, type PartProps } from './part.tsx';

const Bar = part('progress', 'bar');

export type ProgressBarProps = Omit<PartProps<'progress'>, 'value' | 'max'> & {
  /** 0–1, or null while nobody can know how far it is. */
  value: number | null;
  label: string;
};

/** How far something is, for eyes and ears. */
export const ProgressBar = withRef(function ProgressBar({ value, label, ...props }: ProgressBarProps): React.JSX.Element {
  return <Bar aria-label={label} max={1} data-state={value === null ? 'unknown' : 'known'} {...(value === null ? {} : { value })} {...props} />;
});
