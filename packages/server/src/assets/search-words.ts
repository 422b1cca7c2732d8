import { sql, type RawBuilder } from '#kysely';

/** Splits like the database function `media_words`: at every ASCII character that is neither a letter nor a digit. */
const word = /[0-9A-Za-z\u{80}-\u{10ffff}]+/gu;
const longestWord = 60;

/**
 * Media that contain each of the words, whole or as a prefix, or whose id starts like this, as a condition on `asset`. Null when no word is given.
 */
export function searchWords(asked: string): RawBuilder<boolean> | null {
  const words = (asked.match(word) ?? []).map((one) => `'${Array.from(one).slice(0, longestWord).join('')}':*`);
  if (words.length === 0) return null;
  const found = sql<boolean>`media_words(asset.original_file_name, asset.alt_text, asset.owner_id, asset.entity_type, asset.entity_id) @@ lower(${words.join(' & ')})::tsquery`;
  const ids = idsFrom(asked);
  return ids === null ? found : sql<boolean>`(${found} or asset.id between ${ids.first}::uuid and ${ids.last}::uuid)`;
}

/** The ids that start like this; null when it cannot be the start of an id. */
function idsFrom(asked: string): { first: string; last: string } | null {
  const text = asked.trim().toLowerCase();
  const digits = text.replaceAll('-', '');
  if (!/^[0-9a-f]{8,32}$/.test(digits)) return null;
  const first = whole('0', digits);
  return text === digits || first.startsWith(text) ? { first, last: whole('f', digits) } : null;
}

const whole = (filler: string, digits: string): string => digits.padEnd(32, filler).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
