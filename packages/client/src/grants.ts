import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type NewGrant = RequestInput<'createGrant'>['body'];
export type GrantPatch = NonNullable<RequestInput<'changeGrant'>['body']>;
export type GrantQuery = NonNullable<RequestInput<'listGrants'>['query']>;
export type DownloadQuery = NonNullable<RequestInput<'listGrantDownloads'>['query']>;

export type GrantsResource = ReturnType<typeof grantsResource>;

/** What buyers have a right to, by transaction. For the application's own server: it knows what was paid. */
export function grantsResource(connection: Connection) {
  const named = (transaction: string, options: CallOptions) => ({ ...options, params: { transaction } });
  return {
    /** The same again answers the same grant. */
    create: async (body: NewGrant, options: CallOptions = {}) => (await request(connection, 'createGrant', { ...options, body })).grant,
    /** One page, newest first. */
    list: (query: GrantQuery = {}, options: CallOptions = {}) => request(connection, 'listGrants', { ...options, query }),
    read: async (transaction: string, options: CallOptions = {}) => (await request(connection, 'readGrant', named(transaction, options))).grant,
    patch: async (transaction: string, body: GrantPatch, options: CallOptions = {}) =>
      (await request(connection, 'changeGrant', { ...named(transaction, options), body })).grant,
    /** Takes everything back, from the next request on; twice is the same as once. */
    revoke: async (transaction: string, options: CallOptions = {}) => (await request(connection, 'revokeGrant', named(transaction, options))).grant,
    /** Undoes a revocation. */
    restore: async (transaction: string, options: CallOptions = {}) => (await request(connection, 'restoreGrant', named(transaction, options))).grant,
    /** Makes new addresses; the old ones end at once. */
    renewAddress: async (transaction: string, options: CallOptions = {}) => (await request(connection, 'renewGrantToken', named(transaction, options))).grant,
    /** One page of what was downloaded, newest first. */
    downloads: (transaction: string, query: DownloadQuery = {}, options: CallOptions = {}) =>
      request(connection, 'listGrantDownloads', { ...named(transaction, options), query }),
    /** Who was turned away, and why, the last first. */
    refusals: async (transaction: string, options: CallOptions = {}) => (await request(connection, 'listGrantRefusals', named(transaction, options))).refusals,
  };
}
