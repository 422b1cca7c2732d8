/** Limits that server, client, console and command line share. No schemas here, so that a page or a command starts quickly. */

/** Page size of every list: the maximum and the default. */
export const mostOnPage = 200;
export const usualOnPage = 50;

/** The review queue is counted up to this number, which also stands for any larger number: an exact count would be expensive and nobody needs it. */
export const mostQueuedCounted = 5_000;

const entityType = 64;
const entityId = 200;

/** Maximum lengths, in characters, of texts that people and applications write. */
export const mostChars = {
  collection: 64,
  purpose: 64,
  altText: 2000,
  captionsLabel: 100,
  entityType,
  entityId,
  entity: entityType + 1 + entityId,
  buyerId: 255,
  decisionReason: 2000,
  endpointDescription: 500,
  endpointURL: 2000,
  pathPrefix: 1024,
  prompt: 32_000,
  search: 200,
};

/** The default path prefix of all operations. */
export const usualPrefix = '/v1';

/** The most parts of one upload, numbered from 1. */
export const mostParts = 10_000;
/** The most parts that one request signs. */
export const mostPartsSigned = 1000;

/** The most files in one request, or uploads that it opens; a policy's `batchSize` may not be larger. */
export const mostInBatch = 1000;
