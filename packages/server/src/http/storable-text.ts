import type { FieldProblem } from '@safelight/contract/errors';

const deepest = 16;

/**
 * Text that cannot be stored: the zero character, which PostgreSQL has no place for, and halves of characters, which no encoding has.
 * Found wherever it hides in what was sent, so that it is refused by the name of its field instead of failing where it is written.
 */
export function findUnstorable(value: unknown, field = '', depth = 0): FieldProblem[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ field, message: 'holds a character that cannot be stored' }];
  if (typeof value !== 'object' || value === null) return [];
  if (depth === deepest) return [{ field, message: 'is nested too deeply' }];
  return Object.entries(value).flatMap(([name, inner]) => findUnstorable(inner, field === '' ? name : `${field}.${name}`, depth + 1));
}

export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
