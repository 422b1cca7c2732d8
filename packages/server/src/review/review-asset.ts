import type { Policy } from '@safelight/contract/media-rules';

import type { AssetSite } from '../assets/read-media.ts';
import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import { kindRules } from '../assets/kind-rules.ts';
import { enqueueReviews } from '../assets/enqueue-reviews.ts';
import { lockMedia } from '../places/lock-media.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { emit } from '../events/emit.ts';
import type { JobContext, JobResult } from '../jobs/running-job.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { applyDecision, recordAttempt, revisionOf } from './apply-decision.ts';
import { failReview } from './fail-review.ts';
import { readPictures, type Picture } from './read-pictures.ts';
import type { Reviewers, Verdict } from './reviewer.ts';
import { unclear } from './unclear.ts';
import { entityOf } from '../lib/reach.ts';

export type ReviewSite = AssetSite &
  StoreSite & {
    reviewers: Reviewers;
    reviewTimeoutMs: number;
    /** The callback URL for an asynchronous reviewer's decision about this revision. */
    reviewCallbackURL(mediaId: string, revision: string): string;
  };
export type ReviewContext = Context<ReviewSite>;

/** How long a reviewer may take to call back before the attempt counts as failed. */
const callbackSeconds = 3600;

/**
 * Has one photo reviewed by the current policy. With a clear answer, the decision and the end of the job are one transaction, and the decision
 * applies only if the photo is still the same. Without one the photo stays hidden, visible to its owner, who may retry; the error is thrown, so that
 * the job is retried after a pause.
 */
export async function reviewAsset(
  ctx: ReviewContext & JobContext,
  { assetId, unanswered }: { assetId: string; unanswered: boolean },
): Promise<JobResult | void> {
  const row = await selectMedia(ctx.site.db).where('asset.id', '=', assetId).executeTakeFirst();
  if (row === undefined) return;
  const policy = await readPolicy(ctx.site.db, row.collection);
  if (!isWaiting(row, policy)) return;
  if (policy.photoReviewProvider === 'manual') return { waitsFor: 'a moderator' };
  const started = performance.now();
  try {
    if (unanswered && ctx.job.attempt === 1) throw unclear('did not send its decision within an hour');
    const verdict = await ask(ctx, row, policy);
    await conclude(ctx, row, policy, verdict, Math.round(performance.now() - started));
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const failure = error instanceof SafelightError ? error : unclear('failed in a way that nobody expected', error);
    const { code, detail: message } = failure;
    await transact(ctx.site.db, async (tx) => {
      const facts = {
        provider: policy.photoReviewProvider,
        model: null,
        categories: [],
        scores: {},
        reason: null,
        costUnits: null,
        decidedBy: null,
        latencyMs: Math.round(performance.now() - started),
      };
      const events = await failReview(ctx, tx, { assetId, error: { code, message }, attempts: ctx.job.attempt, jobId: ctx.job.id, facts });
      await emit(tx, events);
    });
    throw failure;
  }
}

const isWaiting = (row: MediaRow, policy: Policy): boolean =>
  policy.photoReviewEnabled &&
  kindRules[row.kind].reviewed &&
  row.status === 'ready' &&
  row.deleted_at === null &&
  (row.review === 'queued' || row.review === 'failed');

async function ask(ctx: ReviewContext & JobContext, row: MediaRow, policy: Policy): Promise<Verdict> {
  const provider = policy.photoReviewProvider;
  const reviewer = provider === 'disabled' || provider === 'manual' ? undefined : ctx.site.reviewers[provider];
  if (reviewer === undefined) {
    const why = provider === 'disabled' ? 'no review provider is chosen' : `the review provider ${provider} is not configured on this server`;
    throw new SafelightError('review_provider_disabled', `Photos here are reviewed before they are shown, and ${why}. Ask its operator, then retry.`, {
      retryable: false,
    });
  }
  const [picture, ...more] = await readPictures(ctx, row);
  const addressOf = ({ token }: Picture): string | null => (token === null ? null : ctx.site.urls.signedArtifact(token));
  const deadline = AbortSignal.timeout(ctx.site.reviewTimeoutMs);
  try {
    return await reviewer(
      {
        mediaId: row.id,
        revision: revisionOf(row),
        collection: row.collection,
        entity: entityOf(row),
        altText: row.alt_text,
        picture,
        more: more.map((one) => ({ ...one, url: addressOf(one) })),
        pictureURL: addressOf(picture),
        callbackURL: ctx.site.reviewCallbackURL(row.id, revisionOf(row)),
      },
      { signal: AbortSignal.any([ctx.signal, deadline]) },
    );
  } catch (error) {
    if (deadline.aborted && !ctx.signal.aborted) throw unclear(`did not answer within ${ctx.site.reviewTimeoutMs / 1000} seconds`, error);
    throw error;
  }
}

async function conclude(ctx: ReviewContext & JobContext, row: MediaRow, policy: Policy, verdict: Verdict, latencyMs: number): Promise<void> {
  const { outcome, ...answer } = verdict;
  const facts = { ...answer, provider: policy.photoReviewProvider, latencyMs, decidedBy: null };
  await transact(ctx.site.db, async (tx) => {
    const current = await lockMedia(tx, row.id);
    await ctx.job.settle(tx, { outcome });
    // A moderator was faster, the gate was opened, or the photo has changed: this answer decides nothing.
    if (current === undefined || revisionOf(current) !== revisionOf(row) || !isWaiting(current, await readPolicy(tx, row.collection))) return;
    if (outcome === 'waiting') {
      await recordAttempt(tx, current, outcome, facts);
      await enqueueReviews(tx, [current], { startAfter: secondsFrom(ctx.site.clock.now(), callbackSeconds), data: { unanswered: true } });
      return;
    }
    const { events } = await applyDecision(ctx, tx, current, outcome, facts);
    await emit(
      tx,
      events.map((event) => ({ ...event, jobId: ctx.job.id })),
    );
  });
}
