import { errorCodes } from '@safelight/contract/errors';
import { eventNames } from '@safelight/contract/events';
import { generationProviders } from '@safelight/contract/generation';
import { jobStates, jobTypes } from '@safelight/contract/jobs';
import { kinds } from '@safelight/contract/kinds';
import { statuses } from '@safelight/contract/media';
import { operations, type Operation } from '@safelight/contract/operations';
import { policyRulesSchema } from '@safelight/contract/media-rules';
import { destinationSchema } from '@safelight/contract/uploads';
import { z } from 'zod';

/** Requests are what may be sent, answers what is returned: a field with a default is optional in the former and always present in the latter. */
type Side = 'input' | 'output';

const header = `// Written from the schemas by "npm run docs"; change those instead. What a client is typed by, without the schemas behind it:
// an editor shows these names, and a compiler reads this file rather than a validation library.
import type { ErrorCode } from './errors.ts';
import type { EventName } from './events.ts';
`;
/** Long lists that are written elsewhere, by their names. */
const elsewhere: Record<string, readonly unknown[]> = { ErrorCode: Object.keys(errorCodes), EventName: eventNames };
/** Lists that several records have. */
const ownLists: Record<string, readonly unknown[]> = {
  JobState: jobStates,
  JobType: jobTypes,
  MediaKind: kinds,
  MediaStatus: statuses,
  GenerationProvider: generationProviders,
};
const lists = Object.entries({ ...elsewhere, ...ownLists });

/** Every named record of the API as an interface, and `Operations`: the input and result of each operation. */
export function writeApiTypes(): string {
  const writer = createWriter();
  writer.write(destinationSchema.meta({ id: 'Destination', description: 'Where a file goes, and what it is there.' }), 'input', 0);
  writer.write(policyRulesSchema, 'input', 0);
  const requests = new Map<string, string>();
  const entries = Object.entries(operations as Record<string, Operation>).map(([name, operation]) => writeOperation(name, operation, writer.write, requests));
  return [
    header,
    ...writer.declarations(),
    ...[...requests].map(([fields, id]) => `export interface ${id} ${fields}\n`),
    parts,
    `/** What every operation takes and answers, by its id. */\nexport interface Operations {\n${entries.join('\n')}\n}\n`,
  ].join('\n');
}

type Write = (schema: z.core.$ZodType, side: Side, depth: number) => string;

/** The parts of each operation: one line per operation, if its records have names. */
const parts = `${Object.entries(ownLists)
  .map(([name, values]) => `export type ${name} = ${values.map(quoted).join(' | ')};\n`)
  .join('')}
export interface Page {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface Paged {
  nextCursor: string | null;
}

type By<Names extends string> = { params: Record<Names, string> };
type Asks<Query> = { query: Query };
type Sends<Body> = { body: Body };
type Answers<Answer> = { answer: Answer };
type Gives<Name extends string, Answer> = Answers<Record<Name, Answer>>;
`;

function writeOperation(name: string, operation: Operation, write: Write, requests: Map<string, string>): string {
  const said: string[] = [];
  const { params, query, body, form } = operation;
  if (params) said.push(`By<${Object.keys(params.shape).map(quoted).join(' | ')}>`);
  if (query) said.push(`Asks<${named(`${name}Query`, write(query, 'input', 0), requests)}>`);
  // A form is sent as FormData, with its files; some operations also accept JSON.
  const sent = [...(form ? ['FormData'] : []), ...(body ? [named(`${name}Body`, write(body, 'input', 0), requests)] : [])];
  if (sent.length > 0) said.push(`Sends<${sent.join(' | ')}>`);
  const answers = Object.values(operation.answers).filter((schema) => schema !== null);
  const answered = [...new Set(answers.map((schema) => briefly(schema, write)))].join(' | ') || 'null';
  // Most answer one thing in its name.
  const one = /^Record<('\w+'), ([^<>]+)>$/.exec(answered);
  said.push(one ? `Gives<${one[1]}, ${one[2]}>` : `Answers<${answered}>`);
  // Not for editors, which show the comments of the client's own functions.
  return `  // ${operation.summary}.\n  ${name}: ${said.join(' & ')};`;
}

