import type { Discrepancy } from '@safelight/contract/discrepancies';

const columns = [
  'class',
  'provider',
  'location',
  'key',
  'objectId',
  'assetId',
  'role',
  'expectedBytes',
  'actualBytes',
  'detail',
] as const satisfies readonly (keyof Discrepancy)[];

/** RFC 4180, as the server writes it. */
export const discrepanciesAsCsv = (found: readonly Discrepancy[]): string =>
  [columns.join(','), ...found.map((one) => columns.map((column) => csvField(one[column])).join(','))].map((line) => `${line}\r\n`).join('');

/** Strangers choose the keys of unknown objects, and a spreadsheet runs what begins like a formula. */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
