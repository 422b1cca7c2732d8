const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** Bytes as people read them: `4.2 MB`, in steps of 1024 as everywhere in Safelight. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
