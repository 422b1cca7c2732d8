/**
 * The one reading of the conditional headers (RFC 9110 §13.1). The tags that we give out name versions of records and immutable bytes, and
 * are strong.
 */

/** Those that are written as tags are, in their quotes; anything else between the commas names nothing. */
const tagsOf = (header: string): string[] => header.split(',').flatMap((tag) => /^(?:W\/)?("[^"\s]*")$/.exec(tag.trim())?.[1] ?? []);

/**
 * Whether a change is meant for the version with this tag. A weak tag counts too, which the RFC does not ask for under `If-Match`: proxies that
 * compress an answer weaken its tag (nginx does), and a client behind one could otherwise never save; what the tag names is the version
 * of a record, and that is the same however its JSON was sent. `named` is the part of a tag that has to be the same; by default all of it.
 */
export const isMeantFor = (ifMatch: string | undefined, etag: string, named = (tag: string): string => tag): boolean =>
  ifMatch === undefined || ifMatch.trim() === '*' || tagsOf(ifMatch).some((tag) => named(tag) === named(etag));

/** Whether the reader has these very bytes already. Without the header nobody knows. */
export const hasAlready = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).includes(etag));
