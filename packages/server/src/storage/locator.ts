/** The providers that may be persisted. An emulator is an execution target of one of these, never a provider of its own. */
export const providers = ['s3', 'azure', 'gcs', 'filesystem', 'mocked'] as const;
export type Provider = (typeof providers)[number];

/** Provider-agnostic identity of a stored object: the record's source of truth. `location` is the bucket, container or root name. */
export type Locator = { provider: Provider; location: string; key: string };

/** The identity of a store. Two endpoints of one provider are two stores because their locations differ. */
export type StoreId = Pick<Locator, 'provider' | 'location'>;

export const storeName = ({ provider, location }: StoreId): string => `${provider}:${location}`;
