import { SafelightError } from '../lib/errors.ts';
import { decideReview } from '../review/decide-review.ts';
import { requireScope } from './authenticate.ts';
import type { Handler } from './bind-operation.ts';
import { problemOf } from './problem.ts';

/** The purpose that callback signatures are bound to. */
export const reviewCallback = 'review-callback';

/** One decision, by a moderator or by the review service, which shows the signature of its callback URL. */
export const decideOne: Handler<'decideReview'> = async (ctx, { params, query, headers, body }) => {
  const { revision, signature } = query;
  const input = { ...params, ...body, ifMatch: headers['if-match'] };
  if (revision !== undefined && signature !== undefined) {
    if (ctx.site.signing.verify(reviewCallback, [params.id, revision], signature, ctx.site.clock.now()) === null)
      throw new SafelightError('forbidden', 'This callback URL is not valid, or is no longer valid.');
    const actor = { id: 'webhook', scopes: new Set(['media:review'] as const), via: 'system' as const };
    return { status: 200, body: { media: await decideReview({ ...ctx, actor }, { ...input, revision }) } };
  }
  requireScope(ctx.actor, 'media:review');
  const media = await decideReview(ctx, input);
  return { status: 200, body: { media }, headers: { etag: `"v${media.version}"` } };
};

/** Many decisions, each independent: a refused one does not affect the others. */
export const decideMany: Handler<'decideReviews'> = async (ctx, { body }, { request }) => {
  const results: unknown[] = [];
  for (const { id, ...decision } of body.items) {
    try {
      results.push({ id, status: 200, media: await decideReview(ctx, { id, ...decision }) });
    } catch (error) {
      if (!(error instanceof SafelightError) || error.status >= 500) ctx.log.error({ err: error }, 'a decision among many failed');
      const { status, body: problem } = problemOf(error, request.id);
      results.push({ id, status, problem });
    }
  }
  return { status: 207, body: { results } };
};
