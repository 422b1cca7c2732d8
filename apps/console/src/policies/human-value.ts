/** How a limit is written and read. `bytes`, `ms` and `seconds` carry a unit that people choose; the server knows only the base one. */
export type ValueKind = 'number' | 'bytes' | 'ms' | 'seconds';

type Unit = readonly [name: string, size: number];

const bytes: readonly Unit[] = [
  ['TB', 2 ** 40],
  ['GB', 2 ** 30],
  ['MB', 2 ** 20],
  ['KB', 2 ** 10],
  ['bytes', 1],
];
const durations: readonly Unit[] = [
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
];
const seconds: readonly Unit[] = durations.slice(0, -1).map(([name, size]) => [name, size / 1_000]);

const unitsOf: Record<Exclude<ValueKind, 'number'>, readonly Unit[]> = { bytes, ms: durations, seconds };
const otherNames: Readonly<Record<string, string>> = {
  day: 'days',
  d: 'days',
  hour: 'h',
  hours: 'h',
  m: 'min',
  minutes: 'min',
  sec: 's',
  seconds: 's',
  b: 'bytes',
  byte: 'bytes',
};

/** Exact, in the largest unit that needs at most two decimals; empty for no limit. Reading it gives the same value again. */
export function writeValue(kind: ValueKind, value: number | null): string {
  if (value === null) return '';
  if (kind === 'number') return String(value);
  const units = unitsOf[kind];
  const [name, size] = units.find(([, one]) => value >= one && Number.isInteger((value / one) * 100)) ?? units.at(-1) ?? ['', 1];
  return `${value / size} ${name === 'days' && value === size ? 'day' : name}`;
}

/** Null for an empty text, which means no limit; undefined for one that says no value. A number alone is in the base unit. */
export function readValue(kind: ValueKind, text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const [, digits, unit = ''] = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/i.exec(trimmed) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits.replace(',', '.'));
  if (kind === 'number') return unit === '' ? number : undefined;
  if (unit === '') return Math.round(number);
  const wanted = otherNames[unit.toLowerCase()] ?? unit.toLowerCase();
  const found = unitsOf[kind].find(([name]) => name.toLowerCase() === wanted);
  return found && Math.round(number * found[1]);
}
