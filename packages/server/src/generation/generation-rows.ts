import { sql, type Selectable } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { GenerationOutputTable, GenerationTable } from '../lib/schema-generation.ts';
import { generatedKinds } from './generated-kinds.ts';

/*
 * The record of a generation survives the worker that requested it.
 *
 *   reserved    Nothing was sent: the allowance is reserved, nothing is spent.
 *   submitting  A paid request was sent, or is about to be, and its answer is not recorded. It is never sent again.
 *   submitted   The provider works on it under the name in `operation`; we only poll.
 *   storing     All outputs have arrived or failed; they are being stored and processed.
 *   done · failed · cancelled · unknown   The end; `unknown` when nobody can tell whether it was paid for.
 *
 * Each output goes waiting → submitting → (submitted) → stored → done, or ends as failed. `submitting` is committed before the request leaves. Every
 * change is made under the lock on the job's row, by the attempt that holds it.
 */
export type GenerationRow = Selectable<GenerationTable>;
export type OutputRow = Selectable<GenerationOutputTable>;
export type OutputError = { code: string; message: string };

export async function readGeneration(db: Db | Tx, jobId: string): Promise<{ row: GenerationRow; outputs: OutputRow[] } | null> {
  const row = await db.selectFrom('generation').selectAll().where('job_id', '=', jobId).executeTakeFirst();
  if (row === undefined) return null;
  const outputs = await db.selectFrom('generation_output').selectAll().where('job_id', '=', jobId).orderBy('index').execute();
  return { row, outputs };
}

/** Moves outputs that are in one of the states `from`; returns the indices of those that moved. */
export async function moveOutputs(
  tx: Tx,
  jobId: string,
  move: { indices: readonly number[]; from: readonly OutputRow['state'][]; to: OutputRow['state']; error?: OutputError; assetId?: string },
): Promise<number[]> {
  if (move.indices.length === 0) return [];
  const rows = await tx
    .updateTable('generation_output')
    .set({
      state: move.to,
      ...(move.error === undefined ? {} : { error: JSON.stringify(move.error) }),
      ...(move.assetId === undefined ? {} : { asset_id: move.assetId }),
    })
    .where('job_id', '=', jobId)
    .where('index', 'in', [...move.indices])
    .where('state', 'in', [...move.from])
    .returning('index')
    .execute();
  return rows.map(({ index }) => index);
}

/** Returns the units reserved for outputs that nobody is charged for. */
export async function giveBack(tx: Tx, generation: Pick<GenerationRow, 'job_id' | 'kind'>, outputs: number): Promise<void> {
  if (outputs === 0) return;
  await tx
    .updateTable('generation')
    .set({ reserved_units: generatedKinds[generation.kind].isCountedByOutput ? sql<number>`greatest(0, reserved_units - ${outputs}::int)` : 0 })
    .where('job_id', '=', generation.job_id)
    .execute();
}
