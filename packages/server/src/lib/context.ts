import type { Scope } from '@safelight/contract/scopes';
import type { Kysely, Transaction } from '#kysely';

import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

/** The caller. `entities` limits where the actor may write; undefined means that the rule for callers without patterns applies. */
export type Actor = {
  id: string;
  scopes: ReadonlySet<Scope>;
  entities?: readonly string[];
  /** An API key may act for an owner; what it creates belongs to that owner. */
  via?: 'token' | 'key' | 'system';
  /** The API key itself, whichever owner it acts for. */
  keyId?: string;
  /** The token's allowance for generation, if it has one; it overrides the site's general allowance. */
  generation?: Partial<GenerationAllowance>;
};

/** Null means no limit. */
export type GenerationAllowance = { imagesPerDay: number | null; videoSecondsPerDay: number | null; active: number | null };

/** The part of the site that every use case needs. A module that needs more declares it in a site type of its own; `site.ts` combines them all. */
export type DataSite = { db: Db; clock: Clock };

/** One call of a use-case: its actor, its log, the signal that stops it, and the part of the site that it needs. */
export type Context<Site = DataSite> = { actor: Actor; log: Log; signal: AbortSignal; site: Site };

/** The actor of work that no person requested: sweeping, expiring, purging. */
export const systemActor: Actor = {
  id: 'system',
  scopes: new Set(['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin']),
  via: 'system',
};
