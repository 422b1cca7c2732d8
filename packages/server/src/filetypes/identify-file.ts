import { claimedTypeName } from '@safelight/contract/type-names';

import { SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { checkAcceptedType } from './check-accepted-type.ts';
import { compareDeclaredType } from './compare-declared-type.ts';
import { typeOfMime, type SniffedType } from './file-types.ts';
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
  const contradiction = compareDeclaredType(sniffed, declared, acceptedTypes);
  const unaccepted = contradiction === null ? checkAcceptedType(sniffed, acceptedTypes, unavailable) : null;
  if (sniffed !== null && unaccepted !== null && !isDeclaredAsVideo(declared) && checkAcceptedType(soundIn(sniffed), acceptedTypes) === null)
    return { kind: 'audio', mimeType: sniffed.mime };
  const problem = contradiction ?? unaccepted;
  if (problem !== null) throw new SafelightError(problem.code, problem.detail);
  return { kind: sniffed?.kind ?? 'file', mimeType: sniffed?.mime ?? 'application/octet-stream' };
}

/**
 * Containers for videos in which browsers and phones also send sound alone, and its type. Where only that is accepted, the file is taken as such, and
 * its processing, which reads its tracks, refuses it if it has a picture.
 */
const sounds: Readonly<Record<string, string>> = {
  'video/mp4': 'audio/mp4',
  'video/3gpp': 'audio/3gpp',
  'video/webm': 'audio/webm',
  'video/x-matroska': 'audio/x-matroska',
};

const soundIn = ({ mime }: SniffedType): SniffedType | null => typeOfMime(sounds[mime] ?? '');

const isDeclaredAsVideo = ({ contentType }: { contentType: string | null }): boolean => claimedTypeName(contentType)?.startsWith('video/') === true;
