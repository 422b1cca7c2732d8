/** `value` 0–1, or null while nobody can know how far it is. */
export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  return value === null ? <progress className="progress" aria-label={label} /> : <progress className="progress" aria-label={label} max={1} value={value} />;
}
