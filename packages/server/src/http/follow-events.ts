import type { Socket } from 'node:net';

import type { EventName } from '@safelight/contract/events';

import { eventData } from '../events/event-data.ts';
import { interestIn } from '../events/interests.ts';
import type { Offer } from '../events/followers.ts';
import type { Followed, StoredEvent } from '../events/stored-event.ts';
import type { Actor } from '../lib/context.ts';
import { entityMatches, isBound, isWithinReach } from '../lib/reach.ts';
import { parseEntity } from '../assets/list-media.ts';
import type { Handler } from './bind-operation.ts';
import type { RequestContext } from './request-context.ts';
import { takeSocket, writeLastHead } from './take-socket.ts';
import { watchCredentials } from './watch-credentials.ts';
import { offerPiece, writeStream } from './write-stream.ts';

/**
 * Events as they happen (Server-Sent Events). An event's id is a position that is valid in every stream of the caller: a client that reconnects with
 * `Last-Event-ID`, to any server, misses nothing and gets nothing twice. A stream ends soon after its token has expired or its API key was revoked,
 * and when its reader stops reading. While it is open it holds its connection and who follows what, and nothing of its request.
 */
export const followEvents: Handler<'followEvents'> = async (ctx, { query, headers }, { reply, authenticateAgain }) => {
  const lastEventId = headers['last-event-id'];
  const follower = openFollower(ctx, authenticateAgain);
  try {
    if (ctx.signal.aborted) follower.end();
    ctx.signal.addEventListener('abort', follower.end, { once: true });
    const stream = await ctx.site.feed.follow({
      after: lastEventId === undefined || lastEventId === '' ? null : lastEventId,
      filter: { ...query, entity: query.entity === undefined ? undefined : parseEntity(query.entity), ...sightOf(ctx.actor) },
      offer: follower.offer,
      signal: follower.signal,
    });
    reply.hijack();
    const { raw } = reply;
    writeLastHead(raw, 200, {
      ...Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Tells nginx not to buffer events.
      'x-accel-buffering': 'no',
    });
    raw.write(': welcome\n\n');
    // Not awaited: the request is done, and waiting would keep it in memory for as long as the stream is open.
    void follower.run(await takeSocket(raw), stream);
  } catch (error) {
    follower.close();
    if (!reply.sent) throw error;
    reply.raw.destroy();
  } finally {
    ctx.signal.removeEventListener('abort', follower.end);
  }
  return 'sent';
};

type OpenFollower = {
  signal: AbortSignal;
  offer: Offer;
  /** Writes events to this connection until either ends. */
  run(socket: Socket, stream: AsyncIterable<readonly Followed[]>): Promise<void>;
  end(): void;
  close(): void;
};

/** Apart from the handler, so that what it remembers is nothing of the request. */
function openFollower({ actor, log, site }: RequestContext, authenticateAgain: () => Promise<unknown>): OpenFollower {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const giveBack = site.takeStream(actor, end);
  const endWatch = watchCredentials(authenticateAgain, end);
  let to: Socket | null = null;
  const close = (): void => {
    end();
    endWatch();
    giveBack();
  };
  return {
    signal: ending.signal,
    offer: (told) => to !== null && offerPiece(to, () => framesOf(told)),
    async run(socket, stream) {
      to = socket;
      socket.once('close', end);
      if (socket.destroyed) end();
      try {
        await writeStream(socket, stream, framesOf, { signal: ending.signal });
      } catch (error) {
        if (!ending.signal.aborted) log.warn({ err: error }, 'an event stream ended early; its client will reconnect');
      } finally {
        close();
      }
    },
    end,
    close,
  };
}

const sightOf = (actor: Actor) => ({ interests: interestsOf(actor), visible: (event: StoredEvent) => maySeeEvent(actor, event) });

const rendered = new WeakMap<Followed, string>();

let last: { told: readonly Followed[]; text: string } = { told: [], text: '' };

/** The frames of some events in one string, rendered once for all clients that get the same events at the same time. */
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

/** Events of all owners that moderators need. */
const reviewNames = ['review_queued', 'review_complete', 'review_failed'] as const satisfies EventName[];
const isOfReview = (name: EventName): boolean => (reviewNames as readonly EventName[]).includes(name);

/** Callers see their own events, managers see all, and a caller bound to entity patterns sees the events of those entities. */
export function maySeeEvent(actor: Actor, event: StoredEvent): boolean {
  // Rules are public, and pages that show them need to know when they change.
  if (event.name === 'policy_changed') return true;
  if (!isWithinReach(actor, event.entity)) return false;
  if (actor.scopes.has('media:review') && isOfReview(event.name)) return true;
  if (actor.scopes.has('media:manage') || event.ownerId === actor.id) return true;
  return actor.entities !== undefined && event.entity !== null && entityMatches(actor.entities, event.entity);
}

/** A superset: every event that `maySeeEvent` allows this caller has one of these names. */
export function interestsOf(actor: Actor): string[] {
  const patterns = (actor.entities ?? []).map(interestIn.pattern);
  const always = interestIn.name('policy_changed');
  if (isBound(actor)) return [always, ...patterns];
  if (actor.scopes.has('media:manage')) return [interestIn.everything];
  return [always, interestIn.owner(actor.id), ...patterns, ...(actor.scopes.has('media:review') ? reviewNames.map(interestIn.name) : [])];
}
