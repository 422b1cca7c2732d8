/** Ten rows of ten. */
export const storyboardTiles = 100;

/** Each picture covers this much time; the first `count` of the hundred are filled, row by row. */
export type StoryboardLayout = { intervalMs: number; count: number };
