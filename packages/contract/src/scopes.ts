export const scopes = ['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin'] as const;
export type Scope = (typeof scopes)[number];

/**
 * What a scope includes besides itself. `media:admin` is everything; `media:manage` acts on anything; `media:review` reads what it
 * decides on; `media:write` reads what it wrote.
 */
const includes: Record<Scope, readonly Scope[]> = {
  'media:read': [],
  'media:write': ['media:read'],
  'media:review': ['media:read'],
  'media:manage': ['media:read', 'media:write', 'media:review'],
  'media:admin': ['media:read', 'media:write', 'media:review', 'media:manage'],
};

export function expandScopes(granted: Iterable<string>): Set<Scope> {
  const all = new Set<Scope>();
  for (const name of granted) {
    const scope = scopes.find((known) => known === name);
    if (scope === undefined) continue;
    all.add(scope);
    for (const included of includes[scope]) all.add(included);
  }
  return all;
}
