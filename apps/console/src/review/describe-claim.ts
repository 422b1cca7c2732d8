import type { QueuedMedia } from '@safelight/contract/reviews';

/** The moderator whose turn it is. `others`: another one looks at it, and the server would refuse a decision of ours. */
export type Turn = 'free' | 'mine' | 'others';

export const turnOf = ({ claim }: QueuedMedia, me: string | null): Turn => (claim === null ? 'free' : claim.by === me ? 'mine' : 'others');

export function describeClaim({ claim }: QueuedMedia, me: string | null): string | null {
  if (claim === null) return null;
  const until = new Date(claim.until).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return claim.by === me ? `Yours until ${until}` : `${claim.by} is looking at it, until ${until}`;
}
