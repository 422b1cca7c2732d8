import type { z } from 'zod';

import { closestName } from './closest-name.ts';

type RawIssue = z.core.$ZodRawIssue;
type Limited = Extract<RawIssue, { code: 'too_big' | 'too_small' }>;

/** How many values or names are listed: enough to find a mistyped one, while the answer stays a sentence. */
const mostListed = 16;
const mostQuoted = 40;

/**
 * Describes an invalid value to its sender: what is wanted, and what came. Pass it to every parse of human input, because the library's own messages
 * are for programmers. Several unknown names get one line each.
 */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'missing' : `must be ${wanted(issue)}, not ${kindOf(issue.input)}`;
    case 'too_big':
    case 'too_small':
      return beyond(issue);
    case 'invalid_value':
      return issue.input === undefined ? 'missing' : `must be ${listed(issue.values.map(String))}`;
    case 'invalid_format':
      return formats[issue.format] ?? 'has the wrong format';
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownName(key, namesOf(issue.inst))).join('\n');
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    default:
      return 'not valid';
  }
};

/** Says that a name is unknown, and which one was probably meant. */
function unknownName(given: string, known: readonly string[]): string {
  const meant = closestName(given, known);
  if (meant !== null) return `not known here (did you mean ${meant}?)`;
  return known.length === 0 || known.length > mostListed ? 'not known here' : `not known here (known: ${known.join(', ')})`;
}

const formats: Record<string, string> = {
  uuid: 'must be an id, like 0198c1f2-7a50-7cc3-98c4-dc0c0c07398f',
  datetime: 'must be a time, like 2026-01-31T12:00:00Z',
  url: 'must be a whole address, like https://example.com/',
  email: 'must be an e-mail address',
  date: 'must be a day, like 2026-01-31',
};

const types: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function wanted(issue: Extract<RawIssue, { code: 'invalid_type' }>): string {
  const name: string = issue.expected;
  return (name === 'int' || name === 'number' ? rangeOf(issue.schema, name) : types[name]) ?? `a value of the type ${name}`;
}

/** Short text is quoted: in a query or a form everything is text, so that word alone would not say what was wrong. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string' && value.length <= mostQuoted) return JSON.stringify(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : String(value);
  return types[typeof value] ?? 'a value of another type';
}

function beyond(issue: Limited): string {
  const most = issue.code === 'too_big';
  const bound = most ? issue.maximum : issue.minimum;
  if (issue.origin === 'string')
    return most ? `must have at most ${count(bound)} characters` : Number(bound) === 1 ? 'must not be empty' : `must have at least ${count(bound)} characters`;
  if (issue.origin === 'array' || issue.origin === 'set')
    return `must have at ${most ? 'most' : 'least'} ${count(bound)} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  const range = rangeOf(issue.schema, issue.origin);
  if (range?.includes('from') === true) return `must be ${range}`;
  return `must be ${most ? 'at most' : issue.inclusive === false ? 'more than' : 'at least'} ${count(bound)}`;
}

/** With its limits, if the schema has both. */
function rangeOf(schema: unknown, name: string): string | undefined {
  if (!isNumber(schema)) return types[name];
  const { minValue, maxValue, format } = schema;
  const what = name === 'int' || format === 'safeint' ? types['int'] : types['number'];
  const isBounded = minValue !== null && maxValue !== null && Number.isFinite(minValue) && Number.isFinite(maxValue);
  // The library limits every integer to the safe range, which is not worth mentioning.
  return isBounded && minValue > Number.MIN_SAFE_INTEGER && maxValue < Number.MAX_SAFE_INTEGER ? `${what} from ${count(minValue)} to ${count(maxValue)}` : what;
}

const isNumber = (schema: unknown): schema is z.ZodNumber => isSchema(schema) && schema._zod.def.type === 'number';
const count = (value: number | bigint): string => value.toLocaleString('en');
const listed = (values: readonly string[]): string =>
  values.length === 1 ? `${values[0]}` : values.length > mostListed ? `one of ${values.slice(0, mostListed).join(', ')}, …` : `one of ${values.join(', ')}`;

/** The field names that an object accepts. */
function namesOf(schema: unknown): string[] {
  const def: unknown = isSchema(schema) ? schema._zod.def : undefined;
  return typeof def === 'object' && def !== null && 'shape' in def && typeof def.shape === 'object' && def.shape !== null ? Object.keys(def.shape) : [];
}

const isSchema = (value: unknown): value is z.core.$ZodType => typeof value === 'object' && value !== null && '_zod' in value;
