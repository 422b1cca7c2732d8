import { useCallback } from 'react';

import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** Of which collection the queue is shown and claimed from; all of them without one. */
export function CollectionFilter({ collection, onChange }: { collection: string; onChange: (name: string) => void }) {
  const client = useClient();
  const load = useCallback((signal: AbortSignal) => client.rules.list({ signal }), [client]);
  const rules = useLoaded(load);
  const names = new Set([...(rules.value ?? []).map((one) => one.collection), ...(collection === '' ? [] : [collection])]);
  return (
    <label className="field inline-field">
      <span className="visually-hidden">Collection</span>
      <select value={collection} onChange={(event) => onChange(event.target.value)}>
        <option value="">All collections</option>
        {[...names].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
