import type { Download, Grant, GrantCreate, GrantList, GrantPatch, GrantRefusals, ListGrantsQuery, Page } from '@safelight/contract/api';

import { request, type CallOptions, type Connection } from './request.ts';

/** What buyers may download, by transaction. For the application's own server, which knows what was paid. */
export interface GrantsResource {
  /** Creates a grant; the same call again returns the same grant. */
  create: (body: GrantCreate, options?: CallOptions) => Promise<Grant>;
  /** One page, newest first. */
  list: (query?: ListGrantsQuery, options?: CallOptions) => Promise<GrantList>;
  read: (transaction: string, options?: CallOptions) => Promise<Grant>;
  /** Adds or removes files, changes the expiry, changes the limit or resets used downloads. */
  patch: (transaction: string, body: GrantPatch, options?: CallOptions) => Promise<Grant>;
  /** Revokes the grant from the next request on; safe to repeat. */
  revoke: (transaction: string, options?: CallOptions) => Promise<Grant>;
  /** Undoes a revocation. */
  restore: (transaction: string, options?: CallOptions) => Promise<Grant>;
  /** Makes new URLs; the old ones stop working at once. */
  renewAddress: (transaction: string, options?: CallOptions) => Promise<Grant>;
  /** One page of downloads, newest first. */
  downloads: (transaction: string, query?: Page, options?: CallOptions) => Promise<{ downloads: Download[]; nextCursor: string | null }>;
  /** The refused requests under a grant and their reasons, newest first. */
  refusals: (transaction: string, options?: CallOptions) => Promise<GrantRefusals['refusals']>;
}

/** @internal */
export function grantsResource(connection: Connection): GrantsResource {
  const named = (transaction: string, options: CallOptions = {}) => ({ ...options, params: { transaction } });
  return {
    create: async (body, options = {}) => (await request(connection, 'createGrant', { ...options, body })).grant,
    list: (query = {}, options = {}) => request(connection, 'listGrants', { ...options, query }),
    read: async (transaction, options) => (await request(connection, 'readGrant', named(transaction, options))).grant,
    patch: async (transaction, body, options) => (await request(connection, 'changeGrant', { ...named(transaction, options), body })).grant,
    revoke: async (transaction, options) => (await request(connection, 'revokeGrant', named(transaction, options))).grant,
    restore: async (transaction, options) => (await request(connection, 'restoreGrant', named(transaction, options))).grant,
    renewAddress: async (transaction, options) => (await request(connection, 'renewGrantToken', named(transaction, options))).grant,
    downloads: (transaction, query = {}, options) => request(connection, 'listGrantDownloads', { ...named(transaction, options), query }),
    refusals: async (transaction, options) => (await request(connection, 'listGrantRefusals', named(transaction, options))).refusals,
  };
}
