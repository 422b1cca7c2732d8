/** The limit of S3 and Google. Our own stores use the same one, so that uploads are planned alike for each. */
export const maxParts = 10_000;
export const minPartBytes = 5 * 1024 * 1024;

/** Objects per page of a listing at S3 and Google. */
export const mostPerPage = 1_000;

/** A provider that copies within itself more slowly than this counts as stalled. */
export const copyBytesPerMs = 10_000;
