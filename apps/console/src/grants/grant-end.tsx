import { momentOf } from '../format/moment-of.ts';
import { useNow } from '../parts/use-now.ts';

/** Until when a purchase can be downloaded, or when that ended. */
export function GrantEnd({ at }: { at: string }) {
  const isOver = Date.parse(at) <= useNow(60_000);
  return `, ${isOver ? 'ended' : 'until'} ${momentOf(at)}`;
}
