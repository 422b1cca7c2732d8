'use client';
import { useEffect, useMemo } from 'react';

import { createCollection, emptyCollection, type Collection } from './collection.ts';
import type { CollectionSnapshot, Place } from './collection-form.ts';
import type { CollectionItem } from './standing.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';

export type MediaCollectionOptions = ServiceOptions & Place;
export type CollectionOfHook = CollectionSnapshot &
  Omit<Collection, 'subscribe' | 'getSnapshot' | 'dispose'> & {
    /** Items that only this form knows. */
    drafts: readonly CollectionItem[];
    /** Items that the server has. */
    records: readonly CollectionItem[];
  };

/** The collection of an entity in an edit form: add, reorder, describe and remove items, then save all changes or none. */
export function useMediaCollection({ type, id, collection: name, ...service }: MediaCollectionOptions): CollectionOfHook {
  const client = useSafelightClient(service);
  const collection = useMemo(() => createCollection(client, { type, id, collection: name }), [client, type, id, name]);
  useEffect(() => {
    void collection.reload();
    return collection.dispose;
  }, [collection]);
  const snapshot = useStore(collection, emptyCollection);
  return {
    ...snapshot,
    ...collection,
    drafts: snapshot.items.filter(({ media }) => media === null),
    records: snapshot.items.filter(({ media }) => media !== null),
  };
}
