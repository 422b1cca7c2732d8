import type { WebhookWithSecret } from '@safelight/contract/webhooks';
import { useEffect, useRef, useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';

type AddEndpointDialogProps = { onAdded: (webhook: WebhookWithSecret) => void; onClose: () => void };

export function AddEndpointDialog({ onAdded, onClose }: AddEndpointDialogProps) {
  const client = useClient();
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const add = async (): Promise<void> => {
    setAsked(true);
    try {
      onAdded(await client.webhooks.create({ url: url.trim(), description: description.trim() }));
    } catch (error) {
      setAsked(false);
      setProblem(error);
    }
  };
  return (
    <Dialog label="Add an endpoint" className="narrow-dialog" onClose={onClose}>
      <h2>Add an endpoint</h2>
      <p className="soft">It is told everything but progress. The command line chooses events and collections: “safelight webhooks add”.</p>
      {problem !== null && <ProblemNotice problem={problem} title="The endpoint could not be added" />}
      <form
        className="webhook-form"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <label className="field">
          <span className="field-label">Address</span>
          <input ref={field} type="url" required maxLength={2000} placeholder="https://" value={url} onChange={(event) => setUrl(event.target.value)} />
        </label>
        <label className="field">
          <span className="field-label">What it is for (may be empty)</span>
          <input type="text" maxLength={500} value={description} onChange={(event) => setDescription(event.target.value)} />
        </label>
        <div className="actions">
          <button className="button primary" type="submit" disabled={asked}>
            {asked ? 'Adding…' : 'Add it'}
          </button>
          <button className="button quiet" type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
