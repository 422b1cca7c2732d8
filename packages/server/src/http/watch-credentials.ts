import { SafelightError } from '../lib/errors.ts';

const everyMs = 60_000;

/**
 * Checks at intervals whether the caller's credentials are still valid, for answers that go on for hours: a token expires, an API key is revoked. A
 * check that fails because the database or the key set is away ends nothing. Returns the function that stops it.
 */
export function watchCredentials(authenticate: () => Promise<unknown>, onRefused: () => void): () => void {
  const timer = setInterval(() => {
    authenticate().catch((error: unknown) => {
      if (error instanceof SafelightError && error.code === 'unauthenticated') onRefused();
    });
  }, everyMs);
  return () => clearInterval(timer);
}
