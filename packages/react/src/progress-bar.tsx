'use client';
import { part, type PartProps } from './part.tsx';

const Bar = part('progress', 'bar');

export type ProgressBarProps = Omit<PartProps<'progress'>, 'value' | 'max'> & {
  /** 0–1, or null while nobody can know how far it is: no bar moves that does not know where to. */
  value: number | null;
  label: string;
};

/** How far something is, for eyes and ears. */
export const ProgressBar = ({ value, label, ...props }: ProgressBarProps): React.JSX.Element => (
  <Bar aria-label={label} max={1} {...(value === null ? {} : { value })} {...props} />
);
