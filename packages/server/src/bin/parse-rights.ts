import { scopes, type Scope } from '@safelight/contract/scopes';

import { closestName } from '../lib/closest-name.ts';
import { UsageError } from './command.ts';

/** Scopes separated by spaces or commas. */
export function parseScopes(text: string): Scope[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length === 0) throw new UsageError(`--scope is empty; there are: ${scopes.join(', ')}.`);
  return names.map((name) => {
    const scope = scopes.find((known) => known === name);
    if (scope !== undefined) return scope;
    const meant = closestName(name, scopes);
    throw new UsageError(`There is no scope "${name}".${meant === null ? '' : ` Did you mean ${meant}?`} There are: ${scopes.join(', ')}.`);
  });
}

/** Entity patterns separated by commas. */
export function parsePatterns(text: string): string[] {
  return text.split(',').map((part) => {
    const pattern = part.trim();
    if (!/^[^/\s]+\/[^/\s]+$/.test(pattern)) throw new UsageError(`--entities has "${pattern}"; wanted: type/id or type/*, separated by commas.`);
    return pattern;
  });
}

/** The default lifetime of a token or a session. */
export const usualSpan = '12h';

/** The lifetime of a token. */
export function parseSpan(text: string): string {
  if (!/^[1-9]\d{0,5}[smhd]$/.test(text)) throw new UsageError(`--expires is "${text}"; wanted: a number and s, m, h or d, like 12h.`);
  return text;
}
