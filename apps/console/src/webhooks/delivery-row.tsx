import type { Delivery } from '@safelight/contract/webhooks';

import { TimeAgo } from '../parts/time-ago.tsx';
import { DeliveryState } from './delivery-state.tsx';

export function DeliveryRow({ delivery, onOpen }: { delivery: Delivery; onOpen: (id: string) => void }) {
  const { id, event, mediaId, state, attemptCount, createdAt } = delivery;
  return (
    <tr>
      <th scope="row">
        <button className="link-button" type="button" onClick={() => onOpen(id)}>
          {event}
        </button>
        <span className="fine">{mediaId === null ? '' : `record ${mediaId.slice(-8)}`}</span>
      </th>
      <td>
        <DeliveryState state={state} />
      </td>
      <td className="fine" data-label="attempts">
        {attemptCount}
      </td>
      <td className="fine">
        <TimeAgo at={createdAt} />
      </td>
    </tr>
  );
}
