import { Later, type JobContext } from '../jobs/running-job.ts';
import { patienceMs } from '../lib/patience.ts';
import { transact } from '../lib/transact.ts';
import { failOutputs } from './fail-outputs.ts';
import type { GenerationContext } from './generation-context.ts';
import type { OutputRow } from './generation-rows.ts';
import { ProviderFailure } from './generator.ts';
import type { PromptVerdict } from './prompt-moderator.ts';
import type { Making } from './store-output.ts';

type Ctx = GenerationContext & JobContext;

/** Seconds before a moderator that gave no answer is asked again; after the last one, nothing is sent. */
const pausesSeconds = [5, 20, 60];

/**
 * Asks once per request whether its prompt may be sent. A refused prompt, or one without an answer, is not sent and costs nothing; then returns
 * false.
 */
export async function checkPrompt(ctx: Ctx, { row, kept }: Making, waiting: readonly OutputRow[]): Promise<boolean> {
  if (ctx.site.moderatePrompt === null || row.moderated_at !== null) return true;
  const { provider, model, kind, owner_id: ownerId } = row;
  const question = { jobId: row.job_id, kind, provider, model, prompt: kept.wanted.prompt, ownerId, collection: kept.plan.collection };
  const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(patienceMs.promptModeration)]);
  const verdict = await ctx.site.moderatePrompt(question, { signal }).catch((error: unknown) => {
    ctx.signal.throwIfAborted();
    // A client library's messages may contain the prompt.
    ctx.log.warn(
      { fault: error instanceof Error ? error.name : typeof error, jobId: row.job_id },
      'The moderation of prompts gave no answer; nothing is sent.',
    );
    return null;
  });
  if (verdict === null) return await askLater(ctx, { row, kept }, waiting);
  if (!verdict.allowed) {
    await failOutputs(ctx, row, waiting, refusalOf(verdict));
    return false;
  }
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    await tx.updateTable('generation').set({ moderated_at: ctx.site.clock.now() }).where('job_id', '=', row.job_id).execute();
  });
  return true;
}

async function askLater(ctx: Ctx, { row }: Making, waiting: readonly OutputRow[]): Promise<false> {
  const seconds = pausesSeconds[row.moderation_tries];
  if (seconds === undefined) {
    const message = 'The prompt could not be checked, so nothing was sent and nothing was spent. Try again later.';
    await failOutputs(ctx, row, waiting, new ProviderFailure('unavailable', message, { isBilled: false }));
    return false;
  }
  await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    await tx
      .updateTable('generation')
      .set({ moderation_tries: row.moderation_tries + 1 })
      .where('job_id', '=', row.job_id)
      .execute();
  });
  throw new Later(seconds, { progress: null, message: 'the prompt waits to be checked' });
}

function refusalOf({ reason, categories }: Extract<PromptVerdict, { allowed: false }>): ProviderFailure {
  const as = categories.length === 0 ? '' : ` (${categories.join(', ')})`;
  return new ProviderFailure('provider_refused', `This prompt may not be used here${as}.${reason === null ? '' : ` ${reason}`} Change it; nothing was sent.`, {
    isBilled: false,
  });
}
