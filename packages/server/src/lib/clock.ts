/** Time as a dependency, so that expiry and undo windows can be tested without waiting. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };

export const secondsFrom = (start: Date, seconds: number): Date => new Date(start.getTime() + seconds * 1000);
