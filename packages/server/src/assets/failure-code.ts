import { sql } from '#kysely';

/** Why an asset has failed, as it is counted and found by. */
export const failureCode = sql<string>`coalesce(asset.failure ->> 'code', 'internal')`;
