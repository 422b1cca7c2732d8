import { SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { checkAcceptedType } from './check-accepted-type.ts';
import { compareDeclaredType } from './compare-declared-type.ts';
import { sniffType } from './sniff.ts';

/**
 * Identifies a file by its bytes. A declared type or a name that contradicts them is refused, and so is a type that is not accepted: the declaration
 * is compared, never believed.
 */
export function identifyFile(
  head: Buffer,
  declared: { contentType: string | null; fileName: string },
  acceptedTypes: readonly string[],
  unavailable: readonly string[],
): { kind: Kind; mimeType: string } {
  const sniffed = sniffType(head);
  const problem = compareDeclaredType(sniffed, declared, acceptedTypes) ?? checkAcceptedType(sniffed, acceptedTypes, unavailable);
  if (problem !== null) throw new SafelightError(problem.code, problem.detail);
  return { kind: sniffed?.kind ?? 'file', mimeType: sniffed?.mime ?? 'application/octet-stream' };
}
