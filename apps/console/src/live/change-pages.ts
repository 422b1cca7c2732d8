import type { InfiniteData, QueryClient } from '@tanstack/react-query';

import { untilIdle } from './until-idle.ts';

type Pages<Page> = InfiniteData<Page, string | null>;

/**
 * Changes a list that is kept, at once, and again after a reading that is under way: that one began with the list as it was, and would
 * bring it back.
 */
export async function changePages<Page>(
  queries: QueryClient,
  queryKey: readonly unknown[],
  change: (pages: readonly Page[]) => readonly Page[],
): Promise<void> {
  const apply = (): void =>
    void queries.setQueryData<Pages<Page>>(queryKey, (before) => (before === undefined ? undefined : { ...before, pages: [...change(before.pages)] }));
  const query = queries.getQueryCache().find({ queryKey });
  const isReading = query?.state.fetchStatus === 'fetching';
  apply();
  if (!isReading) return;
  await untilIdle(query);
  apply();
}
