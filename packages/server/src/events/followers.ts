import { interestIn, interestsIn } from './interests.ts';
import type { Followed, StoredEvent } from './stored-event.ts';

export type EventFilter = {
  jobId?: string | undefined;
  mediaId?: string | undefined;
  entity?: { type: string; id: string } | undefined;
  /** Interest names (`interestIn`); each visible event has at least one of them. Without them every event is checked. */
  interests?: readonly string[] | undefined;
  /** Whether the follower may see the event. */
  visible(event: StoredEvent): boolean;
};

/** Takes events at once if the reader has room for them, and says whether it did. */
export type Offer = (told: readonly Followed[]) => boolean;

export type Follower = {
  readonly filter: EventFilter;
  readonly offer?: Offer | undefined;
  /** Takes the next events, for a follower that has seen all earlier ones; null while it is busy. */
  take: ((told: readonly Followed[]) => void) | null;
};

export type Followers<One extends Follower> = {
  add(follower: One): void;
  remove(follower: One): void;
  /** The followers that wait and are concerned by one of these events. */
  waitingFor(entries: readonly Followed[]): ReadonlySet<One>;
  all(): ReadonlySet<One>;
};

/** The followers of this process, indexed by their interests. */
export function createFollowers<One extends Follower>(): Followers<One> {
  const members = new Set<One>();
  const byInterest = new Map<string, Set<One>>();
  return {
    add(follower) {
      members.add(follower);
      for (const name of namesOf(follower.filter)) {
        const others = byInterest.get(name) ?? new Set();
        byInterest.set(name, others.add(follower));
      }
    },
    remove(follower) {
      members.delete(follower);
      for (const name of namesOf(follower.filter)) {
        const others = byInterest.get(name);
        others?.delete(follower);
        if (others?.size === 0) byInterest.delete(name);
      }
    },
    waitingFor(entries) {
      const found = new Set<One>();
      for (const { event } of entries) {
        for (const name of interestsIn(event)) {
          for (const follower of byInterest.get(name) ?? []) {
            if (follower.take !== null && !found.has(follower) && matches(event, follower.filter)) found.add(follower);
          }
        }
      }
      return found;
    },
    all: () => members,
  };
}

function namesOf({ jobId, mediaId, entity, interests }: EventFilter): readonly string[] {
  if (jobId !== undefined) return [interestIn.job(jobId)];
  if (mediaId !== undefined) return [interestIn.media(mediaId)];
  if (entity !== undefined) return [interestIn.entity(entity)];
  return interests ?? [interestIn.everything];
}

export function matches(event: StoredEvent, { jobId, mediaId, entity, visible }: EventFilter): boolean {
  if (jobId !== undefined && event.jobId !== jobId) return false;
  if (mediaId !== undefined && event.mediaId !== mediaId) return false;
  if (entity !== undefined && (event.entity?.type !== entity.type || event.entity.id !== entity.id)) return false;
  return visible(event);
}
