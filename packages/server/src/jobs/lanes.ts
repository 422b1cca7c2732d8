/**
 * Work waits only for other work of its lane: `short` takes under a few seconds, `poster` reads a video and makes its poster, `long` takes minutes,
 * `review` waits for an external service, `generation` for a model, `upkeep` is work that nobody waits for.
 */
export const jobLanes = ['short', 'poster', 'long', 'review', 'generation', 'upkeep'] as const;
export type JobLane = (typeof jobLanes)[number];
