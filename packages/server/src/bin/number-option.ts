import { UsageError } from './command.ts';

/** The range of a number; `usual` is its default when the option may be left out. */
export type NumberRange = { least: number; most: number; usual?: number };

/** The number given for an option, or its default; throws a usage error when it is invalid or out of range. */
export function numberOption(name: string, value: string | undefined, range: NumberRange & { usual: number }): number;
export function numberOption(name: string, value: string | undefined, range: NumberRange): number | undefined;
export function numberOption(name: string, value: string | undefined, { least, most, usual }: NumberRange): number | undefined {
  if (value === undefined) return usual;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} is "${value}"; wanted: a number from ${least} to ${most}.`);
}
