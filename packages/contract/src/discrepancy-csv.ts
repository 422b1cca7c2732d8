import type { Discrepancy } from './discrepancies.ts';

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

/** The header line of a CSV report (RFC 4180), including its line end. */
export const discrepancyCsvHeader = `${columns.join(',')}\r\n`;

/** One discrepancy as a line of that report, including its line end. */
export const discrepancyCsvLine = (discrepancy: Discrepancy): string => `${columns.map((column) => csvField(discrepancy[column])).join(',')}\r\n`;

/**
 * Strangers choose the keys of unknown objects, and a spreadsheet executes text that begins like a formula: such a field gets an apostrophe
 * in front, which spreadsheets do not show. Use the JSON report if you need the exact key.
 */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
