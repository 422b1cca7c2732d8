/** The only implementation of the conditional headers (RFC 9110 §13.1). Our tags identify versions of records and immutable bytes, and are strong. */

/** Only well-formed tags in quotes; anything else between the commas is ignored. */
const tagsOf = (header: string): string[] => header.split(',').flatMap((tag) => /^(?:W\/)?("[^"\s]*")$/.exec(tag.trim())?.[1] ?? []);

/**
 * Whether a change is meant for the version with this tag. A weak tag counts too, which the RFC does not require under `If-Match`: proxies that
 * compress an answer weaken its tag (nginx does), and a client behind one could otherwise never save; our tag names the version of a record, which
 * does not depend on the encoding. `named` is the part of a tag that has to match; by default all of it.
 */
export const isMeantFor = (ifMatch: string | undefined, etag: string, named = (tag: string): string => tag): boolean =>
  ifMatch === undefined || ifMatch.trim() === '*' || tagsOf(ifMatch).some((tag) => named(tag) === named(etag));

/** Whether the reader already has these bytes. False without the header. */
export const hasAlready = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || tagsOf(ifNoneMatch).includes(etag));
