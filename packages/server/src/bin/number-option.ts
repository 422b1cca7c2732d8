import { UsageError } from './command.ts';

/** The number that an option was given; undefined when it was not given, a usage error when it is none or out of bounds. */
export function numberOption(name: string, value: string | undefined, { least, most }: { least: number; most: number }): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} is "${value}"; wanted: a number from ${least} to ${most}.`);
}
