import { crc32 } from 'node:zlib';

/**
 * The number of counters of the outbox. Transactions of one shard wait for its counter from their last statement to their commit, so a few counters
 * keep writers apart; more would make every cursor longer. `event_shard` has as many rows.
 */
export const shardCount = 8;

/** All events of an owner are in one shard, because only the events of one shard are ordered. */
export const shardOf = (ownerId: string): number => crc32(ownerId) % shardCount;
