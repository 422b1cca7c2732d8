import type { Webhook } from '@safelight/contract/webhooks';
import { useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';

/** Asks once: neither the endpoint nor its deliveries come back. */
export function RemoveDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useClient();
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const remove = async (): Promise<void> => {
    setAsked(true);
    try {
      await client.webhooks.remove(webhook.id);
      location.assign(hrefOf('webhooks'));
    } catch (error) {
      setAsked(false);
      setProblem(error);
    }
  };
  return (
    <Dialog label="Remove the endpoint" className="narrow-dialog" onClose={onClose}>
      <h2>Remove the endpoint?</h2>
      <p>
        <strong className="endpoint-url">{webhook.url}</strong> is told nothing more, and its deliveries go with it. To stop for a while, disable it.
      </p>
      {problem !== null && <ProblemNotice problem={problem} title="It could not be removed" />}
      <div className="actions">
        <button className="button danger" type="button" disabled={asked} onClick={() => void remove()}>
          Remove it
        </button>
        <button className="button quiet" type="button" onClick={onClose}>
          Keep it
        </button>
      </div>
    </Dialog>
  );
}
