import { eventNames } from '@safelight/contract/events';
import type { Webhook } from '@safelight/contract/webhooks';

import { toggled } from './toggled.ts';

type EventChoicesProps = { events: Webhook['events']; onChange: (events: Webhook['events']) => void };

const progress = eventNames.filter((name) => name.endsWith('_progress'));

/** Everything but progress, or events by name; progress is told only when it is named. */
export function EventChoices({ events, onChange }: EventChoicesProps) {
  const all = events.includes('*');
  const offered = all ? progress : eventNames;
  return (
    <fieldset className="choices">
      <legend>Events</legend>
      <label>
        <input
          type="checkbox"
          checked={all}
          onChange={() => onChange(all ? events.filter((name) => name !== '*') : ['*', ...progress.filter((name) => events.includes(name))])}
        />{' '}
        Everything but progress
      </label>
      <div className="choice-list">
        {offered.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={events.includes(name)} onChange={() => onChange(toggled(events, name))} /> {name}
          </label>
        ))}
      </div>
      {events.length === 0 && <p className="fine">Choose at least one.</p>}
    </fieldset>
  );
}
