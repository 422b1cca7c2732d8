import { crc32 } from 'node:zlib';

/**
 * How many counters the outbox has. Transactions of one shard queue behind its counter from their last statement to their commit, so
 * a few keep writers apart; more would make every cursor longer. The rows of `event_shard` are as many.
 */
export const shardCount = 8;

/** All events of an owner lie in one shard, because only the events of one shard have an order. */
export const shardOf = (ownerId: string): number => crc32(ownerId) % shardCount;
