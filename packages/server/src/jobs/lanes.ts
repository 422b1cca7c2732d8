/**
 * Work of one lane waits only for work of the same lane: `short` takes under a few seconds, `poster` reads a video and makes
 * its poster, `long` takes minutes, `review` waits for somebody else's service, `generation` for a machine that makes media, `upkeep` is what nobody waits for.
 */
export const jobLanes = ['short', 'poster', 'long', 'review', 'generation', 'upkeep'] as const;
export type JobLane = (typeof jobLanes)[number];
