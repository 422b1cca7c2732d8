import { typeMatches } from '@safelight/contract/type-names';

import { typeOfMime, type SniffedType } from './file-types.ts';

export type TypeProblem = { code: 'type_mismatch' | 'unsupported_type'; detail: string };

/** Whether any file is accepted, including unknown types. */
export const takesAnything = (acceptedTypes: readonly string[]): boolean => acceptedTypes.includes('*/*');

/**
 * Checks whether a type is among the accepted ones, which may be exact (`image/png`), a whole major type (`image/*`) or anything; null when it is.
 * `unavailable` lists accepted types that cannot be taken at the moment; the refusal does not suggest them.
 */
export function checkAcceptedType(sniffed: SniffedType | null, acceptedTypes: readonly string[], unavailable: readonly string[] = []): TypeProblem | null {
  if (takesAnything(acceptedTypes)) return null;
  if (sniffed !== null && acceptedTypes.some((accepted) => typeMatches(accepted, sniffed.mime))) return null;
  const names = acceptedTypes
    .filter((mime) => !unavailable.includes(mime))
    .map((mime) => typeOfMime(mime)?.name ?? mime)
    .join(', ');
  const what = sniffed === null ? 'The type of this file is not known here' : `This is ${sniffed.name} (${sniffed.mime})`;
  return { code: 'unsupported_type', detail: `${what}. Accepted here: ${names}.` };
}
