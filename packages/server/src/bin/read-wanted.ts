import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { readValue } from '../lib/read-value.ts';
import { UsageError } from './command.ts';

/** Separate from the command, so that help loads no schema. */
const wantedSchema = z.strictObject({
  url: z.string(),
  collection: z.string(),
  owner: z.string().min(1),
  entity: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, 'wanted: type/id, like artist/42')
    .optional(),
  purpose: z.string().optional(),
  alt: z.string().optional(),
});
export type Wanted = z.infer<typeof wantedSchema>;

/** Reads a list of objects to adopt: one JSON object per line. A {@link UsageError} names the invalid line. */
export async function readList(file: string): Promise<Wanted[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [readWanted(parseLine(line), `Line ${index + 1}`)]));
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

export function readWanted(value: unknown, where: string): Wanted {
  const { problems, data } = readValue(wantedSchema, value);
  if (problems === null) return data;
  const said = problems.map(({ field, message }) => `${field === '' ? '' : `${field}: `}${message}`).join('; ');
  throw new UsageError(`${where}: ${said}. Wanted: {"url", "collection", "owner", "entity"?, "purpose"?, "alt"?}.`);
}
