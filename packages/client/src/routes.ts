import type { OperationId, operations } from '@safelight/contract/operations';

/**
 * Method and path of every operation, repeated from the contract so that a browser does not load its schemas.
 * The compiler holds each line to the contract: a new or changed operation does not compile until it is right here.
 */
export const routes = {
  uploadDirect: { method: 'POST', path: '/media', idempotent: 'Idempotency-Key' },
  openUpload: { method: 'POST', path: '/media/upload/init', idempotent: 'Idempotency-Key' },
  completeUpload: { method: 'POST', path: '/media/upload/complete' },
  importMedia: { method: 'POST', path: '/media/import', idempotent: 'Idempotency-Key' },
  listUploadParts: { method: 'GET', path: '/media/upload/{uploadId}/parts' },
  signUploadParts: { method: 'POST', path: '/media/upload/{uploadId}/parts' },
  abortUpload: { method: 'DELETE', path: '/media/upload/{uploadId}' },
  listUploads: { method: 'GET', path: '/uploads' },
  readUpload: { method: 'GET', path: '/uploads/{uploadId}' },
  endUpload: { method: 'DELETE', path: '/uploads/{uploadId}' },
  listMedia: { method: 'GET', path: '/media' },
  readMedia: { method: 'GET', path: '/media/{id}' },
  patchMedia: { method: 'PATCH', path: '/media/{id}' },
  deleteMedia: { method: 'DELETE', path: '/media/{id}' },
  deleteMediaByPath: { method: 'DELETE', path: '/media/*' },
  restoreMedia: { method: 'POST', path: '/media/{id}/restore' },
  retryMedia: { method: 'POST', path: '/media/{id}/retry' },
  readEntityMedia: { method: 'GET', path: '/entities/{type}/{id}/media' },
  syncEntityMedia: { method: 'PUT', path: '/entities/{type}/{id}/media' },
  replaceMedia: { method: 'POST', path: '/media/{id}/replacement', idempotent: 'Idempotency-Key' },
  readMediaRules: { method: 'GET', path: '/meta/media-rules' },
  readPolicy: { method: 'GET', path: '/policies/{collection}' },
  changePolicy: { method: 'PUT', path: '/policies/{collection}' },
  readPolicyHistory: { method: 'GET', path: '/policies/{collection}/history' },
  decideReview: { method: 'POST', path: '/media/{id}/review' },
  decideReviews: { method: 'POST', path: '/review/decisions' },
  listReviewQueue: { method: 'GET', path: '/review/queue' },
  claimReviews: { method: 'POST', path: '/review/queue/claim' },
  releaseReviews: { method: 'POST', path: '/review/queue/release' },
  listReviewAttempts: { method: 'GET', path: '/media/{id}/reviews' },
  listJobs: { method: 'GET', path: '/jobs' },
  readJob: { method: 'GET', path: '/jobs/{id}' },
  cancelJob: { method: 'DELETE', path: '/jobs/{id}' },
  reportDiscrepancies: { method: 'POST', path: '/admin/discrepancies' },
  listAudit: { method: 'GET', path: '/admin/audit' },
  followEvents: { method: 'GET', path: '/events' },
} as const satisfies { [Id in OperationId]: Route<(typeof operations)[Id]> };

type Route<Op extends { method: string; path: string }> = Pick<Op, 'method' | 'path'> & (Op extends { idempotent: infer Key } ? { idempotent: Key } : unknown);
