import type { MediaRules } from '@safelight/contract/media-rules';
import type { Destination } from '@safelight/contract/uploads';
import { useCallback, useState } from 'react';

/** What was chosen on the upload page. The browser remembers it, since one mostly uploads to the same place again; at first it is a place that needs no entity. */
export type Choice = { collection: string; entityId: string; purpose: string };

const storageKey = 'safelight-destination';

export function useDestination(all: readonly MediaRules[]): {
  choice: Choice;
  rules: MediaRules | undefined;
  /** Null while the collection needs an entity and none is named. */
  destination: Destination | null;
  choose: (part: Partial<Choice>) => void;
} {
  const [kept, setKept] = useState(readChoice);
  const rules =
    all.find(({ collection }) => collection === kept.collection) ??
    all.find(({ entityType, kinds }) => entityType === null && kinds.includes('image')) ??
    all.find(({ entityType }) => entityType === null) ??
    all[0];
  const purpose = rules?.purposes.includes(kept.purpose) ? kept.purpose : (rules?.purposes[0] ?? '');
  const choice = { ...kept, collection: rules?.collection ?? '', purpose };

  const choose = useCallback((part: Partial<Choice>) => {
    setKept((before) => {
      const after = { ...before, ...part };
      keepChoice(after);
      return after;
    });
  }, []);

  const entityId = kept.entityId.trim();
  const destination = !rules || (rules.entityType !== null && entityId === '') ? null : destinationOf(rules, entityId, purpose);
  return { choice, rules, destination, choose };
}

const destinationOf = ({ collection, entityType }: MediaRules, entityId: string, purpose: string): Destination => ({
  collection,
  ...(entityType === null ? {} : { entityType, entityId }),
  ...(purpose === '' ? {} : { purpose }),
});

function keepChoice(choice: Choice): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(choice));
  } catch {
    // Where storage is forbidden, the choice lasts as long as the page.
  }
}

function readChoice(): Choice {
  const empty = { collection: '', entityId: '', purpose: '' };
  try {
    return { ...empty, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Choice>) };
  } catch {
    return empty;
  }
}
