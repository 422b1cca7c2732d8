import type { EventName } from '@safelight/contract/events';

import type { EntityName } from '../lib/reach.ts';
import type { StoredEvent } from './stored-event.ts';

/**
 * Names under which followers wait, so that an event costs nothing for followers that it cannot concern: only those under one of its names are
 * checked. A follower waits under too many names rather than too few.
 */
export const interestIn = {
  everything: 'everything',
  owner: (id: string): string => `owner ${id}`,
  job: (id: string): string => `job ${id}`,
  media: (id: string): string => `media ${id}`,
  entity: ({ type, id }: EntityName): string => interestIn.pattern(`${type}/${id}`),
  /** `type/id` or `type/*`, as in the entity patterns of tokens. */
  pattern: (pattern: string): string => `entity ${pattern}`,
  name: (name: EventName): string => `name ${name}`,
} as const;

export function interestsIn(event: Pick<StoredEvent, 'name' | 'ownerId' | 'jobId' | 'mediaId' | 'entity'>): string[] {
  const names = [interestIn.everything, interestIn.owner(event.ownerId), interestIn.name(event.name)];
  if (event.jobId !== null) names.push(interestIn.job(event.jobId));
  if (event.mediaId !== null) names.push(interestIn.media(event.mediaId));
  if (event.entity !== null) names.push(interestIn.entity(event.entity), interestIn.pattern(`${event.entity.type}/*`));
  return names;
}
