import type { EntityMedia, EntityMediaSync } from '@safelight/contract/api';

import { request, type CallOptions, type Connection } from './request.ts';

export type EntityOptions = CallOptions & { collection?: string | undefined };
export type EntityItems = EntityMediaSync['items'];

/** The media of an entity of the application, in order. */
export interface EntitiesResource {
  /** The published media, in order; the owner also gets the tray, with media that are not shown yet. */
  read: (type: string, id: string, options?: EntityOptions) => Promise<EntityMedia>;
  /**
   * Replaces the collection: these items in this order, and no others. `ifMatch` is the `etag` of `read`; if somebody else was
   * faster, it is refused as `precondition_failed`.
   */
  save: (type: string, id: string, items: EntityItems, options: EntityOptions & { ifMatch: string }) => Promise<EntityMedia>;
}

/** @internal */
export function entitiesResource(connection: Connection): EntitiesResource {
  const partsOf = (type: string, id: string, { collection, ...call }: EntityOptions) => ({
    ...call,
    params: { type, id },
    query: collection === undefined ? {} : { collection },
  });
  return {
    read: (type, id, options = {}) => request(connection, 'readEntityMedia', partsOf(type, id, options)),
    save: (type, id, items, options) => request(connection, 'syncEntityMedia', { ...partsOf(type, id, options), body: { items } }),
  };
}
