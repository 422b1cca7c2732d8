import type { DataSite } from '../lib/context.ts';
import { storeName, type StoreId } from './locator.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';
import type { StoreConfig } from './store-config.ts';
import { storageAway } from './storage-away.ts';

/** Uploaded bytes arrive on `staging`; managed artifacts live on `final`. */
export type StoreRole = 'staging' | 'final';
/** A store's name (`storeName`: "s3:uploads") for each role; both may name the same. */
export type StoreRoles = Record<StoreRole, string>;

/** Every configured store. New objects go to the active store of their role; existing ones follow their own locator. */
export type Stores = {
  /** The store that a locator names; throws `storage_unavailable` when it is not, or no longer, configured. */
  of(id: StoreId): Store;
  active(role: StoreRole): Store;
  all(): readonly Store[];
  close(): Promise<void>;
};

/** The part of the site for code that reads, writes or removes bytes. */
export type StoreSite = DataSite & { stores: Stores };

/** Opens all configured stores, or none. `refuseUnsafeTargets` has already refused contradictory or unsafe ones. */
export async function openStores(config: { stores: readonly StoreConfig[]; roles: StoreRoles }): Promise<Stores> {
  const outcomes = await Promise.allSettled(config.stores.map(openStore));
  const opened = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) {
    await closeAll(opened);
    throw failure.reason;
  }
  return storesOf(opened, config.roles);
}

/** The same with stores that are open already. */
export function storesOf(opened: readonly Store[], roles: StoreRoles): Stores {
  const byName = new Map(opened.map((store) => [storeName(store), store]));
  const find = (name: string): Store => {
    const store = byName.get(name);
    if (store !== undefined) return store;
    throw storageAway(`The store ${name} is not configured. Configure it again as long as objects lie in it.`, {
      context: { store: name, configured: [...byName.keys()] },
    });
  };
  const active: Record<StoreRole, Store> = { staging: find(roles.staging), final: find(roles.final) };
  return {
    of: (id) => find(storeName(id)),
    active: (role) => active[role],
    all: () => opened,
    close: () => closeAll(opened),
  };
}

async function closeAll(stores: readonly Store[]): Promise<void> {
  await Promise.allSettled(stores.map((store) => store.close()));
}
