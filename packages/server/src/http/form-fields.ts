import { z } from 'zod';

import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';

/** For forms whose fields are another's, or are not looked at. */
export const anyFields = z.looseObject({});

/** What browsers and stock uploaders (Uppy, FilePond) send on their own beside what they are told to. It says nothing here. */
const meaningless = new Set(['_charset_', 'name', 'type', 'relativePath', 'file']);

/** The fields of a form as its schema has them. Empty ones are as if they were not sent: there is no other way to leave one out. */
export function readFormFields<Schema extends z.ZodObject>(schema: Schema, fields: ReadonlyMap<string, string>): z.output<Schema> {
  const said = [...fields].filter(([name]) => !meaningless.has(name));
  const { data, problems } = readInput(schema, withoutEmpty(Object.fromEntries(said)));
  if (problems !== null) {
    const isMissing = problems.some(({ message }) => message === 'missing');
    throw invalidRequest(problems, isMissing ? 'Fields come before the files that they are about.' : '');
  }
  return data;
}
