import { z } from 'zod';

import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';

/** For forms whose fields another protocol defines, or that ignore them. */
export const anyFields = z.looseObject({});

/** Fields that browsers and stock uploaders (Uppy, FilePond) add on their own. They mean nothing here. */
const meaningless = new Set(['_charset_', 'name', 'type', 'relativePath', 'file']);

/** Validates the fields of a form. An empty field counts as absent: a form has no other way to leave one out. */
export function readFormFields<Schema extends z.ZodObject>(schema: Schema, fields: ReadonlyMap<string, string>): z.output<Schema> {
  const said = [...fields].filter(([name]) => !meaningless.has(name));
  const { data, problems } = readInput(schema, withoutEmpty(Object.fromEntries(said)));
  if (problems !== null) {
    const isMissing = problems.some(({ message }) => message === 'missing');
    throw invalidRequest(problems, isMissing ? 'Fields come before the files that they are about.' : '');
  }
  return data;
}
