import type { FieldProblem } from '@safelight/contract/errors';
import { openedDestinationSchema } from '@safelight/contract/uploads';

import { closestName } from '../lib/closest-name.ts';

/** Names that stock clients (Uppy, FilePond, tus-js-client) add to metadata on their own. They mean nothing here, or repeat what is known. */
const usual = new Set(['name', 'type', 'relativePath', 'filename', 'filetype', 'filesize', 'size', 'id', 'file', 'caption']);

const known = [...openedDestinationSchema.keyof().options, 'filename', 'filetype'];
const isKnown: ReadonlySet<string> = new Set([...usual, ...known]);

/**
 * Reports unknown metadata names that resemble a known one: such a typo would silently send a file to another place or drop a value. Other unknown
 * names are allowed, because clients add their own.
 */
export function misspeltIn(names: Iterable<string>): FieldProblem[] {
  return [...names].flatMap((name) => {
    if (isKnown.has(name)) return [];
    const meant = closestName(name, known);
    return meant === null ? [] : [{ field: name, message: `not known here (did you mean ${meant}?)` }];
  });
}
