import type { QueuedMedia } from '@safelight/contract/reviews';

export function describeClaim({ claim }: QueuedMedia, me: string | null): string | null {
  if (claim === null) return null;
  const until = new Date(claim.until).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return claim.by === me ? `Yours until ${until}` : `${claim.by} is looking at it, until ${until}`;
}
