import { createHash } from 'node:crypto';

/**
 * The layout of keys, and the only place that builds one. Ids are in the path before any name that a person chose, so two files
 * of one name never meet, and a prefix that ends at a separator never swallows a neighbour.
 */
export const uploadKey = (prefix: string, ownerId: string, assetId: string, fileName: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${assetId}/${keyPart(fileName)}`;

export const artifactKey = (prefix: string, ownerId: string, assetId: string, revision: string, role: string, extension: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${assetId}/${revision}/${role}.${extension}`;

/** What a job made for an owner: found under the owner's folder of its kind, and known by the job before there is any. */
export const generatedKey = (prefix: string, ownerId: string, folder: 'images' | 'videos', jobId: string, index: number, extension: string): string =>
  `${prefix}/${ownerPart(ownerId)}/${folder}/${jobId}_${index}.${extension}`;

/** Everything of one owner lies below this. */
export const ownerPrefix = (prefix: string, ownerId: string): string => `${prefix}/${ownerPart(ownerId)}/`;

/** Everything of one asset lies below this. */
export const assetPrefix = (prefix: string, ownerId: string, assetId: string): string => `${prefix}/${ownerPart(ownerId)}/${assetId}/`;

/**
 * The segment of an owner. Ids come from an identity provider and may hold anything; two that differ only in what a key cannot
 * hold must not share a prefix, so one that had to be changed carries a digest of what it was.
 */
function ownerPart(ownerId: string): string {
  const part = keyPart(ownerId);
  return part === ownerId ? part : `${part}-${createHash('sha256').update(ownerId).digest('hex').slice(0, 12)}`;
}

const longest = 120;

/**
 * One path segment from text that anybody may have typed: letters, digits, dot, dash and underscore stay, everything else becomes
 * a dash, never empty, never a dot segment, bounded in length with the extension kept. Two different long or foreign names may
 * meet here; the ids before them keep their keys apart.
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
