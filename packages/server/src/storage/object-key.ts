import { createHash } from 'node:crypto';

/**
 * The layout of keys, and the only place that builds one. Ids precede any name that a person chose, so two files of one name never meet, and a prefix
 * that ends at a separator never matches a neighbour.
 */
export const uploadKey = (prefix: string, ownerId: string, assetId: string, fileName: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${assetId}/${keyPart(fileName)}`;

export const artifactKey = (prefix: string, ownerId: string, assetId: string, revision: string, role: string, extension: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${assetId}/${revision}/${role}.${extension}`;

/** The key of a job's output for an owner: in the owner's folder for its kind, and derived from the job before any asset exists. */
export const generatedKey = (prefix: string, ownerId: string, folder: 'images' | 'videos', jobId: string, index: number, extension: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${folder}/${jobId}_${index}.${extension}`;

/** The prefix of everything of one owner. */
export const ownerPrefix = (prefix: string, ownerId: string): string => `${prefix}/${ownerPart(ownerId)}/`;

/** The prefix of everything of one asset. */
export const assetPrefix = (prefix: string, ownerId: string, assetId: string): string => `${prefix}/${ownerPart(ownerId)}/${assetId}/`;

/**
 * The path segment of an owner. Ids come from an identity provider and may hold anything; two that differ only in characters that a key cannot hold
 * must not share a prefix, so a changed one carries a digest of the original.
 */
function ownerPart(ownerId: string): string {
  const part = keyPart(ownerId);
  return part === ownerId ? part : `${part}-${createHash('sha256').update(ownerId).digest('hex').slice(0, 12)}`;
}

const longest = 120;

/**
 * One path segment from arbitrary text: letters, digits, dot, dash and underscore stay, everything else becomes a dash; never empty, never a dot
 * segment, bounded in length with the extension kept. Two different names may give the same segment; the ids before it keep the keys apart.
 */
export function keyPart(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  if (plain === '') return createHash('sha256').update(text).digest('hex').slice(0, 16);
  if (plain.length <= longest) return plain;
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 10 ? plain.slice(dot) : '';
  return plain.slice(0, longest - extension.length) + extension;
}
