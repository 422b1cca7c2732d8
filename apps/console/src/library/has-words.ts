import type { Media } from '@safelight/contract/media';

const word = /[0-9a-z\u{80}-\u{10ffff}]+/gu;

/** Whether a search would find it, as the server searches: each word whole or as a beginning, or the id by its own. For what changes while one looks. */
export function hasWords(asked: string, { id, originalFileName = '', altText, ownerId, entity }: Media): boolean {
  const wanted = asked.toLowerCase().match(word) ?? [];
  if (wanted.length === 0 || id.startsWith(asked.trim().toLowerCase())) return true;
  const told = `${originalFileName} ${altText ?? ''}`;
  const parted = told.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Za-z])([0-9])/g, '$1 $2');
  const words = `${told} ${parted} ${ownerId ?? ''} ${entity === null ? '' : `${entity.type} ${entity.id}`}`.toLowerCase().match(word) ?? [];
  return wanted.every((one) => words.some((other) => other.startsWith(one)));
}
