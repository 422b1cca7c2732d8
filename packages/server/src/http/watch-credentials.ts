import { SafelightError } from '../lib/errors.ts';

const everyMs = 60_000;

/**
 * Asks again and again whether who was let in still would be, for answers that go on for hours: a token expires, an API key is revoked.
 * That it cannot be told for a moment, because the database or the key set is away, ends nothing. Answers how to stop.
 */
export function watchCredentials(authenticate: () => Promise<unknown>, onRefused: () => void): () => void {
  const timer = setInterval(() => {
    authenticate().catch((error: unknown) => {
      if (error instanceof SafelightError && error.code === 'unauthenticated') onRefused();
    });
  }, everyMs);
  return () => clearInterval(timer);
}
