/** The message of an error: problems of Safelight and of the back end contain a sentence for people. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
