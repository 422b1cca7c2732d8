import type { Scope } from '@safelight/contract/scopes';
import type { Kysely, Transaction } from '#kysely';

import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

/** Who acts. `entities` bound where the actor may write; undefined means the rule for callers without patterns applies. */
export type Actor = {
  id: string;
  scopes: ReadonlySet<Scope>;
  entities?: readonly string[];
  /** An API key may act for an owner; what it makes belongs to that owner. */
  via?: 'token' | 'key' | 'system';
  /** The API key itself, whomever it acts for. */
  keyId?: string;
  /** What the token allows of generation, where it says so; it outranks what the site allows everybody. */
  generation?: Partial<GenerationAllowance>;
};

/** A null is no limit. */
export type GenerationAllowance = { imagesPerDay: number | null; videoSecondsPerDay: number | null; active: number | null };

/** The part of a running product that every use-case stands on. A room that needs more says so in a site type of its own; `site.ts` is all of them. */
export type DataSite = { db: Db; clock: Clock };

/** One call of a use-case: for whom, where it writes what happened, when it is to stop, and the part of the site that it needs. */
export type Context<Site = DataSite> = { actor: Actor; log: Log; signal: AbortSignal; site: Site };

/** The actor of work that nobody asked for in person: sweeping, expiring, purging. */
export const systemActor: Actor = {
  id: 'system',
  scopes: new Set(['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin']),
  via: 'system',
};
