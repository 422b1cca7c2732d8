import type { Webhook } from '@safelight/contract/webhooks';

import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { describeEvents } from './describe-events.ts';
import { describeRate } from './describe-rate.ts';
import { EndpointState } from './endpoint-state.tsx';

export function EndpointRow({ webhook }: { webhook: Webhook }) {
  return (
    <tr>
      <th scope="row">
        <a className="endpoint-url" href={hrefOf('webhooks', webhook.id)}>
          {webhook.url}
        </a>
        <span className="fine">{webhook.description === '' ? describeEvents(webhook.events) : webhook.description}</span>
      </th>
      <td>
        <EndpointState webhook={webhook} />
      </td>
      <td className="fine">{describeRate(webhook.counts)}</td>
      <td className="fine" data-label="added">
        <TimeAgo at={webhook.createdAt} />
      </td>
    </tr>
  );
}
