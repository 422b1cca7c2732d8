/** What S3 and Google allow; of the parts only the last may be smaller. Our own stores keep to the number of parts, so that an upload is planned alike for each. */
export const maxParts = 10_000;
export const minPartBytes = 5 * 1024 * 1024;

/** Objects on one page of a listing of theirs. */
export const mostPerPage = 1_000;

/** What a provider's copy inside a bucket is expected to manage at the least. */
export const copyBytesPerMs = 10_000;
