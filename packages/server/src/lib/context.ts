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

/** What every use-case needs. Rooms that need more say so in a context type of their own. */
export type Context = {
  actor: Actor;
  db: Db;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
};

/** The actor of work that nobody asked for in person: sweeping, expiring, purging. */
export const systemActor: Actor = {
  id: 'system',
  scopes: new Set(['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin']),
  via: 'system',
};
