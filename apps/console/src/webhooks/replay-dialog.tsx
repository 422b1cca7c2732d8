import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { fromLocal, toLocal } from './local-time.ts';

/** `since` is offered; the day before now without it. */
type ReplayDialogProps = { endpointId: string; since: Date | null; onReplayed: () => void; onClose: () => void };

type Only = keyof typeof choices;
const choices = { failed: 'Only what was given up', all: 'Also what was delivered' } as const;
const names = ['failed', 'all'] as const satisfies readonly Only[];

/** Delivers again what happened in a span of time: what was given up, or everything. */
export function ReplayDialog({ endpointId, since: given, onReplayed, onClose }: ReplayDialogProps) {
  const client = useClient();
  const toast = useToast();
  const [since, setSince] = useState(() => toLocal(given ?? new Date(Date.now() - 86_400_000)));
  const [until, setUntil] = useState('');
  const [only, setOnly] = useState<Only>('failed');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => client.webhooks.replay(endpointId, { since: fromLocal(since), ...(until === '' ? {} : { until: fromLocal(until) }), only }),
    onSuccess(count) {
      toast({ text: count === 0 ? 'There is nothing to deliver again' : `${count} ${count === 1 ? 'message is' : 'messages are'} delivered again` });
      onReplayed();
    },
  });
  return (
    <Dialog label="Replay" className="narrow-dialog" onClose={onClose}>
      <h2>Replay</h2>
      <p className="soft">What happened between two moments is delivered again, under the same webhook-id. Deliveries are kept for 30 days.</p>
      {error !== null && <ProblemNotice problem={error} title="It could not be replayed" />}
      <form
        className="webhook-form"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <label className="field">
          <span className="field-label">What happened since</span>
          <input type="datetime-local" required step={1} value={since} onChange={(event) => setSince(event.target.value)} />
        </label>
        <label className="field">
          <span className="field-label">Until (now, when it is empty)</span>
          <input type="datetime-local" step={1} value={until} onChange={(event) => setUntil(event.target.value)} />
        </label>
        <Which only={only} onChange={setOnly} />
        <div className="actions">
          <button className="button primary" type="submit" aria-disabled={isPending}>
            Deliver again
          </button>
          <button className="button quiet" type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Which({ only, onChange }: { only: Only; onChange: (only: Only) => void }) {
  return (
    <fieldset className="choices">
      <legend>Which</legend>
      {names.map((name) => (
        <label key={name}>
          <input type="radio" name="only" checked={only === name} onChange={() => onChange(name)} /> {choices[name]}
        </label>
      ))}
    </fieldset>
  );
}
