import type { AssetStatus } from '../lib/schema.ts';

/** A change from one state to another, and when it happens. `none` stands before the first and after the last. */
export type Change<State extends string> = { from: State | 'none'; to: State | 'none'; when: string };

/**
 * The status of an asset: whether the outputs that its collection requires have been made.
 *
 * It is `pending` once its bytes are durable, and `processing` while a worker has it; if the worker dies, it stays there until the next one starts
 * anew. `ready` and all artifacts come in one transaction. `failed` records the reason and the code, and whether a retry can help. A deletion does
 * not change the status: a restored asset is in the same state, or further.
 */
export const statusChanges = [
  { from: 'none', to: 'pending', when: 'its bytes are durable' },
  { from: 'pending', to: 'processing', when: 'a worker takes it' },
  { from: 'processing', to: 'ready', when: 'all artifacts are durable and bound' },
  { from: 'pending', to: 'failed', when: 'its bytes are refused' },
  { from: 'processing', to: 'failed', when: 'no attempt has succeeded' },
  { from: 'failed', to: 'pending', when: 'somebody retries' },
] as const satisfies readonly Change<AssetStatus>[];
