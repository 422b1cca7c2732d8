import { sql } from '#kysely';

/** The failure code of an asset, by which failures are counted and found. */
export const failureCode = sql<string>`coalesce(asset.failure ->> 'code', 'internal')`;
