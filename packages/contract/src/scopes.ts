export const scopes = ['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin'] as const;
export type Scope = (typeof scopes)[number];

/**
 * Which other scopes a scope includes. `media:admin` includes everything; `media:manage` may act on all media; `media:review` may read what it
 * decides on; `media:write` may read what it wrote.
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
