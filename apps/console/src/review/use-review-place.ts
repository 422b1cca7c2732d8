import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';

export type QueueView = 'queued' | 'failed' | 'rejected';
export const views = { queued: 'Waiting', failed: 'Failed reviews', rejected: 'Rejected' } as const satisfies Record<QueueView, string>;
export const isView = (name: string): name is QueueView => Object.hasOwn(views, name);

export type ReviewPlace = { view: QueueView; collection: string };

/** Which part of the queue is looked at; the address says it. */
export function useReviewPlace(): ReviewPlace {
  const { query } = useRoute();
  const wanted = query.get('show') ?? '';
  return { view: isView(wanted) ? wanted : 'queued', collection: query.get('collection') ?? '' };
}

export function goToReview({ view, collection }: ReviewPlace): void {
  const kept = { ...(view === 'queued' ? {} : { show: view }), ...(collection === '' ? {} : { collection }) };
  goTo(hrefOf('review', null, new URLSearchParams(kept)), 'replace');
}
