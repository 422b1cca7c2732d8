import { createHash } from 'node:crypto';

import type { Grant } from '@safelight/contract/grants';

import { versionETag } from '../assets/access.ts';
import { assetIdAtPath } from '../assets/asset-id-at-path.ts';
import { deleteMedia } from '../collections/delete-media.ts';
import { listAudit } from '../assets/list-audit.ts';
import { listMedia } from '../assets/list-media.ts';
import { deleteCaptions, putCaptions } from '../collections/caption-media.ts';
import { patchMedia } from '../collections/patch-media.ts';
import { readOverview } from '../assets/read-overview.ts';
import { readMedia } from '../assets/read-media.ts';
import { readEntityMedia } from '../collections/read-entity-media.ts';
import { restoreMedia } from '../collections/restore-media.ts';
import { syncEntityMedia } from '../collections/sync-entity-media.ts';
import { signMediaURL } from '../delivery/sign-media-url.ts';
import { readGenerationUsage } from '../generation/allowance.ts';
import { listModels, type Wanted } from '../generation/choose-model.ts';
import { startGeneration } from '../generation/start-generation.ts';
import { retryGeneration } from '../generation/retry-generation.ts';
import { changeGrant, renewAccessToken, restoreGrant, revokeGrant } from '../grants/change-grant.ts';
import { createGrant } from '../grants/create-grant.ts';
import { listDownloads, listGrants, readGrant } from '../grants/list-grants.ts';
import { listRefusals } from '../grants/note-refusals.ts';
import { readMediaDownloads } from '../grants/read-media-downloads.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { listJobs } from '../jobs/list-jobs.ts';
import { readJob } from '../jobs/read-job.ts';
import { notFound } from '../lib/errors.ts';
import { changePolicy, policyETag } from '../review/change-policy.ts';
import { readMediaRules } from '../policy/read-media-rules.ts';
import { readPolicyHistory } from '../policy/read-policy-history.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { reprocessMedia } from '../processing/reprocess-media.ts';
import { retryProcessing } from '../processing/retry-processing.ts';
import { claimReviews, releaseReviews } from '../review/claim-reviews.ts';
import { listQueue, listReviewAttempts } from '../review/list-queue.ts';
import { undoReview } from '../review/undo-review.ts';
import { retryReview } from '../review/retry-review.ts';
import { abortUpload } from '../uploads/abort-upload.ts';
import { completeUpload } from '../uploads/complete-upload.ts';
import { listUploads, readUpload, renderUpload } from '../uploads/list-uploads.ts';
import { startImport } from '../uploads/start-import.ts';
import { openUpload } from '../uploads/open-upload.ts';
import { listUploadParts, signUploadParts } from '../uploads/upload-parts.ts';
import type { Answer } from './answer.ts';
import type { Asked, Handlers } from './bind-operation.ts';
import { decideMany, decideOne } from './decide-reviews.ts';
import { followEvents } from './follow-events.ts';
import { reportDiscrepancies } from './report-discrepancies.ts';
import { openUploads } from './open-uploads.ts';
import { replaceMedia } from './replace-media.ts';
import type { RequestContext } from './request-context.ts';
import { uploadDirect } from './upload-direct.ts';
import { webhookHandlers } from './webhooks.ts';
import { hasAlready } from '../lib/etags.ts';

const deletionAsked = (headers: { 'if-match'?: string | undefined }, query: { purge?: 'now' | undefined; force?: 'true' | undefined }) => ({
  ifMatch: headers['if-match'],
  purge: query.purge,
  force: query.force !== undefined,
});

const ok = (body: unknown, headers: Record<string, string> = {}): Answer => ({ status: 200, body, headers });
/** Answers 304 when the caller already has this version. */
const fresh = (ifNoneMatch: string | undefined, etag: string, headers: Record<string, string>, body: unknown): Answer =>
  hasAlready(ifNoneMatch, etag) ? { status: 304, headers: { etag, ...headers } } : ok(body, { etag, ...headers });

const accepted = (ctx: RequestContext, body: { jobId: string }) => ({ status: 202, body, headers: { location: ctx.site.links.job(body.jobId) } });
const generate = async (ctx: RequestContext, wanted: Wanted, { keepIn }: Asked): Promise<Answer> =>
  accepted(ctx, await startGeneration(ctx, wanted, { keep: async (tx, started) => await keepIn?.(tx, accepted(ctx, started)) }));

