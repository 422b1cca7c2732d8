import { createClient } from '@safelight/client';

import { apiPrefix } from './page-facts.ts';

/** Rejects with the server's reason when it does not take the token. */
export async function tryToken(token: string): Promise<void> {
  await createClient({ baseURL: location.origin, apiPrefix, token }).jobs.list({ limit: 1 }, { retries: 0 });
}
