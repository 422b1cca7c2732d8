import { eventData } from '../events/event-data.ts';
import type { Followed } from '../events/open-event-feed.ts';
import type { StoredEvent } from '../events/stored-event.ts';
import type { Actor } from '../lib/context.ts';
import { entityMatches, isWithinReach } from '../lib/reach.ts';
import { parseEntity } from '../assets/list-media.ts';
import type { Handler } from './bind-operation.ts';
import { watchCredentials } from './watch-credentials.ts';
import { writeStream } from './write-stream.ts';

/**
 * Events as they happen (Server-Sent Events). The id of each is a position in every stream that the caller follows, so a client that
 * reconnects with `Last-Event-ID` goes on where it was, on whichever server it lands: nothing is missed and nothing comes twice. A stream
 * ends soon after its token has expired or its API key was revoked, and when its reader takes nothing any more.
 */
export const followEvents: Handler<'followEvents'> = async (ctx, { query, headers }, { reply }) => {
  const entity = query.entity === undefined ? undefined : parseEntity(query.entity);
  const giveBack = ctx.takeStream(ctx.actor);
  const refused = new AbortController();
  const endWatch = watchCredentials(ctx.authenticateAgain, () => refused.abort());
  const signal = AbortSignal.any([ctx.signal, refused.signal]);
  const lastEventId = headers['last-event-id'];
  try {
    const stream = await ctx.feed.follow({
      after: lastEventId === undefined || lastEventId === '' ? null : lastEventId,
      filter: { ...query, entity, visible: (event) => maySeeEvent(ctx.actor, event) },
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
    await writeStream(raw, linesOf(stream), { signal }).catch((error: unknown) => {
      if (!signal.aborted) ctx.log.warn({ err: error }, 'an event stream ended early; its client will reconnect');
    });
  } finally {
    endWatch();
    giveBack();
  }
  return 'sent';
};

async function* linesOf(stream: AsyncIterable<Followed>): AsyncGenerator<string, void, undefined> {
  for await (const { cursor, event } of stream) yield `id: ${cursor}\nevent: ${event.name}\ndata: ${JSON.stringify(eventData(event))}\n\n`;
}

/** What whoever reviews wants to know of everybody's. */
const reviewNames: ReadonlySet<string> = new Set(['review_queued', 'review_complete', 'review_failed']);

/** A caller sees their own story, a manager everybody's, and holders of entity patterns what happens there. */
export function maySeeEvent(actor: Actor, event: StoredEvent): boolean {
  // Rules are public, and whoever shows them wants to know when they change.
  if (event.name === 'policy_changed') return true;
  if (!isWithinReach(actor, event.entity)) return false;
  if (actor.scopes.has('media:review') && reviewNames.has(event.name)) return true;
  if (actor.scopes.has('media:manage') || event.ownerId === actor.id) return true;
  return actor.entities !== undefined && event.entity !== null && entityMatches(actor.entities, event.entity);
}
