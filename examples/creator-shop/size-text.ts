/** "1.4 MB", for people. */
export function sizeText(bytes: number): string {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log10(bytes) / 3)) : 0;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / 1000 ** power)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}
