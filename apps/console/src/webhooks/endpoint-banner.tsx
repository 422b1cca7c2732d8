import type { Webhook } from '@safelight/contract/webhooks';

import { momentOf } from '../format/moment-of.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';

/** Endpoints that nobody disabled by hand, and those that do not answer: somebody has to look. */
export function EndpointBanner({ webhooks }: { webhooks: readonly Webhook[] }) {
  const troubled = webhooks.flatMap((webhook) => {
    if (webhook.disabledReason !== null) return [{ webhook, words: `was disabled. ${webhook.disabledReason}` }];
    if (webhook.state === 'enabled' && webhook.failingSince !== null)
      return [{ webhook, words: `has failed since ${momentOf(webhook.failingSince)}. After five days of nothing but failures it is disabled.` }];
    return [];
  });
  if (troubled.length === 0) return null;
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <strong>{troubled.length === 1 ? 'An endpoint does not hear what happens' : `${troubled.length} endpoints do not hear what happens`}</strong>
        <ul>
          {troubled.map(({ webhook, words }) => (
            <li key={webhook.id}>
              <a className="endpoint-url" href={hrefOf('webhooks', webhook.id)}>
                {webhook.url}
              </a>{' '}
              {words}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
