import type { Webhook } from '@safelight/contract/webhooks';

type EndpointActionsProps = {
  webhook: Webhook;
  busy: boolean;
  onTest: () => void;
  onReplay: () => void;
  onChange: () => void;
  onRotate: () => void;
  onTurn: () => void;
  onRemove: () => void;
};

/** What can be done about an endpoint; what the environment sets can only be tested and replayed here. */
export function EndpointActions({ webhook, busy, onTest, onReplay, onChange, onRotate, onTurn, onRemove }: EndpointActionsProps) {
  const isEnabled = webhook.state === 'enabled';
  const button = (words: string, act: () => void, disabled = busy) => (
    <button className="button small" type="button" aria-disabled={disabled} onClick={act}>
      {words}
    </button>
  );
  return (
    <div className="actions">
      {button('Send a test', onTest, busy || !isEnabled)}
      {button('Replay', onReplay, busy || !isEnabled)}
      {!webhook.fromEnvironment && (
        <>
          {button('Change', onChange)}
          {button('New secret', onRotate)}
          {button(isEnabled ? 'Disable' : 'Enable', onTurn)}
          {button('Remove', onRemove)}
        </>
      )}
    </div>
  );
}
