import type { AssetStatus } from '../lib/schema.ts';

/** One way from a state to another, and when it is taken. `none` stands before the first and after the last. */
export type Change<State extends string> = { from: State | 'none'; to: State | 'none'; when: string };

/**
 * The status of an asset: whether what its collection asks for has been made of its bytes.
 *
 * It is `pending` once its bytes are durable, and `processing` while a worker has it; a worker that dies leaves it there, and the next one
 * begins anew. `ready` and all artifacts come with one transaction. `failed` says in words and code what went wrong, and whether a
 * retry can help. A deletion does not change the status: what is restored is as it was, or further.
 */
export const statusChanges = [
  { from: 'none', to: 'pending', when: 'its bytes are durable' },
  { from: 'pending', to: 'processing', when: 'a worker takes it' },
  { from: 'processing', to: 'ready', when: 'all artifacts are durable and bound' },
  { from: 'pending', to: 'failed', when: 'its bytes are refused' },
  { from: 'processing', to: 'failed', when: 'no attempt has succeeded' },
  { from: 'failed', to: 'pending', when: 'somebody retries' },
] as const satisfies readonly Change<AssetStatus>[];
