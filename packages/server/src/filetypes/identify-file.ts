import { SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { checkAcceptedType } from './check-accepted-type.ts';
import { compareDeclaredType } from './compare-declared-type.ts';
import { sniffType } from './sniff.ts';

/**
 * What a file is, by its bytes. A declared type or a name that says something else is refused, and so is what is not accepted:
 * the declaration is compared, never believed.
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
