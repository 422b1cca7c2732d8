import type { Webhook } from '@safelight/contract/webhooks';

export function EndpointState({ webhook: { state, failingSince } }: { webhook: Webhook }) {
  const [tone, words] =
    state === 'disabled' ? (['plain', 'disabled'] as const) : failingSince === null ? (['good', 'enabled'] as const) : (['bad', 'failing'] as const);
  return (
    <span className="badge" data-tone={tone}>
      {words}
    </span>
  );
}
