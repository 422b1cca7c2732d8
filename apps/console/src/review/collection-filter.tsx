import { useQuery } from '@tanstack/react-query';

import { rulesOptions } from '../policies/rules-options.ts';
import { useClient } from '../session/session.ts';

/** Of which collection the queue is shown and claimed from; all of them without one. */
export function CollectionFilter({ collection, onChange }: { collection: string; onChange: (name: string) => void }) {
  const client = useClient();
  const { data: rules = [] } = useQuery(rulesOptions(client));
  const names = new Set([...rules.map((one) => one.collection), ...(collection === '' ? [] : [collection])]);
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
