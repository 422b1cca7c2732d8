import type { FieldProblem } from '@safelight/contract/errors';

const deepest = 16;

/**
 * Finds text that cannot be stored: the zero character, which PostgreSQL cannot hold, and unpaired surrogates, which no encoding has. It searches the
 * whole input, so that the refusal names the field instead of the write failing later.
 */
export function findUnstorable(value: unknown, field = '', depth = 0): FieldProblem[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ field, message: 'holds a character that cannot be stored' }];
  if (typeof value !== 'object' || value === null) return [];
  if (depth === deepest) return [{ field, message: 'is nested too deeply' }];
  return Object.entries(value).flatMap(([name, inner]) => findUnstorable(inner, field === '' ? name : `${field}.${name}`, depth + 1));
}

export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
