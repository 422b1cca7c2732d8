import { UsageError } from './command.ts';

/** What a number may be; `usual` where the option may be left out and a number holds all the same. */
export type NumberRange = { least: number; most: number; usual?: number };

/** The number that an option was given, or the usual one; a usage error when it is none or out of bounds. */
export function numberOption(name: string, value: string | undefined, range: NumberRange & { usual: number }): number;
export function numberOption(name: string, value: string | undefined, range: NumberRange): number | undefined;
export function numberOption(name: string, value: string | undefined, { least, most, usual }: NumberRange): number | undefined {
  if (value === undefined) return usual;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} is "${value}"; wanted: a number from ${least} to ${most}.`);
}
