import type { FieldProblem } from '@safelight/contract/errors';
import { openedDestinationSchema } from '@safelight/contract/uploads';

import { closestName } from '../lib/closest-name.ts';

/** What stock clients (Uppy, FilePond, tus-js-client) write into metadata on their own. It says nothing here, or says it already. */
const usual = new Set(['name', 'type', 'relativePath', 'filename', 'filetype', 'filesize', 'size', 'id', 'file', 'caption']);

/**
 * Names in metadata that mean nothing here and look like one that does. Others are let be, because clients write names of their own; these
 * would silently send a file to another place, or drop what was said of it.
 */
export function misspeltIn(names: Iterable<string>): FieldProblem[] {
  const known = [...openedDestinationSchema.keyof().options, 'filename', 'filetype'];
  return [...names].flatMap((name) => {
    if (usual.has(name) || known.includes(name)) return [];
    const meant = closestName(name, known);
    return meant === null ? [] : [{ field: name, message: `not known here (did you mean ${meant}?)` }];
  });
}
