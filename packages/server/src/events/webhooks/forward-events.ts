import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { patienceMs } from '../../lib/patience.ts';
import { readAfter, readHeads } from '../event-rows.ts';
import { attemptDelivery, type Outcome } from './attempt-delivery.ts';
import { wants } from './fan-out.ts';
import { messageBody } from './message-body.ts';
import type { WebhookContext } from './webhook-context.ts';

const batch = 20;

export type Forwarded = { event: string; mediaId: string | null; outcome: Outcome };

export type ForwardOptions = {
  url: string;
  secret: string;
  events: string[];
  /** Called once it listens: later events are forwarded. */
  onListening(): void;
  pollMs?: number;
};

/**
 * Sends new events to an address, as to an endpoint, one message after another and each once, until `ctx.signal` ends it. Nothing is stored: it is
 * for a person who watches.
 */
export async function* forwardEvents(ctx: WebhookContext, options: ForwardOptions): AsyncGenerator<Forwarded> {
  const { url, secret, events, onListening, pollMs = 300 } = options;
  const cursor = [...(await readHeads(ctx.site.db))];
  onListening();
  while (!ctx.signal.aborted) {
    const told = await readAfter(
      ctx.site.db,
      cursor.map((seq, shard) => ({ shard, seq })),
      batch,
    );
    for (const event of told) {
      cursor[event.shard] = event.seq;
      if (!wants({ events, collections: null }, event)) continue;
      const message = { id: randomUUIDv7(), attempts: 1, step: 0, body: messageBody(event), endpoint: { id: '', url, secrets: [secret] } };
      const outcome = await attemptDelivery(ctx, message, { timeoutMs: patienceMs.webhookAnswer }).catch(unlessEnding(ctx));
      if (outcome === null) return;
      yield { event: event.name, mediaId: event.mediaId, outcome };
    }
    if (told.length === 0) await delay(pollMs, undefined, { signal: ctx.signal }).catch(() => undefined);
  }
}

const unlessEnding =
  (ctx: WebhookContext) =>
  (cause: unknown): null => {
    if (ctx.signal.aborted) return null;
    throw cause;
  };
