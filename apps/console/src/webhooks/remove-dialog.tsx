import type { Webhook } from '@safelight/contract/webhooks';
import { useMutation } from '@tanstack/react-query';

import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';

/** Asks once: neither the endpoint nor its deliveries come back. */
export function RemoveDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => client.webhooks.remove(webhook.id),
    onSuccess: () => location.assign(hrefOf('webhooks')),
  });
  return (
    <Dialog label="Remove the endpoint" className="narrow-dialog" onClose={onClose}>
      <h2>Remove the endpoint?</h2>
      <p>
        <strong className="endpoint-url">{webhook.url}</strong> is told nothing more, and its deliveries go with it. To stop for a while, disable it.
      </p>
      {error !== null && <ProblemNotice problem={error} title="It could not be removed" />}
      <div className="actions">
        <button className="button danger" type="button" aria-disabled={isPending} onClick={() => mutate()}>
          Remove it
        </button>
        <button className="button quiet" type="button" onClick={onClose}>
          Keep it
        </button>
      </div>
    </Dialog>
  );
}