/** No cache may store an answer with addresses that open files. */
const oneGrant = (grant: Grant, status = 200): Answer => ({
  status,
  body: { grant },
  headers: { etag: versionETag(grant), 'cache-control': 'private, no-store' },
});

/** The handler of each operation: it calls the responsible module and chooses the status. */
export const handlers: Handlers = {
  uploadDirect,
  openUpload: async (ctx, { body }, { request, keepIn }) =>
    'uploads' in body
      ? await openUploads(ctx, body, request)
      : { status: 201, body: await openUpload(ctx, body, { keep: keepIn && (async (tx, opened) => await keepIn(tx, { status: 201, body: opened })) }) },
  completeUpload: async (ctx, { body }) => accepted(ctx, await completeUpload(ctx, body)),
  importMedia: async (ctx, { body }, { keepIn }) =>
    accepted(ctx, await startImport(ctx, body, async (tx, opened) => await keepIn?.(tx, accepted(ctx, opened)))),
  listUploadParts: async (ctx, { params }) => ok(await listUploadParts(ctx, params)),
  signUploadParts: async (ctx, { params, body }) => ok(await signUploadParts(ctx, { ...params, ...body })),
  abortUpload: async (ctx, { params }) => ok({ upload: renderUpload(await abortUpload(ctx, params)) }),
  listUploads: async (ctx, { query }) => ok(await listUploads(ctx, query), { 'cache-control': 'private, no-cache' }),
  readUpload: async (ctx, { params }) => ok({ upload: await readUpload(ctx, params) }, { 'cache-control': 'private, no-cache' }),
  endUpload: async (ctx, { params }) => ok({ upload: renderUpload(await abortUpload(ctx, params)) }),
  listMedia: async (ctx, { query }) => ok(await listMedia(ctx, query), { 'cache-control': 'private, no-cache' }),
  readMedia: async (ctx, { params }, { request }) => {
    const media = await readMedia(ctx, params);
    return fresh(request.headers['if-none-match'], versionETag(media), { 'cache-control': 'private, no-cache' }, { media });
  },
  patchMedia: async (ctx, { params, headers, body }) => {
    const media = await patchMedia(ctx, { ...params, ifMatch: headers['if-match'], patch: body });
    return ok({ media }, { etag: versionETag(media) });
  },
  putCaptions: async (ctx, { params, body }) => ok({ media: await putCaptions(ctx, { ...params, ...body }) }),
  deleteCaptions: async (ctx, { params }) => ok({ media: await deleteCaptions(ctx, params) }),
  deleteMedia: async (ctx, { params, headers, query }) => ok(await deleteMedia(ctx, { ...params, ...deletionAsked(headers, query) })),
  deleteMediaByPath: async (ctx, { params, headers, query }) => {
    const id = await assetIdAtPath(ctx, params['*']);
    if (id === null) throw notFound('media');
    return ok(await deleteMedia(ctx, { id, ...deletionAsked(headers, query) }));
  },
  signMediaURL: async (ctx, { params, body }, { request }) =>
    ok(await signMediaURL(ctx, { ...params, ...body, caller: request.ip }), { 'cache-control': 'private, no-store' }),
  restoreMedia: async (ctx, { params }) => {
    const media = await restoreMedia(ctx, params);
    return ok({ media }, { etag: versionETag(media) });
  },
  retryMedia: async (ctx, { params }) => {
    const retried = (await retryReview(ctx, params)) ?? (await retryProcessing(ctx, params));
    return accepted(ctx, retried);
  },
  reprocessMedia: async (ctx, { params }) => accepted(ctx, await reprocessMedia(ctx, params)),
  readEntityMedia: async (ctx, { params, query }, { request }) => {
    const media = await readEntityMedia(ctx, { ...params, collection: query.collection });
    return fresh(request.headers['if-none-match'], media.etag, { 'cache-control': 'private, no-cache' }, media);
  },
  syncEntityMedia: async (ctx, { params, query, headers, body }) => {
    const media = await syncEntityMedia(ctx, { ...params, collection: query.collection, ifMatch: headers['if-match'], items: body.items });
    return ok(media, { etag: media.etag });
  },
  replaceMedia,
  readMediaRules: async (ctx, { query }, { request }) => {
    const all = await readMediaRules(ctx, query);
    // The tag covers more than the policies: which formats this machine can read is found out after the start, and may change.
    const etag = `"r${createHash('sha256').update(JSON.stringify(all)).digest('base64url').slice(0, 22)}"`;
    return fresh(request.headers['if-none-match'], etag, { 'cache-control': 'public, no-cache' }, { rules: query.collection === undefined ? all : all[0] });
  },
  readPolicy: async (ctx, { params }, { request }) => {
    const policy = await readPolicy(ctx.site.db, params.collection);
    return fresh(request.headers['if-none-match'], policyETag(policy), { 'cache-control': 'private, no-cache' }, { policy });
  },
  changePolicy: async (ctx, { params, query, headers, body }) => {
    const { reviewExisting = query.reviewExisting, ...rules } = body;
    const policy = await changePolicy(ctx, { ...params, rules, reviewExisting, ifMatch: headers['if-match'] });
    return ok({ policy }, { etag: policyETag(policy) });
  },
  readPolicyHistory: async (ctx, { params, query }) => ok(await readPolicyHistory(ctx, { ...params, ...query })),
  decideReview: decideOne,
  decideReviews: decideMany,
  undoReview: async (ctx, { params, headers }) => {
    const media = await undoReview(ctx, { ...params, ifMatch: headers['if-match'] });
    return ok({ media }, { etag: `"v${media.version}"` });
  },
  listReviewQueue: async (ctx, { query }) => ok(await listQueue(ctx, query), { 'cache-control': 'private, no-cache' }),
  claimReviews: async (ctx, { body }) => ok(await claimReviews(ctx, body)),
  releaseReviews: async (ctx, { body }) => ok(await releaseReviews(ctx, body)),
  listReviewAttempts: async (ctx, { params }) => ok(await listReviewAttempts(ctx, params)),
  listJobs: async (ctx, { query }) => ok(await listJobs(ctx, query)),
  readJob: async (ctx, { params }) => ok({ job: await readJob(ctx, params.id) }, { 'cache-control': 'private, no-cache' }),
  cancelJob: async (ctx, { params }) => ok({ job: await cancelJob(ctx, params.id) }),
  retryJob: async (ctx, { params }) => accepted(ctx, await retryGeneration(ctx, params.id)),
  generateImage: async (ctx, { body }, asked) => await generate(ctx, { kind: 'image', ...body }, asked),
  generateVideo: async (ctx, { body }, asked) => await generate(ctx, { kind: 'video', ...body }, asked),
  listGenerationModels: async (ctx) => ok({ models: listModels(ctx) }, { 'cache-control': 'private, no-cache' }),
  readGenerationUsage: async (ctx) => ok(await readGenerationUsage(ctx), { 'cache-control': 'private, no-store' }),
  reportDiscrepancies,
  readOverview: async (ctx) => ok({ overview: await readOverview(ctx) }, { 'cache-control': 'private, no-store' }),
  listAudit: async (ctx, { query }) => ok(await listAudit(ctx, query), { 'cache-control': 'private, no-store' }),
  createGrant: async (ctx, { body }) => {
    const { grant, isNew } = await createGrant(ctx, body);
    return oneGrant(grant, isNew ? 201 : 200);
  },
  listGrants: async (ctx, { query }) => ok(await listGrants(ctx, query), { 'cache-control': 'private, no-store' }),
  readGrant: async (ctx, { params }) => oneGrant(await readGrant(ctx, params)),
  changeGrant: async (ctx, { params, headers, body }) => oneGrant(await changeGrant(ctx, { ...params, ifMatch: headers['if-match'], patch: body })),
  revokeGrant: async (ctx, { params }) => oneGrant(await revokeGrant(ctx, params)),
  restoreGrant: async (ctx, { params }) => oneGrant(await restoreGrant(ctx, params)),
  renewGrantToken: async (ctx, { params }) => oneGrant(await renewAccessToken(ctx, params)),
  listGrantRefusals: async (ctx, { params }) => ok(await listRefusals(ctx.site.db, params), { 'cache-control': 'private, no-store' }),
  listGrantDownloads: async (ctx, { params, query }) => ok(await listDownloads(ctx, { ...params, ...query }), { 'cache-control': 'private, no-store' }),
  readMediaDownloads: async (ctx, { params, query }) => ok(await readMediaDownloads(ctx, { ...params, ...query }), { 'cache-control': 'private, no-store' }),
  followEvents,
  ...webhookHandlers,
};
