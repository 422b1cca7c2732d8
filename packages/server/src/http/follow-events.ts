import type { EventName } from '@safelight/contract/events';

import { eventData } from '../events/event-data.ts';
import { interestIn } from '../events/interests.ts';
import type { Followed, StoredEvent } from '../events/stored-event.ts';
import type { Actor } from '../lib/context.ts';
import { entityMatches, isBound, isWithinReach } from '../lib/reach.ts';
import { parseEntity } from '../assets/list-media.ts';
import type { Handler } from './bind-operation.ts';
import { watchCredentials } from './watch-credentials.ts';
import { writeStream } from './write-stream.ts';

/**
 * Events as they happen (Server-Sent Events). The id of each is a position in every stream that the caller follows, so a client that
 * reconnects with `Last-Event-ID` goes on where it was, on whichever server it lands: nothing is missed and nothing comes twice. A stream
 * ends soon after its token has expired or its API key was revoked, and when its reader takes nothing any more.
 */
export const followEvents: Handler<'followEvents'> = async (ctx, { query, headers }, { reply, authenticateAgain }) => {
  const entity = query.entity === undefined ? undefined : parseEntity(query.entity);
  const giveBack = ctx.site.takeStream(ctx.actor);
  const ending = new AbortController();
  const { signal } = ending;
  const end = (): void => ending.abort();
  if (ctx.signal.aborted) end();
  ctx.signal.addEventListener('abort', end, { once: true });
  const endWatch = watchCredentials(authenticateAgain, end);
  const close = (): void => {
    ctx.signal.removeEventListener('abort', end);
    endWatch();
    giveBack();
  };
  const lastEventId = headers['last-event-id'];
  try {
    const stream = await ctx.site.feed.follow({
      after: lastEventId === undefined || lastEventId === '' ? null : lastEventId,
      filter: { ...query, entity, interests: interestsOf(ctx.actor), visible: (event) => maySeeEvent(ctx.actor, event) },
      signal,
    });
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Tells nginx not to collect events before it passes them on.
      'x-accel-buffering': 'no',
    });
    raw.write(': welcome\n\n');
    // Not waited for: what has handled the request is done, and would be kept in memory for as long as the stream is open.
    void writeStream(raw, stream, framesOf, { signal })
      .catch((error: unknown) => {
        if (!signal.aborted) ctx.log.warn({ err: error }, 'an event stream ended early; its client will reconnect');
      })
      .finally(close);
  } catch (error) {
    close();
    throw error;
  }
  return 'sent';
};

const rendered = new WeakMap<Followed, string>();

let last: { told: readonly Followed[]; text: string } = { told: [], text: '' };

/** What goes out for some events, in one piece: rendered once for all who are told of the same at the same time. */
function framesOf(told: readonly Followed[]): string {
  if (told.length !== last.told.length || told.some((one, index) => one !== last.told[index])) last = { told, text: told.map(frameOf).join('') };
  return last.text;
}

function frameOf(followed: Followed): string {
  const known = rendered.get(followed);
  if (known !== undefined) return known;
  const { cursor, event } = followed;
  const frame = `id: ${cursor}\nevent: ${event.name}\ndata: ${JSON.stringify(eventData(event))}\n\n`;
  rendered.set(followed, frame);
  return frame;
}

/** Events of all owners that a moderator needs. */
const reviewNames = ['review_queued', 'review_complete', 'review_failed'] as const satisfies EventName[];
const isOfReview = (name: EventName): boolean => (reviewNames as readonly EventName[]).includes(name);

/** A caller sees their own events, a manager everybody's, and a holder of entity patterns what happens at those entities. */
export function maySeeEvent(actor: Actor, event: StoredEvent): boolean {
  // Rules are public, and a page that shows them has to know when they change.
  if (event.name === 'policy_changed') return true;
  if (!isWithinReach(actor, event.entity)) return false;
  if (actor.scopes.has('media:review') && isOfReview(event.name)) return true;
  if (actor.scopes.has('media:manage') || event.ownerId === actor.id) return true;
  return actor.entities !== undefined && event.entity !== null && entityMatches(actor.entities, event.entity);
}

/** Every event that `maySeeEvent` lets this caller see has one of these names. */
export function interestsOf(actor: Actor): string[] {
  const patterns = (actor.entities ?? []).map(interestIn.pattern);
  const always = interestIn.name('policy_changed');
  if (isBound(actor)) return [always, ...patterns];
  if (actor.scopes.has('media:manage')) return [interestIn.everything];
  return [always, interestIn.owner(actor.id), ...patterns, ...(actor.scopes.has('media:review') ? reviewNames.map(interestIn.name) : [])];
}
