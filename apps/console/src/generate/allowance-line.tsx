import type { GenerationUsage } from '@safelight/contract/generation';

import { describeCost } from './describe-cost.ts';

/** What was used today, of what may be. */
export function AllowanceLine({ usage: { images, videoSeconds, active, cost, resetsAt } }: { usage: GenerationUsage }) {
  const facts = [
    { name: 'Pictures today', ...images },
    { name: 'Seconds of video today', ...videoSeconds },
    { name: 'Running', ...active },
  ];
  return (
    <dl className="allowance">
      {facts.map(({ name, used, limit }) => (
        <div key={name} data-full={limit !== null && used >= limit}>
          <dt>{name}</dt>
          <dd>{limit === null ? used : `${used} of ${limit}`}</dd>
        </div>
      ))}
      {cost !== null && (
        <div>
          <dt>Cost today</dt>
          <dd>{describeCost(cost)}</dd>
        </div>
      )}
      <div>
        <dt>Begins anew</dt>
        <dd>{new Date(resetsAt).toLocaleTimeString([], { timeStyle: 'short' })}</dd>
      </div>
    </dl>
  );
}
