import { expandScopes, type Scope } from '@safelight/contract/scopes';

/** What a token says of its bearer. Only to leave out what would be refused: the server decides. */
export type Claims = {
  /** Null where the token does not say, as an API key. */
  id: string | null;
  may: (scope: Scope) => boolean;
  /** What that comes to, in a few words. */
  rights: string;
};

/** An API key tells nothing, so everything is offered to it. */
const unknown: Claims = { id: null, may: () => true, rights: 'What the key may do, the server says' };

export function readClaims(token: string): Claims {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return unknown;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== 'object' || claims === null) return unknown;
    const scopes = expandScopes('scope' in claims ? namesOf(claims.scope) : []);
    return { id: 'sub' in claims && typeof claims.sub === 'string' ? claims.sub : null, may: (scope) => scopes.has(scope), rights: describeRights(scopes) };
  } catch {
    return unknown;
  }
}

function describeRights(scopes: ReadonlySet<Scope>): string {
  if (scopes.has('media:admin')) return 'May do everything';
  if (scopes.has('media:manage')) return 'Looks after everybody’s media';
  const rights = [scopes.has('media:write') && 'uploads and changes what is theirs', scopes.has('media:review') && 'decides on reviews'].filter(
    (one) => one !== false,
  );
  return rights.length === 0 ? 'May look and change nothing' : `Looks, ${rights.join(', ')}`;
}

function namesOf(scope: unknown): string[] {
  if (typeof scope === 'string') return scope.split(' ');
  return Array.isArray(scope) ? scope.filter((name) => typeof name === 'string') : [];
}
