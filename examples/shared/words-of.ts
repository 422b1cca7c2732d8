/** What a person is told of what went wrong: problems of Safelight and of the back end say it in a sentence. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
