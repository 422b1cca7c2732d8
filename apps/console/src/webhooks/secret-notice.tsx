import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';

const snippet = `import { verifyWebhook } from '@safelight/client/webhooks';

// The body as it came, before anything parses it.
const event = await verifyWebhook(rawBody, request.headers, process.env.SAFELIGHT_WEBHOOK_SECRET);`;

/** A new secret, for as long as this stands there: it is told once. */
export function SecretNotice({ secret, what, onClose }: { secret: string; what: string; onClose: () => void }) {
  return (
    <section className="notice secret-notice" aria-label="The secret">
      <Icon name="check" />
      <div className="notice-body">
        <strong>The secret of {what}</strong>
        <p>It is shown now and never again. Your application verifies every message with it.</p>
        <p className="secret">
          <code>{secret}</code>
          <CopyButton text={secret} label="Copy the secret" />
        </p>
        <pre className="snippet" aria-label="How to verify">
          {snippet}
        </pre>
        <div className="actions">
          <button className="button small" type="button" onClick={onClose}>
            I have kept it
          </button>
        </div>
      </div>
    </section>
  );
}
