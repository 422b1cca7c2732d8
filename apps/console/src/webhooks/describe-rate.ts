import type { Webhook } from '@safelight/contract/webhooks';

/** How much of what has ended arrived, and what is still on its way. */
export function describeRate({ pending, delivered, dead }: Webhook['counts']): string {
  const ended = delivered + dead;
  const waiting = pending === 0 ? '' : `${pending} on ${pending === 1 ? 'its' : 'their'} way`;
  if (ended === 0) return waiting === '' ? 'nothing yet' : waiting;
  // Never 100 % while one is lost.
  const percent = dead === 0 ? 100 : Math.min(99.9, Math.floor((delivered / ended) * 1000) / 10);
  return [`${percent} % of ${ended}`, waiting].filter((part) => part !== '').join(', ');
}