/** An unnamed request body gets a name from its operation, so that an editor shows the name and not the fields. */
function named(operation: string, written: string, requests: Map<string, string>): string {
  const others = written.replace('  limit?: number | undefined;\n  cursor?: string | undefined;\n', '');
  if (!/^\{[^]*\n\}$/.test(written) || (others === written && others.split(';').length < 3) || others === '{\n}') return others === '{\n}' ? 'Page' : written;
  const fields = `${others === written ? '' : 'extends Page '}${others}`;
  const id = requests.get(fields) ?? operation.replace(/^./, (letter) => letter.toUpperCase());
  requests.set(fields, id);
  return id;
}

/** One or two fields of one kind without comments, on one line. */
function briefly(schema: z.core.$ZodType, write: Write): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const written = write(schema, 'output', 1);
  if (def.type !== 'object' || !written.startsWith('{') || written.includes('/**') || written.includes('?:')) return written;
  const types = new Set(Object.values(def.shape).map((field) => write(field, 'output', 2)));
  const [type = ''] = types;
  const names = Object.keys(def.shape).map(quoted).join(' | ');
  return types.size === 1 && !type.includes('\n') ? `Record<${names}, ${type}>` : written;
}

function createWriter(): { write: Write; declarations: () => string[] } {
  const declared = new Map<string, { side: Side; text: string }>();

  /** A schema with a name is written once, under that name. A name must not have two shapes. */
  const write: Write = (schema, side, depth) => {
    const { id, description } = z.globalRegistry.get(schema) ?? {};
    if (id === undefined) return writeShape(schema, side, depth);
    const known = declared.get(id);
    // Some are the same in requests and answers; if they differ, the request has a name of its own.
    const text = writeDeclaration(id, schema, side, description);
    if (known === undefined || known.text === text) {
      declared.set(id, { side, text });
      return id;
    }
    if (known.side === side) throw new Error(`Two schemas are named ${id}; give one of them another id.`);
    return writeShape(schema, side, depth);
  };
  const writeShape = (schema: z.core.$ZodType, side: Side, depth: number): string => shapeOf(schema, side, depth, write);
  const writeDeclaration = (id: string, schema: z.core.$ZodType, side: Side, description: string | undefined): string => {
    const shape = writeShape(schema, side, 0);
    if (!shape.startsWith('{') || !shape.endsWith('}')) return `${comment(description, '')}export type ${id} = ${shape};\n`;
    const rest = shape.replace('\n  nextCursor: string | null;', '');
    return `${comment(description, '')}export interface ${id} ${rest === shape ? '' : 'extends Paged '}${rest}\n`;
  };
  return {
    write,
    declarations: () => {
      const sorted = [...declared].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const fields = new Map(sorted.map(([id, { text }]) => [id, fieldsOf(text)]));
      const bases = basesOf(fields);
      return sorted.map(([id, { text }]) => extending(id, text, fields.get(id) ?? [], bases.get(id)));
    },
  };
}

function shapeOf(schema: z.core.$ZodType, side: Side, depth: number, write: Write): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner = (one: z.core.$ZodType): string => write(one, side, depth);
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'unknown':
      return def.type;
    case 'literal':
      return def.values.map((value) => quoted(value)).join(' | ');
    case 'enum':
      return enumOf(Object.values(def.entries));
    case 'array':
      return arrayOf(inner(def.element));
    case 'record':
      return `Record<${inner(def.keyType)}, ${inner(def.valueType)}>`;
    case 'union':
      return unionOf(def.options.map(inner));
    case 'nullable':
      return `${inner(def.innerType)} | null`;
    case 'optional':
    case 'default':
      return inner(def.innerType);
    case 'pipe':
      return inner(side === 'output' || isTransform(def.in) ? (isTransform(def.out) ? def.in : def.out) : def.in);
    case 'object':
      return objectOf(def, side, depth, write);
    default:
      throw new Error(`Schemas of the type ${def.type} cannot be written as a type yet; see scripts/reference/api-types.ts.`);
  }
}

