/** What server, client, console and command line all have to know, each said once. Without a schema, for a page or a command that starts quickly. */

/** Of every list: how many a page may hold, and how many it holds where nobody says. */
export const mostOnPage = 200;
export const usualOnPage = 50;

/** The review queue is counted as far as this, which stands for more too: nobody needs to know how many more, and it must not cost more. */
export const mostQueuedCounted = 5_000;

const entityType = 64;
const entityId = 200;

/** Characters of what people and applications write, wherever they write it. */
export const mostChars = {
  collection: 64,
  purpose: 64,
  altText: 2000,
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

/** Where the operations lie, unless an installation puts them elsewhere. */
export const usualPrefix = '/v1';

/** An upload in parts has at most so many, numbered from 1. */
export const mostParts = 10_000;
/** Parts whose addresses are signed by one request. */
export const mostPartsSigned = 1000;

/** Files of one request, or uploads that it opens; a policy's `batchSize` may be no larger. */
export const mostInBatch = 1000;
