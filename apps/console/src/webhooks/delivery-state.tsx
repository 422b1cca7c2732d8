import type { Delivery } from '@safelight/contract/webhooks';

const tones = { pending: 'busy', delivered: 'good', dead: 'bad' } as const satisfies Record<Delivery['state'], string>;

export const DeliveryState = ({ state }: Pick<Delivery, 'state'>) => (
  <span className="badge" data-tone={tones[state]}>
    {state}
  </span>
);
