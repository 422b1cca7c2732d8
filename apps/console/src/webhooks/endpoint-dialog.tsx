import { mostChars } from '@safelight/contract/limits';
import type { Webhook, WebhookWithSecret } from '@safelight/contract/webhooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { rulesOptions } from '../policies/rules-options.ts';
import { useClient } from '../session/session.ts';
import { EventChoices } from './event-choices.tsx';
import { toggled } from './toggled.ts';

type EndpointDialogProps = {
  /** The one that is changed; a new one without it. */
  webhook?: Webhook;
  onAdded?: (webhook: WebhookWithSecret) => void;
  onChanged?: () => void;
  onClose: () => void;
};

const mostURL = mostChars.endpointURL;

/** Where messages go, which of them, and of which collections. */
export function EndpointDialog({ webhook, onAdded, onChanged, onClose }: EndpointDialogProps) {
  const client = useClient();
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState<Webhook['events']>(webhook?.events ?? ['*']);
  const [chosen, setChosen] = useState<readonly string[]>(webhook?.collections ?? []);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const { mutate, error, isPending } = useMutation({
    async mutationFn() {
      const body = { url: url.trim(), description: description.trim(), events, collections: chosen.length === 0 ? null : [...chosen] };
      if (webhook === undefined) return await client.webhooks.create(body);
      await client.webhooks.patch(webhook.id, body);
      return null;
    },
    onSuccess: (added) => (added === null ? onChanged?.() : onAdded?.(added)),
  });
  const title = webhook === undefined ? 'Add an endpoint' : 'Change the endpoint';
  return (
    <Dialog label={title} className="narrow-dialog" onClose={onClose}>
      <h2>{title}</h2>
      {error !== null && <ProblemNotice problem={error} title={webhook === undefined ? 'The endpoint could not be added' : 'It could not be changed'} />}
      <form
        className="webhook-form"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <label className="field">
          <span className="field-label">Address</span>
          <input ref={field} type="url" required maxLength={mostURL} placeholder="https://" value={url} onChange={(event) => setUrl(event.target.value)} />
        </label>
        <label className="field">
          <span className="field-label">What it is for (may be empty)</span>
          <input type="text" maxLength={mostChars.endpointDescription} value={description} onChange={(event) => setDescription(event.target.value)} />
        </label>
        <EventChoices events={events} onChange={setEvents} />
        <CollectionChoices known={webhook?.collections ?? []} chosen={chosen} onChange={setChosen} />
        <div className="actions">
          <button className="button primary" type="submit" aria-disabled={isPending || events.length === 0}>
            {webhook === undefined ? 'Add it' : 'Change it'}
          </button>
          <button className="button quiet" type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type CollectionChoicesProps = { known: readonly string[]; chosen: readonly string[]; onChange: (chosen: readonly string[]) => void };

function CollectionChoices({ known, chosen, onChange }: CollectionChoicesProps) {
  const client = useClient();
  const { data: rules = [] } = useQuery(rulesOptions(client));
  // A collection that the configuration names no longer can be taken away here, and so it is shown.
  const collections = [...new Set([...rules.map(({ collection }) => collection), ...known])];
  return (
    <fieldset className="choices">
      <legend>Collections</legend>
      <p className="fine">{chosen.length === 0 ? 'None is chosen: it is told of all of them.' : 'It is told only of those that are chosen.'}</p>
      <div className="choice-list">
        {collections.map((collection) => (
          <label key={collection}>
            <input type="checkbox" checked={chosen.includes(collection)} onChange={() => onChange(toggled(chosen, collection))} /> {collection}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
