import { Wrong } from './setting-types.ts';
import { settings } from './settings.ts';

type Row = (typeof settings)[number];
type Name = Row['env'];
type RowOf<N extends Name> = Extract<Row, { env: N }>;
type ValueOf<N extends Name> = Exclude<ReturnType<RowOf<N>['parse']>, Wrong>;

/** A setting that has a default always has a value. */
export type ReadSetting = <N extends Name>(name: N) => ValueOf<N> | (RowOf<N> extends { default: string } ? never : null);

const rows = new Map<string, Row>(settings.map((row) => [row.env, row]));

type Env = Readonly<Record<string, string | undefined>>;

export const isSet = (env: Env, name: Name): boolean => Boolean(env[name]?.trim());

/** The given text, or the default. */
export function textOf(env: Env, name: Name): string | null {
  const row = rows.get(name);
  if (row === undefined) throw new Error(`${name} is not in the table of settings`);
  return env[name]?.trim() || ('default' in row ? row.default : null);
}

/** Reads settings according to the table. An invalid value is added to `problems`, and its default is used. */
export function readSettings(env: Env, problems: string[]): ReadSetting {
  const parsed = (name: Name, given: string | null): unknown => (given === null ? null : rows.get(name)?.parse(given));
  const read = (name: Name): unknown => {
    const value = parsed(name, textOf(env, name));
    if (!(value instanceof Wrong)) return value;
    problems.push(value.says(name));
    return parsed(name, textOf({}, name));
  };
  // The table pairs each name with its type, but the compiler cannot follow a name through a map.
  return read as ReadSetting;
}
