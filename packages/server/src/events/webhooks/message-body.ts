import { eventData } from '../event-data.ts';
import type { StoredEvent } from '../stored-event.ts';

const mostBytes = 20_480;
/** The fields of a record that is too large to be sent whole: enough to fetch the rest. */
const briefFields = ['id', 'collection', 'entity', 'ownerId', 'kind', 'purpose', 'status', 'review', 'published', 'version'];

/** The message for an endpoint: the event data of the stream, without URLs that open unpublished media, and at most 20 kB. */
export function messageBody(event: StoredEvent): string {
  const data = withoutSigned(eventData(event));
  const whole = JSON.stringify({ type: event.name, timestamp: event.at.toISOString(), data });
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  return JSON.stringify({ type: event.name, timestamp: event.at.toISOString(), data: brief(data) });
}

/** With a signed URL, readers of the receiver's log could see unpublished media. */
function withoutSigned(value: unknown): unknown {
  if (typeof value === 'string') return /^\S+\?(?:\S*&)?signature=/.test(value) ? null : value;
  if (Array.isArray(value)) return value.map(withoutSigned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withoutSigned(entry)]));
}

function brief(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, 200);
  if (Array.isArray(value)) return value.slice(0, 20).map((entry) => brief(entry, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => !('collection' in value && 'kind' in value) || briefFields.includes(name));
  return depth > 3 ? {} : Object.fromEntries(fields.map(([name, entry]) => [name, brief(entry, depth + 1)]));
}