function objectOf(def: z.core.$ZodObjectDef, side: Side, depth: number, write: Write): string {
  const indent = '  '.repeat(depth + 1);
  const fields = Object.entries(def.shape).map(([name, schema]) => {
    const isOptional = schema._zod[side === 'input' ? 'optin' : 'optout'] !== undefined;
    const type = write(schema, side, depth + 1);
    const mark = isOptional ? '?' : '';
    const maybe = isOptional && type !== 'unknown' ? ' | undefined' : '';
    return `${comment(describe(schema), indent)}${indent}${/^\w+$/.test(name) ? name : `'${name}'`}${mark}: ${type}${maybe};\n`;
  });
  return fields.length === 0 ? 'Record<string, never>' : `{\n${fields.join('')}${'  '.repeat(depth)}}`;
}

/** The comment of a field, not of the named record that it holds, which has its own. */
function describe(schema: z.core.$ZodType): string | undefined {
  const { id, description } = z.globalRegistry.get(schema) ?? {};
  return id === undefined ? description : undefined;
}

function enumOf(values: unknown[]): string {
  const named = lists.find(([, all]) => all.every((one) => values.includes(one)));
  const others = values.filter((one) => !named?.[1].includes(one)).map(quoted);
  return [...(named ? [named[0]] : []), ...others].join(' | ');
}

/** A union with any text is any text. */
const unionOf = (options: string[]): string => [...new Set(options)].filter((one) => !one.startsWith("'") || !options.includes('string')).join(' | ');
const isTransform = (schema: z.core.$ZodType): boolean => schema._zod.def.type === 'transform';
const arrayOf = (element: string): string => (/^\w+$/.test(element) ? `${element}[]` : `(${element})[]`);

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value);
}

const comment = (text: string | undefined, indent: string): string => (text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n`);

/** The fields of an interface in source form, each with its comment. */
const fieldsOf = (text: string): string[] =>
  text.includes('export interface')
    ? (text.slice(text.indexOf('{\n') + 2, text.lastIndexOf('}')).match(/(?: {2}\/\*\*.*\n)? {2}\S.*\n(?: {3}.*\n| {2}\}.*\n)*/g) ?? [])
    : [];

const nameOf = (field: string): string => /^ {2}'?([\w$]+)'?\??:/m.exec(field)?.[1] ?? '';

type Base = { other: string; shared: string[]; left: string[] };

/**
 * The record that each record extends, if any: one whose fields it has all, or nearly all of many, so that nobody has to read, and no editor to load,
 * the same thirty fields twice.
 */
function basesOf(all: ReadonlyMap<string, string[]>): Map<string, Base> {
  const bases = new Map<string, Base>();
  const standsOn = (one: string | undefined, id: string): boolean => one !== undefined && (one === id || standsOn(bases.get(one)?.other, id));
  const find = (isBase: (base: Base, own: string[]) => boolean): void => {
    for (const [id, own] of all) {
      if (bases.has(id)) continue;
      const fits = [...all].flatMap(([other, fields]) => {
        const shared = fields.filter((field) => own.includes(field));
        const base = { other, shared, left: fields.filter((field) => !own.includes(field)).map(nameOf) };
        return !standsOn(other, id) && isBase(base, own) ? [base] : [];
      });
      const [base] = fits.toSorted((a, b) => b.shared.join('').length - a.shared.join('').length);
      if (base) bases.set(id, base);
    }
  };
  find(({ shared, left }, own) => left.length === 0 && shared.length > 5 && shared.length < own.length);
  find(({ shared, left }) => shared.length > 7 && left.length < 8);
  return bases;
}

function extending(id: string, text: string, own: readonly string[], base: Base | undefined): string {
  if (base === undefined) return text;
  const whole = base.left.length === 0 ? base.other : `Omit<${base.other}, ${base.left.map(quoted).join(' | ')}>`;
  const head = text.slice(0, text.indexOf('{\n')).replace(`interface ${id} `, `interface ${id} extends ${whole} `);
  return `${head}{\n${own.filter((field) => !base.shared.includes(field)).join('')}}\n`;
}
