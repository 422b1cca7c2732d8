import type { Query } from '@tanstack/react-query';

/** Waits for a reading that is under way, however it ends. */
export async function untilIdle(query: Pick<Query, 'state' | 'promise'> | undefined): Promise<void> {
  while (query?.state.fetchStatus === 'fetching') await query.promise?.catch(() => undefined);
}
