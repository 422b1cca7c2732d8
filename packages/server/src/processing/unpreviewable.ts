import type { PolicyRules } from '@safelight/contract/media-rules';

import { typeOfMime } from '../filetypes/file-types.ts';
import { decodableTypes } from '../filetypes/read-header.ts';
import { FailedForGood } from '../jobs/running-job.ts';
import { SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { deliversSource, type CollectionConfig } from '../policy/collection.ts';
import { demuxerOf } from './engine/demuxer-of.ts';

/** A larger picture is not even copied to the machine that would decode it. */
const mostBytes = 2 ** 30;

type Collection = Pick<CollectionConfig, 'visibility'>;

/** Whether it is known beforehand that no preview can be made of a picture that readers get as the file itself. */
export const isUnpreviewable = (collection: Collection, { mimeType, bytes }: { mimeType: string; bytes: number | null }): boolean =>
  deliversSource(collection) && isUndecodable(mimeType, bytes ?? 0);

/** PDFium holds the whole document in an address space of four gigabytes, and so does the decoder beside it. */
const mostDocumentBytes = 256 * 2 ** 20;

const isUndecodable = (mimeType: string, bytes: number): boolean => isBeyond[typeOfMime(mimeType)?.kind ?? 'file'](mimeType, bytes);

/** The limits of each kind's reader. */
const isBeyond = {
  image: (mimeType, bytes) => !decodableTypes.has(mimeType) || bytes > mostBytes,
  video: (mimeType) => demuxerOf(mimeType) === null,
  audio: (mimeType) => demuxerOf(mimeType) === null,
  file: (mimeType, bytes) => mimeType !== 'application/zip' && (mimeType !== 'application/pdf' || bytes > mostDocumentBytes),
} satisfies Record<Kind, (mimeType: string, bytes: number) => boolean>;

const tooMuchForUs = new Set(['unsupported_type', 'unsupported_codec', 'too_many_frames', 'resource_limit']);

/**
 * Makes the preview of a picture; null when readers get the file itself and this machine cannot decode its type or size: the file is kept all the
 * same. Damaged files are refused, and so is what the collection's policy forbids.
 */
export async function unlessUnpreviewable<Result>(
  collection: Collection,
  rules: Pick<PolicyRules, 'maxMegapixels' | 'maxDurationMs'> | null,
  make: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await make();
  } catch (error) {
    if (!deliversSource(collection)) throw error;
    if (error instanceof FailedForGood && tooMuchForUs.has(error.error.code)) return null;
    if (!(error instanceof SafelightError)) throw error;
    const isTooLarge = error.code === 'too_many_pixels' && (rules?.maxMegapixels ?? null) === null;
    const isTooLong = error.code === 'too_long' && (rules?.maxDurationMs ?? null) === null;
    // A recording with an unreadable header may be of an unsupported kind.
    const isUnread = error.context?.['isUnread'] === true;
    if (isTooLarge || isTooLong || isUnread || tooMuchForUs.has(error.code)) return null;
    throw error;
  }
}
